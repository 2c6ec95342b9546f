"""What GitLab's CI/CD does with a configuration: lint it, and start jobs with their variables."""
