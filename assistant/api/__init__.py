"""The plugin contract: all that a plugin may import from the application. No Qt, no torch."""

from assistant.api.cancellation import Cancellation
from assistant.api.constraints import Constraint, Vocabulary, intersect
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
from assistant.api.hooks import ENTRY_POINT_GROUP, PROJECT_NAME, hookimpl, hookspec
from assistant.api.language_model import LanguageModel
from assistant.api.model_card import ModelCard, ModelFile
from assistant.api.options import ADVANCED, SamplingOptions, WriterOptions
from assistant.api.requests import GenerationRequest, WritingContext, new_request_id
from assistant.api.results import Candidate, FinishReason, TokenChunk
from assistant.api.training import TrainingRecipe, TrainingText
from assistant.api.writer import Applies, Reads, Writer

__all__ = [
    "ADVANCED",
    "ENTRY_POINT_GROUP",
    "PROJECT_NAME",
    "Applies",
    "BibanError",
    "Cancellation",
    "Candidate",
    "Constraint",
    "ConstraintError",
    "DocumentError",
    "FinishReason",
    "GenerationRequest",
    "InputError",
    "LanguageModel",
    "ModelCard",
    "ModelError",
    "ModelFile",
    "ModelNotFoundError",
    "OutOfMemoryError",
    "PluginError",
    "Reads",
    "SamplingOptions",
    "SettingsError",
    "TokenChunk",
    "TrainingRecipe",
    "TrainingText",
    "Vocabulary",
    "WeightsError",
    "Writer",
    "WriterOptions",
    "WritingContext",
    "hookimpl",
    "hookspec",
    "intersect",
    "new_request_id",
]
