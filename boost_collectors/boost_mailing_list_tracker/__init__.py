"""The Boost mailing lists, read from their HyperKitty archives."""
