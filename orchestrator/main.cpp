#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/surroundings.hpp"

int main(int argc, char** argv) {
    return ratchet::run_command_line({argv, argv + argc}, ratchet::look_around());
}
