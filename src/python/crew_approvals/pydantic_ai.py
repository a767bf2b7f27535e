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

#: Stored state of a waiting agent: its messages and the calls that wait.
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
    **run_options: Any,
) -> Any:
    """Runs an agent to its end. Each call that requires approval waits until people have decided on it.

    The agent needs `DeferredToolRequests` among its output types. run: your own id of the run. path: a file for this
    run only. While calls wait, the file holds the messages of the run: after a restart of the program, the same call of
    this function continues from there. From its first use the file belongs to the program's crew and bot. move: True if
    the bot has moved to another url, or if the waiting calls of a file that names no crew belong to this crew. ask:
    fields of the questions, such as `message` and `approvers`, and `timeout` in seconds. run_options: other arguments
    of `agent.run`.

    Raises ToolNotRun if nobody can be asked, and TimeoutError. Call this function again to continue.
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
        result = await agent.run(prompt, **run_options)
        messages, requests = result.all_messages(), result.output
    run_options.pop("message_history", None)
    while stored is not None or isinstance(requests, DeferredToolRequests):
        file.write(_PAUSE.dump_json((messages, requests)).decode())
        results = await decide_requests(approvals, requests, messages, run=run, agent=agent.name, **(ask or {}))
        result = await agent.run(message_history=messages, deferred_tool_results=results, **run_options)
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
    **question_fields: Any,
) -> DeferredToolResults:
    """Asks about the calls that require approval, and waits. The tools get the arguments that the cards showed.

    messages: the messages of the run, which contain the requested calls. question_fields: as in `decide_calls`, with
    its `timeout`. Add the results of external calls (`requests.calls`) yourself. Raises as `decide_calls` does.
    """
    calls = _list_calls(requests, messages, agent)
    decisions = await decide_calls_async(approvals, calls, run=run, **question_fields)
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
    """Reads a call. Its id includes the response that made it: a model can reuse an id in a later response.

    Raises ToolNotRun if the last response with the id does not have exactly this call.
    """
    for index in reversed(range(len(messages))):
        message = messages[index]
        if isinstance(message, ModelResponse):
            matches = [
                candidate
                for candidate in message.parts
                if isinstance(candidate, ToolCallPart) and candidate.tool_call_id == part.tool_call_id
            ]
            if matches:
                break
    else:
        matches = []
    if len(matches) != 1 or (matches[0].tool_name, matches[0].args_as_dict()) != (part.tool_name, part.args_as_dict()):
        raise ToolNotRun(f"The tool {part.tool_name} was not run, because its call is not in the messages")
    call_id = f"{part.tool_call_id} {index} {messages[index].timestamp}"
    return Call(call_id, part.tool_name, part.args_as_dict(), agent)
