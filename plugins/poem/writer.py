"""The poem writer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from assistant.api import (
    Cancellation,
    Constraint,
    GenerationRequest,
    InputError,
    LanguageModel,
    ModelCard,
    SamplingOptions,
    TokenChunk,
    Vocabulary,
    Writer,
)
from assistant.api.han import is_han
from assistant.prosody.forms import SENTENCE_ENDS, Form, verse_lines
from plugins.poem.constraints import FormConstraint, VerseConstraint
from plugins.poem.layout import LineLayout, lay_out
from plugins.poem.options import PoemOptions
from plugins.poem.prompt import poem_so_far


class PoemWriter(Writer):
    """Continues the poem before the cursor, freely or to the end of a form."""

    id = "poem"
    name = "诗词"
    description = "顺着上文续写古典诗词，或写成一首五绝、七绝、五律、七律。"
    example = "明月几时有，"
    icon = "poem"
    order = 10
    options_model = PoemOptions

    def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
        options = _options(request)
        poem = poem_so_far(request.context.before)
        title = options.title.strip() or poem.title
        text = _opening_of_form(poem.text, options.chosen_form) if options.chosen_form else poem.text
        if not (text or title or options.chosen_form):
            raise InputError(
                "还没有可以续写的文字。", "请先写下一句，或选一种体裁（命令行：--option form=七绝）从头写起。"
            )
        heading = card.title_format.format(title=title) if title and card.title_format else ""
        return heading + text

    def constraints(self, request: GenerationRequest, vocabulary: Vocabulary) -> list[Constraint]:
        options = _options(request)
        text = poem_so_far(request.context.before).text
        form = options.chosen_form
        if form is None:
            return [VerseConstraint(vocabulary, text, options.sentences)]
        return [FormConstraint(form, vocabulary, len(_opening_of_form(text, form)))]

    def sampling(self, request: GenerationRequest) -> SamplingOptions:
        options = _options(request)
        form = options.chosen_form
        if form is None:
            return options
        # The form alone says how long the poem gets: at most four tokens a character, one more for the end.
        return options.model_copy(update={"max_new_tokens": 4 * form.length + 1})

    def opening(self, request: GenerationRequest) -> str:
        form = _options(request).chosen_form
        if form is None:
            return ""
        before = request.context.before
        opening = lay_out(_opening_of_form(poem_so_far(before).text, form))
        # Where the page already broke the line behind a sentence, the new text brings no break of its own.
        return (
            opening + "\n" if opening and before.endswith("\n") and opening[-1] in SENTENCE_ENDS else opening
        )

    def generate(
        self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        form = _options(request).chosen_form
        if model is not None and form is not None and model.context_length < form.length + 2:
            raise InputError(
                f"这个模型一次最多写 {model.context_length} 个字，写不完一首{form.name}。",
                "请换一种体裁或换一个模型。",
            )
        before = request.context.before
        # A page that already broke the line needs no second break.
        start = "" if before.endswith("\n") else poem_so_far(before).text
        layouts: defaultdict[int, LineLayout] = defaultdict(lambda: LineLayout(start))
        for chunk in super().generate(request, model, cancellation):
            yield replace(chunk, text=layouts[chunk.index].push(chunk.text))


def _options(request: GenerationRequest) -> PoemOptions:
    if not isinstance(request.options, PoemOptions):
        raise TypeError(f"expected PoemOptions, got {type(request.options).__name__}")
    return request.options


def _opening_of_form(text: str, form: Form) -> str:
    """``text`` in the marks of ``form``, as the beginning of its pattern.

    Raises:
        InputError: the text does not fit the form; says which line.
    """
    lines = verse_lines(text)
    if len(lines) == 1 and not lines[0][1]:
        # A run without any mark, longer than a line: cut where the form has its line ends.
        run = lines[0][0]
        pieces = [run[at : at + form.line_length] for at in range(0, len(run), form.line_length)]
        lines = [(piece, "" if piece is pieces[-1] else "，") for piece in pieces]
    written = ""
    for number, (line, mark) in enumerate(lines, start=1):
        whole = bool(mark) or number < len(lines)
        if (strange := next((c for c in line if not is_han(c)), None)) is not None:
            raise InputError(
                f"第 {number} 句里的「{strange}」不是汉字，写不成{form.name}。",
                "请改一改上文，或选「自由」。",
            )
        if len(line) > form.line_length or (whole and len(line) != form.line_length):
            raise InputError(
                f"「{line}」有 {len(line)} 字，而{form.name}每句 {form.line_length} 字。",
                "请改一改这一句，或换一种体裁。",
            )
        written += line
        if whole:
            written += "，" if number % 2 else "。"
    if len(lines) > form.line_count or len(written) >= form.length:
        raise InputError(
            f"上文已有 {len(lines)} 句，一首{form.name}只有 {form.line_count} 句。", "空一行，再写新的一首。"
        )
    return written
