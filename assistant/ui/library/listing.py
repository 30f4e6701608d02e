"""What the model library holds at one moment, read in a thread and handed over whole."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.api import InputError, ModelCard
from assistant.library import LibraryEntry, ModelLibrary
from assistant.library.library import DOWNLOADS
from assistant.library.staging import UnfinishedDownload, unfinished

_TRIES = 5
_REPO = re.compile(r"(?:https?://[^/]+/)?([A-Za-z0-9][\w.-]*/[\w.-]+)(?:/tree/main)?/?", re.ASCII)
_serials = itertools.count(1)


@dataclass(frozen=True)
class Listing:
    """All known models, and what has arrived of downloads.

    Attributes:
        entries: in the order of the library, installed ones first.
        unfinished: id → download that can go on; also of repositories that no card knows.
        serial: larger than that of every listing whose reading began earlier.
    """

    entries: Sequence[LibraryEntry] = ()
    unfinished: Mapping[str, UnfinishedDownload] = field(default_factory=dict)
    serial: int = 0

    def entry(self, model_id: str) -> LibraryEntry | None:
        """The known model of this id."""
        return next((entry for entry in self.entries if entry.card.id == model_id), None)

    def entry_of_repo(self, repo: str) -> LibraryEntry | None:
        """The known model that comes from this repository; hubs do not care about case."""
        return next((entry for entry in self.entries if entry.card.repo.lower() == repo.lower()), None)

    @property
    def installed(self) -> list[ModelCard]:
        """Cards of what can be used for writing."""
        return [entry.card for entry in self.entries if entry.is_installed]

    @property
    def known(self) -> list[ModelCard]:
        """All cards."""
        return [entry.card for entry in self.entries]


def read_listing(library: ModelLibrary) -> Listing:
    """Look at the disk.

    Raises:
        OSError: it cannot be read.
    """
    serial = next(_serials)
    for left in reversed(range(_TRIES)):
        try:
            found = {one.folder.name: one for one in unfinished(library.user_models / DOWNLOADS)}
            return Listing(library.entries(), found, serial)
        # A folder may move to its place while it is looked at.
        except FileNotFoundError:
            if not left:
                raise
    raise AssertionError("the loop returns or raises")


def target_of(text: str, listing: Listing) -> tuple[str, str]:
    """What a person wants to download who writes ``text``: ``owner/name``, its address, or a known id.

    Returns:
        The key of its row, and what to ask the hub for: a known id or a repository.

    Raises:
        InputError: it can be seen without asking the hub that this cannot be.
    """
    from assistant.library.describe import slug

    text = text.strip()
    match = _REPO.fullmatch(text)
    name = match[1] if match else text
    entry = (listing.entry(name) or listing.entry_of_repo(name)) if name else None
    if entry is None and match is None:
        raise InputError(
            f"“{text}”不是模型的名称。" if text else "还没有写要下载哪一个模型。",
            "请写“作者/名称”，如 uer/gpt2-chinese-poem。",
        )
    key = entry.card.id if entry else slug(name.rpartition("/")[2])
    taken, left = listing.entry(key), listing.unfinished.get(key)
    if taken is not None and taken.is_installed:
        raise InputError(f"模型「{taken.card.name}」已经安装。", "如要换新，请先移除它。")
    if entry is None and taken is not None:
        raise InputError(f"{name} 与模型「{taken.card.name}」的标识相同。", "两者只能装一个。")
    if entry is None and left is not None and left.record.repo != name:
        # Otherwise its files would be deleted without a word.
        raise InputError(f"{left.record.repo} 与它同名，还没有下完。", "请先下完那一个，或放弃它。")
    return key, entry.card.id if entry else name
