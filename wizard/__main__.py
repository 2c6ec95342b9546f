"""`python -m wizard` is the command `registry-wizard`."""
