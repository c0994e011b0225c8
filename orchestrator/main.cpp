#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/surroundings.hpp"

int main(int argc, char** argv) {
    ratchet::Surroundings surroundings = ratchet::look_around();
    surroundings.arguments.assign(argv + 1, argv + argc);
    return ratchet::run_command_line({argv, argv + argc}, surroundings);
}
