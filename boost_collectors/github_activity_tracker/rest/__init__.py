"""Single resources of GitHub's REST API; ``fetcher`` is what others import."""
