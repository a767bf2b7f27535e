"""Graphs of LangGraph: what a node passes to `interrupt` is put to people, and the graph goes on with their answer."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import importlib.metadata
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from langgraph.types import Command, Interrupt

from .bot import TITLE, cut
from .calls import (
    Call,
    Decision,
    ToolNotRun,
    put_calls,
    settle_calls,
    start_clock,
    wait_for_calls,
    wait_for_calls_async,
)
from .questions import FLUSHED_WITHIN, Answer, Question, build_question

if TYPE_CHECKING:
    from .client import CrewApprovals

#: The first release that was found to give each interrupt of a node an id of its own: 1.2.10 does not.
SINCE = "1.2.20"
#: A text that a node passes to `interrupt` is answered with a text.
TEXT_ONLY = {"options": [{"id": "answer", "label": "Answer"}], "free_text": "required"}


def run_graph(
    approvals: CrewApprovals, graph: Any, input: Any, config: dict[str, Any], *, ask: dict[str, Any] | None = None
) -> Any:
    """Runs a graph to its end, or goes on with it where an earlier program was stopped. Returns its values.

    The graph has a checkpointer, and its `thread_id` is the run of the questions. A node asks with
    `interrupt({"title": …, "output": …})`, the fields of `ask`, or with a text, and gets the answer as a dictionary:
    `option`, `text`, `by`, `at`, and `edited` and `fields` where there are any. The calls that the
    `HumanInTheLoopMiddleware` of LangChain stops are asked about as calls of tools. ask: `message` and other fields of
    all questions, such as `approvers`. A graph that has ended is not run again.

    Raises QuestionClosed if a question was closed without an answer, and ToolNotRun if nobody can be asked about a call.
    """
    state = graph.get_state(config)
    if not state.values and not state.next:
        graph.invoke(input, config)
    elif state.next and not state.interrupts:
        # It was stopped between two steps.
        graph.invoke(None, config)
    while (state := graph.get_state(config)).interrupts:
        resume = answer_interrupts(approvals, state.interrupts, run=_find_run(config), **(ask or {}))
        if not _is_same(state, graph.get_state(config)):
            raise ToolNotRun("The graph was not resumed, because its interrupts were changed after the question")
        graph.invoke(Command(resume=resume), config)
    return state.values


async def run_graph_async(
    approvals: CrewApprovals, graph: Any, input: Any, config: dict[str, Any], *, ask: dict[str, Any] | None = None
) -> Any:
    """The same with a graph and a checkpointer for an event loop."""
    state = await graph.aget_state(config)
    if not state.values and not state.next:
        await graph.ainvoke(input, config)
    elif state.next and not state.interrupts:
        await graph.ainvoke(None, config)
    while (state := await graph.aget_state(config)).interrupts:
        resume = await answer_interrupts_async(approvals, state.interrupts, run=_find_run(config), **(ask or {}))
        if not _is_same(state, await graph.aget_state(config)):
            raise ToolNotRun("The graph was not resumed, because its interrupts were changed after the question")
        await graph.ainvoke(Command(resume=resume), config)
    return state.values


def answer_interrupts(
    approvals: CrewApprovals, interrupts: Any, *, run: str, timeout: float | None = None, **more: Any
) -> dict[str, Any]:
    """Asks about all interrupts at once, and waits. Gives what `Command(resume=…)` takes."""
    asked, left = _Asked(approvals, interrupts, run, more, timeout), start_clock(timeout)
    for question in asked.questions.values():
        asked.note(question, approvals._questions.wait(question.id, left()))
    wait_for_calls(approvals._questions, asked.calls, left)
    return asked.settle()


async def answer_interrupts_async(
    approvals: CrewApprovals, interrupts: Any, *, run: str, timeout: float | None = None, **more: Any
) -> dict[str, Any]:
    """The same in an event loop, which goes on meanwhile."""
    left = start_clock(timeout)
    asked = await asyncio.to_thread(_Asked, approvals, interrupts, run, more, timeout)
    for question in asked.questions.values():
        asked.note(question, await approvals._questions.wait_async(question.id, left()))
    await wait_for_calls_async(approvals._questions, asked.calls, left)
    return await asyncio.to_thread(asked.settle)


class _Asked:
    """The questions of interrupts, and the calls in them, by the ids of the interrupts."""

    def __init__(
        self,
        approvals: CrewApprovals,
        interrupts: Iterable[Interrupt],
        run: str,
        more: dict[str, Any],
        timeout: float | None,
    ) -> None:
        _check_release()
        self._store = approvals._questions
        self._requests = {one.id: _list_requests(one) for one in interrupts}
        self.questions = {
            one.id: _build_question(one, run, more) for one in interrupts if self._requests[one.id] is None
        }
        calls = [call for requests in self._requests.values() for call in requests or []]
        approvals._start(timeout)
        self._store.put(self.questions.values())
        self.calls = put_calls(approvals, calls, run, more, timeout)
        self._answers: dict[str, Any] = {}

    def note(self, question: Question, answer: Answer) -> None:
        said = dataclasses.asdict(answer)
        self._answers[question.id] = {name: value for name, value in said.items() if value is not None}

    def settle(self) -> dict[str, Any]:
        for question in self.questions.values():
            self._store.flush(question.id, FLUSHED_WITHIN)
        decisions = iter(settle_calls(self._store, self.calls))
        resume = {one: self._answers[question.id] for one, question in self.questions.items()}
        for one, requests in self._requests.items():
            if requests is not None:
                types = [_write_decision(next(decisions)) for _ in requests]
                resume[one] = types[0] if requests[0].id == one else {"decisions": types}
        return resume


def _list_requests(interrupt: Interrupt) -> list[Call] | None:
    """The calls that LangChain's `HumanInTheLoopMiddleware` has stopped; None for another interrupt."""
    value = interrupt.value
    if not isinstance(value, dict):
        return None
    if value.get("type") == "tool_approval":
        return [Call(interrupt.id, value["name"], value["args"])]
    requests = value.get("action_requests")
    if not requests:
        return None
    return [Call(f"{interrupt.id} {place}", one["name"], one["args"]) for place, one in enumerate(requests)]


def _write_decision(decision: Decision) -> dict[str, str]:
    if decision.refusal is None:
        return {"type": "approve"}
    return {"type": "reject", "message": str(decision.refusal)}


def _build_question(interrupt: Interrupt, run: str, more: dict[str, Any]) -> Question:
    value = interrupt.value
    if isinstance(value, str) and value.strip():
        value = {"title": cut(value.strip().partition("\n")[0], TITLE), "text": value, **TEXT_ONLY}
    if not isinstance(value, dict) or "title" not in value:
        raise ValueError(f"interrupt takes a text, or a dictionary with a title, which is not {value!r}")
    # An answer to other content is never applied.
    digest = hashlib.sha256(_dumps([run, interrupt.id, interrupt.value]).encode()).hexdigest()
    return build_question(**{**more, **value}, run=run, id=f"interrupt-{digest[:40]}")


def _check_release() -> None:
    """Raises RuntimeError where a second interrupt of a node would get the answer to the first one."""
    version = importlib.metadata.version("langgraph")
    if [int(one) for one in re.findall(r"\d+", version)[:3]] < [int(one) for one in SINCE.split(".")]:
        raise RuntimeError(
            f"langgraph {version} gives several interrupts of a node the same id: install langgraph {SINCE} or newer"
        )


def _is_same(before: Any, after: Any) -> bool:
    return [_dumps([one.id, one.value]) for one in before.interrupts] == [
        _dumps([one.id, one.value]) for one in after.interrupts
    ]


def _dumps(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _find_run(config: dict[str, Any]) -> str:
    return str(config["configurable"]["thread_id"])
