"""Agents of Pydantic AI: calls of tools with `requires_approval` wait for a person."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from pydantic_ai import Agent, DeferredToolRequests, DeferredToolResults, ToolApproved, ToolDenied
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart

from .calls import Call, ToolNotRun, decide_calls_async
from .run_file import open_run_file

if TYPE_CHECKING:
    from .client import CrewApprovals

#: What an agent that waits goes on with: its messages, and the calls that wait.
_PAUSE: TypeAdapter[Any] = TypeAdapter(tuple[list[ModelMessage], DeferredToolRequests])


async def run_agent(
    approvals: CrewApprovals,
    agent: Agent[Any, Any],
    prompt: Any = None,
    *,
    run: str,
    path: str | os.PathLike[str],
    move: bool = False,
    ask: dict[str, Any] | None = None,
    **more: Any,
) -> Any:
    """Runs an agent to its end. Each call that requires approval waits until people have decided on it.

    The agent has `DeferredToolRequests` among its output types. run: your own id of the run. path: a file of this run
    only. While calls wait, it holds the messages of the run; after a restart of the program, the same call goes on from
    there. From its first use it belongs to the crew and the bot of the program. move: the bot has moved to another url,
    or the calls that wait in a file without a crew are those of this one. ask: `message` and fields of a question, such
    as `approvers`. more: what else `agent.run` takes.

    Raises ToolNotRun if nobody can be asked. Call it again to go on.
    """

    async def list_waiting(stored: str) -> list[Call]:
        messages, requests = _PAUSE.validate_json(stored)
        return _list_calls(requests, messages, agent.name)

    timeout = (ask or {}).get("timeout")
    file = await open_run_file(approvals, path, list_waiting, run=run, move=move, timeout=timeout)
    stored = file.stored
    if stored is not None:
        messages, requests = _PAUSE.validate_json(stored)
    else:
        result = await agent.run(prompt, **more)
        messages, requests = result.all_messages(), result.output
    more.pop("message_history", None)
    while stored is not None or isinstance(requests, DeferredToolRequests):
        file.write(_PAUSE.dump_json((messages, requests)).decode())
        results = await decide_requests(approvals, requests, messages, run=run, agent=agent.name, **(ask or {}))
        result = await agent.run(message_history=messages, deferred_tool_results=results, **more)
        messages, requests, stored = result.all_messages(), result.output, None
    file.remove()
    return result


async def decide_requests(
    approvals: CrewApprovals,
    requests: DeferredToolRequests,
    messages: Sequence[ModelMessage],
    *,
    run: str,
    agent: str | None = None,
    **more: Any,
) -> DeferredToolResults:
    """Asks about the calls that require approval, and waits. The tools get the arguments that the cards showed.

    messages: those of the run, which belong to the requests. Results of external calls (`requests.calls`) are yours to
    add. more: as in `decide_calls`.
    """
    calls = _list_calls(requests, messages, agent)
    decisions = await decide_calls_async(approvals, calls, run=run, **more)
    if calls != _list_calls(requests, messages, agent):
        raise ToolNotRun("No tool was run, because the requests were changed after the question")
    results = DeferredToolResults()
    for part, decision in zip(requests.approvals, decisions):
        results.approvals[part.tool_call_id] = (
            ToolApproved(override_args=decision.arguments) if decision.refusal is None else ToolDenied(decision.refusal)
        )
    return results


def _list_calls(requests: DeferredToolRequests, messages: Sequence[ModelMessage], agent: str | None) -> list[Call]:
    return [_read_call(part, messages, agent) for part in requests.approvals]


def _read_call(part: ToolCallPart, messages: Sequence[ModelMessage], agent: str | None) -> Call:
    """A model can use an id again in a later response: the response belongs to the id of the call."""
    for place in reversed(range(len(messages))):
        message = messages[place]
        if isinstance(message, ModelResponse):
            found = [
                one for one in message.parts if isinstance(one, ToolCallPart) and one.tool_call_id == part.tool_call_id
            ]
            if found:
                break
    else:
        found = []
    if len(found) != 1 or (found[0].tool_name, found[0].args_as_dict()) != (part.tool_name, part.args_as_dict()):
        raise ToolNotRun(f"The tool {part.tool_name} was not run, because its call is not in the messages")
    known = f"{part.tool_call_id} {place} {messages[place].timestamp}"
    return Call(known, part.tool_name, part.args_as_dict(), agent)
