"""Part of the desktop: the model library."""
