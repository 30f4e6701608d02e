"""The plugin contract: all that a plugin may import from the application. No Qt, no torch."""

from assistant.api.cancellation import Cancellation
from assistant.api.constraints import (
    ANY_CHARACTER,
    HAN,
    CharacterConstraint,
    CharacterSet,
    ChatMessage,
    Constraint,
    Next,
    Spelling,
    Vocabulary,
    intersect,
)
from assistant.api.errors import (
    BibanError,
    ConstraintError,
    DocumentError,
    InputError,
    ModelError,
    ModelNotFoundError,
    OutOfMemoryError,
    PluginError,
    SettingsError,
    WeightsError,
)
from assistant.api.example import WriterExample
from assistant.api.hooks import ENTRY_POINT_GROUP, PROJECT_NAME, hookimpl, hookspec
from assistant.api.language_model import GenerationConfig, LanguageModel
from assistant.api.model_card import ModelCard, ModelFile
from assistant.api.options import (
    ADVANCED,
    PERSONS_TEXT,
    SECRET,
    SamplingOptions,
    WriterOptions,
    persons_text_fields,
    secret_fields,
)
from assistant.api.requests import GenerationRequest, WritingContext, new_request_id
from assistant.api.results import Candidate, FinishReason, TokenChunk
from assistant.api.training import TrainingRecipe, TrainingText
from assistant.api.writer import Applies, Reads, Writer

__all__ = [
    "ADVANCED",
    "ANY_CHARACTER",
    "ENTRY_POINT_GROUP",
    "HAN",
    "PERSONS_TEXT",
    "PROJECT_NAME",
    "SECRET",
    "Applies",
    "BibanError",
    "Cancellation",
    "Candidate",
    "CharacterConstraint",
    "CharacterSet",
    "ChatMessage",
    "Constraint",
    "ConstraintError",
    "DocumentError",
    "FinishReason",
    "GenerationConfig",
    "GenerationRequest",
    "InputError",
    "LanguageModel",
    "ModelCard",
    "ModelError",
    "ModelFile",
    "ModelNotFoundError",
    "Next",
    "OutOfMemoryError",
    "PluginError",
    "Reads",
    "SamplingOptions",
    "SettingsError",
    "Spelling",
    "TokenChunk",
    "TrainingRecipe",
    "TrainingText",
    "Vocabulary",
    "WeightsError",
    "Writer",
    "WriterExample",
    "WriterOptions",
    "WritingContext",
    "hookimpl",
    "hookspec",
    "intersect",
    "new_request_id",
    "persons_text_fields",
    "secret_fields",
]
