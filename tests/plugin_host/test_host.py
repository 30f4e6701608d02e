"""A broken plugin is kept to itself, reported, and the others work on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from assistant.api import (
    ENTRY_POINT_GROUP,
    Candidate,
    GenerationRequest,
    InputError,
    ModelNotFoundError,
    SamplingOptions,
    Writer,
    WritingContext,
    hookimpl,
)
from assistant.plugin_host import Catalogue, PluginHost, PluginState
from assistant.plugin_host.drop_in import file_hash
from tests.fakes import PlainWriter, WriterPlugin, card

MakeEntryPoint = Callable[[str, str], EntryPoint]


@pytest.fixture
def entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeEntryPoint:
    """Makes a real module on disk and an entry point that names it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(name: str, source: str) -> EntryPoint:
        module = f"{name}_{tmp_path.name.replace('-', '_')}"
        (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
        monkeypatch.delitem(sys.modules, module, raising=False)
        return EntryPoint(name, module, ENTRY_POINT_GROUP)

    return make


GOOD = """
from assistant.api import Writer, hookimpl

class Good(Writer):
    id = "good"
    name = "好"

@hookimpl
def register_writers():
    return [Good()]
"""


def report_of(host: PluginHost, name: str) -> tuple[PluginState, str]:
    found = next(report for report in host.reports if report.name == name)
    return found.state, found.error


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise ValueError('no such file')", "装载失败：ValueError: no such file"),
        ("import sys; sys.exit(3)", "装载失败：SystemExit: 3"),
        ("import not_installed_at_all", "No module named 'not_installed_at_all'"),
        ("def broken(:", "SyntaxError"),
        (
            "from assistant.api import hookimpl\n@hookimpl\ndef register_writer(): return []",
            "register_writer",  # a misspelt hook
        ),
        (
            "from assistant.api import hookimpl\n@hookimpl\n"
            "def register_writers(): raise RuntimeError('out of ink')",
            "在 register_writers 中出错：RuntimeError: out of ink",
        ),
        (
            "from assistant.api import hookimpl\n@hookimpl\ndef register_writers(): return 'poem'",
            "应返回 Writer 的列表，得到的是 str。",
        ),
        (
            "from assistant.api import hookimpl\n@hookimpl\ndef register_writers(): return ['poem']",
            "应返回 Writer 的列表，其中却有 str。",
        ),
        (
            "from assistant.api import Writer, hookimpl\nclass W(Writer): id = 'A b'; name = 'x'\n"
            "@hookimpl\ndef register_writers(): return [W()]",
            "W.id 应为小写英文名，得到的是 'A b'。",
        ),
        (
            "from assistant.api import Writer, hookimpl\nclass W(Writer): id = 'w'; name = 'x'; examples = ('春晓',)\n"
            "@hookimpl\ndef register_writers(): return [W()]",
            "W.examples 应为 WriterExample 的元组，得到的是 ('春晓',)。",
        ),
        (
            "from assistant.api import Writer, hookimpl\nclass W(Writer): id = 'good'; name = 'x'\n"
            "@hookimpl\ndef register_writers(): return [W()]",
            "写作器 good 已由别的插件提供。",
        ),
    ],
)
def test_a_broken_plugin_is_reported_and_the_others_work_on(
    entry_point: MakeEntryPoint, source: str, said: str
) -> None:
    host = PluginHost()
    host.load_entry_points([entry_point("a_good", GOOD), entry_point("broken", source)])
    assert [writer.id for writer in host.writers()] == ["good"]
    state, error = report_of(host, "broken")
    assert state is PluginState.FAILED
    assert said in error
    assert report_of(host, "a_good") == (PluginState.ACTIVE, "")
    assert "Traceback" in next(r for r in host.reports if r.name == "broken").details


def test_a_disabled_plugin_is_listed_but_not_imported(entry_point: MakeEntryPoint) -> None:
    host = PluginHost(disabled=["loud"])
    host.load_entry_points([entry_point("loud", "raise AssertionError('was imported')")])
    assert report_of(host, "loud") == (PluginState.DISABLED, "")
    assert host.writers() == []


def test_the_bundled_plugins_come_through_the_entry_point_group() -> None:
    host = PluginHost()
    host.load_entry_points()
    assert "poem" in {writer.id for writer in host.writers()}
    report = next(report for report in host.reports if report.name == "poem")
    assert (report.origin, report.state) == ("biban", PluginState.ACTIVE)
    assert "poem" in {recipe.id for recipe in host.training_recipes()}


def test_a_file_in_the_plugin_folder_is_off_until_that_very_content_is_trusted(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD, encoding="utf-8")

    untrusted = PluginHost()
    untrusted.load_drop_ins(tmp_path, {})
    assert report_of(untrusted, "mine") == (PluginState.DISABLED, "")
    assert untrusted.writers() == []

    digest = file_hash(path)
    trusted = PluginHost()
    trusted.load_drop_ins(tmp_path, {str(path): digest})
    assert [writer.id for writer in trusted.writers()] == ["good"]

    path.write_text(GOOD + "# changed", encoding="utf-8")
    changed = PluginHost()
    changed.load_drop_ins(tmp_path, {str(path): digest})
    state, error = report_of(changed, "mine")
    assert state is PluginState.FAILED
    assert "改动" in error


def request() -> GenerationRequest:
    return GenerationRequest("plain", WritingContext("明月"), SamplingOptions())


class Ranker:
    def __init__(self, result: object) -> None:
        self.result = result

    @hookimpl
    def rank_candidates(self, candidates: list[Candidate]) -> object:
        return list(reversed(candidates)) if self.result == "reversed" else self.result


CANDIDATES = (Candidate(0, continuation="甲"), Candidate(1, continuation="乙"))


def test_the_first_ranking_counts() -> None:
    host = PluginHost()
    host.register("none", Ranker(None))
    host.register("reversing", Ranker("reversed"))
    assert [c.index for c in host.rank_candidates(request(), CANDIDATES)] == [1, 0]


@pytest.mark.parametrize("result", ["ab", [1, 2], [CANDIDATES[0]]])
def test_a_ranking_that_is_none_is_reported_and_the_order_kept(result: object) -> None:
    host = PluginHost()
    host.register("bad", Ranker(result))
    assert host.rank_candidates(request(), CANDIDATES) == list(CANDIDATES)
    assert report_of(host, "bad")[0] is PluginState.FAILED


def test_two_plugins_with_one_name() -> None:
    host = PluginHost()
    host.register("twin", WriterPlugin(PlainWriter()), origin="first")
    host.register("twin", WriterPlugin(PlainWriter()), origin="second")
    assert [(r.name, r.state) for r in host.reports] == [
        ("twin", PluginState.ACTIVE),
        ("twin（second）", PluginState.FAILED),
    ]


def test_catalogue_answers_in_words() -> None:
    class Other(Writer):
        id = "other"
        name = "别的"

    host = PluginHost()
    host.register("test", WriterPlugin(PlainWriter(), Other()))
    catalogue = Catalogue(host, [card("a", ["plain"]), card("b", ["plain"])])
    plain, other = catalogue.writer("plain"), catalogue.writer("other")
    assert catalogue.card_for(plain, None).id == "a"
    assert catalogue.card_for(plain, "b").id == "b"
    with pytest.raises(InputError, match="没有名为 nobody 的写作器") as unknown:
        catalogue.writer("nobody")
    assert "plain、other" in unknown.value.hint
    with pytest.raises(ModelNotFoundError, match="还没有能用于「别的」的模型"):
        catalogue.card_for(other, None)
    with pytest.raises(ModelNotFoundError, match="模型 a 不能用于「别的」"):
        catalogue.card_for(other, "a")
    with pytest.raises(ModelNotFoundError, match="没有安装名为 zzz 的模型"):
        catalogue.card_for(plain, "zzz")
