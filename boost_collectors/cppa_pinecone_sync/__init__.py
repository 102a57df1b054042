"""Documents of all collectors in the vector index."""
