"""One module for each command: from options to a result on the console and an exit code."""
