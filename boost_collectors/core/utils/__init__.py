"""Small pure functions that several sources need."""
