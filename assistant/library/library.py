"""The model library: which models are known, which are installed, and where they lie."""

from __future__ import annotations

import hashlib
import logging
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assistant.api import Cancellation, InputError, ModelCard, ModelNotFoundError, WeightsError
from assistant.library.cards import read_card

logger = logging.getLogger(__name__)

CARD_NAME = "card.toml"
"""The card inside a model folder of the user."""
DOWNLOADS = ".downloads"
"""Folder beside the installed models where downloads grow; nothing in it counts as installed."""


class ModelState(StrEnum):
    """What can be done with a model."""

    SHIPPED = "shipped"
    INSTALLED = "installed"
    PARTIAL = "partial"
    """A download that can go on."""
    AVAILABLE = "available"
    """Can be downloaded."""
    IMPORTABLE = "importable"
    """Cannot be downloaded; whoever has the files can import them."""


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One known model.

    Attributes:
        card: its card.
        state: what can be done with it.
        folder: where its files lie, None unless it is installed.
    """

    card: ModelCard
    state: ModelState
    folder: Path | None = None

    @property
    def is_installed(self) -> bool:
        """True when it can be used for writing."""
        return self.folder is not None


class ModelLibrary:
    """Cards, shipped and of the user, and the folders that belong to them.

    Args:
        shipped_cards: folder of the cards that ship with the program.
        shipped_models: folder of the shipped model folders, named by the ids of their cards.
        user_models: folder with one folder a model, each with a ``card.toml``; need not exist.
        user_cards: folder of cards that the user dropped there; need not exist.
    """

    def __init__(
        self, shipped_cards: Path, shipped_models: Path, user_models: Path, user_cards: Path | None = None
    ) -> None:
        self._shipped_cards = shipped_cards
        self._shipped_models = shipped_models
        self.user_models = user_models
        self._user_cards = user_cards or user_models.parent / "model_cards"

    def entries(self) -> list[LibraryEntry]:
        """All known models: the user's installed ones, the shipped starters, then those that can be had.

        A broken card is logged and left out.
        """
        found: dict[str, LibraryEntry] = {}
        for path in sorted(self.user_models.glob(f"*/{CARD_NAME}")):
            if not path.parent.name.startswith("."):
                self._add(found, path, path.parent)
        for path in sorted(self._user_cards.glob("*.toml")):
            self._add(found, path, None)
        for path in sorted(self._shipped_cards.glob("*.toml")):
            self._add(found, path, self._shipped_models / path.stem)
        return sorted(found.values(), key=lambda entry: not entry.is_installed)

    def _add(self, found: dict[str, LibraryEntry], path: Path, folder: Path | None) -> None:
        try:
            card = read_card(path)
        except WeightsError as error:
            logger.warning("%s", error.one_line)
            return
        if card.id in found:
            return
        if card.folder:
            folder = Path(card.folder).expanduser()
        if folder is not None and folder.is_dir():
            shipped = folder.parent == self._shipped_models
            found[card.id] = LibraryEntry(
                card, ModelState.SHIPPED if shipped else ModelState.INSTALLED, folder
            )
            return
        if (self.staging(card.id)).is_dir():
            state = ModelState.PARTIAL
        else:
            state = ModelState.AVAILABLE if card.repo else ModelState.IMPORTABLE
        found[card.id] = LibraryEntry(card, state)

    def installed(self) -> list[ModelCard]:
        """Cards of all installed models, the user's own first."""
        return [entry.card for entry in self.entries() if entry.is_installed]

    def known(self) -> list[ModelCard]:
        """Cards of all models, installed or not."""
        return [entry.card for entry in self.entries()]

    def entry(self, model_id: str) -> LibraryEntry:
        """A known model.

        Raises:
            ModelNotFoundError: names the known ones.
        """
        entries = self.entries()
        for entry in entries:
            if entry.card.id == model_id:
                return entry
        known = "、".join(entry.card.id for entry in entries) or "（无）"
        raise ModelNotFoundError(f"没有名为 {model_id} 的模型。", f"已知的模型：{known}。")

    def card(self, model_id: str) -> ModelCard:
        """The card of an installed model.

        Raises:
            ModelNotFoundError: it is not installed; names what is.
        """
        self.folder(model_id)
        return self.entry(model_id).card

    def folder(self, model_id: str) -> Path:
        """Where the files of an installed model lie.

        Raises:
            ModelNotFoundError: it is not installed; names what is.
        """
        entries = [entry for entry in self.entries() if entry.folder is not None]
        for entry in entries:
            if entry.card.id == model_id and entry.folder is not None:
                return entry.folder
        known = "、".join(entry.card.id for entry in entries) or "（无）"
        raise ModelNotFoundError(f"没有安装名为 {model_id} 的模型。", f"已安装：{known}。")

    def is_shipped(self, model_id: str) -> bool:
        """True for a starter that came with the program."""
        return self.folder(model_id).parent == self._shipped_models

    def shipped(self) -> frozenset[str]:
        """Ids of the starters that came with the program."""
        return frozenset(entry.card.id for entry in self.entries() if entry.state is ModelState.SHIPPED)

    def staging(self, model_id: str) -> Path:
        """The folder in which a download of this model grows."""
        return self.user_models / DOWNLOADS / model_id

    def verify(self, model_id: str, cancellation: Cancellation | None = None) -> bool:
        """Compare sizes and hashes of the files with the card.

        Returns:
            False when it was cancelled before the end.

        Raises:
            WeightsError: names the first file that is missing or differs.
        """
        card, folder = self.card(model_id), self.folder(model_id)
        if not card.files:
            raise WeightsError(f"模型 {model_id} 的模型卡没有记下文件的校验值。", "无从核对。")
        for file in card.files:
            path = folder / file.name
            if not path.is_file():
                raise WeightsError(f"缺少文件 {path}。", "请重新取得这个模型。")
            digest = _sha256(path, cancellation) if path.stat().st_size == file.size_bytes else ""
            if cancellation is not None and cancellation.cancelled:
                return False
            if digest != file.sha256:
                raise WeightsError(f"文件 {path} 与模型卡所记的不同。", "请重新取得这个模型。")
        return True

    def remove(self, model_id: str) -> None:
        """Delete a model of the user, or what is there of its download.

        Raises:
            InputError: the model ships with the program, or its files are not the library's.
            ModelNotFoundError: nothing of it is there.
        """
        if self.staging(model_id).is_dir():
            shutil.rmtree(self.staging(model_id))
            return
        folder = self.folder(model_id)
        if self.is_shipped(model_id):
            raise InputError(f"{model_id} 是自带模型，不能移除。")
        if folder.parent != self.user_models:
            raise InputError(
                f"{model_id} 的文件在 {folder}，不归模型库管，没有动它。", "删去它的模型卡即可不再列出。"
            )
        # Renamed first: a removal that is cut short must not leave a model that looks installed.
        doomed = folder.with_name(f".removed-{folder.name}")
        shutil.rmtree(doomed, ignore_errors=True)
        folder.rename(doomed)
        shutil.rmtree(doomed)


def _sha256(path: Path, cancellation: Cancellation | None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while (piece := file.read(1 << 20)) and not (cancellation is not None and cancellation.cancelled):
            digest.update(piece)
    return digest.hexdigest()
