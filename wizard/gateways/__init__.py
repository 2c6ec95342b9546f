"""One adapter for each outside system."""
