"""Finds plugins, keeps each one's failures to itself, and calls hooks plugin by plugin."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pluggy

from assistant.api import (
    ENTRY_POINT_GROUP,
    PROJECT_NAME,
    BibanError,
    Candidate,
    Constraint,
    GenerationRequest,
    ModelCard,
    PluginError,
    TrainingRecipe,
    Vocabulary,
    Writer,
    hooks,
)
from assistant.plugin_host.drop_in import drop_in_files, import_trusted
from assistant.plugin_host.report import PluginReport, PluginState
from assistant.plugin_host.validation import check_writer_declaration, list_of

logger = logging.getLogger(__name__)


class PluginHost:
    """All plugins of this process.

    pluggy aborts a whole call when one hook raises, and its entry-point loader stops at one broken
    package; here each plugin is loaded and called in its own ``try``. A plugin that fails in a hook it
    owes at start is taken out altogether; a plugin that fails in a hook during a request stays off for
    the rest of the session, and its report says so.

    Args:
        disabled: names of plugins that are listed but not loaded.
    """

    def __init__(self, disabled: Collection[str] = ()) -> None:
        self._manager = pluggy.PluginManager(PROJECT_NAME)
        self._manager.add_hookspecs(hooks)
        self._disabled = frozenset(disabled)
        self._reports: dict[str, PluginReport] = {}

    @property
    def reports(self) -> list[PluginReport]:
        """Every plugin that was found, in the order of finding."""
        return list(self._reports.values())

    def load_entry_points(self, found: Iterable[EntryPoint] | None = None) -> None:
        """Load the plugins declared in the entry-point group ``biban.plugins``.

        Args:
            found: entry points to use instead of the installed ones.
        """
        for entry_point in sorted(found or entry_points(group=ENTRY_POINT_GROUP), key=lambda e: e.name):
            distribution = entry_point.dist
            report = PluginReport(
                entry_point.name,
                origin=distribution.name if distribution else entry_point.value,
                version=distribution.version if distribution else "",
            )
            self._load(report, entry_point.load)

    def load_drop_ins(self, folder: Path, trusted: Mapping[str, str]) -> None:
        """Load the files in ``folder`` that the user turned on.

        Args:
            trusted: path → SHA-256 of the content that was turned on.
        """
        for path in drop_in_files(folder):
            report = PluginReport(path.stem, origin=str(path))
            digest = trusted.get(str(path))
            if digest is None:
                report.state = PluginState.DISABLED
                self._reports.setdefault(report.name, report)
            else:
                self._load(report, lambda path=path, digest=digest: import_trusted(path, digest))  # type: ignore[misc]

    def register(self, name: str, plugin: object, origin: str = "") -> None:
        """Add a plugin object directly."""
        self._load(PluginReport(name, origin=origin or type(plugin).__name__), lambda: plugin)

    def _load(self, report: PluginReport, load: Callable[[], object]) -> None:
        if report.name in self._reports:
            first = self._reports[report.name].origin
            logger.warning("plugin %s of %s hidden by the one of %s", report.name, report.origin, first)
            report.name = f"{report.name}（{report.origin}）"
            report.state = PluginState.FAILED
            report.error = f"名称与 {first} 的插件相同。"
            self._reports[report.name] = report
            return
        self._reports[report.name] = report
        if report.name in self._disabled:
            report.state = PluginState.DISABLED
            return
        plugin: object = None
        try:
            plugin = load()
            self._manager.register(plugin, name=report.name)
            self._manager.check_pending()
        # SystemExit too: a plugin that calls sys.exit() must not take the program down.
        except (Exception, SystemExit) as error:
            if self._manager.get_plugin(report.name) is not None:
                self._manager.unregister(name=report.name)
            self._fail(report, "装载失败", error)

    def _fail(self, report: PluginReport, doing: str, error: BaseException) -> None:
        reason = error.one_line if isinstance(error, BibanError) else f"{type(error).__name__}: {error}"
        report.error = f"{doing}：{reason}"
        report.details = "".join(traceback.format_exception(error))
        report.state = PluginState.FAILED
        logger.warning("plugin %s: %s", report.name, report.error)

    def _call_each(self, hook: str, **arguments: Any) -> Iterator[tuple[PluginReport, Any]]:
        """Result of ``hook`` for each plugin that has it and does not raise, in order of finding."""
        for report in self._reports.values():
            if report.state is not PluginState.ACTIVE:
                continue
            plugin = self._manager.get_plugin(report.name)
            others = [other for other in self._manager.get_plugins() if other is not plugin]
            caller = self._manager.subset_hook_caller(hook, remove_plugins=others)
            if not caller.get_hookimpls():
                continue
            try:
                result = caller(**arguments)
                # A hook with one result gives it bare, any other a list with one entry a plugin.
                yield report, result if caller.spec and caller.spec.opts["firstresult"] else result[0]
            except (Exception, SystemExit) as error:
                self._hook_failed(report, hook, error)

    def _hook_failed(self, report: PluginReport, hook: str, error: BaseException) -> None:
        self._fail(report, f"在 {hook} 中出错", error)

    def _collect(self, hook: str, kind: type[Any], **arguments: Any) -> list[Any]:
        collected: list[Any] = []
        for report, result in self._call_each(hook, **arguments):
            try:
                collected += list_of(kind, result)
            except PluginError as error:
                self._hook_failed(report, hook, error)
        return collected

    def writers(self) -> list[Writer]:
        """The writers of all plugins; of two with one id the first found stays."""
        writers: dict[str, Writer] = {}
        for report, result in self._call_each("register_writers"):
            try:
                declared = list_of(Writer, result)
                for writer in declared:
                    check_writer_declaration(writer)
                    if writer.id in writers:
                        raise PluginError(f"写作器 {writer.id} 已由别的插件提供。")
            except PluginError as error:
                self._hook_failed(report, "register_writers", error)
                continue
            writers.update({writer.id: writer for writer in declared})
        return list(writers.values())

    def model_cards(self) -> list[ModelCard]:
        """The model cards that plugins bring."""
        return self._collect("register_model_cards", ModelCard)

    def training_recipes(self) -> list[TrainingRecipe]:
        """The training recipes of all plugins."""
        return self._collect("training_recipes", TrainingRecipe)

    def constraints(self, request: GenerationRequest, vocabulary: Vocabulary) -> list[Constraint]:
        """What plugins add to the constraints of a request."""
        return self._collect("constraints", Constraint, request=request, vocabulary=vocabulary)

    def rank_candidates(self, request: GenerationRequest, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates in the order of the first plugin that ranks them, else as they came."""
        for report, result in self._call_each("rank_candidates", request=request, candidates=candidates):
            if result is None:
                continue
            try:
                ranked = list_of(Candidate, result)
                if sorted(c.index for c in ranked) != sorted(c.index for c in candidates):
                    raise PluginError("返回的候选与收到的不同。")
            except PluginError as error:
                self._hook_failed(report, "rank_candidates", error)
                continue
            return ranked
        return list(candidates)
