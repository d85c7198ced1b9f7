"""Scans: many symbols, a few conditions, the hits in order."""
