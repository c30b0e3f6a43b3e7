"""Text to labels: what a linear model sees of a text, its weights in plain arrays, and how one is fitted.

The import is light: numpy and scikit-learn come with the modules that need them.
"""
