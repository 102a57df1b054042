"""The identity hub: people, and their accounts on every platform. Collectors get profiles only through its services."""
