# The version with the commit that it was built from, for `ratchet --version`.
find_package(Git QUIET)
set(RATCHET_COMMIT "unknown")
if(Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} describe --always --dirty --abbrev=10
                  OUTPUT_VARIABLE RATCHET_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
