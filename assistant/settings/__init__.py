"""Typed settings with a schema version, kept in one file that is replaced atomically."""

from assistant.settings.model import Settings, Theme
from assistant.settings.store import SettingsStore

__all__ = ["Settings", "SettingsStore", "Theme"]
