"""Settings that every test shares."""

from hypothesis import settings

# These machines are shared and noisy: a deadline would test them, not us.
settings.register_profile("zhijian", deadline=None, derandomize=True)
settings.load_profile("zhijian")
