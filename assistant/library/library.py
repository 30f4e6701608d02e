"""The installed models: shipped starters and folders the user put in place."""

from __future__ import annotations

import hashlib
import logging
import shutil
from pathlib import Path

from assistant.api import InputError, ModelCard, ModelNotFoundError, WeightsError
from assistant.library.cards import read_card

logger = logging.getLogger(__name__)

CARD_NAME = "card.toml"
"""The card inside a model folder of the user."""


class ModelLibrary:
    """What is installed, and where it lies.

    Args:
        shipped_cards: folder of the cards that ship with the program; a card counts as installed when the
            folder of its id is there.
        shipped_models: folder of the shipped model folders.
        user_models: folder with one folder a model, each with a ``card.toml``; need not exist.
    """

    def __init__(self, shipped_cards: Path, shipped_models: Path, user_models: Path) -> None:
        self._shipped_cards = shipped_cards
        self._shipped_models = shipped_models
        self._user_models = user_models

    def installed(self) -> list[ModelCard]:
        """Cards of all installed models, the user's own first. A broken card is logged and left out."""
        folders = self._folders()
        return [card for card, _ in folders.values()]

    def card(self, model_id: str) -> ModelCard:
        """The card of an installed model.

        Raises:
            ModelNotFoundError: names the installed ones.
        """
        return self._find(model_id)[0]

    def folder(self, model_id: str) -> Path:
        """Where the files of an installed model lie.

        Raises:
            ModelNotFoundError: names the installed ones.
        """
        return self._find(model_id)[1]

    def is_shipped(self, model_id: str) -> bool:
        """True for a starter that came with the program."""
        return self.folder(model_id).parent == self._shipped_models

    def verify(self, model_id: str) -> None:
        """Compare sizes and hashes of the files with the card.

        Raises:
            WeightsError: names the first file that is missing or differs.
        """
        card, folder = self._find(model_id)
        if not card.files:
            raise WeightsError(f"模型 {model_id} 的模型卡没有记下文件的校验值。", "无从核对。")
        for file in card.files:
            path = folder / file.name
            if not path.is_file():
                raise WeightsError(f"缺少文件 {path}。", "请重新取得这个模型。")
            if path.stat().st_size != file.size_bytes or _sha256(path) != file.sha256:
                raise WeightsError(f"文件 {path} 与模型卡所记的不同。", "请重新取得这个模型。")

    def remove(self, model_id: str) -> None:
        """Delete a model of the user.

        Raises:
            InputError: the model ships with the program.
            ModelNotFoundError: it is not installed.
        """
        if self.is_shipped(model_id):
            raise InputError(f"{model_id} 是自带模型，不能移除。")
        shutil.rmtree(self.folder(model_id))

    def _find(self, model_id: str) -> tuple[ModelCard, Path]:
        folders = self._folders()
        if model_id not in folders:
            known = "、".join(folders) or "（无）"
            raise ModelNotFoundError(f"没有安装名为 {model_id} 的模型。", f"已安装：{known}。")
        return folders[model_id]

    def _folders(self) -> dict[str, tuple[ModelCard, Path]]:
        found: dict[str, tuple[ModelCard, Path]] = {}
        places = [(path, path.parent) for path in sorted(self._user_models.glob(f"*/{CARD_NAME}"))]
        places += [
            (path, self._shipped_models / path.stem) for path in sorted(self._shipped_cards.glob("*.toml"))
        ]
        for path, folder in places:
            try:
                card = read_card(path)
            except WeightsError as error:
                logger.warning("%s", error.one_line)
                continue
            if folder.is_dir():
                found.setdefault(card.id, (card, folder))
        return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
