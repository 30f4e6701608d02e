"""Reading weights tensor by tensor: safetensors first, a ``.bin`` only as plain tensors."""

from __future__ import annotations

import json
import pickle
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from assistant.api import WeightsError

AGAIN = "请重新取得这个模型。"
_MAPPED_BYTES = 32 << 20
"""A file is opened anew after this many bytes, which gives its mapped pages back to the system."""


class WeightFiles:
    """All tensors of a folder by name, read from one or several files (shards) when asked for.

    Nothing is kept: the files are mapped into memory, and given back piece by piece as they are read.

    Raises:
        WeightsError: there are no weights, or a file is damaged or holds more than tensors.
    """

    def __init__(self, folder: Path) -> None:
        self._shard_of: dict[str, _Shard] = {}
        for path in _files(folder):
            shard = _SafetensorsShard(path) if path.suffix == ".safetensors" else _PickleShard(path)
            for name in shard.names():
                self._shard_of[name] = shard

    @property
    def names(self) -> list[str]:
        """Names of all tensors."""
        return list(self._shard_of)

    def __contains__(self, name: str) -> bool:
        return name in self._shard_of

    def get(self, name: str) -> Tensor:
        """One tensor, on the CPU, as it is stored; a copy of its own.

        Raises:
            KeyError: there is none of this name.
            WeightsError: its file is damaged.
        """
        return self._shard_of[name].get(name)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor, without reading it."""
        return self._shard_of[name].shape(name)

    def release(self) -> None:
        """Close all files; they open again by themselves."""
        for shard in set(self._shard_of.values()):
            shard.close()


class _Shard:
    """One file; opened when needed, closed when enough was read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: Any = None
        self._read_bytes = 0

    def names(self) -> Iterable[str]:
        raise NotImplementedError

    def get(self, name: str) -> Tensor:
        # A copy: a mapped tensor would keep the whole file in memory.
        tensor = self._tensor(name).clone()
        self._read_bytes += tensor.numel() * tensor.element_size()
        if self._read_bytes > _MAPPED_BYTES:
            self.close()
        return tensor

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._tensor(name).shape)

    def close(self) -> None:
        self._open = None
        self._read_bytes = 0

    def _tensor(self, name: str) -> Tensor:
        raise NotImplementedError


class _SafetensorsShard(_Shard):
    def names(self) -> Iterable[str]:
        names: list[str] = list(self._handle().keys())
        return names

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._handle().get_slice(name).get_shape())

    def _tensor(self, name: str) -> Tensor:
        try:
            tensor: Tensor = self._handle().get_tensor(name)
        except (SafetensorError, OSError, ValueError) as error:
            raise self._damaged() from error
        return tensor

    def _handle(self) -> Any:
        if self._open is None:
            try:
                self._open = safe_open(self._path, framework="pt")
            except (SafetensorError, OSError, ValueError) as error:
                raise self._damaged() from error
        return self._open

    def _damaged(self) -> WeightsError:
        return WeightsError(f"权重文件 {self._path} 已损坏或不完整。", AGAIN)


class _PickleShard(_Shard):
    def names(self) -> Iterable[str]:
        return list(self._state())

    def close(self) -> None:
        # What torch 1.5 and older wrote cannot be mapped; reading it again and again would take long.
        if self._mapped:
            super().close()

    def _tensor(self, name: str) -> Tensor:
        return self._state()[name]

    def _state(self) -> dict[str, Tensor]:
        if self._open is None:
            self._open, self._mapped = self._load()
        state: dict[str, Tensor] = self._open
        return state

    def _load(self) -> tuple[dict[str, Tensor], bool]:
        path = self._path
        mapped = _is_zip(path)
        try:
            with warnings.catch_warnings():
                # Of an unusual pickle protocol; what matters is whether it can be read.
                warnings.simplefilter("ignore")
                # weights_only: a pickle can run any code, and this one comes from a stranger.
                state: Any = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
        except pickle.UnpicklingError as error:
            raise WeightsError(
                f"权重文件 {path} 已损坏，或含有张量以外的内容，为安全起见没有打开。", AGAIN
            ) from error
        except (RuntimeError, EOFError, OSError, ValueError) as error:
            raise WeightsError(f"权重文件 {path} 已损坏或不完整。", AGAIN) from error
        if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
            raise WeightsError(f"权重文件 {path} 里不是一组张量。", AGAIN)
        return state, mapped


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _files(folder: Path) -> list[Path]:
    for whole, index in (
        ("model.safetensors", "model.safetensors.index.json"),
        ("pytorch_model.bin", "pytorch_model.bin.index.json"),
    ):
        if (folder / whole).is_file():
            return [folder / whole]
        if (folder / index).is_file():
            return _shards(folder, folder / index)
    raise WeightsError(f"{folder} 里没有权重文件 model.safetensors 或 pytorch_model.bin。", AGAIN)


def _shards(folder: Path, index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        # Only the name: an index must not lead out of its folder.
        paths = [folder / Path(name).name for name in names]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"读不懂分片清单 {index}。", AGAIN) from error
    for path in paths:
        if not path.is_file():
            raise WeightsError(f"缺少权重分片 {path}。", AGAIN)
    return paths
