"""Videos about C++, their speakers, tags and transcripts."""
