"""What the recogniser probably invented: kept, set apart, never judged."""
