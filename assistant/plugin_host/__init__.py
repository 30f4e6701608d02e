"""Finds plugins, isolates each one's failures, and keeps the catalogue of writers and models."""

from assistant.plugin_host.catalogue import Catalogue
from assistant.plugin_host.host import PluginHost
from assistant.plugin_host.report import PluginReport, PluginState

__all__ = ["Catalogue", "PluginHost", "PluginReport", "PluginState"]
