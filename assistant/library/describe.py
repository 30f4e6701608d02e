"""A card for a model folder that came without one."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from assistant.api import InputError, ModelCard, ModelFile, WeightsError
from assistant.library.library import CARD_NAME

UNKNOWN_LICENCE = "未知"
"""The licence of weights that came without a word about it."""
USUAL_CONTEXT_LENGTH = 512
"""Tokens, for models whose configuration names no limit, such as T5, which were trained on so many."""

_AGAIN = "请重新取得这个模型。"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ENCODER_DECODERS = ("bart", "bigbird_pegasus", "mbart", "mt5", "pegasus", "pegasus_x", "t5", "umt5")
_BYTES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}
_HEAD = "lm_head.weight"
_LONGEST_JSON = 100_000_000
"""Bytes of a JSON file or header; the limit that the safetensors library has too."""


def describe(
    folder: Path, *, known: Sequence[ModelCard], name: str, model_id: str | None, writers: Sequence[str]
) -> ModelCard:
    """Make the card of the model files in ``folder``.

    A known model of the same architecture that goes by ``model_id`` or ``name`` (its id, one of its import
    names or the last part of its repository, in any case) lends its card. Otherwise the files are asked.

    Args:
        folder: holds a model's files and nothing else; a card in it is left out.
        known: cards to look in.
        name: of the folder or archive that the model was passed on in.
        model_id: the id it shall have; None makes one of ``name``. The name of a known model gives the id of
            that model.
        writers: ids of the writers it shall serve; empty leaves it to the known card, or to a guess from the
            architecture and the tokenizer.

    Raises:
        InputError: ``model_id`` cannot be an id.
        WeightsError: the configuration, the tokenizer or weights are missing or damaged.
    """
    if model_id is not None and not _ID.fullmatch(model_id):
        raise InputError(
            f"{model_id} 不能用作模型的标识。", "请只用字母、数字、点、横线和下划线，并以字母或数字开头。"
        )
    config = _read_json(folder / "config.json")
    architecture = _architecture(config, folder)
    tokenizer = _tokenizer(folder)
    weights = _weights(folder)
    parameters = _parameters(weights, config)
    files = _files(folder)
    for alias in (model_id, name):
        if alias is not None and (card := _find(known, alias, architecture)):
            changes: dict[str, Any] = {"files": files}
            if writers:
                changes["writers"] = tuple(writers)
            if model_id is not None and alias != model_id:
                changes["id"] = model_id
            return card.model_copy(update=changes)
    return ModelCard(
        id=model_id or slug(name),
        name=name,
        architecture=architecture,
        tokenizer=tokenizer,
        parameters=parameters,
        embedding_parameters=min(
            parameters, _number(config, "vocab_size") * _number(config, "n_embd", "hidden_size", "d_model")
        ),
        context_length=_number(config, "n_positions", "max_position_embeddings", "n_ctx", "seq_length")
        or USUAL_CONTEXT_LENGTH,
        licence=UNKNOWN_LICENCE,
        source=f"导入自 {name}",
        writers=tuple(writers) or _default_writers(architecture, tokenizer, config),
        files=files,
    )


def slug(name: str) -> str:
    """An id for a model called ``name``; what it loses of a Chinese name, a hash makes up for."""
    kept = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:64]
    if kept and not re.search(r"[^\W\d_]", re.sub(r"[A-Za-z]", "", name)):
        return kept
    return f"{kept or 'model'}-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"


def _find(known: Sequence[ModelCard], alias: str, architecture: str) -> ModelCard | None:
    for card in known:
        aliases = (card.id, *card.import_names, card.repo.rpartition("/")[2])
        if card.architecture == architecture and alias.lower() in {text.lower() for text in aliases if text}:
            return card
    return None


def _architecture(config: Mapping[str, Any], folder: Path) -> str:
    model_type = config.get("model_type")
    if isinstance(model_type, str) and model_type:
        return model_type
    # Configurations of before 2020 do not tell; these are GPT-2's own words.
    if model_type is None and "n_layer" in config and "n_head" in config:
        return "gpt2"
    raise WeightsError(
        f"{folder / 'config.json'} 没有说明模型的结构（model_type）。", "请换一个 Transformers 格式的模型。"
    )


def _tokenizer(folder: Path) -> Literal["bert", "byte_bpe", "auto"]:
    if (folder / "vocab.txt").is_file():
        return "bert"
    if (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
        return "byte_bpe"
    if (folder / "tokenizer.json").is_file():
        # The same file may hold any kind of tokenizer.
        content = _read(folder / "tokenizer.json")
        if b'"WordPiece"' in content:
            return "bert"
        return "byte_bpe" if b'"ByteLevel"' in content else "auto"
    if any(folder.glob("*.model")):
        return "auto"
    raise WeightsError(
        f"{folder.name} 里没有分词器的文件。", "要有 vocab.txt、tokenizer.json，或 vocab.json 和 merges.txt。"
    )


def _weights(folder: Path) -> list[Path]:
    """The files that the weights are read from, in the engine's order of preference."""
    for stem, ending in (("model", "safetensors"), ("pytorch_model", "bin")):
        whole = folder / f"{stem}.{ending}"
        index = folder / f"{stem}.{ending}.index.json"
        if whole.is_file():
            return [whole]
        if index.is_file():
            return _shards(folder, index)
    raise WeightsError(
        f"{folder.name} 里没有权重。", "要有 model.safetensors 或 pytorch_model.bin，或它们的全部分片。"
    )


def _shards(folder: Path, index: Path) -> list[Path]:
    weight_map = _read_json(index).get("weight_map")
    values = list(weight_map.values()) if isinstance(weight_map, dict) else []
    # Bare names only: an index must not lead out of its folder.
    if not values or not all(isinstance(value, str) and value == Path(value).name for value in values):
        raise WeightsError(f"读不懂分片清单 {index}。", _AGAIN)
    names = sorted(set(values))
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise WeightsError(
            f"缺少权重分片 {missing[0]}，共缺 {len(missing)} 个。", "请把所有分片放在一起再导入。"
        )
    return [folder / name for name in names]


def _parameters(weights: Sequence[Path], config: Mapping[str, Any]) -> int:
    """Counted in the headers of safetensors, estimated from the size of pickles, which stay closed."""
    if weights[0].suffix == ".safetensors":
        shapes: dict[str, list[int]] = {}
        for path in weights:
            shapes |= _shapes(path)
        # Some save the embedding a second time, as the output layer that it is tied to.
        is_tied = config.get("tie_word_embeddings", True)
        if is_tied and _HEAD in shapes and list(shapes.values()).count(shapes[_HEAD]) > 1:
            del shapes[_HEAD]
        # Nor are the masks that old releases of Transformers stored any weights.
        masks = (".attn.bias", ".attn.masked_bias")
        return sum(math.prod(shape) for name, shape in shapes.items() if not name.endswith(masks))
    precision = str(config.get("dtype") or config.get("torch_dtype")).removeprefix("torch.")
    return sum(path.stat().st_size for path in weights) // _BYTES.get(precision, 4)


def _shapes(path: Path) -> dict[str, list[int]]:
    """Shapes of all tensors of a safetensors file, out of its header.

    By hand, because the safetensors library belongs to the engine: eight bytes tell the length of a JSON
    object, which names shape and place of every tensor.
    """
    damaged = WeightsError(f"权重文件 {path} 已损坏或不完整。", _AGAIN)
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > _LONGEST_JSON:
                raise damaged
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        shapes = {name: [int(size) for size in tensor["shape"]] for name, tensor in header.items()}
        end = max((int(tensor["data_offsets"][1]) for tensor in header.values()), default=0)
        is_whole = path.stat().st_size == 8 + length + end
    except (
        OSError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
        RecursionError,
    ) as error:
        raise damaged from error
    if not is_whole or not shapes or any(size < 0 for shape in shapes.values() for size in shape):
        raise damaged
    return shapes


def _default_writers(architecture: str, tokenizer: str, config: Mapping[str, Any]) -> tuple[str, ...]:
    if config.get("is_encoder_decoder") is True or architecture in _ENCODER_DECODERS:
        return ("fill",)
    if architecture == "gpt2" and tokenizer == "bert":
        return ("poem", "couplet", "continuation", "news", "fill")
    return ("continuation", "news", "fill", "poem")


def _number(config: Mapping[str, Any], *names: str) -> int:
    """The first of these settings that is a positive whole number; 0 if none is."""
    values = (config.get(name) for name in names)
    return next((value for value in values if type(value) is int and value > 0), 0)


def _files(folder: Path) -> tuple[ModelFile, ...]:
    try:
        paths = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name != CARD_NAME]
        return tuple(
            ModelFile(name=path.name, size_bytes=path.stat().st_size, sha256=_sha256(path)) for path in paths
        )
    except OSError as error:
        raise WeightsError(f"读不了 {folder}：{error.strerror}。", _AGAIN) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"读不懂 {path}：不是 JSON。", _AGAIN) from error
    if not isinstance(value, dict):
        raise WeightsError(f"{path} 的内容不是一组设置。", _AGAIN)
    return value


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_JSON + 1)
    except OSError as error:
        raise WeightsError(f"读不到 {path}。", _AGAIN) from error
    if len(content) > _LONGEST_JSON:
        raise WeightsError(f"{path} 大得离奇，没有打开。", _AGAIN)
    return content
