"""Part of the desktop: panels."""
