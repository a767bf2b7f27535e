"""Agents of the OpenAI Agents SDK: calls of tools with `needs_approval` wait for a person."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from agents import Agent, RunContextWrapper, Runner, RunResult, RunState
from agents.items import ToolApprovalItem

from .calls import Call, ToolNotRun, decide_calls_async
from .run_file import open_run_file

if TYPE_CHECKING:
    from .client import CrewApprovals


async def run_agent(
    approvals: CrewApprovals,
    agent: Agent[Any],
    input: Any = None,
    *,
    run: str,
    path: str | os.PathLike[str],
    move: bool = False,
    ask: dict[str, Any] | None = None,
    context: Any = None,
    **run_options: Any,
) -> RunResult:
    """Runs an agent to its end. Each call that needs approval waits until people have decided on it.

    run: your own id of the run. path: a file for this run only. While calls wait, the file holds the state of the run:
    after a restart of the program, the same call of this function continues from there. From its first use the file
    belongs to the program's crew and bot. move: True if the bot has moved to another url, or if the waiting calls of a
    file that names no crew belong to this crew. ask: fields of the questions, such as `message` and `approvers`, and
    `timeout` in seconds. context, run_options: other arguments of `Runner.run`.

    Raises ToolNotRun if nobody can be asked, and TimeoutError. Call this function again to continue.
    """

    async def load(stored: str) -> RunState[Any, Any]:
        override = None if context is None else RunContextWrapper(context)
        return await RunState.from_string(agent, stored, context_override=override)

    async def list_waiting(stored: str) -> list[Call]:
        return _list_calls(await load(stored))

    timeout = (ask or {}).get("timeout")
    file = await open_run_file(approvals, path, list_waiting, run=run, move=move, timeout=timeout)
    if file.stored is None:
        result = await Runner.run(agent, input, context=context, **run_options)
        state = result.to_state() if result.interruptions else None
    else:
        state = await load(file.stored)
    while state is not None:
        file.write(state.to_string())
        await decide_interruptions(approvals, state, run=run, **(ask or {}))
        result = await Runner.run(agent, state, **run_options)
        state = result.to_state() if result.interruptions else None
    file.remove()
    return result


async def decide_interruptions(
    approvals: CrewApprovals, state: RunState[Any, Any], *, run: str, **question_fields: Any
) -> None:
    """Asks about the calls of a state that need approval, waits, and approves or rejects them in the state.

    question_fields: as in `decide_calls`, with its `timeout`. Raises as `decide_calls` does, and ToolNotRun for
    anything except a function call, such as a shell command or a tool of a hosted MCP server.
    """
    calls = _list_calls(state)
    decisions = await decide_calls_async(approvals, calls, run=run, **question_fields)
    if calls != _list_calls(state):
        raise ToolNotRun("No tool was run, because the state of the run was changed after the question")
    for item, decision in zip(state.get_interruptions(), decisions):
        if decision.refusal is None:
            state.approve(item)
        else:
            state.reject(item, rejection_message=str(decision.refusal))


def _list_calls(state: RunState[Any, Any]) -> list[Call]:
    """Lists the calls that wait. Ids include turn and response: a model can reuse an id in a later turn or run."""
    stored = state.to_json()
    responses = stored.get("model_responses") or [{}]
    turn = f"{stored['current_turn']} {responses[-1].get('response_id')}"
    return [_read_call(item, turn) for item in state.get_interruptions()]


def _read_call(item: ToolApprovalItem, turn: str) -> Call:
    raw_item = item.raw_item if isinstance(item.raw_item, dict) else item.raw_item.model_dump()
    name = item.qualified_name or raw_item.get("name") or "without a name"
    if raw_item.get("type") != "function_call" or not raw_item.get("call_id"):
        raise ToolNotRun(
            f"The tool {name} was not run: a {raw_item.get('type')} cannot be asked about, only a function_call"
        )
    arguments, fault = _read_arguments(raw_item["arguments"])
    return Call(f"{raw_item['call_id']} {turn}", name, arguments, item.agent.name, fault)


def _read_arguments(text: str) -> tuple[Any, str | None]:
    """Reads arguments, or returns a fault. The tool reads the text itself and may take the other of two equal keys."""

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("they have a key twice")
        return dict(pairs)

    try:
        arguments = json.loads(text, object_pairs_hook=build) if text.strip() else {}
        return arguments, None if isinstance(arguments, dict) else "they are not an object"
    except (ValueError, RecursionError) as error:
        return None, f"arguments cannot be shown exactly: {error}"
