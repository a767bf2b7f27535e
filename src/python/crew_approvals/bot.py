"""Requests to the bot, and bodies in the form and size that the bot accepts."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import http.client
import ipaddress
import json
import logging
import re
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

log = logging.getLogger("crew_approvals")

#: Timeout of a request in seconds, beyond the time that the bot may hold the request.
CALL_TIMEOUT = 10
#: Seconds before a retry: doubled each time, up to LONGEST_RETRY. `Retry-After` can ask for up to LONGEST_PAUSE.
FIRST_RETRY, LONGEST_RETRY, LONGEST_PAUSE = 1.0, 300.0, 3600.0
#: Responses that are not retried, by status and by error code. A wrong secret is: an operator may correct it in the bot.
FINAL, UNKNOWN = {400, 409, 410, 413, 415, 422}, {"unknown_question", "unknown_start"}
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
#: Limits of the bot: bytes of a body; UTF-16 units of a title, a message, a label, the id of an option and a reason.
LARGEST_BODY = 1_048_576
TITLE, MESSAGE, LABEL, OPTION, REASON = 300, 10_000, 250, 64, 2_000


class Unavailable(Exception):
    """The bot did not answer, or cannot carry out the request now. The client retries. code: the bot's error code."""

    def __init__(self, reason: str, retry_after: float = 0.0, code: Any = None) -> None:
        super().__init__(reason)
        self.retry_after, self.code = retry_after, code


class Bot:
    """The bot's API for one crew."""

    def __init__(self, url: str, crew: str, secret: str) -> None:
        # Only plain host names and IP addresses: with other characters, a resolver could find another host than this check.
        parts = re.fullmatch(
            r"((https?)://(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?(/[^?#\s]*)?)([?#].*)?", url.strip(), re.I
        )
        if re.match(r"https?://[^/?#]*@", url.strip(), re.I):
            raise ValueError("url must not contain a user name or a password.")
        if not parts or int((parts[4] or ":0")[1:]) > 65_535:
            raise ValueError("url must be the address of the bot, such as https://approvals.example.com.")
        base, scheme, host = parts[1].rstrip("/"), parts[2].lower(), parts[3].lower()
        if scheme != "https" and not _is_this_machine(host):
            raise ValueError(
                f"url must begin with https: {host} is not this machine, and the secret would be sent in plain text."
            )
        # HTTP clients resolve the path segments `.` and `..`.
        if crew in ("", ".", ".."):
            raise ValueError(f'crew must not be "{crew}".')
        if not secret:
            raise ValueError("secret is empty: it is the crew's ask secret.")
        if not re.fullmatch(r"[\x21-\x7e]+", secret):
            raise ValueError("secret must be printable ASCII characters without blanks.")
        self.url = f"{base}/crews/{quote(crew, safe='')}"
        port = "" if parts[4] in (None, DEFAULT_PORTS[scheme]) else parts[4]
        #: origin: the address in normal form, equal for all spellings.
        self.crew, self.origin = crew, f"{scheme}://{host}{port}{(parts[5] or '').rstrip('/')}"
        self._authorization = f"Bearer {secret}"
        # http stays on this machine: a proxy from the environment would get the secret in plain text.
        proxies = [urllib.request.ProxyHandler({})] if scheme == "http" else []
        self._opener = urllib.request.build_opener(_NoRedirects, *proxies)

    def call(self, method: str, path: str, body: str | None = None, wait: float = 0) -> tuple[int, dict[str, Any]]:
        """Sends a request. Returns a final status and the answer. wait: seconds that the bot may hold the request.

        Raises Unavailable for any other status, and without an answer.
        """
        headers = {"authorization": self._authorization, "content-type": "application/json"}
        data = (body or "").encode() if method == "PUT" else None
        request = urllib.request.Request(f"{self.url}/{path}", data=data, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=wait + CALL_TIMEOUT) as response:
                return response.status, _read_object(response.status, response.read())
        except urllib.error.HTTPError as error:
            return _read_error(error)
        except (OSError, http.client.HTTPException, ValueError) as error:
            # The text of an error about a header can contain the secret.
            reason = str(getattr(error, "reason", error)) if isinstance(error, OSError) else type(error).__name__
            raise Unavailable(reason) from None


def _is_this_machine(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host == "localhost"
    # Releases of Python disagree on whether IPv4-mapped IPv6 addresses are loopback.
    return address.is_loopback and getattr(address, "ipv4_mapped", None) is None


def _read_object(status: int, text: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        answer = json.loads(text)
        if isinstance(answer, dict):
            return answer
    raise Unavailable(f"{status} without JSON")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _read_error(error: urllib.error.HTTPError) -> tuple[int, dict[str, Any]]:
    try:
        with error:
            answer = json.loads(error.read(100_000))
        code = answer.get("error")
    except (AttributeError, OSError, http.client.HTTPException, ValueError):
        answer, code = {}, None
    if isinstance(code, str) and (error.code in FINAL or code in UNKNOWN):
        return error.code, answer
    seconds = error.headers.get("retry-after") or ""
    retry_after = min(float(seconds), LONGEST_PAUSE) if re.fullmatch(r"\d{1,9}", seconds) else 0.0
    raise Unavailable(explain(error.code, answer), retry_after, code) from None


def explain(status: int, answer: dict[str, Any]) -> str:
    return f"{status} {answer.get('message', '')}".strip()


def backoff(tries: int) -> float:
    return min(FIRST_RETRY * 2.0 ** min(tries - 1, 20), LONGEST_RETRY)


def dumps(value: Any) -> str:
    """Writes a value as JSON in the way CrewAI does. Half a surrogate pair becomes `?`: UTF-8 cannot encode it."""
    return json.dumps(value, default=_simplify, ensure_ascii=False).encode(errors="replace").decode()


def _simplify(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, (set, frozenset)):
        return list(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def build_body(fields: dict[str, Any], cuttable: str | None = None) -> str:
    """Builds the JSON of a request; NaN and infinities become null. cuttable: the field to cut if it is too large.

    Raises ValueError if the body is too large and has no such field. Sending it would look like an outage: the bot may
    close the connection before it has read the body.
    """
    body = json.loads(dumps(fields), parse_constant=lambda _: None)
    while len(text := _write_compact(body)) > LARGEST_BODY and cuttable is not None:
        log.warning("%s is too large for the bot, so it is cut", cuttable)
        value = body[cuttable] if isinstance(body[cuttable], str) else dumps(body[cuttable])
        body[cuttable] = value[: len(value) // 2] + "…"
    if len(text) > LARGEST_BODY:
        raise ValueError("The question is larger than 1 MiB.")
    return text.decode()


def _write_compact(body: dict[str, Any]) -> bytes:
    """Writes JSON without spaces, as the JavaScript client does: both reject the same questions as too large."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def cut(text: str, limit: int) -> str:
    """Shortens a text to a number of UTF-16 units, in which the bot counts."""
    units = text.encode("utf-16-le", "replace")
    return text if len(units) <= 2 * limit else units[: 2 * limit - 2].decode("utf-16-le", "ignore") + "…"


def describe(error: BaseException) -> str:
    return cut(f"{type(error).__name__}: {error}", 500)
