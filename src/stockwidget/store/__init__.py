"""Bars of whole markets on disk, laid out for scans: columns, mapped into memory, in versions."""
