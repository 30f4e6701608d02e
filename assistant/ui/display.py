"""Whether a window can be opened here, asked before Qt is, since Qt aborts the process when it cannot."""

from __future__ import annotations

import ctypes
import os
import re
import socket
import sys
from collections.abc import Mapping

_XCB_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
}
"""What Qt's wheels expect of the system under X11 → the Debian package that has it."""


def why_no_window(environment: Mapping[str, str] = os.environ) -> str:
    """One sentence on why no window can be opened; empty when one can."""
    if sys.platform in ("win32", "darwin") or environment.get("QT_QPA_PLATFORM"):
        return ""
    display, wayland = environment.get("DISPLAY", ""), environment.get("WAYLAND_DISPLAY", "")
    if not display and not wayland:
        return "这里没有图形界面（没有设置 DISPLAY 或 WAYLAND_DISPLAY）。"
    if display and not wayland and not _x_server_answers(display):
        return f"连不上图形界面 {display}。"
    missing = {library: package for library, package in _XCB_LIBRARIES.items() if not _loads(library)}
    if display and missing:
        packages = " ".join(missing.values())
        return f"系统缺少 {'、'.join(missing)}，打不开窗口；Debian 与 Ubuntu 上可安装：{packages}。"
    return ""


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _x_server_answers(display: str) -> bool:
    """True when something listens where ``DISPLAY`` points to (X(7), "Display names")."""
    found = re.fullmatch(r"(?:(?:unix|tcp)/)?(?P<host>[^:]*):(?P<number>\d+)(?:\.\d+)?", display)
    if found is None:
        return True  # a form we do not know, such as a launchd socket: leave it to Qt
    number = int(found["number"])
    try:
        if found["host"] in ("", "unix"):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                path = f"/tmp/.X11-unix/X{number}"
                try:
                    connection.connect(path)
                except OSError:
                    connection.connect("\0" + path)  # Linux's abstract name, used inside some sandboxes
            return True
        with socket.create_connection((found["host"], 6000 + number), timeout=1):
            return True
    except OSError:
        return False
