"""What the small JSON files beside a vocabulary say: added tokens, which token starts and which ends a text."""

from __future__ import annotations

import json
import re
from collections.abc import Container
from pathlib import Path
from typing import Any

from assistant.api import WeightsError

_WORDPIECE = re.compile(r'"type"\s*:\s*"WordPiece"')


class TokenizerFiles:
    """The tokenizer files of a model folder; each may be missing.

    Args:
        folder: the model folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = self._read("tokenizer_config.json")
        self._special = self._read("special_tokens_map.json")
        self._model = self._read("config.json")
        self._generation = self._read("generation_config.json")

    def added_tokens(self) -> dict[int, str]:
        """Id → text of the tokens that were added to the vocabulary, such as ``<bos>``."""
        added = {int(token_id): text for text, token_id in self._read("added_tokens.json").items()}
        decoder = self.config.get("added_tokens_decoder", {})
        added |= {int(token_id): str(token["content"]) for token_id, token in decoder.items()}
        if not added and (self.folder / "tokenizer.json").is_file():
            for token in self._read("tokenizer.json").get("added_tokens", []):
                added[int(token["id"])] = str(token["content"])
        return added

    def has_wordpieces(self) -> bool:
        """Whether ``tokenizer.json`` holds a WordPiece model."""
        path = self.folder / "tokenizer.json"
        try:
            # Not parsed: files of other kinds are large. Inside a token the quotation marks would be escaped.
            return path.is_file() and bool(_WORDPIECE.search(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise WeightsError(f"读不懂 {path}。", "请重新取得这个模型。") from error

    def wordpieces(self) -> list[str]:
        """The tokens of a WordPiece model in ``tokenizer.json`` by id; empty when there is none.

        Raises:
            WeightsError: the ids are no row of numbers.
        """
        model = self._read("tokenizer.json").get("model")
        if not isinstance(model, dict) or model.get("type") != "WordPiece":
            return []
        ids: dict[str, int] = model.get("vocab") or {}
        # Lines that stood twice in vocab.txt leave gaps; an id of a billion would fill the memory.
        if not all(isinstance(token_id, int) and 0 <= token_id < 2 * len(ids) for token_id in ids.values()):
            raise WeightsError(f"读不懂 {self.folder / 'tokenizer.json'}。", "请重新取得这个模型。")
        tokens = [""] * (max(ids.values(), default=-1) + 1)
        for token, token_id in ids.items():
            tokens[token_id] = token
        return tokens

    def special_token(self, role: str, known: Container[str]) -> str:
        """The token named for ``role`` (``bos_token``, ``eos_token``), empty when none of ``known`` is."""
        for source in (self.config, self._special):
            token = source.get(role)
            text = token.get("content", "") if isinstance(token, dict) else token
            if isinstance(text, str) and text in known:
                return text
        return ""

    def eos_token_ids(self, size: int) -> list[int]:
        """Ids of the tokens that end a text, as the generation settings say; those that fit ``size``."""
        for source in (self._generation, self._model):
            value = source.get("eos_token_id")
            ids = value if isinstance(value, list) else [value]
            # GPT2Config writes 50256 into folders whose vocabulary is far smaller.
            usable = [token_id for token_id in ids if isinstance(token_id, int) and 0 <= token_id < size]
            if usable:
                return usable
        return []

    def lowercase(self) -> bool:
        """Whether Latin letters are made small before a BERT tokenizer looks at them."""
        return bool(self.config.get("do_lower_case", True))

    def adds_bos(self) -> bool:
        """Whether a prompt begins with the ``bos`` token."""
        return bool(self.config.get("add_bos_token", False))

    @property
    def has_chat_template(self) -> bool:
        """True when the folder says how conversations are put."""
        return bool(self.config.get("chat_template")) or (self.folder / "chat_template.jinja").is_file()

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        if not path.is_file():
            return {}
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise WeightsError(f"读不懂 {path}。", "请重新取得这个模型。") from error
        return value if isinstance(value, dict) else {}
