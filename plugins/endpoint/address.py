"""The address of a server, as a person types it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from assistant.api import InputError
from plugins.endpoint.text import first_line

if TYPE_CHECKING:
    import httpx2

EXAMPLE = "例如 http://localhost:11434/v1"


def parse_address(text: str) -> httpx2.URL:
    """The address without what is appended to it by habit.

    Raises:
        InputError: it is none.
    """
    import httpx2

    text = text.strip()
    hint = f"请填写以 http:// 或 https:// 开头的地址，{EXAMPLE}。"
    try:
        url = httpx2.URL(text)
        url.raw_host.decode("ascii").encode("idna")  # as the resolver will
    except (httpx2.InvalidURL, ValueError) as error:
        raise InputError("这个地址不能用。", hint) from error
    if url.userinfo:  # not repeated in the message: it is a secret
        raise InputError("地址里不能带用户名和密码。", "请去掉 @ 和它之前的部分，把密钥填在「密钥」里。")
    sound = url.scheme in ("http", "https") and url.host and 0 < (url.port or 80) < 1 << 16
    if not sound or any(character.isspace() for character in text):
        raise InputError(f"地址「{first_line(text)}」不能用。", hint)
    if url.query or url.fragment:
        raise InputError("地址里不能带 ? 或 # 及其后的部分。", hint)
    path = url.path.rstrip("/")
    for ending in ("/chat/completions", "/completions", "/models"):
        path = path.removesuffix(ending)
    return url.copy_with(path=path)


def is_loopback(host: str) -> bool:
    """True for this very machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
