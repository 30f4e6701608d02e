"""Typed settings with a schema version, kept in one file that is replaced atomically."""

from assistant.settings.model import Settings, Theme
from assistant.settings.secrets import SecretStore
from assistant.settings.store import SettingsStore

__all__ = ["SecretStore", "Settings", "SettingsStore", "Theme"]
