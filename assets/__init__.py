"""Data files: templates, worlds, help pages and style sheets."""
