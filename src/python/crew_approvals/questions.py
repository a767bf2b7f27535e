"""Stores questions, asks them and waits for answers. Sends messages to the bot until the bot has received them."""

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

#: Seconds that the bot holds a request for answers, and the maximum of ids in a request. The wait is short because only
#: the next request can include questions that are asked meanwhile.
WAIT, MAX_IDS = 5, 50
#: Seconds after which the bot closes a question without a renewed lease, and seconds between two renewals.
LEASE, RENEW_EVERY = 300, 120
#: Seconds before a question that the bot no longer knows is asked again.
ASK_AGAIN_DELAY = 5
#: Seconds that a caller waits until the bot has received the end of a question. Unsent messages stay in the file.
FLUSHED_WITHIN = 5

FIND_QUESTION = "SELECT * FROM questions WHERE id = ?"
#: Arguments of `ask` that the bot gets unchanged.
FIELDS = {
    *("message", "agent", "free_text", "editable", "kind", "follows", "requested_by", "approvers", "channel"),
    *("expires_in", "default_option", "require_whole", "effect", "named_approvers", "callback_url"),
}
#: States of questions in the file, by the status that the bot reports.
STATES = {"waiting": "waiting", "answered": "answered", "unknown": "new", "closed": "closed", "withdrawn": "closed"}
NOT_GIVEN: Any = object()


@dataclass(frozen=True)
class Answer:
    """An answer to a question. option: the id of the chosen option. by: the Slack ID of the person.

    edited: the output as the person changed it. fields: the values that people filled in, by name, or as an instance of
    the dataclass that was asked for. seen: what each person who decided was shown, as a list of dicts (docs/questions.md).
    receipt: the bot's signed receipt (docs/receipts.md).
    """

    option: str
    text: str
    by: str
    at: str
    edited: Any = None
    fields: Any = None
    seen: Any = None
    receipt: str | None = None

    @classmethod
    def read(cls, text: str) -> Answer:
        return cls(**{name: value for name, value in json.loads(text).items() if name in cls.__dataclass_fields__})


class QuestionClosed(Exception):
    """The question was closed or withdrawn without an answer."""


@dataclass(frozen=True)
class Question:
    """A question to ask. kind: `ask` with an id of the program, else `once`. fields: dataclass or schema to fill in."""

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
    **more_fields: Any,
) -> Question:
    """Builds a question from the arguments of `ask`.

    Raises TypeError for an unknown argument, and ValueError for a wrong id, unsupported fields or too large a question.
    """
    unknown = sorted(more_fields.keys() - FIELDS)
    if unknown:
        raise TypeError(f"ask has no keyword {unknown[0]}")
    # HTTP clients resolve the path segments `.` and `..`.
    if id is not None and (id in (".", "..") or not re.fullmatch(r"[A-Za-z0-9._:@-]{1,100}", id)):
        raise ValueError('id must be 1 to 100 letters, digits and .:@_- (except "." and "..").')
    body = {"title": title, "text": text, "run": run, **more_fields, "lease": True if id is None else None}
    body["fields"] = None if fields is None else build_schema(fields)
    if options is not None:
        body["options"] = [
            {"id": option, "label": option} if isinstance(option, str) else dict(option) for option in options
        ]
    body = {name: value for name, value in body.items() if value is not None}
    if output is not NOT_GIVEN:
        body["output"] = output
    question_id = f"once-{uuid.uuid4().hex}" if id is None else id
    return Question(question_id, "once" if id is None else "ask", build_body(body), run, fields)


class Questions:
    def __init__(self, store: Store, bot: Bot, owner: Owner) -> None:
        self.store, self.bot, self.owner = store, bot, owner
        #: Resumes a flow with its answer. While None, answers to flows are not fetched.
        self.resume_flow: Callable[[str], None] | None = None
        #: Times of the last renewal of a lease, by question.
        self._renewed_at: dict[str, float] = {}
        #: Index of the first question in the next request, if there are more than MAX_IDS.
        self._next_index = 0
        self._settled, self._stopped = threading.Condition(), threading.Event()
        #: Functions that wake waiting tasks of event loops.
        self._task_wakers: set[Callable[[], None]] = set()
        self._wake_events = {"messages": threading.Event(), "answers": threading.Event()}

    # -- threads

    def start(self) -> None:
        for name, step in (("messages", self._send), ("answers", self._fetch), ("leases", self._renew)):
            self.repeat(name, step)

    def repeat(self, name: str, step: Callable[[], float | None]) -> None:
        """Calls a step repeatedly in its own thread. The step returns the seconds until the next call; None: the end.

        A step that raises is retried.
        """

        def run() -> None:
            failures, wake_event = 0, self._wake_events.get(name, self._stopped)
            while not self._stopped.is_set():
                if name in self._wake_events:
                    wake_event.clear()
                try:
                    pause, failures = step(), 0
                    if pause is None:
                        return
                    wake_event.wait(pause)
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
        """Wakes the threads and all waiting callers. Call it after a commit with new messages or states."""
        for event in self._wake_events.values():
            event.set()
        self.wake_waiting()

    def wake_waiting(self) -> None:
        with self._settled:
            self._settled.notify_all()
        for wake in list(self._task_wakers):
            wake()

    def stop(self) -> None:
        """Ends the threads. Call it after the store was closed."""
        self._stopped.set()
        self.wake()

    def call(self, method: str, path: str, body: str | None = None, wait: float = 0) -> tuple[int, dict[str, Any]]:
        """Sends a request to the bot, and records if the bot accepts this program."""
        try:
            answer = self.bot.call(method, path, body, wait)
        except Unavailable as error:
            self.owner.note_failure(error)
            if self.owner.refusal is not None:
                self.wake_waiting()
            raise
        self.owner.note_accepted()
        return answer

    # -- changes; if `db` is a parameter, the caller commits and then calls `wake`

    def send(self, db: Connection, subject: str, path: str, body: str | None = None, **columns: Any) -> None:
        """Stores a message to the bot. Messages of a subject keep their order. question: the question that it asks."""
        message = {"subject": subject, "method": "PUT", "path": path, "body": body, "due": time.time(), **columns}
        query = f"INSERT INTO messages ({', '.join(message)}) VALUES ({', '.join('?' * len(message))})"
        db.execute(query, [*message.values()])

    def add(self, db: Connection, question: str, kind: str, body: str, run: str | None = None) -> None:
        query = "INSERT INTO questions (id, kind, run, body, created) VALUES (?, ?, ?, ?, ?)"
        db.execute(query, (question, kind, run, body, time.time()))
        self.send(db, run or question, build_path(question), question=question)

    def put(self, questions: Iterable[Question]) -> None:
        """Asks the questions that were not asked before, or that the bot rejected.

        Raises ValueError if another question was asked under the same id.
        """
        with self.store.commit() as db:
            for question in questions:
                db.execute("DELETE FROM questions WHERE id = ? AND state = 'rejected'", (question.id,))
                row = db.execute(FIND_QUESTION, (question.id,)).fetchone()
                if row is None:
                    self.add(db, question.id, question.kind, question.body, question.run)
                    continue
                # `follows` may differ: the client removes it if the bot has deleted the earlier question.
                stored, current = (
                    write_sorted({**json.loads(body), "follows": None}) for body in (row["body"], question.body)
                )
                if row["kind"] != question.kind or stored != current:
                    raise ValueError(f"another question was asked under the id {question.id}")
        self.wake()

    def withdraw(self, db: Connection, question: str, reason: str) -> bool:
        """Withdraws a question. Returns False if the question is not open."""
        row = db.execute(f"SELECT run FROM questions WHERE id = ? AND {OPEN}", (question,)).fetchone()
        if row is not None:
            db.execute("UPDATE questions SET state = 'closed', reason = ? WHERE id = ?", (reason, question))
            db.execute("DELETE FROM messages WHERE question = ?", (question,))
            self.send(db, row["run"] or question, build_path(question), method="DELETE")
        return row is not None

    def report(self, db: Connection, run: str, state: dict[str, Any]) -> None:
        """Reports the state of a run to the bot."""
        self.send(db, run, f"runs/{quote(run, safe='')}", build_body(state, "result"))

    # -- waiting

    def wait(self, question: str, timeout: float | None = None) -> Answer:
        """Waits for an answer.

        Raises QuestionClosed, TimeoutError, and ValueError if the bot rejects the question or the settings.
        """
        with self._settled:
            if not self._settled.wait_for(lambda: self._is_settled(question), timeout):
                raise TimeoutError(f"no answer within {timeout} s")
        row = self.store.one(FIND_QUESTION, question)
        return self._read(row) if row["successor"] is None else self.wait(row["successor"], timeout)

    async def wait_async(self, question: str, timeout: float | None = None) -> Answer:
        """Waits as `wait` does, in an event loop. Does not run `wait` in a thread: a thread cannot be cancelled."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            # The event loop may be closed.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(woken.set)

        deadline = None if timeout is None else loop.time() + timeout
        self._task_wakers.add(wake)
        try:
            while not await asyncio.to_thread(self._is_settled, question):
                try:
                    await asyncio.wait_for(woken.wait(), None if deadline is None else deadline - loop.time())
                except asyncio.TimeoutError:
                    raise TimeoutError(f"no answer within {timeout} s") from None
                woken.clear()
        finally:
            self._task_wakers.discard(wake)
        row = await asyncio.to_thread(self.store.one, FIND_QUESTION, question)
        return self._read(row) if row["successor"] is None else await self.wait_async(row["successor"], timeout)

    def _is_settled(self, question: str) -> bool:
        self.owner.check()
        return self.store.one(f"{FIND_QUESTION} AND {OPEN}", question) is None

    def _read(self, row: Row) -> Answer:
        if row["state"] == "rejected":
            raise ValueError(f"the bot rejected the question: {row['reason']}")
        if row["state"] == "closed":
            end = "withdrawn" if row["reason"] == "withdrawn" else "closed"
            why = "" if row["reason"] == end else f" {row['reason']}"
            raise QuestionClosed(f"The question {row['id']} was {end} without an answer.{why}")
        return Answer.read(row["answer"])

    def abandon(self, question: str | None) -> None:
        """Withdraws a question for which no thread waits anymore, and its successors."""
        while question is not None and not self.store.is_closed:
            with self.store.commit() as db:
                self.withdraw(db, question, "its program stopped waiting")
            self.wake()
            row = self.store.one(FIND_QUESTION, question)
            question = None if row is None else row["successor"]

    def flush(self, question: str, timeout: float) -> None:
        """Waits until the bot has received all messages about a question."""
        unsent = "SELECT 1 FROM messages WHERE path LIKE ?"
        with self._settled:
            self._settled.wait_for(
                lambda: (
                    self.store.is_closed
                    or self.owner.refusal is not None
                    or self.store.one(unsent, f"{build_path(question)}%") is None
                ),
                timeout,
            )

    # -- messages to the bot

    def _send(self) -> float:
        """Sends the first message that is due. Later messages of its subject wait."""
        now, first = time.time(), "id IN (SELECT min(id) FROM messages GROUP BY subject)"
        # A time beyond the longest pause was stored before the clock was set back: the message is due.
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
                self._store_asked(db, row, status, answer)
        self._wake_and_resume(question)
        return 0.0

    def _store_asked(self, db: Connection, row: Row, status: int, answer: dict[str, Any]) -> None:
        question, body = row["id"], json.loads(row["body"])
        if status < 300:
            if row["kind"] in LEASED:
                self._renewed_at[question] = time.time()
            db.execute("UPDATE questions SET state = 'waiting' WHERE id = ?", (question,))
        elif status == 422 and body.pop("follows", None) is not None and "follows" in str(answer.get("message")):
            # The bot has deleted the question that this question follows.
            db.execute("UPDATE questions SET body = ? WHERE id = ?", (dumps(body), question))
            self.send(db, row["run"] or question, build_path(question), question=question)
        else:
            state, reason = ("closed", "withdrawn") if status == 410 else ("rejected", explain(status, answer))
            db.execute("UPDATE questions SET state = ?, reason = ? WHERE id = ?", (state, reason, question))

    def _wake_and_resume(self, question: str | None) -> None:
        """Wakes the threads that wait, and resumes the flow of a settled question."""
        self.wake()
        settled = f"SELECT 1 FROM questions WHERE id = ? AND kind = 'flow' AND NOT ({OPEN})"
        if self.resume_flow is not None and question is not None and self.store.one(settled, question) is not None:
            self.resume_flow(question)

    # -- answers

    def _fetch(self) -> float:
        """Waits for answers to as many questions as a request can name. The next request names the others."""
        kinds = "" if self.resume_flow is not None else "AND kind <> 'flow'"
        rows = self.store.all(f"SELECT id FROM questions WHERE state = 'waiting' {kinds} ORDER BY rowid")
        if not rows:
            return 60.0
        ids = [row["id"] for row in rows]
        batch = ids[self._next_index : self._next_index + MAX_IDS] or ids[:MAX_IDS]
        self._next_index = ids.index(batch[-1]) + 1
        wait = WAIT if len(batch) == len(ids) else 1
        status, answer = self.call("GET", f"questions?ids={','.join(batch)}&wait={wait}", wait=wait)
        if not isinstance(answer.get("questions"), list):
            raise Unavailable(explain(status, answer) if status >= 300 else f"{status} without questions")
        settled = [self._store_state(reported) for reported in answer["questions"]]
        # The bot answers at once if too many requests wait.
        return 0.0 if any(settled) or len(batch) < len(ids) else 1.0

    def _store_state(self, reported: dict[str, Any]) -> bool:
        """Stores the state of a question that the bot reported. False: nothing new."""
        question, status = reported["id"], reported["status"]
        # An answer that this release cannot read must not block other questions: the client fetches it again.
        state = STATES.get(status, "waiting")
        if status == "answered" and not isinstance((reported.get("answer") or {}).get("option"), str):
            state = "waiting"
        with self.store.commit() as db:
            row = db.execute("SELECT * FROM questions WHERE id = ? AND state = 'waiting'", (question,)).fetchone()
            if row is None or state == "waiting":
                return False
            query = "UPDATE questions SET state = ?, answer = ?, reason = ? WHERE id = ?"
            answer = dumps(reported["answer"]) if state == "answered" else None
            db.execute(query, (state, answer, reported.get("reason", status), question))
            subject = row["run"] or question
            if state == "answered":
                self.send(db, subject, f"{build_path(question)}/received")
            elif state == "new":
                self.send(db, subject, build_path(question), question=question, due=time.time() + ASK_AGAIN_DELAY)
            elif row["kind"] in LEASED and time.time() - self._renewed_at.pop(question, 0) > LEASE:
                # The lease expired, so the bot closed the question, but its thread still waits: asks again.
                successor = f"{row['kind']}-{uuid.uuid4().hex}"
                body = {**json.loads(row["body"]), "follows": question}
                self.add(db, successor, row["kind"], dumps(body), row["run"])
                db.execute("UPDATE questions SET successor = ? WHERE id = ?", (successor, question))
        self._wake_and_resume(question)
        return True

    def _renew(self) -> float:
        """Renews the leases of the questions for which threads of this process wait."""
        for question, kind in self.store.all("SELECT id, kind FROM questions WHERE state = 'waiting'"):
            if kind in LEASED:
                requested_at = time.time()
                _, state = self.call("PUT", f"{build_path(question)}/alive")
                # The bot also answers for a question that it has closed.
                if state.get("status") == "waiting":
                    self._renewed_at[question] = requested_at
        return RENEW_EVERY


def write_sorted(value: Any) -> str:
    """Writes a value as JSON for comparison: in Python, 1 and True are equal."""
    return json.dumps(value, sort_keys=True)


def build_path(question: str) -> str:
    return f"questions/{quote(question, safe='')}"
