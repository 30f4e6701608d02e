"""Secrets go to the keyring of the system and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import PasswordDeleteError

from assistant.settings import SecretStore


class MemoryKeyring(KeyringBackend):
    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    ring = MemoryKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def test_a_secret_is_kept_found_and_deleted(ring: MemoryKeyring) -> None:
    store = SecretStore()
    assert store.get("endpoint.key") == ""
    assert store.set("endpoint.key", "sk-不外传")
    assert store.get("endpoint.key") == "sk-不外传"
    assert ring.kept == {("biban", "endpoint.key"): "sk-不外传"}
    assert store.set("endpoint.key", "")
    assert store.set("endpoint.key", "")  # deleting twice is no error
    assert ring.kept == {}


def test_without_a_keyring_nothing_is_kept_and_nothing_breaks(
    ring: MemoryKeyring, caplog: pytest.LogCaptureFixture
) -> None:
    keyring.set_keyring(NoKeyring())
    assert SecretStore().get("endpoint.key") == ""
    assert not SecretStore().set("endpoint.key", "sk-不外传")
    assert "sk-不外传" not in caplog.text
