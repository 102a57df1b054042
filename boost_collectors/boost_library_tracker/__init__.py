"""The Boost libraries: releases, libraries, their files, maintainers, categories and dependencies."""
