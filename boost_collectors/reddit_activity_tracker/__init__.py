"""Submissions and comments of the C++ subreddit."""
