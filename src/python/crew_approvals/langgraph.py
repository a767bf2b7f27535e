"""Graphs of LangGraph: people answer the interrupts of a node, and the graph continues with their answer."""

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

#: The first tried release that gives each interrupt of a node its own id: 1.2.10 does not.
SINCE = "1.2.20"
#: Fields of a question from an interrupt with a text: people answer with a text.
TEXT_ONLY = {"options": [{"id": "answer", "label": "Answer"}], "free_text": "required"}


def run_graph(
    approvals: CrewApprovals, graph: Any, input: Any, config: dict[str, Any], *, ask: dict[str, Any] | None = None
) -> Any:
    """Runs a graph to its end, or continues it where an earlier process stopped. Returns its values.

    The graph needs a checkpointer; its `thread_id` is the run of the questions. A node asks with a text, or with fields
    of `ask`: `interrupt({"title": …, "output": …})`. It gets the answer as a dictionary: `option`, `text`, `by`, `at`,
    and `edited` and `fields` if the answer has them. Calls that LangChain's `HumanInTheLoopMiddleware` stops are asked
    about as tool calls. ask: fields of all questions, such as `message` and `approvers`, and `timeout` in seconds. A
    graph that has ended does not run again.

    Raises QuestionClosed if a question was closed without an answer, ToolNotRun if nobody can be asked about a call or
    the interrupts were changed after the question, and TimeoutError.
    """
    state = graph.get_state(config)
    if not state.values and not state.next:
        graph.invoke(input, config)
    elif state.next and not state.interrupts:
        # An earlier process stopped between two steps.
        graph.invoke(None, config)
    while (state := graph.get_state(config)).interrupts:
        resume = answer_interrupts(approvals, state.interrupts, run=_find_run(config), **(ask or {}))
        if not _have_same_interrupts(state, graph.get_state(config)):
            raise ToolNotRun("The graph was not resumed, because its interrupts were changed after the question")
        graph.invoke(Command(resume=resume), config)
    return state.values


async def run_graph_async(
    approvals: CrewApprovals, graph: Any, input: Any, config: dict[str, Any], *, ask: dict[str, Any] | None = None
) -> Any:
    """Runs a graph as `run_graph` does, in an event loop. The checkpointer has to be asynchronous."""
    state = await graph.aget_state(config)
    if not state.values and not state.next:
        await graph.ainvoke(input, config)
    elif state.next and not state.interrupts:
        await graph.ainvoke(None, config)
    while (state := await graph.aget_state(config)).interrupts:
        resume = await answer_interrupts_async(approvals, state.interrupts, run=_find_run(config), **(ask or {}))
        if not _have_same_interrupts(state, await graph.aget_state(config)):
            raise ToolNotRun("The graph was not resumed, because its interrupts were changed after the question")
        await graph.ainvoke(Command(resume=resume), config)
    return state.values


def answer_interrupts(
    approvals: CrewApprovals, interrupts: Any, *, run: str, timeout: float | None = None, **fields: Any
) -> dict[str, Any]:
    """Asks about all interrupts at once, and waits. Returns the argument of `Command(resume=…)`."""
    batch, remaining = _Batch(approvals, interrupts, run, fields, timeout), start_clock(timeout)
    for question in batch.questions.values():
        batch.add_answer(question, approvals._questions.wait(question.id, remaining()))
    wait_for_calls(approvals._questions, batch.calls, remaining)
    return batch.settle()


async def answer_interrupts_async(
    approvals: CrewApprovals, interrupts: Any, *, run: str, timeout: float | None = None, **fields: Any
) -> dict[str, Any]:
    """Asks as `answer_interrupts` does, in an event loop."""
    remaining = start_clock(timeout)
    batch = await asyncio.to_thread(_Batch, approvals, interrupts, run, fields, timeout)
    for question in batch.questions.values():
        batch.add_answer(question, await approvals._questions.wait_async(question.id, remaining()))
    await wait_for_calls_async(approvals._questions, batch.calls, remaining)
    return await asyncio.to_thread(batch.settle)


class _Batch:
    """Interrupts that are asked about at once: their questions and calls, by the ids of the interrupts."""

    def __init__(
        self,
        approvals: CrewApprovals,
        interrupts: Iterable[Interrupt],
        run: str,
        fields: dict[str, Any],
        timeout: float | None,
    ) -> None:
        _check_release()
        self._store = approvals._questions
        self._requests = {interrupt.id: _list_requests(interrupt) for interrupt in interrupts}
        self.questions = {
            interrupt.id: _build_question(interrupt, run, fields)
            for interrupt in interrupts
            if self._requests[interrupt.id] is None
        }
        calls = [call for requests in self._requests.values() for call in requests or []]
        approvals._start(timeout)
        self._store.put(self.questions.values())
        self.calls = put_calls(approvals, calls, run, fields, timeout)
        self._answers: dict[str, Any] = {}

    def add_answer(self, question: Question, answer: Answer) -> None:
        fields = dataclasses.asdict(answer)
        self._answers[question.id] = {name: value for name, value in fields.items() if value is not None}

    def settle(self) -> dict[str, Any]:
        for question in self.questions.values():
            self._store.flush(question.id, FLUSHED_WITHIN)
        decisions = iter(settle_calls(self._store, self.calls))
        resume = {interrupt_id: self._answers[question.id] for interrupt_id, question in self.questions.items()}
        for interrupt_id, requests in self._requests.items():
            if requests is not None:
                written = [_write_decision(next(decisions)) for _ in requests]
                resume[interrupt_id] = written[0] if requests[0].id == interrupt_id else {"decisions": written}
        return resume


def _list_requests(interrupt: Interrupt) -> list[Call] | None:
    """Lists the calls that LangChain's `HumanInTheLoopMiddleware` stopped; None: another interrupt."""
    value = interrupt.value
    if not isinstance(value, dict):
        return None
    if value.get("type") == "tool_approval":
        return [Call(interrupt.id, value["name"], value["args"])]
    requests = value.get("action_requests")
    if not requests:
        return None
    return [Call(f"{interrupt.id} {index}", call["name"], call["args"]) for index, call in enumerate(requests)]


def _write_decision(decision: Decision) -> dict[str, str]:
    if decision.refusal is None:
        return {"type": "approve"}
    return {"type": "reject", "message": str(decision.refusal)}


def _build_question(interrupt: Interrupt, run: str, fields: dict[str, Any]) -> Question:
    value = interrupt.value
    if isinstance(value, str) and value.strip():
        value = {"title": cut(value.strip().partition("\n")[0], TITLE), "text": value, **TEXT_ONLY}
    if not isinstance(value, dict) or "title" not in value:
        raise ValueError(f"interrupt takes a text, or a dictionary with a title, which is not {value!r}")
    # The content is part of the id: an answer to other content is never applied.
    digest = hashlib.sha256(_dumps([run, interrupt.id, interrupt.value]).encode()).hexdigest()
    return build_question(**{**fields, **value}, run=run, id=f"interrupt-{digest[:40]}")


def _check_release() -> None:
    """Raises RuntimeError if the second interrupt of a node would get the answer to the first interrupt."""
    version = importlib.metadata.version("langgraph")
    if [int(part) for part in re.findall(r"\d+", version)[:3]] < [int(part) for part in SINCE.split(".")]:
        raise RuntimeError(
            f"langgraph {version} gives several interrupts of a node the same id: install langgraph {SINCE} or newer"
        )


def _have_same_interrupts(state: Any, other: Any) -> bool:
    return [_dumps([interrupt.id, interrupt.value]) for interrupt in state.interrupts] == [
        _dumps([interrupt.id, interrupt.value]) for interrupt in other.interrupts
    ]


def _dumps(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _find_run(config: dict[str, Any]) -> str:
    return str(config["configurable"]["thread_id"])
