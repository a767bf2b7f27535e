"""The file from which a run goes on after a restart. It belongs to one crew of one bot."""

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
    """is_accepted: the bot has accepted a request of the program. A file from before this rule has the content only."""

    content: str
    bot: str | None = None
    crew: str | None = None
    is_accepted: bool = False


class RunFile:
    """stored: what an earlier program wrote. None: the run begins."""

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
        # A fault of the disk is a fault of the next step, too.
        with self._lock, contextlib.suppress(OSError):
            if self._content is not None:
                self._replace()

    def _replace(self) -> None:
        """A crash leaves the old file or the new one. Only its owner can read it."""
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
    """Opens the file of a run. It is marked as this program's by the first write.

    A file that names no crew, or whose bot never accepted a request, belongs to this one if its bot knows each call that
    waits in it. Raises ToolNotRun if the file belongs to others, and TimeoutError.
    """
    name, bot, owner = os.fspath(path), approvals._bot, approvals._owner
    given, gone = _read(name), threading.Event()
    calls: Sequence[Call] = []
    if given is not None and (given.bot, given.crew) != (bot.origin, bot.crew):
        if given.is_accepted:
            _check_moved(bot, name, given, move)
        elif not move:
            calls = await list_waiting(given.content)

    def start() -> None:
        approvals._start(timeout, gone.is_set)
        _check_known(approvals, name, calls, run, timeout, gone.is_set)

    try:
        await asyncio.to_thread(start)
    finally:
        # The thread goes on when the task is cancelled.
        gone.set()
    file = RunFile(bot, owner, name, None if given is None else given.content)
    owner.when_accepted(file.note_accepted)
    if given is not None and given.is_accepted:
        owner.note_accepted()
    return file


def _check_moved(bot: Bot, path: str, given: _Stored, move: bool) -> None:
    owner = f"No tool was run: {path} belongs to the crew {given.crew}"
    if given.crew != bot.crew:
        raise ToolNotRun(f"{owner}. Give the crew {bot.crew} a path of its own.")
    if not move:
        raise ToolNotRun(
            f"{owner} of the bot at {given.bot}. If that bot is at {bot.origin} now, pass move=True to run_agent; for "
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
    # A call that was allowed has been asked about as often.
    attempts = [max(1, count_allowed(approvals._questions, run, call.id)) for call in calls]
    ids = [build_call_question_id(run, call.id, attempt) for call, attempt in zip(calls, attempts)]
    unknown = approvals._owner.count_unknown(path, ids, timeout, is_over)
    if unknown > 0:
        what = "1 call" if unknown == 1 else f"{unknown} calls"
        raise ToolNotRun(
            f"No tool was run: {path} has {what} without a decision that the crew {approvals._bot.crew} of the bot at "
            f"{approvals._bot.origin} does not know. If they are of this crew, pass move=True to run_agent, and they are "
            "asked about here; if not, give another path."
        )


def _read(path: str) -> _Stored | None:
    try:
        text = Path(path).read_bytes()
    except FileNotFoundError:
        return None
    try:
        given = json.loads(text)
        if isinstance(given, list) or (isinstance(given, dict) and "crew" not in given):
            return _Stored(text.decode())
        if isinstance(given["content"], str):
            return _Stored(given["content"], given["bot"], given["crew"], given["isAccepted"])
    except (ValueError, TypeError, KeyError):
        pass
    raise ToolNotRun(f"No tool was run: {path} is damaged. Restore it, or give another path to begin the run anew.")
