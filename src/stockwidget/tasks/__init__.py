"""Tasks: their lifecycle, journal, hub, runner and executors. Knows no socket and no indicator."""
