"""Words of a language model about an analysis, and the check of every number in them."""
