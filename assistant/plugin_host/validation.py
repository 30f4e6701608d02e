"""Checks on what plugins hand over; pluggy itself checks no types."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from assistant.api import PluginError, SamplingOptions, Writer, WriterExample, WriterOptions

Item = TypeVar("Item")

WRITER_ID = re.compile(r"[a-z][a-z0-9_-]*")


def list_of(kind: type[Item], value: Any) -> list[Item]:
    """``value`` if it is a list or tuple of ``kind``.

    Raises:
        PluginError: it is something else.
    """
    if not isinstance(value, (list, tuple)):
        raise PluginError(f"应返回 {kind.__name__} 的列表，得到的是 {type(value).__name__}。")
    for item in value:
        if not isinstance(item, kind):
            raise PluginError(f"应返回 {kind.__name__} 的列表，其中却有 {type(item).__name__}。")
    return list(value)


def check_writer_declaration(writer: Writer) -> None:
    """Look at what a writer declares, before anybody uses it.

    Raises:
        PluginError: names the attribute that is missing or wrong.
    """
    kind = type(writer).__name__
    writer_id = getattr(writer, "id", None)
    if not isinstance(writer_id, str) or not WRITER_ID.fullmatch(writer_id):
        raise PluginError(f"{kind}.id 应为小写英文名，得到的是 {writer_id!r}。")
    name = getattr(writer, "name", None)
    if not isinstance(name, str) or not name:
        raise PluginError(f"{kind}.name 应为界面上的名称，得到的是 {name!r}。")
    model = writer.options_model
    if not (isinstance(model, type) and issubclass(model, WriterOptions)):
        raise PluginError(f"{kind}.options_model 应为 WriterOptions 的子类，得到的是 {model!r}。")
    if type(writer).generate is Writer.generate and not issubclass(model, SamplingOptions):
        raise PluginError(f"{kind}.options_model 应为 SamplingOptions 的子类，因为它用默认的 generate。")
    examples = writer.examples
    if not isinstance(examples, (tuple, list)) or not all(isinstance(one, WriterExample) for one in examples):
        raise PluginError(f"{kind}.examples 应为 WriterExample 的元组，得到的是 {examples!r}。")
    try:
        model()
    except ValueError as error:
        raise PluginError(f"{kind}.options_model 的每一项都要有默认值：{error}") from error
