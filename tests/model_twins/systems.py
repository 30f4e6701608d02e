"""All twins by name, and tiny ones that are written and loaded once."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.api import Cancellation, GenerationConfig, LanguageModel, SamplingOptions, TokenChunk
from assistant.engine.device import PrecisionWish
from assistant.engine.loader import load_model
from tests.fakes import card
from tests.model_twins.files import Size
from tests.model_twins.gpt_12l_cn import FOLDER, write_gpt_12l_cn
from tests.model_twins.qwen import write_qwen3
from tests.model_twins.uer import write_gpt2_chinese_couplet, write_gpt2_chinese_poem, write_pegasus
from tests.model_twins.wenzhong import write_wenzhong_3_5b, write_wenzhong_110m
from tests.model_twins.zero_nlp import write_zero_nlp


@dataclass(frozen=True)
class System:
    """A model that people have.

    Attributes:
        write: writes its twin.
        model: the class of Transformers that reads it.
        tokenizer: the class of Transformers that reads its tokenizer.
        ends: the tokens that end its texts, the first one first.
        start: what its prompts begin with.
    """

    write: Callable[..., Path]
    model: str = "GPT2LMHeadModel"
    tokenizer: str = "BertTokenizerFast"
    ends: tuple[str, ...] = ("[SEP]",)
    start: str = "[CLS]"

    def folder(self, place: Path, size: Size = "tiny", seed: int = 0) -> Path:
        """Its twin, written into ``place``; a zip is unpacked and removed."""
        path = self.write(place, size=size, seed=seed)
        if path.suffix != ".zip":
            return path
        with zipfile.ZipFile(path) as archive:
            archive.extractall(place)
        path.unlink()
        return place / FOLDER


def _zero_nlp_of_release_4(folder: Path, *, size: Size, seed: int) -> Path:
    return write_zero_nlp(folder, size=size, seed=seed, transformers=4)


SYSTEMS = {
    "gpt2-chinese-poem": System(write_gpt2_chinese_poem),
    "gpt2-chinese-couplet": System(write_gpt2_chinese_couplet),
    "gpt-12l-cn": System(write_gpt_12l_cn),
    "pegasus": System(write_pegasus, model="PegasusForConditionalGeneration"),
    "wenzhong-110m": System(
        write_wenzhong_110m, tokenizer="GPT2Tokenizer", ends=("<|endoftext|>",), start=""
    ),
    "wenzhong-3.5b": System(
        write_wenzhong_3_5b, tokenizer="GPT2Tokenizer", ends=("<|endoftext|>",), start=""
    ),
    "zero-nlp": System(write_zero_nlp, ends=("<eos>",), start="<bos>"),
    "zero-nlp-4": System(_zero_nlp_of_release_4, ends=("<eos>",), start="<bos>"),
    "qwen3": System(
        write_qwen3, "Qwen3ForCausalLM", "Qwen2Tokenizer", ends=("<|im_end|>", "<|endoftext|>"), start=""
    ),
}
BYTE_LEVEL = ("wenzhong-110m", "wenzhong-3.5b", "qwen3")


class TinyTwins:
    """Tiny twins, each written once and loaded once in each precision.

    Args:
        place: a folder for all of them.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._folders: dict[str, Path] = {}
        self._models: dict[tuple[str, str], LanguageModel] = {}

    def folder(self, name: str) -> Path:
        """Of the twin of this name."""
        if name not in self._folders:
            self._folders[name] = SYSTEMS[name].folder(self._place / name)
        return self._folders[name]

    def model(self, name: str, precision: PrecisionWish = "fp32") -> Any:
        """The twin, loaded. ``Any``: tests look into the engine."""
        if (name, precision) not in self._models:
            self._models[name, precision] = load_model(
                self.folder(name), card(), device="cpu", precision=precision
            )
        return self._models[name, precision]


def generate(
    model: LanguageModel, prompt: Sequence[int], *, count: int = 1, seed: int = 1, **options: Any
) -> list[list[TokenChunk]]:
    """The chunks of each candidate; ``constraints`` and the fields of ``SamplingOptions`` are options."""
    constraints = options.pop("constraints", ())
    config = GenerationConfig(count, SamplingOptions(**options), constraints, seed)
    candidates: list[list[TokenChunk]] = [[] for _ in range(count)]
    for chunk in model.generate(prompt, config, Cancellation()):
        candidates[chunk.index].append(chunk)
    return candidates


def text_of(chunks: Sequence[TokenChunk]) -> str:
    """The text of one candidate."""
    return "".join(chunk.text for chunk in chunks)
