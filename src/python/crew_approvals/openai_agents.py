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
    **more: Any,
) -> RunResult:
    """Runs an agent to its end. Each call that needs approval waits until people have decided on it.

    run: your own id of the run. path: a file of this run only. While calls wait, it holds the state of the run; after a
    restart of the program, the same call goes on from there. From its first use it belongs to the crew and the bot of
    the program. move: the bot has moved to another url, or the calls that wait in a file without a crew are those of this
    one. ask: `message` and fields of a question, such as `approvers`. context, more: what else `Runner.run` takes.

    Raises ToolNotRun if nobody can be asked. Call it again to go on.
    """

    async def load(stored: str) -> RunState[Any, Any]:
        override = None if context is None else RunContextWrapper(context)
        return await RunState.from_string(agent, stored, context_override=override)

    async def list_waiting(stored: str) -> list[Call]:
        return _list_calls(await load(stored))

    timeout = (ask or {}).get("timeout")
    file = await open_run_file(approvals, path, list_waiting, run=run, move=move, timeout=timeout)
    if file.stored is None:
        result = await Runner.run(agent, input, context=context, **more)
        state = result.to_state() if result.interruptions else None
    else:
        state = await load(file.stored)
    while state is not None:
        file.write(state.to_string())
        await decide_interruptions(approvals, state, run=run, **(ask or {}))
        result = await Runner.run(agent, state, **more)
        state = result.to_state() if result.interruptions else None
    file.remove()
    return result


async def decide_interruptions(approvals: CrewApprovals, state: RunState[Any, Any], *, run: str, **more: Any) -> None:
    """Asks about the calls of a state that need approval, waits, and approves or rejects them in it.

    more: as in `decide_calls`. Raises ToolNotRun for anything else than a call of a function: a shell command or a tool
    of a hosted MCP server, for example.
    """
    calls = _list_calls(state)
    decisions = await decide_calls_async(approvals, calls, run=run, **more)
    if calls != _list_calls(state):
        raise ToolNotRun("No tool was run, because the state of the run was changed after the question")
    for item, decision in zip(state.get_interruptions(), decisions):
        if decision.refusal is None:
            state.approve(item)
        else:
            state.reject(item, rejection_message=str(decision.refusal))


def _list_calls(state: RunState[Any, Any]) -> list[Call]:
    """A model can use an id again in a later turn or run: the turn and its response belong to the id of the call."""
    stored = state.to_json()
    responses = stored.get("model_responses") or [{}]
    turn = f"{stored['current_turn']} {responses[-1].get('response_id')}"
    return [_read_call(item, turn) for item in state.get_interruptions()]


def _read_call(item: ToolApprovalItem, turn: str) -> Call:
    raw = item.raw_item if isinstance(item.raw_item, dict) else item.raw_item.model_dump()
    name = item.qualified_name or raw.get("name") or "without a name"
    if raw.get("type") != "function_call" or not raw.get("call_id"):
        raise ToolNotRun(
            f"The tool {name} was not run: a {raw.get('type')} cannot be asked about, only a function_call"
        )
    arguments, fault = _read_arguments(raw["arguments"])
    return Call(f"{raw['call_id']} {turn}", name, arguments, item.agent.name, fault)


def _read_arguments(text: str) -> tuple[Any, str | None]:
    """The tool gets the text, and can read a key that is there twice in another way than a person."""

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("they have a key twice")
        return dict(pairs)

    try:
        arguments = json.loads(text, object_pairs_hook=build) if text.strip() else {}
        return arguments, None if isinstance(arguments, dict) else "they are not an object"
    except (ValueError, RecursionError) as error:
        return None, f"arguments cannot be shown exactly: {error}"
