"""A model hub, spoken to through ``huggingface_hub``: what a repository holds, and the bytes of a file.

The client's own ``hf_hub_download`` is not used: it throws an unfinished file away, hands on ten megabytes
at a time, and compares no hashes. Its session, addresses, headers and errors are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.api import BibanError, InputError, ModelError, ModelNotFoundError, WeightsError
from assistant.library.remote_model import RemoteFile, RemoteModel

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

TIMEOUT_SECONDS = 10.0
"""How long to wait for a connection, and for the next bytes of one."""

_OTHER_MIRROR = "请稍后再试，或换一个镜像地址。"


class Interrupted(Exception):  # noqa: N818 - no error yet: another try may go on
    """The connection broke, or the server asked to come again later."""


class Hub:
    """One hub. The network is used by the calling thread.

    Args:
        endpoint: its address; empty for the environment variable ``HF_ENDPOINT``, else the default hub.

    Raises:
        InputError: the address is none.
    """

    def __init__(self, endpoint: str = "") -> None:
        self._endpoint = (endpoint or os.environ.get("HF_ENDPOINT", "")).strip().rstrip("/")
        if self._endpoint and not _is_url(self._endpoint):
            raise InputError(
                f"模型仓库的地址“{self._endpoint}”不是网址。", "它应当以 https:// 开头，请检查后再试。"
            )

    @property
    def endpoint(self) -> str:
        """The address in use."""
        from huggingface_hub import constants

        return self._endpoint or constants.ENDPOINT

    def model(self, repo: str, revision: str) -> RemoteModel:
        """What ``repo`` holds at a branch, tag or commit.

        Raises:
            InputError: ``repo`` cannot be the name of a repository.
            ModelNotFoundError: there is no such repository or revision, or it is not public.
            ModelError: the hub cannot be reached, or it does not answer as a hub should.
        """
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError

        _be_quiet()
        api = HfApi(endpoint=self.endpoint, token=_token())
        try:
            info = api.model_info(repo, revision=revision, files_metadata=True, timeout=TIMEOUT_SECONDS)
        except HFValidationError as error:
            raise InputError(f"“{repo}”不是模型的名称。", "要写成“作者/名称”。") from error
        except HfHubHTTPError as error:
            raise self._explained(error, repo, revision) from error
        except _network_errors() as error:
            raise self._unreachable() from error
        except ImportError as error:
            raise ModelError("用不了 SOCKS 代理。", "请把代理改成 http:// 开头的。") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._no_hub() from error
        files = []
        for sibling in info.siblings or ():
            if sibling.size is None or not (sibling.lfs or sibling.blob_id):
                raise self._no_hub()
            sha256 = sibling.lfs.sha256 if sibling.lfs else ""
            blob_id = "" if sibling.lfs else sibling.blob_id or ""
            files.append(RemoteFile(sibling.rfilename, sibling.size, sha256, blob_id))
        if info.sha is None:
            raise self._no_hub()
        return RemoteModel(repo, info.sha, tuple(files))

    def read(self, model: RemoteModel, file: RemoteFile, start: int) -> Generator[bytes, None, None]:
        """The bytes of ``file`` from ``start`` on, as they arrive.

        Raises:
            Interrupted: it is worth trying again from where it stopped.
            BibanError: it is not.
        """
        from huggingface_hub import get_session, hf_hub_url
        from huggingface_hub.errors import HfHubHTTPError
        from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

        _be_quiet()
        url = hf_hub_url(model.repo, file.name, revision=model.commit, endpoint=self.endpoint)
        # A compressed answer has another length, and cannot be continued in the middle.
        headers = {**build_hf_headers(token=_token()), "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        try:
            with get_session().stream("GET", url, headers=headers, timeout=TIMEOUT_SECONDS) as response:
                hf_raise_for_status(response)
                if response.status_code == 206:
                    if not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
                        raise Interrupted("another range than the one asked for")
                    start = 0
                for chunk in response.iter_bytes():
                    # A server that knows no ranges sends the file from its beginning.
                    if len(chunk) > start:
                        yield chunk[start:]
                    start = max(0, start - len(chunk))
        except HfHubHTTPError as error:
            if error.response.status_code in (408, 429) or error.response.status_code >= 500:
                raise Interrupted(str(error)) from error
            raise self._explained(error, model.repo, model.commit, file.name) from error
        except _network_errors() as error:
            raise Interrupted(str(error) or type(error).__name__) from error

    def _explained(self, error: HfHubHTTPError, repo: str, revision: str, file: str = "") -> BibanError:
        status, code = error.response.status_code, error.response.headers.get("X-Error-Code", "")
        # Anybody may look at a gated repository; only its files are refused.
        if code == "GatedRepo" or status == 403 or (status == 401 and file):
            return ModelError(
                f"{repo} 要先取得许可才能下载。",
                "请在它的网页上登录并同意条款，再把访问令牌设为环境变量 HF_TOKEN。",
            )
        if code == "RevisionNotFound":
            return ModelNotFoundError(f"{repo} 没有版本 {revision}。", "请核对版本，或用 main。")
        if status == 404 and file:
            return WeightsError(f"{self.endpoint} 上没有 {repo} 的文件 {file}。", _OTHER_MIRROR)
        if status in (401, 404):
            return ModelNotFoundError(
                f"{self.endpoint} 上没有模型 {repo}，或者它不公开。",
                "请核对“作者/名称”；不公开的模型要先把访问令牌设为环境变量 HF_TOKEN。",
            )
        if status == 429:
            return ModelError(f"{self.endpoint} 嫌请求太多，暂时不答。", "请过几分钟再试。")
        return ModelError(f"{self.endpoint} 出了问题（HTTP {status}）。", _OTHER_MIRROR)

    def _unreachable(self) -> ModelError:
        from huggingface_hub import constants

        if constants.HF_HUB_OFFLINE:
            return ModelError("环境变量 HF_HUB_OFFLINE 关掉了联网。", "请去掉它再试。")
        return ModelError(f"连不上模型仓库 {self.endpoint}。", "请检查网络和代理，或换一个镜像地址。")

    def _no_hub(self) -> ModelError:
        return ModelError(f"{self.endpoint} 的回答不像模型仓库的。", "请检查地址，或换一个镜像地址。")


def _is_url(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _ = (parts.hostname or "").encode("idna"), parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and not re.search(r"\s", address)


def _network_errors() -> tuple[type[Exception], ...]:
    """What the client raises without an answer: errors of httpx in version 1, of httpx2 in version 2."""
    from huggingface_hub.errors import HfHubHTTPError

    return HfHubHTTPError.__bases__[0], OSError


def _token() -> str | bool:
    """Only a token that was set for this purpose; never one that another program has stored."""
    return os.environ.get("HF_TOKEN") or False


def _be_quiet() -> None:
    """Tell the hub nothing about this computer. Environment variables would come too late."""
    from huggingface_hub import constants

    constants.HF_HUB_DISABLE_TELEMETRY = True
    constants.HF_HUB_DISABLE_XET = True
