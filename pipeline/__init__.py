"""The rooms of zhijian, from nouns (`domain`) to reports (`insight`, `audit`)."""
