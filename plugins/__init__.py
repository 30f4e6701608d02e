"""The bundled plugins, found through the entry-point group ``biban.plugins`` like anyone's."""
