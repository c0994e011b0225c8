// How an agent's command is made of its preset, and what of the machine it is shown.

#include "orchestrator/proposers/agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>

#include "experiment_store/errors.hpp"
#include "orchestrator/proposers/presets.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AgentOfAPreset : public ::testing::Test {
  protected:
    AgentOfAPreset() {
        fs::create_directories(folder / "bin");
        sandbox.search_path = (folder / "bin").string() + ":/usr/bin:/bin";
    }

    fs::path program(const std::string& path, const std::string& text) const {
        const fs::path file = folder / path;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
        ::chmod(file.c_str(), 0755);
        return file;
    }

    void link(const std::string& path, const std::string& target) const {
        fs::create_directories((folder / path).parent_path());
        fs::create_symlink(target, folder / path);
    }

    /// The script of this preset, run here with a HOME of its own; what it printed.
    [[nodiscard]] std::string run(const AgentPreset& preset, const std::string& variables) const {
        const Agent agent(preset, "m-1", "", sandbox);
        const fs::path script = program("script", agent_script(preset, agent.program()));
        fs::create_directories(folder / "home");
        const std::string command = "env -i PATH=/usr/bin:/bin HOME=" + (folder / "home").string() + " " +
                                    variables + " sh " + script.string() + " 2>&1 </dev/null";
        std::string printed;
        FILE* pipe = ::popen(command.c_str(), "r");
        for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
            printed += static_cast<char>(c);
        const int status = ::pclose(pipe);
        return printed + "status " + std::to_string(WEXITSTATUS(status));
    }

    test::TemporaryFolder temporary;
    fs::path folder = temporary.path();
    SandboxSettings sandbox;
};

TEST_F(AgentOfAPreset, IsShownThePackageThatItIsInstalledInAndItsInterpreter) {
    program("lib/node_modules/@maker/tool/cli.js", "#!/usr/bin/env node\n");
    link("bin/tool", "../lib/node_modules/@maker/tool/cli.js");
    program("node/bin/node",
            "\x7f"
            "ELF");
    link("bin/node", "../node/bin/node");
    const AgentProgram found = find_agent_program("tool", {}, sandbox.search_path);
    EXPECT_EQ(found.file, folder / "lib/node_modules/@maker/tool/cli.js");
    EXPECT_THAT(found.read, ElementsAre(folder / "lib/node_modules", folder / "node/bin/node"));
    EXPECT_THAT(found.names, ElementsAre(std::pair(std::string("tool"), found.file),
                                         std::pair(std::string("node"), folder / "node/bin/node")));
}

TEST_F(AgentOfAPreset, IsShownItsVirtualEnvironmentAndThePythonOfThat) {
    program("python/bin/python3.11",
            "\x7f"
            "ELF");
    link("venv/bin/python", "../../python/bin/python3.11");
    program("venv/pyvenv.cfg", "home = x\n");
    program("venv/bin/tool", "#!" + (folder / "venv/bin/python").string() + "\n");
    link("bin/tool", "../venv/bin/tool");
    EXPECT_THAT(find_agent_program("tool", {}, sandbox.search_path).read,
                ElementsAre(folder / "venv", folder / "python"));
}

TEST_F(AgentOfAPreset, IsShownNoMoreThanItselfWhereItIsOneFile) {
    program("share/tool/versions/2.1",
            "\x7f"
            "ELF");
    link("bin/tool", "../share/tool/versions/2.1");
    EXPECT_THAT(find_agent_program("tool", {}, sandbox.search_path).read,
                ElementsAre(folder / "share/tool/versions/2.1"));
}

TEST_F(AgentOfAPreset, NeedsNothingToBeShownOfWhatLiesBelowUsr) {
    EXPECT_TRUE(find_agent_program("env", {}, sandbox.search_path).read.empty());
}

TEST_F(AgentOfAPreset, IsRefusedWithAWordWhereItIsNotInstalled) {
    try {
        const Agent agent(*find_preset(built_in_presets(), "claude"), "", "", {});
        FAIL();
    } catch (const UserError& error) {
        EXPECT_STREQ(error.what(), "the agent claude is not installed: no folder of PATH has it");
        EXPECT_THAT(error.hint(), HasSubstr("docs/agents.md"));
    }
    program("bin/tool", "#!/usr/bin/env no-such-interpreter\n");
    EXPECT_THROW(find_agent_program("tool", {}, sandbox.search_path), UserError);
    EXPECT_THROW(find_agent_program("tool", folder / "bin/other", sandbox.search_path), UserError);
}

TEST_F(AgentOfAPreset, IsRefusedWhereProposersCouldChangeIt) {
    program("bin/tool", "#!/bin/sh\n");
    AgentPreset preset;
    preset.program = "tool";
    sandbox.write = {(folder / "bin").string()};
    EXPECT_THROW(Agent(preset, "", "", sandbox), UserError);
}

TEST_F(AgentOfAPreset, FindsItsNamesVariablesAndFilesAndKeepsItsExitStatus) {
    program("elsewhere/tool-7",
            "#!/bin/sh\necho \"tool: $KEY $URL\"; cat \"$HOME/.tool/a b.json\"; exit 3\n");
    AgentPreset preset;
    preset.name = "mine";
    preset.program = "tool";
    preset.path = (folder / "elsewhere/tool-7").string();
    preset.command = "tool";
    preset.always = {{"KEY=o'ne and ${RATCHET_MODEL}"},
                     {{".tool/a b.json", "{\"model\": \"$RATCHET_MODEL\"}"}}};
    preset.gateway = {{"URL=$RATCHET_GATEWAY/v1"}, {{".tool/a b.json", "through the gateway"}}};
    EXPECT_EQ(run(preset, "RATCHET_MODEL=m-1"), "tool: o'ne and m-1 \n{\"model\": \"m-1\"}\nstatus 3");
    EXPECT_EQ(run(preset, "RATCHET_MODEL=m-1 RATCHET_GATEWAY=http://h:1"),
              "tool: o'ne and m-1 http://h:1/v1\nthrough the gateway\nstatus 3");
}

TEST_F(AgentOfAPreset, OfRatchetsOwnIsAWholeScriptWithAndWithoutAGateway) {
    for (AgentPreset preset : built_in_presets()) {
        SCOPED_TRACE(preset.name);
        // Prints what it is called with, and the prompt's way is not of interest here.
        program("bin/" + preset.program, "#!/bin/sh\nfor word in \"$@\"; do echo \"<$word>\"; done\n");
        const std::string direct = run(preset, "RATCHET_MODEL=some/m-1");
        EXPECT_THAT(direct, HasSubstr("<some/m-1>\n"));
        EXPECT_THAT(direct, HasSubstr("status 0"));
        const std::string pointed = run(preset, "RATCHET_MODEL=m-1 RATCHET_GATEWAY=http://127.0.0.1:1");
        EXPECT_THAT(pointed, HasSubstr("m-1>\n"));
        EXPECT_THAT(pointed, HasSubstr("status 0"));
    }
}

}  // namespace
}  // namespace ratchet
