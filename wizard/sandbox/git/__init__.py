"""Repositories of the simulated GitLab: git's object ids over files that are kept in memory."""
