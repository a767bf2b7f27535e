"""The file from which a run continues after a restart. The file belongs to one crew of one bot."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .bot import Bot
from .calls import Call, ToolNotRun, build_call_question_id, count_allowed

if TYPE_CHECKING:
    from .client import CrewApprovals
    from .owner import Owner


@dataclass(frozen=True)
class _Stored:
    """Content of a file. Older files have nothing else. is_accepted: the bot has accepted a request of the program."""

    content: str
    bot: str | None = None
    crew: str | None = None
    is_accepted: bool = False


class RunFile:
    """The file of a run. stored: the content that an earlier process wrote; None: the run begins."""

    def __init__(self, bot: Bot, owner: Owner, path: str, stored: str | None) -> None:
        self.stored = stored
        self._bot, self._owner, self._path = bot, owner, path
        self._lock, self._content = threading.Lock(), stored

    def write(self, content: str) -> None:
        with self._lock:
            self._content = content
            self._replace()

    def remove(self) -> None:
        with self._lock:
            self._content = None
            Path(self._path).unlink(missing_ok=True)

    def note_accepted(self) -> None:
        # A disk error can be ignored: the next `write` or `remove` raises it.
        with self._lock, contextlib.suppress(OSError):
            if self._content is not None:
                self._replace()

    def _replace(self) -> None:
        """Replaces the file: a crash leaves the old or the new content. Only the user of this process can read it."""
        new = f"{self._path}.new"
        head = {"bot": self._bot.origin, "crew": self._bot.crew, "isAccepted": self._owner.is_accepted}
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(json.dumps({**head, "content": self._content}))
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self._path)


async def open_run_file(
    approvals: CrewApprovals,
    path: str | os.PathLike[str],
    list_waiting: Callable[[str], Awaitable[Sequence[Call]]],
    *,
    run: str,
    move: bool,
    timeout: float | None,
) -> RunFile:
    """Opens the file of a run. The first write marks the file as this program's.

    A file that names no crew, or whose bot never accepted a request, belongs to this crew if the bot knows each call
    that waits in the file. Raises ToolNotRun if the file belongs to another crew or bot, and the errors of `Owner.find`.
    """
    name, bot, owner = os.fspath(path), approvals._bot, approvals._owner
    stored, ended = _read(name), threading.Event()
    calls: Sequence[Call] = []
    if stored is not None and (stored.bot, stored.crew) != (bot.origin, bot.crew):
        if stored.is_accepted:
            _check_moved(bot, name, stored, move)
        elif not move:
            calls = await list_waiting(stored.content)

    def start() -> None:
        approvals._start(timeout, ended.is_set)
        _check_known(approvals, name, calls, run, timeout, ended.is_set)

    try:
        await asyncio.to_thread(start)
    finally:
        # A cancelled task does not stop the thread.
        ended.set()
    file = RunFile(bot, owner, name, None if stored is None else stored.content)
    owner.when_accepted(file.note_accepted)
    if stored is not None and stored.is_accepted:
        owner.note_accepted()
    return file


def _check_moved(bot: Bot, path: str, stored: _Stored, move: bool) -> None:
    owner = f"No tool was run: {path} belongs to the crew {stored.crew}"
    if stored.crew != bot.crew:
        raise ToolNotRun(f"{owner}. Give the crew {bot.crew} a path of its own.")
    if not move:
        raise ToolNotRun(
            f"{owner} of the bot at {stored.bot}. If that bot is at {bot.origin} now, pass move=True to run_agent; for "
            "another bot, give another path."
        )


def _check_known(
    approvals: CrewApprovals,
    path: str,
    calls: Sequence[Call],
    run: str,
    timeout: float | None,
    is_over: Callable[[], bool],
) -> None:
    # A call that was allowed n times has had n questions, and a waiting call at least one: the bot must know the last.
    attempts = [max(1, count_allowed(approvals._questions, run, call.id)) for call in calls]
    ids = [build_call_question_id(run, call.id, attempt) for call, attempt in zip(calls, attempts)]
    unknown = approvals._owner.count_unknown(path, ids, timeout, is_over)
    if unknown > 0:
        subject = "1 call" if unknown == 1 else f"{unknown} calls"
        raise ToolNotRun(
            f"No tool was run: {path} has {subject} without a decision that the crew {approvals._bot.crew} of the bot at "
            f"{approvals._bot.origin} does not know. If they are of this crew, pass move=True to run_agent, and they are "
            "asked about here; if not, give another path."
        )


def _read(path: str) -> _Stored | None:
    try:
        text = Path(path).read_bytes()
    except FileNotFoundError:
        return None
    try:
        data = json.loads(text)
        if isinstance(data, list) or (isinstance(data, dict) and "crew" not in data):
            return _Stored(text.decode())
        if isinstance(data["content"], str):
            return _Stored(data["content"], data["bot"], data["crew"], data["isAccepted"])
    except (ValueError, TypeError, KeyError):
        pass
    raise ToolNotRun(f"No tool was run: {path} is damaged. Restore it, or give another path to begin the run anew.")
