"""Questions: they are stored, asked and waited for. Messages to the bot are sent until it has received them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection, Row
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .bot import LONGEST_PAUSE, Bot, Unavailable, backoff, build_body, describe, dumps, explain
from .fields import build_schema, read_fields
from .store import LEASED, OPEN, Stopped, Store

if TYPE_CHECKING:
    from .owner import Owner

log = logging.getLogger("crew_approvals")

#: Seconds that a request waits for answers, and the most questions that it names. Short, because the next request names
#: the questions that are asked meanwhile.
WAIT, MOST_IDS = 5, 50
#: Seconds after which the bot closes a question of a silent thread, and between two messages that the thread waits.
LEASE, ALIVE_EVERY = 300, 120
#: Seconds until a question that the bot does not know any more is asked again.
ASK_AGAIN_AFTER = 5
#: Seconds that a caller waits for the bot to hear the end of a question. What it does not hear is sent after the next start.
FLUSHED_WITHIN = 5

FOUND = "SELECT * FROM questions WHERE id = ?"
#: The fields of a question that the bot gets as they are.
FIELDS = {
    *("message", "agent", "free_text", "editable", "kind", "follows", "requested_by", "approvers", "channel"),
    *("expires_in", "default_option", "callback_url"),
}
#: What the bot says of a question, and its state here.
STATES = {"waiting": "waiting", "answered": "answered", "unknown": "new", "closed": "closed", "withdrawn": "closed"}
NOT_GIVEN: Any = object()


@dataclass(frozen=True)
class Answer:
    """option: the id of the chosen option. by: the person's Slack ID. edited: the output as the person changed it.

    fields: what people filled in, by name, or as an instance of the dataclass that was asked for.
    """

    option: str
    text: str
    by: str
    at: str
    edited: Any = None
    fields: Any = None

    @classmethod
    def read(cls, text: str) -> Answer:
        return cls(**{name: value for name, value in json.loads(text).items() if name in cls.__dataclass_fields__})


class QuestionClosed(Exception):
    """The question was closed or withdrawn without an answer."""


@dataclass(frozen=True)
class Question:
    """kind: `ask` with an id of the program, `once` without. fields: the dataclass or schema of its answer."""

    id: str
    kind: str
    body: str
    run: str | None
    fields: Any

    def read(self, answer: Answer) -> Answer:
        return replace(answer, fields=read_fields(self.fields, answer.fields))


def build_question(
    title: str,
    text: str | None = None,
    options: Sequence[str | Mapping[str, Any]] | None = None,
    *,
    output: Any = NOT_GIVEN,
    fields: Any = None,
    run: str | None = None,
    id: str | None = None,
    **others: Any,
) -> Question:
    """A question as the bot takes it, with the arguments of `ask`."""
    unknown = sorted(others.keys() - FIELDS)
    if unknown:
        raise TypeError(f"ask has no keyword {unknown[0]}")
    # A URL cannot have a part of dots only.
    if id is not None and (id in (".", "..") or not re.fullmatch(r"[A-Za-z0-9._:@-]{1,100}", id)):
        raise ValueError('id must be 1 to 100 letters, digits and .:@_- (except "." and "..").')
    body = {"title": title, "text": text, "run": run, **others, "lease": True if id is None else None}
    body["fields"] = None if fields is None else build_schema(fields)
    if options is not None:
        body["options"] = [{"id": one, "label": one} if isinstance(one, str) else dict(one) for one in options]
    body = {name: value for name, value in body.items() if value is not None}
    if output is not NOT_GIVEN:
        body["output"] = output
    known = f"once-{uuid.uuid4().hex}" if id is None else id
    return Question(known, "once" if id is None else "ask", build_body(body), run, fields)


class Questions:
    def __init__(self, store: Store, bot: Bot, owner: Owner) -> None:
        self.store, self.bot, self.owner = store, bot, owner
        #: Carries out the answer to a flow. Without it, these answers are not fetched.
        self.resume_flow: Callable[[str], None] | None = None
        #: When the bot last heard that a thread waits, by question.
        self._heard: dict[str, float] = {}
        #: Where the next request begins, if there are more questions than one can name.
        self._next = 0
        self._settled, self._stopped = threading.Condition(), threading.Event()
        #: What wakes the tasks of event loops that wait.
        self._tasks: set[Callable[[], None]] = set()
        self._woken = {"messages": threading.Event(), "answers": threading.Event()}

    # -- threads

    def start(self) -> None:
        for name, step in (("messages", self._send), ("answers", self._fetch), ("leases", self._renew)):
            self.repeat(name, step)

    def repeat(self, name: str, step: Callable[[], float | None]) -> None:
        """Calls a step repeatedly in its own thread. It returns the seconds until the next call, or None at its end."""

        def run() -> None:
            failures, woken = 0, self._woken.get(name, self._stopped)
            while not self._stopped.is_set():
                if name in self._woken:
                    woken.clear()
                try:
                    pause, failures = step(), 0
                    if pause is None:
                        return
                    woken.wait(pause)
                except Stopped:
                    return
                except Exception as error:
                    failures += 1
                    pause = max(backoff(failures), getattr(error, "retry_after", 0.0))
                    reason = error if isinstance(error, Unavailable) else describe(error)
                    log.error("%s: %s: %s; retrying in %g s", self.bot.url, name, reason, pause)
                    self._stopped.wait(pause)

        threading.Thread(target=run, name=f"crew-approvals-{name}", daemon=True).start()

    def wake(self) -> None:
        """Called after a commit with new messages or states."""
        for event in self._woken.values():
            event.set()
        self.wake_waiting()

    def wake_waiting(self) -> None:
        with self._settled:
            self._settled.notify_all()
        for wake in list(self._tasks):
            wake()

    def stop(self) -> None:
        """Ends the threads, once the store is closed."""
        self._stopped.set()
        self.wake()

    def call(self, method: str, path: str, body: str | None = None, wait: float = 0) -> tuple[int, dict[str, Any]]:
        """Sends a request to the bot, and notes whether it accepts this program."""
        try:
            answer = self.bot.call(method, path, body, wait)
        except Unavailable as error:
            self.owner.note_failure(error)
            if self.owner.refusal is not None:
                self.wake_waiting()
            raise
        self.owner.note_accepted()
        return answer

    # -- in a commit of the caller, who calls `wake` afterwards

    def send(self, db: Connection, subject: str, path: str, body: str | None = None, **more: Any) -> None:
        """Stores a message. Those about one subject keep their order. question: the one that it asks."""
        message = {"subject": subject, "method": "PUT", "path": path, "body": body, "due": time.time(), **more}
        query = f"INSERT INTO messages ({', '.join(message)}) VALUES ({', '.join('?' * len(message))})"
        db.execute(query, [*message.values()])

    def add(self, db: Connection, question: str, kind: str, body: str, run: str | None = None) -> None:
        query = "INSERT INTO questions (id, kind, run, body, created) VALUES (?, ?, ?, ?, ?)"
        db.execute(query, (question, kind, run, body, time.time()))
        self.send(db, run or question, build_path(question), question=question)

    def put(self, questions: Iterable[Question]) -> None:
        """Asks questions for the first time, or again after the bot has rejected them; others are known already.

        Raises ValueError if another question was asked under the same id.
        """
        with self.store.commit() as db:
            for one in questions:
                db.execute("DELETE FROM questions WHERE id = ? AND state = 'rejected'", (one.id,))
                row = db.execute(FOUND, (one.id,)).fetchone()
                if row is None:
                    self.add(db, one.id, one.kind, one.body, one.run)
                    continue
                # The client leaves `follows` out where the bot has deleted that question.
                known, given = (write_sorted({**json.loads(body), "follows": None}) for body in (row["body"], one.body))
                if row["kind"] != one.kind or known != given:
                    raise ValueError(f"another question was asked under the id {one.id}")
        self.wake()

    def withdraw(self, db: Connection, question: str, reason: str) -> bool:
        """Withdraws a question, if it is open."""
        row = db.execute(f"SELECT run FROM questions WHERE id = ? AND {OPEN}", (question,)).fetchone()
        if row is not None:
            db.execute("UPDATE questions SET state = 'closed', reason = ? WHERE id = ?", (reason, question))
            db.execute("DELETE FROM messages WHERE question = ?", (question,))
            self.send(db, row["run"] or question, build_path(question), method="DELETE")
        return row is not None

    def report(self, db: Connection, run: str, said: dict[str, Any]) -> None:
        """Tells the bot how a run goes."""
        self.send(db, run, f"runs/{quote(run, safe='')}", build_body(said, "result"))

    # -- waiting

    def wait(self, question: str, timeout: float | None = None) -> Answer:
        """Waits for an answer. Raises QuestionClosed, TimeoutError, or ValueError if the bot rejects the question or the settings."""
        with self._settled:
            if not self._settled.wait_for(lambda: self._is_settled(question), timeout):
                raise TimeoutError(f"no answer within {timeout} s")
        row = self.store.one(FOUND, question)
        return self._read(row) if row["successor"] is None else self.wait(row["successor"], timeout)

    async def wait_async(self, question: str, timeout: float | None = None) -> Answer:
        """The same in an event loop, which goes on meanwhile. A thread of its own could not be cancelled."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            # The loop may have ended.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(woken.set)

        deadline = None if timeout is None else loop.time() + timeout
        self._tasks.add(wake)
        try:
            while not await asyncio.to_thread(self._is_settled, question):
                try:
                    await asyncio.wait_for(woken.wait(), None if deadline is None else deadline - loop.time())
                except asyncio.TimeoutError:
                    raise TimeoutError(f"no answer within {timeout} s") from None
                woken.clear()
        finally:
            self._tasks.discard(wake)
        row = await asyncio.to_thread(self.store.one, FOUND, question)
        return self._read(row) if row["successor"] is None else await self.wait_async(row["successor"], timeout)

    def _is_settled(self, question: str) -> bool:
        self.owner.check()
        return self.store.one(f"{FOUND} AND {OPEN}", question) is None

    def _read(self, row: Row) -> Answer:
        if row["state"] == "rejected":
            raise ValueError(f"the bot rejected the question: {row['reason']}")
        if row["state"] == "closed":
            end = "withdrawn" if row["reason"] == "withdrawn" else "closed"
            why = "" if row["reason"] == end else f" {row['reason']}"
            raise QuestionClosed(f"The question {row['id']} was {end} without an answer.{why}")
        return Answer.read(row["answer"])

    def abandon(self, question: str | None) -> None:
        """Withdraws a question that no thread waits for any more."""
        while question is not None and not self.store.is_closed:
            with self.store.commit() as db:
                self.withdraw(db, question, "its program stopped waiting")
            self.wake()
            row = self.store.one(FOUND, question)
            question = None if row is None else row["successor"]

    def flush(self, question: str, timeout: float) -> None:
        """Waits until the bot has received what is to be said of a question."""
        left = "SELECT 1 FROM messages WHERE path LIKE ?"
        with self._settled:
            self._settled.wait_for(
                lambda: (
                    self.store.is_closed
                    or self.owner.refusal is not None
                    or self.store.one(left, f"{build_path(question)}%") is None
                ),
                timeout,
            )

    # -- messages to the bot

    def _send(self) -> float:
        """Sends the first message that is due. Later messages about the same subject wait."""
        now, first = time.time(), "id IN (SELECT min(id) FROM messages GROUP BY subject)"
        # A time further off than any pause was noted before the clock was set back.
        query = f"SELECT * FROM messages WHERE {first} AND (due <= ? OR due > ?) ORDER BY id LIMIT 1"
        message = self.store.one(query, now, now + LONGEST_PAUSE)
        if message is None:
            (due,) = self.store.one(f"SELECT min(due) FROM messages WHERE {first}")
            return 60.0 if due is None else max(0.0, due - time.time())
        method, path, body, question = (message[name] for name in ("method", "path", "body", "question"))
        if question is not None:
            (body,) = self.store.one("SELECT body FROM questions WHERE id = ?", question)
        try:
            status, answer = self.call(method, path, body)
        except Unavailable as error:
            tries = message["tries"] + 1
            pause = max(backoff(tries), error.retry_after)
            log.error("%s: %s %s failed: %s; retrying in %g s", self.bot.url, method, path, error, pause)
            with self.store.commit() as db:
                query = "UPDATE messages SET tries = ?, due = ? WHERE id = ?"
                db.execute(query, (tries, time.time() + pause, message["id"]))
            return 0.0
        if status >= 300:
            log.warning("%s %s rejected: %s", method, path, explain(status, answer))
        with self.store.commit() as db:
            db.execute("DELETE FROM messages WHERE id = ?", (message["id"],))
            query = f"SELECT * FROM questions WHERE id = ? AND {OPEN}"
            row = db.execute(query, (question,)).fetchone()
            if row is not None:
                self._note_asked(db, row, status, answer)
        self._tell(question)
        return 0.0

    def _note_asked(self, db: Connection, row: Row, status: int, answer: dict[str, Any]) -> None:
        question, body = row["id"], json.loads(row["body"])
        if status < 300:
            if row["kind"] in LEASED:
                self._heard[question] = time.time()
            db.execute("UPDATE questions SET state = 'waiting' WHERE id = ?", (question,))
        elif status == 422 and body.pop("follows", None) is not None and "follows" in str(answer.get("message")):
            # The bot has deleted the question before it.
            db.execute("UPDATE questions SET body = ? WHERE id = ?", (dumps(body), question))
            self.send(db, row["run"] or question, build_path(question), question=question)
        else:
            state, reason = ("closed", "withdrawn") if status == 410 else ("rejected", explain(status, answer))
            db.execute("UPDATE questions SET state = ?, reason = ? WHERE id = ?", (state, reason, question))

    def _tell(self, question: str | None) -> None:
        """Wakes the threads that wait, and resumes the flow of a settled question."""
        self.wake()
        settled = f"SELECT 1 FROM questions WHERE id = ? AND kind = 'flow' AND NOT ({OPEN})"
        if self.resume_flow is not None and question is not None and self.store.one(settled, question) is not None:
            self.resume_flow(question)

    # -- answers

    def _fetch(self) -> float:
        """Waits for the answers to the questions that one request can name. The next request names the others."""
        kinds = "" if self.resume_flow is not None else "AND kind <> 'flow'"
        rows = self.store.all(f"SELECT id FROM questions WHERE state = 'waiting' {kinds} ORDER BY rowid")
        if not rows:
            return 60.0
        ids = [row["id"] for row in rows]
        batch = ids[self._next : self._next + MOST_IDS] or ids[:MOST_IDS]
        self._next = ids.index(batch[-1]) + 1
        wait = WAIT if len(batch) == len(ids) else 1
        status, told = self.call("GET", f"questions?ids={','.join(batch)}&wait={wait}", wait=wait)
        if not isinstance(told.get("questions"), list):
            raise Unavailable(explain(status, told) if status >= 300 else f"{status} without questions")
        settled = [self._note_state(one) for one in told["questions"]]
        # Where too many requests wait, the bot answers at once.
        return 0.0 if any(settled) or len(batch) < len(ids) else 1.0

    def _note_state(self, told: dict[str, Any]) -> bool:
        """Stores what the bot says of a question. False: nothing new."""
        question, status = told["id"], told["status"]
        # What this release cannot read must not hold up the other questions: it is asked for again.
        state = STATES.get(status, "waiting")
        if status == "answered" and not isinstance((told.get("answer") or {}).get("option"), str):
            state = "waiting"
        with self.store.commit() as db:
            row = db.execute("SELECT * FROM questions WHERE id = ? AND state = 'waiting'", (question,)).fetchone()
            if row is None or state == "waiting":
                return False
            query = "UPDATE questions SET state = ?, answer = ?, reason = ? WHERE id = ?"
            answer = dumps(told["answer"]) if state == "answered" else None
            db.execute(query, (state, answer, told.get("reason", status), question))
            subject = row["run"] or question
            if state == "answered":
                self.send(db, subject, f"{build_path(question)}/received")
            elif state == "new":
                self.send(db, subject, build_path(question), question=question, due=time.time() + ASK_AGAIN_AFTER)
            elif row["kind"] in LEASED and time.time() - self._heard.pop(question, 0) > LEASE:
                # The bot heard nothing for so long that it closed the question, but its thread still waits.
                again = f"{row['kind']}-{uuid.uuid4().hex}"
                body = {**json.loads(row["body"]), "follows": question}
                self.add(db, again, row["kind"], dumps(body), row["run"])
                db.execute("UPDATE questions SET successor = ? WHERE id = ?", (again, question))
        self._tell(question)
        return True

    def _renew(self) -> float:
        """Says that threads of this process still wait."""
        for question, kind in self.store.all("SELECT id, kind FROM questions WHERE state = 'waiting'"):
            if kind in LEASED:
                self.call("PUT", f"{build_path(question)}/alive")
                self._heard[question] = time.time()
        return ALIVE_EVERY


def write_sorted(value: Any) -> str:
    """JSON to compare: in Python, 1 and True are equal."""
    return json.dumps(value, sort_keys=True)


def build_path(question: str) -> str:
    return f"questions/{quote(question, safe='')}"
