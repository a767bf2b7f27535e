"""Calls of tools before which an agent has stopped: a person sees the arguments, and allows or blocks each call.

The adapters for other frameworks share this. A loop of your own can use `decide_calls` too.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .arguments import freeze
from .bot import cut, describe, dumps
from .questions import FLUSHED_WITHIN, Answer, Question, QuestionClosed, Questions, build_question, write_sorted
from .store import CARRIED_OUT

if TYPE_CHECKING:
    from .client import CrewApprovals

#: The bot's limit for the name of who asks.
AGENT = 300
AGAIN = "This call was allowed before, and its program was interrupted after that: it may have run already."


class ToolNotRun(RuntimeError):
    """Nobody could be asked about a call, so the tool did not run."""


class UnknownAnswer(ValueError):
    """An answer that neither allows nor blocks a call."""


class Refusal(str):
    """What the agent reads instead of a result."""


CLOSED = Refusal("The tool was not run: the question about this call was closed without a decision.")


@dataclass(frozen=True)
class Call:
    """A call that waits. id: the same after a restart of the program, and another one for each call of the run.

    fault: why its arguments cannot be read.
    """

    id: str
    name: str
    arguments: Any
    agent: str | None = None
    fault: str | None = None


@dataclass(frozen=True)
class Decision:
    """arguments: a copy of what the card showed. refusal: what the agent reads instead of a result; None: allowed."""

    arguments: Any
    refusal: Refusal | None


def decide_calls(
    approvals: CrewApprovals, calls: Sequence[Call], *, run: str, timeout: float | None = None, **more: Any
) -> list[Decision]:
    """Asks about all of these calls at once, and waits until people have decided on each of them.

    run: your own id of the run. The same run and id of a call are the same question, also after a restart. A call that
    was allowed and returned once is asked about again, because it may have run since. timeout: in seconds.
    more: `message`, and fields of `ask` such as `approvers`.

    Raises ToolNotRun if nobody can be asked about one of the calls, or if its arguments are not those of its question,
    and TimeoutError. None of the calls is decided then. Arguments that cannot be shown are refused.
    """
    asked = put_calls(approvals, calls, run, more, timeout)
    wait_for_calls(approvals._questions, asked, start_clock(timeout))
    return settle_calls(approvals._questions, asked)


async def decide_calls_async(
    approvals: CrewApprovals, calls: Sequence[Call], *, run: str, timeout: float | None = None, **more: Any
) -> list[Decision]:
    """The same in an event loop, which goes on meanwhile. When the task is cancelled, the questions stay."""
    asked = await asyncio.to_thread(put_calls, approvals, calls, run, more, timeout)
    await wait_for_calls_async(approvals._questions, asked, start_clock(timeout))
    return await asyncio.to_thread(settle_calls, approvals._questions, asked)


def wait_for_calls(questions: Questions, asked: Sequence[AskedCall], left: Callable[[], float | None]) -> None:
    for one in asked:
        with one.noted():
            if one.question is not None:
                one.refusal = read_refusal(questions.wait(one.question.id, left()))


async def wait_for_calls_async(
    questions: Questions, asked: Sequence[AskedCall], left: Callable[[], float | None]
) -> None:
    for one in asked:
        with one.noted():
            if one.question is not None:
                one.refusal = read_refusal(await questions.wait_async(one.question.id, left()))


@dataclass
class AskedCall:
    """question: None if the arguments cannot be shown."""

    call: Call
    arguments: Any = None
    shown: Any = None
    question: Question | None = None
    refusal: Refusal | None = None

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Notes that nobody decided."""
        with explain_failure(self.call.name):
            try:
                yield
            except QuestionClosed:
                self.refusal = CLOSED


def start_clock(timeout: float | None) -> Callable[[], float | None]:
    """Gives the seconds that are left."""
    end = None if timeout is None else time.monotonic() + timeout
    return lambda: None if end is None else max(0.0, end - time.monotonic())


def put_calls(
    approvals: CrewApprovals, calls: Sequence[Call], run: str, more: dict[str, Any], timeout: float | None
) -> list[AskedCall]:
    if len({one.id for one in calls}) < len(calls):
        raise ToolNotRun("No tool was run, because several calls have the same id")
    approvals._start(timeout)
    asked = [_build_asked(approvals._questions, call, run, more) for call in calls]
    new = [one for one in asked if not _is_known(approvals._questions, one)]
    for one in new:
        with explain_failure(one.call.name):
            approvals._questions.put([] if one.question is None else [one.question])
    return asked


def _is_known(questions: Questions, asked: AskedCall) -> bool:
    """Whether this call was asked about before. A program can have another message by now, but no other arguments."""
    if asked.question is None:
        return False
    query = "SELECT body FROM questions WHERE id = ? AND state <> 'rejected'"
    row = questions.store.one(query, asked.question.id)
    if row is None:
        return False
    before, now = ((body["title"], body["output"]) for body in map(json.loads, (row["body"], asked.question.body)))
    if write_sorted(before) != write_sorted(now):
        raise _say_changed(asked.call.name)
    return True


def _say_changed(name: str) -> ToolNotRun:
    return ToolNotRun(f"The tool {name} was not run, because its arguments were changed after the question")


def _build_asked(questions: Questions, call: Call, run: str, more: dict[str, Any]) -> AskedCall:
    try:
        if call.fault is not None:
            raise ValueError(call.fault)
        arguments, shown = freeze(call.arguments)
    except ValueError as error:
        return AskedCall(call, refusal=Refusal(_explain(call.name, error)))
    with explain_failure(call.name):
        allowed = count_allowed(questions, run, call.id)
        known = build_call_question_id(run, call.id, allowed + 1)
        message = "\n\n".join(text for text in (AGAIN if allowed > 0 else None, more.get("message")) if text)
        body = {**more, **describe_call(call.name, shown, call.agent, message)}
        return AskedCall(call, arguments, shown, build_question(**body, run=run, id=known))


def build_call_question_id(run: str, call: str, attempt: int) -> str:
    """The same after a restart. attempt: 1 for the first time that a call is asked about."""
    return f"call-{hashlib.sha256(json.dumps([run, call, attempt]).encode()).hexdigest()[:40]}"


def count_allowed(questions: Questions, run: str, call: str) -> int:
    """How often a call was allowed and its program has gone on with it. It may have run since."""
    query = "SELECT 1 FROM questions WHERE id = ? AND reason = ?"
    ids = (build_call_question_id(run, call, attempt) for attempt in itertools.count(1))
    return next(place for place, known in enumerate(ids) if questions.store.one(query, known, CARRIED_OUT) is None)


def settle_calls(questions: Questions, asked: Sequence[AskedCall]) -> list[Decision]:
    for one in asked:
        if one.question is not None and dumps(_show(one.call)) != dumps(one.shown):
            raise _say_changed(one.call.name)
    decided = {one.question.id: one.refusal for one in asked if one.question is not None}
    for question in decided:
        # A program can end after this: the card would say that nobody fetched the answer.
        questions.flush(question, FLUSHED_WITHIN)
    with questions.store.commit() as db:
        for question in [one for one, refusal in decided.items() if refusal is None]:
            db.execute("UPDATE questions SET reason = ? WHERE id = ?", (CARRIED_OUT, question))
    return [Decision(one.arguments, one.refusal) for one in asked]


def _show(call: Call) -> Any:
    try:
        return freeze(call.arguments)[1]
    except ValueError:
        return None


def describe_call(name: str, shown: Any, agent: str | None, message: str | None) -> dict[str, Any]:
    """The fields of a question about a call, with its arguments as `freeze` shows them."""
    body = {"kind": "tool", "title": freeze(name, "name")[0], "output": shown}
    body |= {"agent": cut(agent, AGENT)} if agent and agent.strip() else {}
    return body | ({"message": message} if message else {})


def read_refusal(answer: Answer) -> Refusal | None:
    """None: a person allowed the call. Raises UnknownAnswer if it is neither an allow by a person nor a block."""
    if answer.option == "allow" and answer.by:
        return None
    if answer.option != "block":
        raise UnknownAnswer(answer.option)
    by = f"a person blocked this call (Slack user {answer.by})" if answer.by else "nobody allowed this call in time"
    return Refusal(f"The tool was not run: {by}." + (f" Reason: {answer.text}" if answer.text else ""))


@contextmanager
def explain_failure(name: str) -> Iterator[None]:
    """Whatever fails here ends the call, and the error says why."""
    try:
        yield
    except TimeoutError:
        raise
    except Exception as error:
        raise ToolNotRun(_explain(name, error)) from error


def _explain(name: str, error: Exception) -> str:
    is_asked = isinstance(error, UnknownAnswer)
    why = "its answer is unknown" if is_asked else f"nobody could be asked: {describe(error)}"
    return f"The tool {name} was not run, because {why}"
