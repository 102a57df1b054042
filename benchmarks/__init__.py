"""Benchmarks: each module's ``run()`` returns figures, ratios against a baseline measured in the same process."""
