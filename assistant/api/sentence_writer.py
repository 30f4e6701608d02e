"""What writers of prose share: texts of about a wished length that end with a sentence."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

from assistant.api.cancellation import Cancellation
from assistant.api.language_model import GenerationConfig, LanguageModel
from assistant.api.requests import GenerationRequest
from assistant.api.results import TokenChunk
from assistant.api.sentences import SentenceConstraint, characters_in, most_characters, tokens_for
from assistant.api.writer import Writer


class SentenceWriter(Writer):
    """Writes about as many characters as are wished and ends with a sentence.

    Where the context of the model has no room for so many behind the half of it that the prompt keeps, the text is
    shorter.
    """

    @abstractmethod
    def lengths(self, request: GenerationRequest) -> tuple[int, int]:
        """The fewest characters, and the number from which on the first sentence that ends is the last."""

    def most(self, request: GenerationRequest) -> int:
        """The number of characters from which on nothing but the end of a sentence may come. Default: a third more
        than the length, and twenty.
        """
        return most_characters(self.lengths(request)[1])

    def generate(
        self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        """See ``Writer.generate``."""
        if model is None:
            raise TypeError(f"writer {self.id!r} needs a model")
        vocabulary = model.vocabulary
        least, target = self.lengths(request)
        most = self.most(request)
        prompt = self.fitted_prompt(request, model, tokens_for(most, vocabulary))
        room = characters_in(model.room(prompt), vocabulary)
        if room < most:
            most, target = room, min(target, room * 3 // 4)
        ending = SentenceConstraint(vocabulary, least=min(least, target), target=target, most=most)
        config = GenerationConfig(
            num_return_sequences=self.drafts(request),
            sampling=self.sampling(request).model_copy(
                update={"max_new_tokens": tokens_for(most, vocabulary)}
            ),
            constraints=[ending, *self.constraints(request, vocabulary)],
            seed=request.seed,
        )
        yield from model.generate(prompt, config, cancellation)
