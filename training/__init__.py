"""The programs that make what the repository ships: models, fixtures, shared figures."""
