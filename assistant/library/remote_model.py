"""A repository on a model hub, and which of its files a model needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.api import WeightsError

_SETTINGS_FILES = re.compile(
    # The names of Windows' devices would open the device there.
    r"(?!(?i:con|prn|aux|nul|com\d|lpt\d)\.)"
    r"((generation_config|vocab|tokenizer|tokenizer_config|special_tokens_map|added_tokens)\.json"
    r"|vocab\.txt|merges\.txt|chat_template\.jinja|\w[\w.-]*\.model)"
)


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository.

    Attributes:
        name: path in the repository.
        size_bytes: its size.
        sha256: hash of its content, known of large files; empty otherwise.
        blob_id: the id that git gives its content, known of small files; empty otherwise.
    """

    name: str
    size_bytes: int
    sha256: str
    blob_id: str


@dataclass(frozen=True)
class RemoteModel:
    """A repository at one commit.

    Attributes:
        repo: such as ``uer/gpt2-chinese-poem``.
        commit: the full id of the commit.
        files: all its files.
    """

    repo: str
    commit: str
    files: tuple[RemoteFile, ...]

    def needed_files(self) -> list[RemoteFile]:
        """Configuration, tokenizer and weights: safetensors if there are any, else ``pytorch_model*.bin``.

        Raises:
            WeightsError: a part without which the model cannot run is missing.
        """
        files = {file.name: file for file in self.files}
        if "config.json" not in files:
            raise WeightsError(f"{self.repo} 里没有 config.json，用不了。", "请换一个模型。")
        for stem, ending in (("model", "safetensors"), ("pytorch_model", "bin")):
            if weights := self._weights(stem, ending):
                settings = [name for name in files if _SETTINGS_FILES.fullmatch(name)]
                return [files[name] for name in ("config.json", *sorted(settings), *weights)]
        raise WeightsError(
            f"{self.repo} 里没有能用的权重。", "要有 safetensors 或 pytorch_model.bin，请换一个模型。"
        )

    def _weights(self, stem: str, ending: str) -> list[str]:
        """Names of the weights in this format: a single file, or the index and all its shards."""
        names = {file.name for file in self.files}
        if f"{stem}.{ending}" in names:
            return [f"{stem}.{ending}"]
        index = f"{stem}.{ending}.index.json"
        shard = re.compile(rf"{stem}-\d{{5}}-of-(\d{{5}})\.{ending}")
        counts = {name: int(match[1]) for name in sorted(names) if (match := shard.fullmatch(name))}
        if index not in names or not counts:
            return []
        if set(counts.values()) != {len(counts)}:
            raise WeightsError(f"{self.repo} 的权重不齐：分片少了。", "请换一个模型，或换一个版本。")
        return [index, *counts]
