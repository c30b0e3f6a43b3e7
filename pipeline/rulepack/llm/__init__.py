"""Asking a language model about a call: the question, the answer, and the one client that goes to the network."""
