"""Every setting, typed, in sections. Defaults are those of a first start."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1

Theme = Literal["auto", "paper", "ink"]
ToneClass = Literal["平", "仄"]


class _Section(BaseModel):
    """Unknown names are dropped: an older program must be able to read a newer file."""

    model_config = ConfigDict(extra="ignore", validate_assignment=True)


class AppearanceSettings(_Section):
    """How it looks; ``auto`` follows the light or dark scheme of the system."""

    theme: Theme = "auto"
    zoom_percent: int = Field(100, ge=50, le=300)


class GenerationSettings(_Section):
    """What the panel was last set to.

    Attributes:
        writer_id: the chosen writer, empty for the first one.
        model_ids: writer id → id of its model.
        num_return_sequences: how many candidates to ask for.
        options: writer id → name of the option → value, as JSON.
    """

    writer_id: str = ""
    model_ids: dict[str, str] = Field(default_factory=dict)
    num_return_sequences: int = Field(3, ge=1, le=6)
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)


class EngineSettings(_Section):
    """Where and how models run. ``threads`` 0 leaves the number to the engine."""

    device: str = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16", "int8"] = "auto"
    threads: int = Field(0, ge=0, le=256)


class LibrarySettings(_Section):
    """``endpoint`` is the address of the model hub or a mirror of it; empty for ``HF_ENDPOINT``, else the usual one."""

    endpoint: str = ""


class PluginSettings(_Section):
    """``trusted_files`` maps the path of a drop-in file to the SHA-256 that was turned on."""

    disabled: list[str] = Field(default_factory=list)
    trusted_files: dict[str, str] = Field(default_factory=dict)


class ProsodySettings(_Section):
    """How verse is checked.

    Attributes:
        underline: broken rules are underlined on the page.
        rhyme_book: id of the rhyme book; empty for the usual one of each form.
        pins: text of a line → position from 1 → the reading that the person chose there.
        character_pins: character → the reading that the person chose everywhere.
    """

    underline: bool = True
    rhyme_book: Literal["", "pingshui", "cilin", "xinyun", "tongyun"] = ""
    pins: dict[str, dict[int, ToneClass]] = Field(default_factory=dict)
    character_pins: dict[str, ToneClass] = Field(default_factory=dict)


class WindowSettings(_Section):
    """``geometry`` is Qt's opaque record of the window's place, in base64; empty at first.

    ``panel_page`` is what stands beside the page: the writer or the rules of verse. ``welcome`` is whether an empty
    page begins with examples: until somebody has taken a candidate, or has closed that page for good.
    """

    geometry: str = ""
    panel_visible: bool = True
    panel_page: Literal["writer", "prosody"] = "writer"
    welcome: bool = True


class Settings(_Section):
    """The whole file."""

    schema_version: int = SCHEMA_VERSION
    appearance: AppearanceSettings = Field(default_factory=AppearanceSettings)
    generation: GenerationSettings = Field(default_factory=GenerationSettings)
    engine: EngineSettings = Field(default_factory=EngineSettings)
    library: LibrarySettings = Field(default_factory=LibrarySettings)
    plugins: PluginSettings = Field(default_factory=PluginSettings)
    prosody: ProsodySettings = Field(default_factory=ProsodySettings)
    window: WindowSettings = Field(default_factory=WindowSettings)
