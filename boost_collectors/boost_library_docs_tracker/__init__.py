"""The documentation pages of the Boost libraries, by release."""
