"""Constraints: which tokens may come next, as boolean masks over a vocabulary."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from assistant.api.errors import ConstraintError
from assistant.api.han import is_han

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """Characters: those listed, and all 汉字 with ``han``; never those in ``without``. Or anything at all with
    ``any_character``.
    """

    characters: frozenset[str] = frozenset()
    han: bool = False
    any_character: bool = False
    without: frozenset[str] = frozenset()

    def __contains__(self, character: str) -> bool:
        if self.any_character:
            return True
        if character in self.without:
            return False
        return character in self.characters or (self.han and is_han(character))

    def __or__(self, other: CharacterSet) -> CharacterSet:
        # What one side allows is allowed.
        without = {c for c in self.without if c not in other} | {c for c in other.without if c not in self}
        return CharacterSet(
            self.characters | other.characters,
            self.han or other.han,
            self.any_character or other.any_character,
            frozenset(without),
        )


HAN = CharacterSet(han=True)
ANY_CHARACTER = CharacterSet(any_character=True)


class Spelling(NamedTuple):
    """What tokens spell: whole characters, and the first bytes of one that is not complete yet."""

    text: str
    pending: bytes = b""


class ChatMessage(NamedTuple):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Vocabulary(ABC):
    """The tokens of one model, as writers and constraints see them."""

    size: int
    """Number of tokens, the width of the logits."""
    eos_token_id: int
    """The token that ends a text."""
    tokens_a_character: int = 1
    """Tokens that a 汉字 takes at most, but for a few rare ones: three where it may be spelled byte by byte."""
    has_chat_template: bool = False
    """True when ``chat_prompt`` can be used."""

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Token ids of ``text``, without special tokens; unknown characters become the unknown token."""

    @abstractmethod
    def prompt(self, text: str) -> list[int]:
        """``encode(text)`` behind whatever token starts a text for this model."""

    def chat_prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        """``messages`` as the model's chat template puts them, up to where its answer begins.

        Raises:
            ValueError: the model has no chat template.
        """
        raise ValueError("the model has no chat template")

    def spell(self, token_ids: Sequence[int]) -> Spelling:
        """What ``token_ids`` spell. Default: ``decode``, for vocabularies whose tokens are whole characters."""
        return Spelling(self.decode(token_ids))

    @abstractmethod
    def decode(self, token_ids: Sequence[int]) -> str:
        """The text of ``token_ids``: no special tokens, no space between Chinese characters, never �."""

    def can_write(self, character: str) -> bool:
        """True when tokens of this vocabulary can spell ``character``."""
        return self.decode(self.encode(character)) == character

    @abstractmethod
    def mask_of(self, characters: Iterable[str]) -> Mask:
        """Mask ``(size,)`` of the tokens that spell exactly one of ``characters``; a fresh array."""

    def mask_after(self, pending: bytes, characters: CharacterSet) -> Mask:
        """Mask ``(size,)`` of the tokens with which the next character can be, or become, one of ``characters``.

        Args:
            pending: the bytes of the next character that are there already.
            characters: what it may be.
        """
        if characters.any_character:
            return self.writable_after(pending)
        mask = self.mask_of(characters.characters)
        if characters.han:
            mask |= self.han_mask
        if characters.without:
            mask &= ~self.mask_of(characters.without)
        return mask

    def writable_after(self, pending: bytes) -> Mask:
        """``writable_mask`` without the tokens that would make broken text behind ``pending``."""
        return self.writable_mask

    @property
    @abstractmethod
    def han_mask(self) -> Mask:
        """Mask ``(size,)`` of the tokens that spell exactly one 汉字; read-only."""

    @property
    @abstractmethod
    def writable_mask(self) -> Mask:
        """Mask ``(size,)`` of everything a person may see: no special, unused or unknown token. Read-only."""

    @property
    def end_mask(self) -> Mask:
        """Mask ``(size,)`` of the tokens that end a text."""
        import numpy as np

        mask = np.zeros(self.size, dtype=np.bool_)
        mask[self.eos_token_id] = True
        return mask


class Constraint(ABC):
    """Maps the tokens written so far to the tokens that may come next.

    Pure: the same tokens of the same candidate give the same mask, and nothing is changed in place. Constraints
    compose by intersection (``intersect``). One instance serves one vocabulary and one request. One that asks
    something else of each candidate learns from ``reset`` and ``keep`` which row is whose.
    """

    name: str = ""
    """Said to the person when no token is left, such as 「七绝的句长」."""

    def reset(self, batch_size: int) -> None:  # noqa: B027 - most constraints remember nothing
        """Forget everything; called once before the first step of ``batch_size`` sequences."""

    def keep(self, rows: Sequence[int]) -> None:  # noqa: B027 - most constraints treat all rows alike
        """Some sequences have ended: only ``rows`` (ascending) go on, and are numbered anew from 0."""

    @abstractmethod
    def allowed(self, generated: Sequence[Sequence[int]]) -> Mask:
        """Mask ``(batch, vocab)`` for the next step.

        Args:
            generated: for each sequence its new tokens, the prompt not included.
        """


@dataclass(frozen=True, slots=True)
class Next:
    """What may come next: one of ``characters``, or the end of the text with ``end``."""

    characters: CharacterSet
    end: bool = False


class CharacterConstraint(Constraint):
    """A constraint said in characters; works with every vocabulary.

    Where a character takes several tokens (byte-level vocabularies), each of them may only be one that leads
    to an allowed character.

    Args:
        vocabulary: of the model.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._masks: dict[tuple[Next, bytes], Mask] = {}

    @abstractmethod
    def next(self, text: str) -> Next:
        """What may follow the new text ``text`` (the prompt not included)."""

    def next_of(self, row: int, text: str) -> Next:
        """The same for one candidate, ``row`` as ``reset`` and ``keep`` number them. Default: ``next``."""
        return self.next(text)

    def allowed(self, generated: Sequence[Sequence[int]]) -> Mask:
        import numpy as np

        return np.stack([self._row(row, tokens) for row, tokens in enumerate(generated)])

    def _row(self, row: int, tokens: Sequence[int]) -> Mask:
        text, pending = self._vocabulary.spell(tokens)
        wanted = self.next_of(row, text)
        if wanted.characters.without:
            # Such sets hold what this candidate has used so far: they do not come again.
            return self._mask(wanted, pending)
        mask = self._masks.get((wanted, pending))
        if mask is None:
            mask = self._masks[wanted, pending] = self._mask(wanted, pending)
        return mask

    def _mask(self, wanted: Next, pending: bytes) -> Mask:
        mask = self._vocabulary.mask_after(pending, wanted.characters)
        # A text does not end in the middle of a character.
        if wanted.end and not pending:
            mask = mask | self._vocabulary.end_mask
        if pending and not mask.any():
            # Where any character may come, one token may end a character and begin the next, before this
            # constraint could say anything about that one. It cannot be taken back, so it is written out.
            mask = self._vocabulary.writable_after(pending)
        return mask


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

    # order: a copy of a broadcast array would otherwise be laid out column by column, many times slower to read.
    mask = np.array(np.broadcast_to(base, (len(generated), base.shape[-1])), order="C")
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
