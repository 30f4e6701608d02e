"""What stands in a row of the model library: words and possible actions, without any widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from assistant.api import BibanError, ModelCard
from assistant.library import LibraryEntry, ModelState
from assistant.library.memory import peak_bytes
from assistant.library.progress import DownloadProgress
from assistant.ui.library.jobs import Job, JobKind, Phase, Subject

STATES = {
    ModelState.SHIPPED: "自带",
    ModelState.INSTALLED: "已安装",
    ModelState.PARTIAL: "下载未完",
    ModelState.AVAILABLE: "可下载",
    ModelState.IMPORTABLE: "可导入",
}


class Action(Enum):
    """What a button of a row does; its value stands on the button."""

    DOWNLOAD = "下载"
    RESUME = "继续"
    PAUSE = "暂停"
    RETRY = "重试"
    IMPORT = "导入…"
    CANCEL = "取消"
    GIVE_UP = "放弃"
    VERIFY = "核对"
    REMOVE = "移除"
    DISMISS = "知道了"


QUIET = frozenset({Action.CANCEL, Action.GIVE_UP, Action.VERIFY, Action.REMOVE, Action.DISMISS})
"""Actions whose buttons step back."""
ASKED_FIRST = frozenset({Action.GIVE_UP, Action.REMOVE})
"""Actions that delete something."""


@dataclass(frozen=True)
class RowView:
    """What is shown.

    Attributes:
        title: name of the model.
        state: in a word.
        summary: one sentence; may be empty.
        facts: sizes; writers and licence; for models to import, where to get them.
        origin: where it comes from.
        warning: why it would not run on this machine; mostly empty.
        words: what is going on, or how it ended.
        share: how much is done, 0 to 1; None for no bar.
        error: what went wrong.
        actions: buttons, the main one first.
        question: to ask before something is deleted; empty when nothing would be lost.
    """

    title: str
    state: str
    summary: str
    facts: str
    origin: str
    warning: str
    words: str
    share: float | None
    error: BibanError | None
    actions: tuple[Action, ...]
    question: str


def row_view(subject: Subject, writers: Sequence[str], memory_bytes: int) -> RowView:
    """How to show ``subject``.

    Args:
        subject: the row.
        writers: names of the writers that its model serves.
        memory_bytes: what this machine has.
    """
    entry, job, left = subject.entry, subject.job, subject.unfinished
    card = entry.card if entry else None
    share, words = _progress(subject)
    return RowView(
        title=card.name if card else left.record.repo if left else job.title if job else subject.key,
        state=_state(subject),
        summary=card.summary if card else "",
        facts=_facts(entry, writers) if entry else "",
        origin=card.source if card else "",
        warning=_warning(card, memory_bytes) if card else "",
        words=words,
        share=share,
        error=job.error if job else None,
        actions=_actions(subject),
        question=_question(subject),
    )


def size(count: int) -> str:
    """``size(1_500_000_000)`` is ``1.5 GB``."""
    if count >= 1_000_000_000:
        return f"{count / 1e9:.1f} GB"
    if count >= 1_000_000:
        return f"{count / 1e6:.0f} MB" if count >= 10_000_000 else f"{count / 1e6:.1f} MB"
    return f"{count / 1e3:.0f} kB"


def duration(seconds: float) -> str:
    """``duration(100)`` is ``1 分 40 秒``; coarser the longer it is, so that it does not flicker."""
    if seconds < 60:
        return f"{max(1, round(seconds))} 秒"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 10:
        return f"{minutes} 分 {rest // 10 * 10} 秒" if rest >= 10 else f"{minutes} 分"
    return f"{minutes} 分" if minutes < 60 else f"{minutes // 60} 小时 {minutes % 60} 分"


def disk_bytes(card: ModelCard) -> int:
    """Bytes on disk, estimated from 32-bit weights while the files are not known."""
    return card.expected_bytes


def _facts(entry: LibraryEntry, writers: Sequence[str]) -> str:
    card = entry.card
    about = "" if card.files else "约"
    serves = f"用于{'、'.join(writers)}" if writers else "没有写作器能用它"
    return (
        f"磁盘{about} {size(disk_bytes(card))} · 内存（8 位）约 {size(peak_bytes(card, 'int8'))}\n"
        f"{serves} · 授权：{card.licence}"
        # Whoever is to import it must know where to get it.
        + (f"\n来源：{card.source}" if entry.state is ModelState.IMPORTABLE else "")
    )


def _warning(card: ModelCard, memory_bytes: int) -> str:
    if peak_bytes(card, "int8") <= memory_bytes:
        return ""
    return f"内存不够：这台电脑一共 {size(memory_bytes)}，载入不了。"


def _state(subject: Subject) -> str:
    job = subject.job
    if job is None or job.phase is Phase.FAILED:
        if subject.entry is not None:
            return STATES[subject.entry.state]
        return STATES[ModelState.PARTIAL] if subject.unfinished else "没有成功"
    if job.phase is Phase.WAITING:
        return "等候"
    if job.is_given_up:
        return "正在放弃"
    if job.phase is Phase.STOPPING:
        return "正在暂停" if job.kind is JobKind.DOWNLOAD else "正在取消"
    return {
        JobKind.DOWNLOAD: "正在下载",
        JobKind.IMPORT: "正在导入",
        JobKind.VERIFY: "正在核对",
        JobKind.REMOVE: "正在移除",
        JobKind.DISCARD: "正在放弃",
    }[job.kind]


def _progress(subject: Subject) -> tuple[float | None, str]:
    job, left = subject.job, subject.unfinished
    progress = job.progress if job else None
    if progress is not None:
        received, total = progress.received_bytes, progress.total_bytes
    elif left is not None:
        received, total = left.received_bytes, left.record.total_bytes
    else:
        received, total = 0, 0
    share = received / total if total else 0.0
    amount = f"{size(received)} / {size(total)}（{share:.0%}）" if total else ""
    if job is None:
        return (share, f"已下载 {amount}") if left is not None else (None, subject.note)
    if job.kind is JobKind.VERIFY and job.phase is Phase.RUNNING:
        return None, "正在逐个文件核对，大的模型要一会儿…"
    if job.kind not in (JobKind.DOWNLOAD, JobKind.IMPORT):
        return None, ""
    if job.phase is Phase.FAILED:
        return (share, f"已下载 {amount}") if left is not None else (None, "")
    if job.phase is Phase.WAITING:
        return share, "等前面的下完就开始。"
    if progress is None:
        return share, "正在连接…" if job.kind is JobKind.DOWNLOAD else "正在打开…"
    if received >= total:
        return 1.0, "正在检查文件，马上就好…"
    return share, " · ".join([amount, *_pace(progress)])


def _pace(progress: DownloadProgress) -> list[str]:
    if progress.bytes_per_second < 1:
        return ["等待数据…"] if progress.received_bytes else []
    left = (progress.total_bytes - progress.received_bytes) / progress.bytes_per_second
    return [f"每秒 {size(int(progress.bytes_per_second))}", f"约剩 {duration(left)}"]


def _actions(subject: Subject) -> tuple[Action, ...]:
    job = subject.job
    if job is not None and job.phase is not Phase.FAILED:
        return _actions_of_running(job)
    entry, has_failed = subject.entry, job is not None
    if subject.unfinished is not None or entry is None or entry.state is ModelState.PARTIAL:
        return (Action.RETRY if has_failed else Action.RESUME, Action.GIVE_UP)
    usual = {
        ModelState.SHIPPED: (Action.VERIFY,),
        ModelState.INSTALLED: (Action.VERIFY, Action.REMOVE),
        ModelState.AVAILABLE: (Action.DOWNLOAD, Action.IMPORT),
        ModelState.IMPORTABLE: (Action.IMPORT,),
    }[entry.state]
    if not has_failed:
        return usual
    rest = tuple(action for action in usual if action in (Action.IMPORT, Action.REMOVE))
    return (Action.RETRY, *rest, Action.DISMISS)


def _actions_of_running(job: Job) -> tuple[Action, ...]:
    if job.phase is Phase.STOPPING or job.kind not in (JobKind.DOWNLOAD, JobKind.IMPORT):
        return ()
    return (Action.CANCEL,) if job.kind is JobKind.IMPORT else (Action.PAUSE, Action.GIVE_UP)


def _question(subject: Subject) -> str:
    job, left = subject.job, subject.unfinished
    if Action.REMOVE in _actions(subject) and subject.entry is not None:
        return f"要移除它吗？会从磁盘上删去 {size(disk_bytes(subject.entry.card))}。"
    received = job.progress.received_bytes if job and job.progress else left.received_bytes if left else 0
    if received and Action.GIVE_UP in _actions(subject):
        return f"要放弃吗？已经下载的 {size(received)} 会删去。"
    return ""
