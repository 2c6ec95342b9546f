"""The wizard on screen (Textual)."""
