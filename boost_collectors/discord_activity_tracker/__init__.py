"""Messages, channels and reactions of the Discord servers."""
