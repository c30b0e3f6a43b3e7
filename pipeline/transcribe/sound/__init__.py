"""Recordings as channels of samples: decoded, whole, and as many as there are separate voices."""
