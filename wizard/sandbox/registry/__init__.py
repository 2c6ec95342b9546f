"""The simulated GitLab as a container registry's token server: who logs in, what is granted, and how it is signed."""
