"""The command line: ``biban compose``, ``models``, ``plugins``, ``convert``, ``train``."""

COMMANDS = ("check", "compose", "models", "plugins", "convert", "train")
"""Names of all commands; anything else on the command line is a file for the desktop."""
