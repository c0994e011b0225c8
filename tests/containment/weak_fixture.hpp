#pragma once

#include <filesystem>
#include <string>

#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {

/// The sandbox of machines without namespaces: what it promises, tried on this one.
class Weak : public SandboxTest {
  protected:
    Weak() : SandboxTest(Requirement::weak) {}

    /// A file outside that everybody may do everything with, as far as owners and modes say.
    std::filesystem::path open_file(const std::string& name) {
        const std::filesystem::path file = folder.path / name;
        write(file, "secret");
        for (std::filesystem::path part = file; part != folder.path; part = part.parent_path()) {
            std::filesystem::permissions(part, std::filesystem::perms(0777));
            confinement->give(part);
        }
        return file;
    }
    std::string attack(const std::string& arguments) { return run(attacker(arguments)).output.text(); }
    [[nodiscard]] bool has(const std::string& name) const {
        for (const Protection& protection : confinement->protections()) {
            if (protection.name == name) return protection.present;
        }
        return false;
    }
};

}  // namespace ratchet
