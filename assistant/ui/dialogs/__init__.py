"""Part of the desktop: dialogs."""
