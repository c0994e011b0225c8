#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

// What an agent that confines its own tools can do, and what its freedom does not open.
class Nested : public SandboxTest {
  protected:
    RunResult run_nested(const std::string& shell) {
        ConfinedCommand confined = command(shell);
        confined.nested_sandboxes = true;
        return run(confined);
    }
};

TEST_F(Nested, SandboxesWorkWhereTheyAreAllowed) {
    const std::string inner =
        "bwrap --unshare-all --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib "
        "--symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp --bind /tree /tree "
        "sh -c 'echo changed > /tree/made && echo inner'";
    const RunResult result = run_nested(inner);
    EXPECT_EQ(result.output.text(), "inner\n") << describe(result);
    EXPECT_EQ(read(tree / "made"), "changed\n");
    EXPECT_FALSE(run(inner).succeeded());
}

TEST_F(Nested, NoMountOfTheSandboxIsLoosened) {
    put(".git", "gitdir: elsewhere\n");
    const RunResult result = run_nested(
        "unshare --user --map-root-user --mount sh -c '"
        "id -u; grep CapEff /proc/self/status | grep -c 0000000000000000; "
        "mount -o remount,bind,rw /usr && echo remounted; "
        "echo x > /usr/written && echo written; "
        "umount /tree/.git && echo unmasked; cat /tree/.git; "
        "mount -o remount,size=100G /tmp && echo enlarged; "
        "umount /tmp && echo uncovered; "
        "echo core > /proc/sys/kernel/core_pattern && echo configured; "
        "echo end' 2>/dev/null");
    // Root of its own namespace, with capabilities there, and still nothing of that works.
    EXPECT_EQ(result.output.text(), "0\n0\nend\n") << describe(result);
}

TEST_F(Nested, NoNetworkOfTheSandboxIsChanged) {
    const std::string attempts =
        attacker("stop-loopback") +
        "; echo 1 > /proc/sys/net/ipv4/ip_forward && echo forwarding; "
        "echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start && echo lowered; true";
    const std::string as_root = "unshare --user --map-root-user sh -c '" + attempts + "' 2>/dev/null";
    EXPECT_EQ(run("{ " + attempts + "; } 2>/dev/null").output.text(), "refused\n");
    EXPECT_EQ(run_nested(as_root).output.text(), "refused\n");
    // In a network of its own it may, else the attempts above would prove nothing.
    EXPECT_EQ(run_nested("unshare --user --map-root-user --net " + attacker("stop-loopback")).output.text(),
              "done\n");
}

}  // namespace
}  // namespace ratchet
