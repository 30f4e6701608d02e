"""How much memory a model will take, known from its card before any file is opened."""

from __future__ import annotations

from collections.abc import Sequence

import psutil

from assistant.api import ModelCard, OutOfMemoryError

PRECISIONS = ("fp32", "bf16", "fp16", "int8")
_BYTES = {"fp32": 4, "bf16": 2, "fp16": 2, "int8": 1}
_WORKING_BYTES = 300 << 20
"""The caches of a few candidates, activations, and what the allocator does not give back."""


def weights_bytes(card: ModelCard, precision: str) -> int:
    """Bytes of the weights of ``card`` in memory.

    In 8 bit, embeddings are kept in 16 bit for looking up, and once more in 8 bit as output layer; scales and
    padding of the matrices are about a hundredth.

    Raises:
        ValueError: the precision is not one of ``PRECISIONS``.
    """
    if precision not in _BYTES:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    if precision != "int8":
        return card.parameters * _BYTES[precision]
    return int(card.parameters * 1.01) + 2 * card.embedding_parameters


def peak_bytes(card: ModelCard, precision: str) -> int:
    """Most memory at any time between the first byte read and the last token written.

    Tensors are converted one by one; the largest one is the embedding, which arrives in up to 32 bit.
    """
    return weights_bytes(card, precision) + 4 * card.embedding_parameters + _WORKING_BYTES


def available_bytes() -> int:
    """Memory that can be had now without swapping."""
    return int(psutil.virtual_memory().available)


def check_fits(card: ModelCard, precision: str, available: int, others: Sequence[ModelCard] = ()) -> None:
    """Refuse a model that will not fit, before the disk is touched.

    Args:
        card: the model.
        precision: it would be loaded in.
        available: bytes that can be had.
        others: installed models; those that serve one of the same writers are offered instead.

    Raises:
        OutOfMemoryError: says how much is needed and there, and names what fits.
    """
    needed = peak_bytes(card, precision)
    if needed <= available:
        return
    fitting = [
        f"{other.name}（约 {gigabytes(peak_bytes(other, 'int8'))}）"
        for other in others
        if other.id != card.id
        and set(other.writers) & set(card.writers)
        and peak_bytes(other, "int8") <= available
    ]
    hints = []
    if precision != "int8" and peak_bytes(card, "int8") <= available:
        hints.append(f"在设置里把精度改为 8 位就够用（约 {gigabytes(peak_bytes(card, 'int8'))}）")
    if fitting:
        hints.append(f"可改用：{'、'.join(fitting)}")
    hints.append("或先关掉一些程序" if hints else "请先关掉一些程序，或换一个小些的模型")
    raise OutOfMemoryError(
        f"内存不够载入「{card.name}」：需要约 {gigabytes(needed)}，现在能用的只有 {gigabytes(available)}。",
        "；".join(hints) + "。",
    )


def gigabytes(count: int) -> str:
    """``gigabytes(1_500_000_000)`` is ``1.5 GB``; small sizes in MB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
