# How the library, and nothing else, is compiled. The campaign turns these (see ratchet.toml).
OPTIMISATION = -O2
ARCHITECTURE = -march=x86-64
UNROLLING = -fno-unroll-loops
