"""The analysis of one symbol: what the bars say, as plain values."""
