# The scripts compile several sources as one (CMAKE_UNITY_BUILD): half the time of a build from nothing. A developer's own
# build compiles each by itself, which is quicker when one has changed and shows what it forgot to include. These keep to
# themselves, because they have a local name in common with a neighbour.
function(compile_alone target)
  set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
