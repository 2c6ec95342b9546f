"""Text, JSON and Markdown; the only writers of stdout and stderr."""
