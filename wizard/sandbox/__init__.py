"""A simulated GitLab over real HTTP, for the demo and the tests."""
