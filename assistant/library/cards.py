"""Model cards on disk."""

from __future__ import annotations

import tomllib
from pathlib import Path

import tomli_w
from pydantic import ValidationError

from assistant.api import ModelCard, WeightsError


def read_card(path: Path) -> ModelCard:
    """Read one card (TOML).

    Raises:
        WeightsError: the file cannot be read or a field is missing or wrong; says which.
    """
    try:
        return ModelCard.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WeightsError(f"读不了模型卡 {path}：{error}。", "请检查这个文件，或重新取得模型。") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise WeightsError(f"模型卡 {path} 的 {field} 不对：{first['msg']}。", "请检查这个文件。") from error


def write_card(card: ModelCard, path: Path) -> None:
    """Write ``card`` as TOML; fields at their defaults are left out."""
    values = card.model_dump(mode="json", exclude_defaults=True)
    path.write_text(tomli_w.dumps(values, multiline_strings=True), encoding="utf-8")
