"""The owner of a database file: the bot and crew that claimed it last. Files of version 0.2.0 name no owner."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from .bot import Bot, Unavailable, backoff, explain
from .questions import MAX_IDS, build_path
from .store import CARRIED_OUT, OPEN, Stopped, Store

log = logging.getLogger("crew_approvals")

#: Seconds for which a bot that never accepted the program may reject its crew or secret, before calls end with an error.
REJECTION_RETRY_TIME = 60
#: Error codes for a rejected crew or secret. The statuses are not enough: a proxy can answer 401 and 404 too.
REJECTION_CODES = ("unauthorized", "unknown_crew")
#: Seconds between two checks whether a caller still waits.
CHECK_INTERVAL = 0.05
#: Questions that concern the crew of the file: open, with an unfinished flow, or with messages that the bot has not
#: received.
UNFINISHED = f"""SELECT id FROM questions WHERE {OPEN} OR id IN (SELECT question FROM pauses WHERE finished IS NULL)
  OR EXISTS (SELECT 1 FROM messages WHERE subject IN (questions.id, questions.run))"""
#: Runs without questions but with unsent messages: the bot cannot tell to which crew they belong.
UNFINISHED_RUNS = """SELECT DISTINCT subject FROM messages WHERE path <> 'inputs'
  AND NOT EXISTS (SELECT 1 FROM questions WHERE messages.subject IN (questions.id, questions.run))"""


class Owner:
    """The crew and bot to which the file belongs: those of this program.

    Raises RuntimeError if the file belongs to another crew, or to another bot unless `move` is given.
    """

    def __init__(self, store: Store, bot: Bot, move: bool) -> None:
        self._store, self._bot = store, bot
        self._rejected_since: float | None = None
        #: Why the bot does not accept this program; None until that is certain.
        self.refusal: str | None = None
        self._acceptance_callbacks: list[Callable[[], None]] = []
        row = store.one("SELECT * FROM owner")
        accepted = "SELECT 1 FROM questions WHERE state IN ('waiting', 'answered', 'rejected')"
        self.is_accepted = store.one(accepted) is not None if row is None else bool(row["is_accepted"])
        self._is_confirmed = row is not None and (row["crew"], row["origin"]) == (bot.crew, bot.origin)
        if self._is_confirmed:
            return
        if row is not None and self.is_accepted:
            self._check_moved(row, move)
            self._claim(drops_answers=False)
        elif move or not (self._list_ids(UNFINISHED) or self._list_ids(UNFINISHED_RUNS)):
            self._claim()

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

    def confirm(self, timeout: float | None, is_over: Callable[[], bool]) -> None:
        """Claims a file without a confirmed owner, once the bot has confirmed that the crew knows all that is unfinished.

        Raises RuntimeError if the crew does not know everything, TimeoutError, ValueError if the bot rejects the
        settings, and Stopped once `is_over`.
        """
        if self._is_confirmed:
            return
        ids, runs = self._list_ids(UNFINISHED), self._list_ids(UNFINISHED_RUNS)
        unknown = len(runs) + self.count_unknown(self._store.path, ids, timeout, is_over)
        if unknown > 0:
            subject = "1 open question or run" if unknown == 1 else f"{unknown} open questions or runs"
            raise RuntimeError(
                f"{self._store.path} has {subject} that the crew {self._bot.crew} of the bot at {self._bot.origin} does "
                "not know. If they are of this crew, pass move=True, and they are asked here; if not, name another "
                "file with db="
            )
        self.is_accepted = True
        self._claim()

    def count_unknown(self, path: str, ids: Sequence[str], timeout: float | None, is_over: Callable[[], bool]) -> int:
        """Counts how many of these questions the bot does not know, and retries until it answers. `path`: their file, for the log.

        Raises TimeoutError, ValueError and Stopped as `confirm` does.
        """
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
        for start in range(0, len(ids), MAX_IDS):
            status, answer = self._bot.call("GET", f"questions?ids={','.join(ids[start : start + MAX_IDS])}")
            if status >= 300:
                raise Unavailable(explain(status, answer))
            unknown += sum(question["status"] == "unknown" for question in answer["questions"])
        return unknown

    def _list_ids(self, query: str) -> list[str]:
        return [row[0] for row in self._store.all(query)]

    def _claim(self, drops_answers: bool = True) -> None:
        with self._store.commit() as db:
            # Another thread may have claimed the file while this thread waited.
            if self._is_confirmed:
                return
            if drops_answers:
                # Stored answers may belong to another crew. The bot still has the answers for this crew.
                settled = f"kind = 'ask' AND NOT ({OPEN}) AND reason IS NOT ?"
                db.execute(f"DELETE FROM questions WHERE {settled}", (CARRIED_OUT,))
            # Sends waiting questions again: the bot rejects one whose id this crew already uses for another question.
            waiting = db.execute("SELECT id, run FROM questions WHERE state = 'waiting'").fetchall()
            db.executemany(
                "INSERT INTO messages (subject, method, path, question, due) VALUES (?, 'PUT', ?, ?, 0)",
                [(run or question, build_path(question), question) for question, run in waiting],
            )
            db.execute("UPDATE questions SET state = 'new' WHERE state = 'waiting'")
            db.execute("DELETE FROM owner")
            owner = (self._bot.crew, self._bot.origin, self.is_accepted)
            db.execute("INSERT INTO owner (crew, origin, is_accepted) VALUES (?, ?, ?)", owner)
            self._is_confirmed = True

    # -- acceptance of this program by the bot

    def note_accepted(self) -> None:
        self._rejected_since, self.refusal = None, None
        if not self.is_accepted:
            with self._store.commit() as db:
                db.execute("UPDATE owner SET is_accepted = 1")
            self.is_accepted = True
            callbacks, self._acceptance_callbacks = self._acceptance_callbacks, []
            for callback in callbacks:
                callback()

    def when_accepted(self, callback: Callable[[], None]) -> None:
        if not self.is_accepted:
            self._acceptance_callbacks.append(callback)

    def note_failure(self, error: Unavailable) -> None:
        """Records a failed request. Only rejections count, and only before the bot has accepted the program.

        A secret that worked before can be corrected in the bot. Other failures need not come from the bot.
        """
        now = time.monotonic()
        if self.is_accepted or error.code not in REJECTION_CODES:
            self._rejected_since, self.refusal = None, None
        elif self._rejected_since is None:
            self._rejected_since = now
        elif now - self._rejected_since >= REJECTION_RETRY_TIME:
            self.refusal = (
                f"The bot at {self._bot.url} does not accept this program ({error}): correct url, crew and secret, "
                "which is the ask_secret of this crew in the bot's settings."
            )

    def check(self) -> None:
        """Raises ValueError if the bot never accepted this program and keeps rejecting its crew or secret."""
        if self.refusal is not None:
            raise ValueError(self.refusal)


def _sleep(seconds: float, end: float | None, is_over: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_over():
            raise Stopped("CrewApprovals was stopped")
        if end is not None and time.monotonic() >= end:
            raise TimeoutError("the bot has not said in time whether it knows what the file holds")
        time.sleep(CHECK_INTERVAL)
