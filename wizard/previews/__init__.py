"""What stands beside each step: values that every front end shows."""
