"""Reading repositories of others: pure functions over the bytes of their files, without I/O."""
