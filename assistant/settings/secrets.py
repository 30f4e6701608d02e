"""Secrets, such as the key of an endpoint: in the keyring of the system, never in a file or a log."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)

SERVICE = "biban"
"""What the keyring calls this program."""


class SecretStore:
    """The system keyring, through the ``keyring`` library, which is imported when first needed."""

    def get(self, name: str) -> str:
        """The secret of this name, empty when there is none or the system has no keyring."""
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(SERVICE, name) or ""
        except (KeyringError, RuntimeError) as error:
            logger.warning("no keyring: %s", type(error).__name__)
            return ""

    def set(self, name: str, value: str) -> bool:
        """Keep a secret; an empty one is deleted. False when the system has no keyring that would keep it."""
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            if value:
                keyring.set_password(SERVICE, name, value)
                return keyring.get_password(SERVICE, name) == value
            keyring.delete_password(SERVICE, name)
        except PasswordDeleteError:
            return True
        except (KeyringError, RuntimeError) as error:
            logger.warning("no keyring: %s", type(error).__name__)
            return False
        return True
