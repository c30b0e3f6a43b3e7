"""Whisper: where its files are, how it is set up, what it is given at once, what it writes."""
