"""Constraints: which tokens may come next, as boolean masks over a vocabulary."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from assistant.api.errors import ConstraintError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]


class Vocabulary(ABC):
    """The tokens of one model, as writers and constraints see them."""

    size: int
    """Number of tokens, the width of the logits."""
    eos_token_id: int
    """The token that ends a text."""

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Token ids of ``text``, without special tokens; unknown characters become the unknown token."""

    @abstractmethod
    def prompt(self, text: str) -> list[int]:
        """``encode(text)`` behind whatever token starts a text for this model."""

    @abstractmethod
    def decode(self, token_ids: Sequence[int]) -> str:
        """The text of ``token_ids``: no special tokens, no space between Chinese characters."""

    @abstractmethod
    def mask_of(self, characters: Iterable[str]) -> Mask:
        """Mask ``(size,)`` of the tokens that spell exactly one of ``characters``; a fresh array."""

    @property
    @abstractmethod
    def han_mask(self) -> Mask:
        """Mask ``(size,)`` of the tokens that spell exactly one 汉字; read-only."""

    @property
    @abstractmethod
    def writable_mask(self) -> Mask:
        """Mask ``(size,)`` of everything a person may see: no special, unused or unknown token. Read-only."""


class Constraint(ABC):
    """Maps the tokens written so far to the tokens that may come next.

    Pure: the same tokens give the same mask, and nothing is changed in place. Constraints compose by
    intersection (``intersect``). One instance serves one vocabulary.
    """

    name: str = ""
    """Said to the person when no token is left, such as 「七绝的句长」."""

    def reset(self, batch_size: int) -> None:  # noqa: B027 - most constraints remember nothing
        """Forget everything; called once before the first step of ``batch_size`` sequences."""

    @abstractmethod
    def allowed(self, generated: Sequence[Sequence[int]]) -> Mask:
        """Mask ``(batch, vocab)`` for the next step.

        Args:
            generated: for each sequence its new tokens, the prompt not included.
        """


def intersect(constraints: Sequence[Constraint], generated: Sequence[Sequence[int]], base: Mask) -> Mask:
    """The tokens that every constraint allows.

    Args:
        constraints: any number of them.
        generated: for each sequence its new tokens.
        base: mask ``(vocab,)`` or ``(batch, vocab)`` to start from; not changed.

    Returns:
        Mask ``(batch, vocab)``.

    Raises:
        ConstraintError: some sequence has no token left; the constraints are named.
        ValueError: a constraint returned another shape or dtype.
    """
    import numpy as np

    mask = np.array(np.broadcast_to(base, (len(generated), base.shape[-1])))
    for constraint in constraints:
        allowed = constraint.allowed(generated)
        if allowed.shape != mask.shape or allowed.dtype != np.bool_:
            raise ValueError(
                f"{type(constraint).__name__}.allowed returned {allowed.dtype} {allowed.shape}, "
                f"expected bool {mask.shape}"
            )
        mask &= allowed
    if not mask.any(axis=1).all():
        names = "、".join(constraint.name or type(constraint).__name__ for constraint in constraints)
        raise ConstraintError(f"没有一个字能同时满足：{names}。", "请放宽其中一项再试。")
    return mask
