"""Agents that call gated tools, on the ReAct path or the native path, as its input says.

Usage: tools_program.py SETTINGS, a JSON object: `approvals` are the arguments of CrewApprovals; `journal`: the file in
which tools note their calls. Each line of its input is a JSON object: `do` is the name of a command below, the other
fields are its arguments. A call of an agent is `[tool, arguments as the model writes them]`.
"""

import asyncio
import json
import resource
import signal
import sys
import threading
from collections.abc import Iterable
from datetime import date
from typing import Any

from crew_approvals import CrewApprovals
from crewai.hooks import register_before_tool_call_hook, unregister_before_tool_call_hook
from crewai.tools import BaseTool, tool

from crewai import Agent, BaseLLM, Crew, Task

settings = json.loads(sys.argv[1])
lock, noted_inputs = threading.Lock(), {}


def note(step: str, **arguments: Any) -> str:
    with lock, open(settings["journal"], "a") as file:
        file.write(json.dumps({"step": step, "text": json.dumps(arguments, default=repr)}) + "\n")
    return f"done: {step}"


def say(id: str, read: str) -> None:
    with lock:
        sys.stdout.write(f"\n{json.dumps({'id': id, 'read': read})}\n")
        sys.stdout.flush()


class SendEmail(BaseTool):
    name: str = "Send E-Mail ✉️"
    description: str = "Sends a message"

    def _run(self, to: str, text: str = "", more: dict[str, Any] | None = None) -> str:
        if to == "nobody":
            raise ValueError("no such address")
        return note("mail", to=to, text=text, more=more)


@tool("pay")
def pay(amount: float) -> str:
    """Pays an amount."""
    return note("pay", amount=amount)


class Upload(BaseTool):
    name: str = "upload"
    description: str = "Uploads data"

    def _run(self, data: Any) -> str:
        return note("upload", data=data)

    async def _arun(self, data: Any) -> str:
        return note("async upload", data=data)


class Invite(BaseTool):
    name: str = "invite"
    description: str = "Invites people"

    def _run(self, people: Iterable[str]) -> str:
        return note("invite", people=people)


class DeleteFile(BaseTool):
    name: str = "Delete File"
    description: str = "Deletes a file"

    def _run(self, path: str) -> str:
        return note("delete", path=path)


class Scripted(BaseLLM):
    """A model that makes its calls, one by one or all at once, and then ends. Records its last prompt."""

    native: bool = False

    def __init__(self, calls: list[list[str]], native: bool, at_once: bool) -> None:
        super().__init__(model="scripted")
        self.native, self._calls, self._at_once, self._last_prompt = native, calls, at_once, ""

    def call(self, messages: Any, tools: Any = None, *_args: Any, **_kwargs: Any) -> Any:
        prompt = (
            messages if isinstance(messages, str) else "\n".join(str(message.get("content")) for message in messages)
        )
        names = [tool["function"]["name"] for tool in tools or []]
        if "create_reasoning_plan" in names:
            step = {"step_number": 1, "description": "call the tools", "tool_to_use": self._calls[0][0]}
            return json.dumps({"plan": "calls", "steps": [step], "ready": True})
        can_call = bool(names) if self.native else "Action Input" in prompt
        if can_call:
            self._last_prompt = prompt
        if can_call and self._calls and self.native:
            calls = [self._calls.pop(0) for _ in range(len(self._calls) if self._at_once else 1)]
            functions = [{"name": name, "arguments": arguments} for name, arguments in calls]
            return [{"id": f"c{n}", "type": "function", "function": function} for n, function in enumerate(functions)]
        if can_call and self._calls:
            name, arguments = self._calls.pop(0)
            return f"Thought: I call a tool\nAction: {name}\nAction Input: {arguments}"
        return "Thought: I now can give a great answer\nFinal Answer: READY: I am ready to execute the task."

    async def acall(self, *args: Any, **kwargs: Any) -> Any:
        return self.call(*args, **kwargs)

    def supports_function_calling(self) -> bool:
        return self.native


def run(
    id: str, calls: list[list[str]], native: bool, how: str = "kickoff", reasoning: bool = False, at_once: bool = False
) -> None:
    """Runs an agent, and prints the last prompt that its model read."""
    model = Scripted(calls, native, at_once)
    plans = {"reasoning": True, "max_reasoning_attempts": 1} if reasoning else {}
    mailer = Agent(role="Mailer", goal="Send", backstory="A mailer", llm=model, tools=tools, max_iter=8, **plans)
    task = Task(name="t", description="Send", expected_output="Sent", agent=mailer)
    try:
        if how == "agent":
            result = str(mailer.kickoff("Send"))
        else:
            kickoff = getattr(Crew(agents=[mailer], tasks=[task]), how)
            result = str(kickoff() if how == "kickoff" else asyncio.run(kickoff()))
    except Exception as error:
        result = f"raised {type(error).__name__}: {error}"
    say(id, f"{model._last_prompt}\n{result}")


def call(id: str, name: str, value: str) -> None:
    """Calls a tool without an agent."""
    values = {"bytes": b"x", "object": object(), "date": date(2026, 1, 2), "half": "\ud800", "key": {1: "x"}}
    values |= {"set": {1}, "long": "x" * 1_200_000}
    gated = next(tool for tool in tools if tool.name == name)
    try:
        value = values.get(value, value)
        read = str(asyncio.run(gated.arun(data=value)) if id.startswith("async") else gated.run(data=value))
    except Exception as error:
        read = f"raised {type(error).__name__}: {error}"
    say(id, read)


def note_input(context: Any) -> None:
    noted_inputs[context.tool_input.get("to") or context.tool_input.get("path")] = context.tool_input


def change_input(context: Any) -> None:
    context.tool_input["path"] = "/changed/by/a/hook"


def change(key: str) -> None:
    """Changes the arguments of a call in place, while it waits."""
    noted_inputs[key].get("more", {}).update(changed=True)
    noted_inputs[key].update(text="changed", path="/changed")


def limit(size: int) -> None:
    """Limits the size of each file of this process, as a full disk does."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


COMMANDS = {
    "run": lambda **fields: threading.Thread(target=run, kwargs=fields, daemon=True).start(),
    "call": lambda **fields: threading.Thread(target=call, kwargs=fields, daemon=True).start(),
    "change": lambda of: change(of),
    "limit": limit,
    "add_hook": lambda: register_before_tool_call_hook(change_input),
    "remove_hook": lambda: unregister_before_tool_call_hook(change_input),
    "gate_by_name": lambda: approvals.gate_by_name(["Delete File"]),
    "stop": lambda: approvals.stop(),
}

if __name__ == "__main__":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    approvals = CrewApprovals(**settings["approvals"])
    register_before_tool_call_hook(note_input)
    tools = approvals.gate(approvals.gate([SendEmail(), pay, Upload(), Invite()])) + [DeleteFile()]
    approvals.gate_by_name(["Delete File"])
    print("\nready\n", end="", flush=True)  # A single write, because another thread prints too.
    for line in sys.stdin:
        command = json.loads(line)
        COMMANDS[command.pop("do")](**command)
        print("done", flush=True)
