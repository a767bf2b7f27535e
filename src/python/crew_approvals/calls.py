"""Tool calls for which an agent waits: a person sees the arguments, and allows or blocks each call.

The adapters for other frameworks use this file. Your own agent loop can use `decide_calls` too.
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

#: The bot's limit for the name of an agent, in UTF-16 units.
AGENT = 300
AGAIN = "This call was allowed before, and its program was interrupted after that: it may have run already."


class ToolNotRun(RuntimeError):
    """The tool did not run: nobody could be asked about the call, or the answer does not apply to it."""


class UnknownAnswer(ValueError):
    """An answer that neither allows nor blocks a call."""


class Refusal(str):
    """The text that the agent reads instead of a result."""


CLOSED = Refusal("The tool was not run: the question about this call was closed without a decision.")


@dataclass(frozen=True)
class Call:
    """A call that waits for a decision.

    id: unique in the run, and the same after a restart of the program. fault: why the arguments cannot be read.
    """

    id: str
    name: str
    arguments: Any
    agent: str | None = None
    fault: str | None = None


@dataclass(frozen=True)
class Decision:
    """A decision about a call.

    arguments: a copy of the arguments on the card. refusal: the text for the agent instead of a result; None: allowed.
    """

    arguments: Any
    refusal: Refusal | None


def decide_calls(
    approvals: CrewApprovals, calls: Sequence[Call], *, run: str, timeout: float | None = None, **question_fields: Any
) -> list[Decision]:
    """Asks about all calls at once, and waits until people have decided on each of them.

    run: your own id of the run. A call with the same run and id has the same question, also after a restart. If an
    earlier `decide_calls` returned the call as allowed, people are asked again: the tool may have run since.
    timeout: in seconds. question_fields: `message` and other fields of `ask`, such as `approvers`.

    Raises ToolNotRun if nobody can be asked about a call, or if its arguments differ from those of its question, and
    TimeoutError. No call is decided then. A call whose arguments cannot be shown is refused without a question.
    """
    asked_calls = put_calls(approvals, calls, run, question_fields, timeout)
    wait_for_calls(approvals._questions, asked_calls, start_clock(timeout))
    return settle_calls(approvals._questions, asked_calls)


async def decide_calls_async(
    approvals: CrewApprovals, calls: Sequence[Call], *, run: str, timeout: float | None = None, **question_fields: Any
) -> list[Decision]:
    """Decides calls as `decide_calls` does, in an event loop. The questions stay open if the task is cancelled."""
    asked_calls = await asyncio.to_thread(put_calls, approvals, calls, run, question_fields, timeout)
    await wait_for_calls_async(approvals._questions, asked_calls, start_clock(timeout))
    return await asyncio.to_thread(settle_calls, approvals._questions, asked_calls)


def wait_for_calls(
    questions: Questions, asked_calls: Sequence[AskedCall], remaining: Callable[[], float | None]
) -> None:
    for call in asked_calls:
        with call.refuse_if_closed():
            if call.question is not None:
                call.refusal = read_refusal(questions.wait(call.question.id, remaining()))


async def wait_for_calls_async(
    questions: Questions, asked_calls: Sequence[AskedCall], remaining: Callable[[], float | None]
) -> None:
    for call in asked_calls:
        with call.refuse_if_closed():
            if call.question is not None:
                call.refusal = read_refusal(await questions.wait_async(call.question.id, remaining()))


@dataclass
class AskedCall:
    """A call with its question. question: None if the arguments cannot be shown."""

    call: Call
    arguments: Any = None
    shown: Any = None
    question: Question | None = None
    refusal: Refusal | None = None

    @contextmanager
    def refuse_if_closed(self) -> Iterator[None]:
        """Refuses the call if its question is closed without a decision."""
        with explain_failure(self.call.name):
            try:
                yield
            except QuestionClosed:
                self.refusal = CLOSED


def start_clock(timeout: float | None) -> Callable[[], float | None]:
    """Starts a timeout. Returns a function that returns the remaining seconds; None: no timeout."""
    end = None if timeout is None else time.monotonic() + timeout
    return lambda: None if end is None else max(0.0, end - time.monotonic())


def put_calls(
    approvals: CrewApprovals, calls: Sequence[Call], run: str, question_fields: dict[str, Any], timeout: float | None
) -> list[AskedCall]:
    if len({call.id for call in calls}) < len(calls):
        raise ToolNotRun("No tool was run, because several calls have the same id")
    approvals._start(timeout)
    asked_calls = [_build_asked_call(approvals._questions, call, run, question_fields) for call in calls]
    new_calls = [asked for asked in asked_calls if not _has_question(approvals._questions, asked)]
    for asked in new_calls:
        with explain_failure(asked.call.name):
            approvals._questions.put([] if asked.question is None else [asked.question])
    return asked_calls


def _has_question(questions: Questions, asked: AskedCall) -> bool:
    """True if people were asked about the call before. Its message may differ now.

    Raises ToolNotRun if the tool or its arguments differ.
    """
    if asked.question is None:
        return False
    query = "SELECT body FROM questions WHERE id = ? AND state <> 'rejected'"
    row = questions.store.one(query, asked.question.id)
    if row is None:
        return False
    stored, current = ((body["title"], body["output"]) for body in map(json.loads, (row["body"], asked.question.body)))
    if write_sorted(stored) != write_sorted(current):
        raise _build_changed_error(asked.call.name)
    return True


def _build_changed_error(name: str) -> ToolNotRun:
    return ToolNotRun(f"The tool {name} was not run, because its arguments were changed after the question")


def _build_asked_call(questions: Questions, call: Call, run: str, question_fields: dict[str, Any]) -> AskedCall:
    try:
        if call.fault is not None:
            raise ValueError(call.fault)
        arguments, shown = freeze(call.arguments)
    except ValueError as error:
        return AskedCall(call, refusal=Refusal(_explain(call.name, error)))
    with explain_failure(call.name):
        allowed = count_allowed(questions, run, call.id)
        question_id = build_call_question_id(run, call.id, allowed + 1)
        message = "\n\n".join(text for text in (AGAIN if allowed > 0 else None, question_fields.get("message")) if text)
        body = {**question_fields, **describe_call(call.name, shown, call.agent, message)}
        return AskedCall(call, arguments, shown, build_question(**body, run=run, id=question_id))


def build_call_question_id(run: str, call: str, attempt: int) -> str:
    """Builds an id that is the same after a restart. attempt: 1 for the first question about the call."""
    return f"call-{hashlib.sha256(json.dumps([run, call, attempt]).encode()).hexdigest()[:40]}"


def count_allowed(questions: Questions, run: str, call: str) -> int:
    """Counts how often a call was returned to the program as allowed. The tool may have run each time."""
    query = "SELECT 1 FROM questions WHERE id = ? AND reason = ?"
    ids = (build_call_question_id(run, call, attempt) for attempt in itertools.count(1))
    return next(count for count, id in enumerate(ids) if questions.store.one(query, id, CARRIED_OUT) is None)


def settle_calls(questions: Questions, asked_calls: Sequence[AskedCall]) -> list[Decision]:
    for asked in asked_calls:
        if asked.question is not None and dumps(_show(asked.call)) != dumps(asked.shown):
            raise _build_changed_error(asked.call.name)
    refusals = {asked.question.id: asked.refusal for asked in asked_calls if asked.question is not None}
    for question in refusals:
        # The program may end after this function: the card would say that nobody fetched the answer.
        questions.flush(question, FLUSHED_WITHIN)
    with questions.store.commit() as db:
        for question in [id for id, refusal in refusals.items() if refusal is None]:
            db.execute("UPDATE questions SET reason = ? WHERE id = ?", (CARRIED_OUT, question))
    return [Decision(asked.arguments, asked.refusal) for asked in asked_calls]


def _show(call: Call) -> Any:
    try:
        return freeze(call.arguments)[1]
    except ValueError:
        return None


def describe_call(name: str, shown: Any, agent: str | None, message: str | None) -> dict[str, Any]:
    """Builds the fields of a question about a call. shown: the arguments as `freeze` shows them."""
    body = {"kind": "tool", "title": freeze(name, "name")[0], "output": shown}
    body |= {"agent": cut(agent, AGENT)} if agent and agent.strip() else {}
    return body | ({"message": message} if message else {})


def read_refusal(answer: Answer) -> Refusal | None:
    """Reads the refusal from an answer; None: a person allowed the call.

    Raises UnknownAnswer for other options than allow and block, and if `allow` was not chosen by a person.
    """
    if answer.option == "allow" and answer.by:
        return None
    if answer.option != "block":
        raise UnknownAnswer(answer.option)
    by = f"a person blocked this call (Slack user {answer.by})" if answer.by else "nobody allowed this call in time"
    return Refusal(f"The tool was not run: {by}." + (f" Reason: {answer.text}" if answer.text else ""))


@contextmanager
def explain_failure(name: str) -> Iterator[None]:
    """Turns any error except TimeoutError into a ToolNotRun with the reason."""
    try:
        yield
    except TimeoutError:
        raise
    except Exception as error:
        raise ToolNotRun(_explain(name, error)) from error


def _explain(name: str, error: Exception) -> str:
    has_answer = isinstance(error, UnknownAnswer)
    why = "its answer is unknown" if has_answer else f"nobody could be asked: {describe(error)}"
    return f"The tool {name} was not run, because {why}"
