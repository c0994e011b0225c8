# The scripts compile several sources as one (CMAKE_UNITY_BUILD): less than half the time of a build from nothing. A developer's own
# build compiles each by itself, which is quicker when one has changed and shows what it forgot to include. So sources of one
# library or test program must not give different things in their unnamed namespaces the same name.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 20)
