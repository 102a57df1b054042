"""Mailings and papers of the C++ committee, read from open-std.org. Metadata only; no document is downloaded."""
