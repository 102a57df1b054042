"""Which profiles are one person: normalising, comparing, scoring and grouping, without a database."""
