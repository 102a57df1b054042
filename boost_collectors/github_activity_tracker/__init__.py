"""What happens on GitHub in the repositories we follow: commits and files from git, issues and pull requests."""
