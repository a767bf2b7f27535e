"""The bot and the crew to which the file belongs, from its first use. A file of version 0.2.0 does not name them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from .bot import Bot, Unavailable, backoff, explain
from .questions import MOST_IDS, build_path
from .store import CARRIED_OUT, OPEN, Stopped, Store

log = logging.getLogger("crew_approvals")

#: Seconds for which the bot rejects the crew or its secret before a program that it never accepted ends with an error.
REFUSED_FOR = 60
#: The bot's own codes for these answers. A proxy can answer 401 and 404 too.
REFUSED = ("unauthorized", "unknown_crew")
#: Seconds between two looks at whether a caller still waits.
LOOK_EVERY = 0.05
#: What another crew could be asked, or could go on with: questions that are open, whose flow has not gone on, or of which
#: the bot has not heard everything.
UNFINISHED = f"""SELECT id FROM questions WHERE {OPEN} OR id IN (SELECT question FROM pauses WHERE finished IS NULL)
  OR EXISTS (SELECT 1 FROM messages WHERE subject IN (questions.id, questions.run))"""
#: Runs without questions of which the bot has not heard everything: it cannot say whose they are.
UNFINISHED_RUNS = """SELECT DISTINCT subject FROM messages WHERE path <> 'inputs'
  AND NOT EXISTS (SELECT 1 FROM questions WHERE messages.subject IN (questions.id, questions.run))"""


class Owner:
    """The crew to which the file belongs, which is that of this program.

    Raises RuntimeError if the file belongs to another crew, or to another bot unless `move` is given.
    """

    def __init__(self, store: Store, bot: Bot, move: bool) -> None:
        self._store, self._bot = store, bot
        self._refused_since: float | None = None
        #: Why the bot does not accept this program, once that is sure.
        self.refusal: str | None = None
        self._on_accepted: list[Callable[[], None]] = []
        row = store.one("SELECT * FROM owner")
        accepted = "SELECT 1 FROM questions WHERE state IN ('waiting', 'answered', 'rejected')"
        self.is_accepted = store.one(accepted) is not None if row is None else bool(row["is_accepted"])
        self._is_found = row is not None and (row["crew"], row["origin"]) == (bot.crew, bot.origin)
        if self._is_found:
            return
        if row is not None and self.is_accepted:
            self._check_moved(row, move)
            self._take(drops_answers=False)
        elif move or not (self._list(UNFINISHED) or self._list(UNFINISHED_RUNS)):
            self._take()

    def _check_moved(self, row: Any, move: bool) -> None:
        path, crew = self._store.path, row["crew"]
        if crew != self._bot.crew:
            raise RuntimeError(
                f"{path} belongs to the crew {crew}: give the crew {self._bot.crew} a file of its own with db="
            )
        if not move:
            raise RuntimeError(
                f"{path} belongs to the crew {crew} of the bot at {row['origin']}. If that bot is at {self._bot.origin} "
                "now, pass move=True; for another bot, name another file with db="
            )

    def find(self, timeout: float | None, is_over: Callable[[], bool]) -> None:
        """Waits until the bot has said whether it knows what a file without an owner holds. Decides nothing before.

        Raises RuntimeError if the crew does not know all of it, TimeoutError, ValueError if the bot rejects the
        settings, and Stopped once `is_over`.
        """
        if self._is_found:
            return
        ids, runs = self._list(UNFINISHED), self._list(UNFINISHED_RUNS)
        unknown = len(runs) + self.count_unknown(self._store.path, ids, timeout, is_over)
        if unknown > 0:
            what = "1 open question or run" if unknown == 1 else f"{unknown} open questions or runs"
            raise RuntimeError(
                f"{self._store.path} has {what} that the crew {self._bot.crew} of the bot at {self._bot.origin} does "
                "not know. If they are of this crew, pass move=True, and they are asked here; if not, name another "
                "file with db="
            )
        self.is_accepted = True
        self._take()

    def count_unknown(self, path: str, ids: Sequence[str], timeout: float | None, is_over: Callable[[], bool]) -> int:
        """Waits until the bot has said how many of the questions in this file it does not know. Raises as `find` does."""
        tries, end = 0, None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                return self._count_unknown(ids)
            except Unavailable as error:
                tries += 1
                self.note_failure(error)
                self.check()
                pause = max(backoff(tries), error.retry_after)
                log.error("%s: owner of %s not found: %s; retrying in %g s", self._bot.url, path, error, pause)
                _sleep(pause, end, is_over)

    def _count_unknown(self, ids: Sequence[str]) -> int:
        unknown = 0
        for place in range(0, len(ids), MOST_IDS):
            status, told = self._bot.call("GET", f"questions?ids={','.join(ids[place : place + MOST_IDS])}")
            if status >= 300:
                raise Unavailable(explain(status, told))
            unknown += sum(one["status"] == "unknown" for one in told["questions"])
        return unknown

    def _list(self, query: str) -> list[str]:
        return [row[0] for row in self._store.all(query)]

    def _take(self, drops_answers: bool = True) -> None:
        with self._store.commit() as db:
            # Another thread may have waited for the bot, too.
            if self._is_found:
                return
            if drops_answers:
                # They can be those of another crew, and the bot has those of this one.
                own = f"kind = 'ask' AND NOT ({OPEN}) AND reason IS NOT ?"
                db.execute(f"DELETE FROM questions WHERE {own}", (CARRIED_OUT,))
            # The crew can have another question with the same id: the bot compares them.
            waiting = db.execute("SELECT id, run FROM questions WHERE state = 'waiting'").fetchall()
            db.executemany(
                "INSERT INTO messages (subject, method, path, question, due) VALUES (?, 'PUT', ?, ?, 0)",
                [(run or question, build_path(question), question) for question, run in waiting],
            )
            db.execute("UPDATE questions SET state = 'new' WHERE state = 'waiting'")
            db.execute("DELETE FROM owner")
            owner = (self._bot.crew, self._bot.origin, self.is_accepted)
            db.execute("INSERT INTO owner (crew, origin, is_accepted) VALUES (?, ?, ?)", owner)
            self._is_found = True

    # -- whether the bot accepts this program

    def note_accepted(self) -> None:
        self._refused_since, self.refusal = None, None
        if not self.is_accepted:
            with self._store.commit() as db:
                db.execute("UPDATE owner SET is_accepted = 1")
            self.is_accepted = True
            calls, self._on_accepted = self._on_accepted, []
            for call in calls:
                call()

    def when_accepted(self, call: Callable[[], None]) -> None:
        if not self.is_accepted:
            self._on_accepted.append(call)

    def note_failure(self, error: Unavailable) -> None:
        """A secret that has worked can be corrected in the bot, and whatever else answers is not the bot."""
        now = time.monotonic()
        if self.is_accepted or error.code not in REFUSED:
            self._refused_since, self.refusal = None, None
        elif self._refused_since is None:
            self._refused_since = now
        elif now - self._refused_since >= REFUSED_FOR:
            self.refusal = (
                f"The bot at {self._bot.url} does not accept this program ({error}): correct url, crew and secret, "
                "which is the ask_secret of this crew in the bot's settings."
            )

    def check(self) -> None:
        """Raises ValueError if the bot never accepted this program, and rejects its crew or secret."""
        if self.refusal is not None:
            raise ValueError(self.refusal)


def _sleep(seconds: float, end: float | None, is_over: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_over():
            raise Stopped("CrewApprovals was stopped")
        if end is not None and time.monotonic() >= end:
            raise TimeoutError("the bot has not said in time whether it knows what the file holds")
        time.sleep(LOOK_EVERY)
