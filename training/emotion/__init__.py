"""Makes models/emotion-zh: `python -m training.emotion --data DIR`."""
