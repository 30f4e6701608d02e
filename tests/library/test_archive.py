"""Folders and archives from strangers: what is taken, and what must never happen."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.api import BibanError, Cancellation, InputError, WeightsError
from assistant.library import archive
from assistant.library.archive import ImportCancelled, unpack

Entries = list[tuple[str, bytes]]
Build = Callable[[Path, Entries], Path]

MODEL: Entries = [
    ("config.json", b"{}"),
    ("vocab.txt", "春\n夏\n".encode()),
    ("model.safetensors", bytes(range(256)) * 40),
]


def in_folder(name: str, entries: Entries = MODEL) -> Entries:
    return [(f"{name}/{file}", content) for file, content in entries]


def build_zip(path: Path, entries: Entries) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        warnings.filterwarnings("ignore", message="Duplicate name")
        for name, content in entries:
            file.writestr(name, content)
    return path


def tar_entry(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, link
    return info


def build_tar(path: Path, entries: Entries, more: Iterable[tarfile.TarInfo] = ()) -> Path:
    mode = {"gz": "w:gz", "xz": "w:xz", "bz2": "w:bz2"}.get(path.suffix[1:], "w")
    with tarfile.open(path, mode, format=tarfile.PAX_FORMAT) as file:  # type: ignore[call-overload]
        for info in more:
            file.addfile(info)
        for name, content in entries:
            file.addfile(tar_entry(name, size=len(content)), io.BytesIO(content))
    return path


def build_folder(path: Path, entries: Entries) -> Path:
    for name, content in entries:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


BUILDERS: list[tuple[str, Build]] = [
    ("古诗.zip", build_zip),
    ("古诗.tar", build_tar),
    ("古诗.tar.gz", build_tar),
    ("古诗.tar.xz", build_tar),
    ("古诗.tar.bz2", build_tar),
    ("古诗", build_folder),
]
every_kind = pytest.mark.parametrize(("file_name", "build"), BUILDERS, ids=[name for name, _ in BUILDERS])
both_archives = pytest.mark.parametrize(("file_name", "build"), BUILDERS[:3], ids=["zip", "tar", "tar.gz"])


def take(source: Path, target: Path) -> str:
    return unpack(source, target, on_progress=lambda done, total: None, cancellation=Cancellation())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def files_outside(place: Path, target: Path) -> set[Path]:
    return {path for path in place.rglob("*") if path != target and target not in path.parents}


@every_kind
def test_files_at_the_root(tmp_path: Path, file_name: str, build: Build) -> None:
    source = build(tmp_path / file_name, MODEL)
    assert take(source, tmp_path / "deep" / "target") == "古诗"
    assert contents(tmp_path / "deep" / "target") == dict(MODEL)


@every_kind
def test_files_in_one_folder(tmp_path: Path, file_name: str, build: Build) -> None:
    source = build(tmp_path / file_name, in_folder("gpt2-v1.0"))
    assert take(source, tmp_path / "target") == "gpt2-v1.0"
    assert contents(tmp_path / "target") == dict(MODEL)


@every_kind
def test_only_what_a_model_needs_is_taken(tmp_path: Path, file_name: str, build: Build) -> None:
    needed = [
        *("generation_config.json", "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json"),
        *("special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "spiece.model"),
        *("model-00001-of-00002.safetensors", "model.safetensors.index.json"),
    ]
    not_needed = [
        *("README.md", "model.py", "pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5"),
        *("optimizer.pt", "con.model", ".model", "a b.safetensors", "training_args.bin", "config.json.bak"),
        *("onnx/config.json", "checkpoint-5/model.safetensors", "__MACOSX/._config.json", ".DS_Store"),
        *(".git/config.json", "vocab.txt.exe"),
    ]
    entries = MODEL + [(name, name.encode()) for name in needed + not_needed]
    take(build(tmp_path / file_name, entries), tmp_path / "target")
    assert contents(tmp_path / "target") == dict(MODEL) | {name: name.encode() for name in needed}


@every_kind
def test_bin_files_are_taken_when_there_are_no_safetensors(
    tmp_path: Path, file_name: str, build: Build
) -> None:
    weights = [("pytorch_model-00001-of-00001.bin", b"1"), ("pytorch_model.bin.index.json", b"{}")]
    left = [("model.safetensors.index.json", b"{}"), ("adapter.safetensors", b"2")]
    take(build(tmp_path / file_name, MODEL[:2] + weights + left), tmp_path / "target")
    assert contents(tmp_path / "target") == dict(MODEL[:2] + weights)


@every_kind
def test_several_models_are_named(tmp_path: Path, file_name: str, build: Build) -> None:
    source = build(tmp_path / file_name, in_folder("甲") + in_folder("乙") + in_folder("__MACOSX"))
    with pytest.raises(InputError, match="2 个模型：'乙'、'甲'"):
        take(source, tmp_path / "target")
    assert not (tmp_path / "target").exists()


@every_kind
def test_no_model(tmp_path: Path, file_name: str, build: Build) -> None:
    source = build(
        tmp_path / file_name, [("a/b/config.json", b"{}"), (".c/config.json", b""), ("x.txt", b"")]
    )
    with pytest.raises(InputError, match=r"找不到 config\.json"):
        take(source, tmp_path / "target")


@both_archives
@pytest.mark.parametrize(
    "name",
    [
        *("../evil.txt", "a/../../evil.txt", "..", "/evil.txt", "//evil.txt", "C:/evil.txt", "c:evil.model"),
        *("..\\evil.txt", "a\\config.json", "\\\\server\\share", "m/../vocab.txt", "__MACOSX/../../evil"),
    ],
)
def test_paths_that_lead_out_are_refused(tmp_path: Path, file_name: str, build: Build, name: str) -> None:
    place = tmp_path / "place"
    place.mkdir()
    source = build(place / file_name, [*MODEL, (name, b"evil")])
    before = files_outside(tmp_path, place / "target")
    with pytest.raises(InputError, match="路径不安全") as caught:
        take(source, place / "target")
    assert repr(name) in caught.value.message
    assert files_outside(tmp_path, place / "target") == before


def test_a_nul_in_a_zip_name_is_refused(tmp_path: Path) -> None:
    source = build_zip(tmp_path / "a.zip", [*MODEL, ("vocab.txtXevil", b"")])
    source.write_bytes(source.read_bytes().replace(b"vocab.txtXevil", b"vocab.txt\0evil"))
    with pytest.raises(InputError, match=r"vocab\.txt\\x00evil"):
        take(source, tmp_path / "target")


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.SYMTYPE, "vocab.txt"),
        (tarfile.LNKTYPE, "../../secret"),
        (tarfile.CHRTYPE, ""),
        (tarfile.BLKTYPE, ""),
        (tarfile.FIFOTYPE, ""),
        (b"Z", ""),
    ],
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes, link: str) -> None:
    source = build_tar(tmp_path / "a.tar", MODEL, [tar_entry("some/entry", kind, link=link)])
    with pytest.raises(InputError, match="'some/entry' 是链接或设备"):
        take(source, tmp_path / "target")
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_are_refused(tmp_path: Path, mode: int) -> None:
    info = zipfile.ZipInfo("m/vocab.txt")
    info.external_attr = (mode | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("m/config.json", "{}")
        file.writestr(info, "../../secret")
    with pytest.raises(InputError, match=r"'m/vocab\.txt' 是链接或设备"):
        take(tmp_path / "a.zip", tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_snapshot_in_the_cache_of_hugging_face(tmp_path: Path) -> None:
    repo = tmp_path / "models--uer--gpt2-chinese-poem"
    snapshot = repo / "snapshots" / "0123abcd"
    snapshot.mkdir(parents=True)
    (repo / "blobs").mkdir()
    for name, content in MODEL:
        (repo / "blobs" / f"blob-{name}").write_bytes(content)
        (snapshot / name).symlink_to(Path("..", "..", "blobs", f"blob-{name}"))
    assert take(snapshot, tmp_path / "one") == "gpt2-chinese-poem"
    assert take(snapshot.parent, tmp_path / "two") == "gpt2-chinese-poem"
    assert contents(tmp_path / "one") == contents(tmp_path / "two") == dict(MODEL)
    assert not any(path.is_symlink() for path in (tmp_path / "one").iterdir())


def test_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(build_folder(tmp_path / "here", MODEL))
    assert take(Path(), tmp_path / "target") == "here"


def test_links_in_a_folder_that_lead_nowhere_or_to_no_file(tmp_path: Path) -> None:
    source = build_folder(tmp_path / "model", MODEL)
    (source / "merges.txt").symlink_to("gone")
    with pytest.raises(WeightsError, match=r"merges\.txt"):
        take(source, tmp_path / "target")
    (source / "merges.txt").unlink()
    (source / "merges.txt").symlink_to("/dev/zero")
    with pytest.raises(InputError, match=r"merges\.txt 不是普通文件"):
        take(source, tmp_path / "target")
    (source / "merges.txt").unlink()
    os.mkfifo(source / "merges.txt")
    with pytest.raises(InputError, match=r"merges\.txt 不是普通文件"):
        take(source, tmp_path / "target")


def test_a_linked_folder_is_no_model_of_this_folder(tmp_path: Path) -> None:
    build_folder(tmp_path / "elsewhere", MODEL)
    build_folder(tmp_path / "models", in_folder("mine"))
    (tmp_path / "models" / "linked").symlink_to(tmp_path / "elsewhere")
    assert take(tmp_path / "models", tmp_path / "target") == "mine"
    assert take(tmp_path / "models" / "linked", tmp_path / "other") == "elsewhere"


@pytest.mark.parametrize(("file_name", "build"), [BUILDERS[0], BUILDERS[2], BUILDERS[3], BUILDERS[4]])
@pytest.mark.parametrize("name", ["model.safetensors", "model.bin"])
def test_a_bomb_is_refused(tmp_path: Path, file_name: str, build: Build, name: str) -> None:
    source = build(tmp_path / file_name, [*MODEL[:2], (name, bytes(12_000_000))])
    if build is build_zip and name == "model.bin":
        # Not needed, and in a zip it can be left alone.
        take(source, tmp_path / "target")
        assert len(contents(tmp_path / "target")) == 2
        return
    with pytest.raises(InputError, match="大得离奇"):
        take(source, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_what_compresses_well_but_is_small_or_not_that_well_is_fine(tmp_path: Path) -> None:
    weights = (os.urandom(1_000) + bytes(60_000)) * 200
    source = build_zip(tmp_path / "a.zip", [*MODEL[:2], ("model.safetensors", weights)])
    take(source, tmp_path / "target")
    assert contents(tmp_path / "target")["model.safetensors"] == weights


def test_a_sparse_tar_cannot_pretend(tmp_path: Path) -> None:
    info = tar_entry("model.safetensors", tarfile.GNUTYPE_SPARSE, size=512)
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    # One piece of data at the front; the rest of the 100 GB is a hole.
    header[386:410] = b"%011o\0%011o\0" % (0, 512)
    header[483:495] = b"\x80\0\0\0" + (100_000_000_000).to_bytes(8, "big")
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 8 * 32 + sum(header[156:512]))
    source = build_tar(tmp_path / "a.tar", MODEL[:2])
    source.write_bytes(bytes(header) + bytes(512) + source.read_bytes())
    with pytest.raises(InputError, match="大得离奇"):
        take(source, tmp_path / "target")


@both_archives
def test_too_many_entries(
    tmp_path: Path, file_name: str, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert archive.MOST_ENTRIES == 10_000
    monkeypatch.setattr(archive, "MOST_ENTRIES", 20)
    take(build(tmp_path / file_name, MODEL + [(f"{index}", b"") for index in range(17)]), tmp_path / "target")
    with pytest.raises(InputError, match="超过 20 个"):
        take(
            build(tmp_path / file_name, MODEL + [(f"{index}", b"") for index in range(18)]),
            tmp_path / "other",
        )


@every_kind
def test_no_room_on_the_disk(
    tmp_path: Path, file_name: str, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = build(tmp_path / file_name, MODEL)
    needed = sum(len(content) for _, content in MODEL) + archive.SPARE_BYTES

    def usage(free: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, free))  # type: ignore[attr-defined]

    usage(needed - 1)
    with pytest.raises(InputError, match="磁盘空间不够"):
        take(source, tmp_path / "target")
    assert contents(tmp_path / "target") == {}
    usage(needed)
    take(source, tmp_path / "target")


def test_a_disk_that_fills_up_while_writing(tmp_path: Path) -> None:
    source = build_zip(tmp_path / "a.zip", MODEL)
    target = tmp_path / "target"
    target.mkdir()
    (target / "vocab.txt").symlink_to("/dev/full")
    # The file is there already: it is neither followed nor written over.
    with pytest.raises(InputError, match=r"写不了 .*vocab\.txt"):
        take(source, target)
    assert (target / "vocab.txt").is_symlink()


def test_a_target_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    with pytest.raises(InputError, match="写不了"):
        take(build_zip(tmp_path / "a.zip", MODEL), tmp_path / "target")
    assert (tmp_path / "target").read_text() == "mine"


def test_a_file_that_grows_while_it_is_copied(tmp_path: Path) -> None:
    source = build_folder(tmp_path / "model", MODEL)

    def grow(done: int, total: int) -> None:
        with (source / "model.safetensors").open("ab") as file:
            file.write(b"more")

    with pytest.raises(WeightsError, match="已损坏或不完整"):
        unpack(source, tmp_path / "target", on_progress=grow, cancellation=Cancellation())


def test_a_zip_that_lies_about_its_sizes(tmp_path: Path) -> None:
    source = build_zip(tmp_path / "a.zip", [*MODEL[:2], ("model.safetensors", b"ab" * 5000)])
    content = source.read_bytes()
    declared = struct.pack("<L", 10_000)
    assert content.count(declared) == 2
    for lie in (9_000, 11_000):
        source.write_bytes(content.replace(declared, struct.pack("<L", lie)))
        with pytest.raises(WeightsError, match=r"a\.zip 已损坏或不完整"):
            take(source, tmp_path / f"target{lie}")
    packed = struct.pack(
        "<L", zipfile.ZipFile(io.BytesIO(content)).getinfo("model.safetensors").compress_size
    )
    source.write_bytes(content.replace(packed, struct.pack("<L", 1_000_000)))
    with pytest.raises(WeightsError, match="已损坏或不完整") as caught:
        take(source, tmp_path / "target")
    assert "overlap" in str(caught.value.__cause__)


def test_a_zip_with_a_password(tmp_path: Path) -> None:
    source = build_zip(tmp_path / "a.zip", MODEL)
    content = bytearray(source.read_bytes())
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        offsets = [info.header_offset + 6 for info in file.infolist()]
    central = content.index(b"PK\x01\x02")
    for offset in [*offsets, central + 8]:
        content[offset] |= 1
    source.write_bytes(content)
    with pytest.raises(InputError, match="加了密码"):
        take(source, tmp_path / "target")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9])
def test_rare_methods_of_compression_are_left_alone(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_BZIP2 if method == 9 else method) as file:
        file.writestr("config.json", "{}" * 100)
    content = bytearray((tmp_path / "a.zip").read_bytes())
    central = content.index(b"PK\x01\x02")
    content[central + 10] = method
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(InputError, match="少见的压缩方法"):
        take(tmp_path / "a.zip", tmp_path / "target")


@pytest.mark.parametrize("file_name", ["a.zip", "a.tar", "a.tar.gz", "a.tar.xz", "a.tar.bz2"])
def test_a_download_cut_short_or_damaged(tmp_path: Path, file_name: str) -> None:
    build = build_zip if file_name == "a.zip" else build_tar
    source = build(tmp_path / file_name, [*MODEL[:2], ("model.safetensors", os.urandom(50_000))])
    content = source.read_bytes()
    damages = [content[:40_000], b"", b"PK\x03\x04", b"no archive at all" * 100]
    if file_name != "a.tar":
        # A plain tar has no checksum over its files.
        damages.append(content[:30_000] + b"????" + content[30_004:])
    for number, damage in enumerate(damages):
        source.write_bytes(damage)
        with pytest.raises(WeightsError, match="已损坏或不完整"):
            take(source, tmp_path / f"target{number}")


@pytest.mark.parametrize("file_name", ["a.tar", "a.tar.gz"])
def test_a_large_tar_of_which_little_arrived(tmp_path: Path, file_name: str) -> None:
    source = build_tar(tmp_path / file_name, [])
    opener = gzip.open if file_name == "a.tar.gz" else open
    for size in (400_000_000, 1 << 62, -512):
        header = tar_entry("model.safetensors", size=size).tobuf(tarfile.GNU_FORMAT)
        with opener(source, "wb") as file:
            file.write(build_tar(tmp_path / "b.tar", MODEL[:2]).read_bytes()[:2048] + header + bytes(700))
        with pytest.raises((WeightsError, InputError), match=r"已损坏或不完整|文件太多"):
            take(source, tmp_path / "target")


def test_a_tar_header_without_end(tmp_path: Path) -> None:
    source = build_tar(tmp_path / "a.tar", [("././@LongLink", bytes(17_000_000)), *MODEL])
    content = bytearray(source.read_bytes())
    info = tar_entry("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=17_000_000)
    content[:512] = info.tobuf(tarfile.GNU_FORMAT)
    source.write_bytes(content)
    with pytest.raises(WeightsError, match="已损坏或不完整") as caught:
        take(source, tmp_path / "target")
    assert "header too long" in str(caught.value.__cause__)


def test_tar_headers_nested_without_end(tmp_path: Path) -> None:
    name = tar_entry("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=4).tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "a.tar").write_bytes((name + b"abc\0".ljust(512, b"\0")) * 3000)
    with pytest.raises(WeightsError, match="已损坏或不完整"):
        take(tmp_path / "a.tar", tmp_path / "target")


@both_archives
def test_a_file_that_is_there_twice(tmp_path: Path, file_name: str, build: Build) -> None:
    for other in ("vocab.txt", "./vocab.txt"):
        with pytest.raises(InputError, match=r"两个 vocab\.txt"):
            take(build(tmp_path / file_name, [*MODEL, (other, b"")]), tmp_path / "target")


def test_names_in_gbk(tmp_path: Path) -> None:
    # Windows packs Chinese names in GBK and does not say so.
    source = build_zip(tmp_path / "a.zip", [*in_folder("gushi"), ("gushi/shuoming", b"")])
    content = source.read_bytes().replace(b"gushi", "古诗a".encode("gbk"))
    source.write_bytes(content.replace(b"shuoming", "说明书籍".encode("gbk")))
    assert take(source, tmp_path / "target") == "古诗a"
    tar = build_tar(tmp_path / "a.tar", [])
    with tarfile.open(tar, "w", format=tarfile.GNU_FORMAT, encoding="gbk") as file:
        for name, data in in_folder("古诗"):
            file.addfile(tar_entry(name, size=len(data)), io.BytesIO(data))
    assert take(tar, tmp_path / "other") == "古诗"
    # UTF-8 without the flag, as old Macs did; and what is neither.
    for name, expected in (("诗a".encode() + b"b", "诗ab"), (b"\xff\xfe\xff\xfe\xff", "\xa0■\xa0■\xa0")):
        raw = name.ljust(5, b"_")
        source = build_zip(tmp_path / "b.zip", in_folder("guxsh"))
        source.write_bytes(source.read_bytes().replace(b"guxsh", raw))
        assert take(source, tmp_path / expected) == expected


@pytest.mark.parametrize("file_name", ["a.rar", "a.7z", "model.safetensors", "a.gz", "gone.zip"])
def test_what_cannot_be_imported(tmp_path: Path, file_name: str) -> None:
    if file_name != "gone.zip":
        (tmp_path / file_name).write_bytes(b"?")
    with pytest.raises(InputError, match=r"认不出|找不到"):
        take(tmp_path / file_name, tmp_path / "target")
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("file_name", ["a.TGZ", "a.tar", "a.txz"])
def test_a_tar_is_known_by_its_content(tmp_path: Path, file_name: str) -> None:
    # Browsers unpack a .gz on the way without changing the name.
    shutil.copy(build_tar(tmp_path / "b.tar.gz", MODEL), tmp_path / file_name)
    assert take(tmp_path / file_name, tmp_path / "target") == "a"


@every_kind
def test_progress_and_cancellation(tmp_path: Path, file_name: str, build: Build) -> None:
    weights = os.urandom(3_500_000)
    source = build(tmp_path / file_name, [*MODEL[:2], ("model.safetensors", weights)])
    steps: list[tuple[int, int]] = []
    unpack(
        source,
        tmp_path / "whole",
        on_progress=lambda done, total: steps.append((done, total)),
        cancellation=Cancellation(),
    )
    total = 3_500_000 + sum(len(content) for _, content in MODEL[:2])
    assert steps[0] == (0, total)
    assert steps[-1] == (total, total)
    assert steps == sorted(steps)
    assert len(steps) >= 6

    cancellation = Cancellation()
    before = files_outside(tmp_path, tmp_path / "target")

    def cancel(done: int, total: int) -> None:
        if done > total // 2:
            cancellation.cancel()

    with pytest.raises(ImportCancelled):
        unpack(source, tmp_path / "target", on_progress=cancel, cancellation=cancellation)
    assert files_outside(tmp_path, tmp_path / "target") == before
    assert sum(len(content) for content in contents(tmp_path / "target").values()) < total
    with pytest.raises(ImportCancelled):
        unpack(source, tmp_path / "other", on_progress=cancel, cancellation=cancellation)
    assert not (tmp_path / "other").exists()


def test_looking_through_a_tar_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = build_tar(tmp_path / "a.tar.gz", MODEL)
    cancellation = Cancellation()
    monkeypatch.setattr(archive, "_check_count", lambda count, source: cancellation.cancel())
    with pytest.raises(ImportCancelled):
        unpack(source, tmp_path / "target", on_progress=lambda done, total: None, cancellation=cancellation)
    assert not (tmp_path / "target").exists()


def test_an_error_of_the_caller_is_not_taken_for_damage(tmp_path: Path) -> None:
    def fail(done: int, total: int) -> None:
        raise ValueError("mine")

    source = build_zip(tmp_path / "a.zip", MODEL)
    with pytest.raises(ValueError, match="mine"):
        unpack(source, tmp_path / "target", on_progress=fail, cancellation=Cancellation())


strange_names = st.lists(
    st.sampled_from(
        ["..", ".", "", "/", "\\", "a", "m", "C:", "vocab.txt", "x.model", "~", "古", " ", "\n", "con.model"]
    )
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
    min_size=1,
    max_size=5,
).flatmap(
    lambda parts: st.sampled_from(["/", "", "\\"]).map(lambda between: between.join(parts)).filter(bool)
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(strange_names, max_size=4), build=st.sampled_from([build_zip, build_tar]))
def test_no_name_whatsoever_leads_out(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], build: Build
) -> None:
    place = tmp_path_factory.mktemp("place")
    target = place / "a" / "b" / "target"
    entries = in_folder("m") + [(name, b"evil") for name in names]
    source = build(place / ("a.zip" if build is build_zip else "a.tar"), entries)
    before = files_outside(place, target) | {place / "a", place / "a" / "b"}
    try:
        take(source, target)
    except BibanError:
        pass
    else:
        assert {path.name for path in target.iterdir()} >= {"config.json", "model.safetensors"}
        assert all(path.is_file() and not path.is_symlink() for path in target.iterdir())
    assert files_outside(place, target) <= before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), build=st.sampled_from([build_zip, build_tar]))
def test_damage_anywhere_is_a_sentence_not_a_crash(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, build: Build
) -> None:
    place = tmp_path_factory.mktemp("place")
    source = build(place / ("a.zip" if build is build_zip else "a.tar"), [*MODEL[:2], ("m.model", b"abc")])
    content = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(len(content), 2600) - 1))] = data.draw(st.integers(0, 255))
    source.write_bytes(content)
    said = ""
    try:
        take(source, place / "target")
    except BibanError as error:
        said = error.one_line
    assert said.isprintable()
    assert set(place.iterdir()) <= {source, place / "target"}
