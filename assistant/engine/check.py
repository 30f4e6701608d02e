"""Looking over a model folder before it counts as installed."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.api import ModelCard, WeightsError


def check_model_folder(folder: Path, card: ModelCard) -> None:
    """Open the weights without keeping them, and the vocabulary; nothing in the files is ever run.

    Args:
        folder: the model folder.
        card: what it is said to be.

    Raises:
        WeightsError: a file is missing or damaged, holds more than tensors, or does not belong to the others.
    """
    from assistant.engine.loader import read_vocabulary
    from assistant.engine.weights import AGAIN, WeightFiles

    files = WeightFiles(folder)
    if not files.names:
        raise WeightsError(f"{folder} 的权重文件是空的。", AGAIN)
    files.release()
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        size = int(config.get("text_config", config)["vocab_size"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"模型配置 {folder / 'config.json'} 里没有词表大小。", AGAIN) from error
    read_vocabulary(folder, card, size)
