"""Part of the desktop: editor."""
