"""The nouns: frozen dataclasses on the standard library alone. Every other room may import them."""
