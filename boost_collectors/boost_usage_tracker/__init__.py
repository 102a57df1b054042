"""Who uses Boost: repositories outside Boost and the headers that their files include."""
