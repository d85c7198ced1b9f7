"""Studies: the same rule over past dates, and what followed its hits."""
