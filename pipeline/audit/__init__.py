"""Proof for compliance: that every call was checked by every rule, and what was found."""
