"""Files that are written into the repository, as pure functions."""
