"""Technical indicators; the functions live in their family's module, ``table`` lists them all."""
