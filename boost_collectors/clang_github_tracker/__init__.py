"""Issues, pull requests and commits of the LLVM project, as far as Clang is concerned."""
