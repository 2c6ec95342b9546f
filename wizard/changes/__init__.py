"""One module a kind of change: what it is, how it is planned, applied and undone."""
