# The sanitized build of scripts/test compiles several sources as one (CMAKE_UNITY_BUILD): a third of the time. These keep
# to themselves, because they have a local name in common with a neighbour.
function(compile_alone target)
  set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
