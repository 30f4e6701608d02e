"""The path of a third party, offline: build the example, install it, use it, run its own test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent.parent / "example_plugin"

Run = Callable[..., subprocess.CompletedProcess[str]]


def run(*command: str | Path, cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    # Without what the surrounding test run, or the machine, tells Python, pip and pytest.
    told = ("PYTHONPATH", "PYTHONHOME", "PIP_", "PYTEST_")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    ours |= {"BIBAN_HOME": str(home), "PYTHONUTF8": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ours |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=ours,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def in_its_environment(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs Python in a fresh environment with the example's wheel, in a copy of the example's folder."""
    work = tmp_path_factory.mktemp("example")
    source, environment, home = work / "source", work / "environment", work / "home"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))

    def checked(*command: str | Path) -> None:
        result = run(*command, cwd=source, home=home)
        assert result.returncode == 0, result.stdout + result.stderr

    wheels = work / "wheels"
    checked(sys.executable, *["-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-w"], wheels, ".")
    [wheel] = wheels.iterdir()

    builder = venv.EnvBuilder(symlinks=os.name != "nt")
    builder.create(environment)
    python = Path(builder.ensure_directories(environment).env_exe)
    # The application and what it needs come from the environment of this run; .pth files there count.
    folder = Path(sysconfig.get_path("purelib", "venv", {"base": str(environment)}))
    (folder / "biban_of_this_run.pth").write_text(
        f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n", encoding="utf-8"
    )
    checked(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", wheel)
    shutil.rmtree(source / "src")  # from here on only what was installed can be found

    def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run(python, *arguments, cwd=source, home=home)

    return run_python


def biban(in_its_environment: Run, *arguments: str) -> subprocess.CompletedProcess[str]:
    return in_its_environment("-c", "from assistant.app import main; raise SystemExit(main())", *arguments)


def compose(in_its_environment: Run, *arguments: str) -> list[str]:
    result = biban(in_its_environment, "compose", "acrostic", *arguments, "--seed", "7", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert (document["writer"], document["model"]) == ("acrostic", "biban-starter-poem")
    assert {candidate["finish_reason"] for candidate in document["candidates"]} == {"stop"}
    return [candidate["text"] for candidate in document["candidates"]]


def test_found_through_its_entry_point(in_its_environment: Run) -> None:
    listed = json.loads(biban(in_its_environment, "plugins", "list", "--json").stdout)
    [found] = [plugin for plugin in listed if plugin["name"] == "acrostic"]
    assert (found["origin"], found["version"]) == ("biban-acrostic", "1.0.0")
    assert (found["state"], found["error"]) == ("active", "")
    assert len(listed) > 1  # the bundled ones are there too


def test_the_text_before_the_cursor_is_hidden_in_a_poem(in_its_environment: Run) -> None:
    poems = compose(in_its_environment, "春夏秋冬", "--option", "form=七言")
    assert len(set(poems)) == 3
    for poem in poems:
        lines = poem.split("\n")
        assert [line[0] for line in lines] == ["春", "夏", "秋", "冬"]
        assert [len(line) for line in lines] == [8, 8, 8, 8]
        assert [line[-1] for line in lines] == ["，", "。", "，", "。"]


def test_a_name_the_model_cannot_spell(in_its_environment: Run) -> None:
    for poem in compose(in_its_environment, "赠友人，", "--option", "head=王喆𠮷"):
        lines = poem.split("\n")
        assert [line[0] for line in lines] == ["王", "喆", "𠮷"]
        assert [len(line) for line in lines] == [6, 6, 6]
        assert lines[-1].endswith("。")


@pytest.mark.parametrize(("text", "said"), [("", "还没有要藏的字"), ("明月几时有把酒问青天", "太长了")])
def test_what_cannot_be_hidden_is_one_clear_line(in_its_environment: Run, text: str, said: str) -> None:
    result = biban(in_its_environment, "compose", "acrostic", text)
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert said in line


def test_its_own_test_passes(in_its_environment: Run) -> None:
    result = in_its_environment(*["-m", "pytest", "tests", "-W", "error", "-p", "no:cacheprovider"])
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
