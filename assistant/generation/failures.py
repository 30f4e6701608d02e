"""Turning whatever went wrong into one clear sentence."""

from __future__ import annotations

from assistant.api import BibanError, ModelError, OutOfMemoryError

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "bad_alloc")


def as_biban_error(error: Exception) -> BibanError:
    """``error`` itself if it already speaks to a person, else an explanation of it.

    torch reports exhausted memory as a ``RuntimeError`` whose text differs by device.
    """
    if isinstance(error, BibanError):
        return error
    text = str(error)
    if isinstance(error, MemoryError) or any(words in text.lower() for words in _OUT_OF_MEMORY):
        return OutOfMemoryError(
            "内存不够，没有写完。", "请减少候选数目或字数，关掉一些程序，或换一个小些的模型。"
        )
    first_line = text.strip().split("\n")[0]
    return ModelError(
        f"写作时出错：{type(error).__name__}{f'：{first_line}' if first_line else ''}。",
        "请再试一次；若仍出错，请换一个模型或写作器。",
    )
