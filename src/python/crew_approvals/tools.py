"""Calls of tools: a person sees the arguments and allows or blocks a call before it runs."""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import logging
import re
import threading
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, cast

from .arguments import freeze
from .bot import MESSAGE, build_body, cut, describe, dumps
from .calls import CLOSED, Refusal, ToolNotRun, describe_call, explain_failure, read_refusal
from .questions import FLUSHED_WITHIN, QuestionClosed
from .tasks import HUMAN_INPUT, Crews, TaskProvider, import_name, miss

log = logging.getLogger("crew_approvals")

#: What the gate needs of crewai, and the first release that was found to have it: 1.9.0 runs some calls without hooks.
TOOLS = ("hooks for every call of a tool", "1.10.1")
HOOKS = "crewai.hooks"
#: The tool that this context calls next, and the role of the agent that calls it.
_caller: ContextVar[tuple[Any, str | None]] = ContextVar("crew_approvals_caller", default=(None, None))
#: What the first hook of a call got: its context, the dictionary that CrewAI passes on to the tool, and if it was empty.
_first: ContextVar[tuple[Any, Any, bool]] = ContextVar("crew_approvals_first", default=(None, None, False))


def check_release() -> None:
    """Raises RuntimeError if the installed crewai calls tools without calling hooks."""
    version = import_name("crewai", "__version__", *TOOLS)
    if [int(one) for one in re.findall(r"\d+", version)[:3]] < [int(one) for one in TOOLS[1].split(".")]:
        raise miss(*TOOLS)


class Gate:
    """Asks about calls."""

    def __init__(self, crews: Crews) -> None:
        self._crews, self._questions = crews, crews.questions

    def __deepcopy__(self, _: Any) -> Gate:
        return self

    def ask(self, name: str, shown: Any, run: str | None, agent: str | None, message: str | None = None) -> str:
        """Asks about a call with the arguments as `freeze` shows them. Returns the id of the question."""
        question, of = f"tool-{uuid.uuid4().hex}", run or find_run()
        body = {**describe_call(name, shown, agent, message), "run": of, "lease": True}
        with self._questions.store.commit() as db:
            self._questions.add(db, question, "tool", build_body(body), run=of)
        self._questions.wake()
        return question

    def judge(self, question: str) -> Refusal | None:
        """Waits for a person. None: the call is allowed."""
        try:
            answer = self._crews.wait(question)
        except QuestionClosed:
            return CLOSED
        # A program can end after this: the card would say that nobody fetched the answer.
        self._questions.flush(question, FLUSHED_WITHIN)
        return read_refusal(answer)

    def abandon(self, question: str) -> None:
        self._questions.abandon(question)


def find_run() -> str:
    """The run of this context: that of a task provider, that of a flow, or one for each kickoff."""
    provider = import_name(HUMAN_INPUT, "get_provider", *TOOLS)()
    if isinstance(provider, TaskProvider):
        return provider.run
    try:
        stack = importlib.import_module("crewai.events.event_context")._event_id_stack.get()
        flow = importlib.import_module("crewai.flow.flow_context").current_flow_id.get()
    except (ImportError, AttributeError):
        stack, flow = (), None
    # Agents can be flows themselves. The first event is that of what the program started.
    first, kind = stack[0] if stack else (str(uuid.uuid4()), None)
    if flow and kind == "flow_started":
        return str(flow)
    # A kickoff that was cancelled leaves its events in front of those of the next one.
    return str(next((event for event, kind in reversed(stack) if kind == "crew_kickoff_started"), first))


def note_caller(context: Any) -> None:
    """A hook: tools do not know their agent, but hooks do. Before `gate_by_name` it is the first one."""
    # Up to crewai 1.14.4, the hooks after one that raises are not called.
    given, tool, agent = (getattr(context, name, None) for name in ("tool_input", "tool", "agent"))
    _first.set((context, given, type(given) is dict and not given))
    _caller.set((getattr(tool, "_original_tool", None), getattr(agent, "role", None)))


def gate_tools(gate: Gate, tools: Any, run: str | None, message: str | None) -> list[Any]:
    check_release()
    if message is not None and (type(message) is not str or cut(message, MESSAGE) != message):
        raise ValueError(f"message must be a text of at most {MESSAGE} characters")
    base = import_name("crewai.tools", "BaseTool", *TOOLS)
    gated = build_class(base, import_name("crewai.tools.structured_tool", "CrewStructuredTool", *TOOLS))
    if note_caller not in import_name(HOOKS, "get_before_tool_call_hooks", *TOOLS)():
        import_name(HOOKS, "register_before_tool_call_hook", *TOOLS)(note_caller)
    given = list(tools) if isinstance(tools, (list, tuple)) else [tools]
    for tool in given:
        if not isinstance(tool, base):
            raise TypeError(f"{tool!r} is not a BaseTool: use gate_by_name for tools that CrewAI makes")
    return [tool if isinstance(tool, gated) else gated.wrap(gate, tool, run, message) for tool in given]


@functools.cache
def build_class(base: Any, structured: Any) -> Any:
    """The class of gated tools, for these classes of the installed crewai."""

    class Structured(structured):
        async def ainvoke(self, input: Any, config: Any = None, **_: Any) -> Any:
            # CrewAI's own would lose the context, and with it the run.
            return await asyncio.to_thread(self.invoke, input, config)

    class GatedTool(base):
        """A tool with the name, the description and the schema of another one, which runs when a person allows it."""

        _gate: Any = None
        _tool: Any = None
        _run_id: Any = None
        _message: Any = None

        @classmethod
        def wrap(cls, gate: Gate, tool: Any, run: str | None, message: str | None) -> Any:
            fields = {name: getattr(tool, name) for name in base.model_fields if hasattr(tool, name)}
            cache = fields.get("cache_function")

            def can_cache(arguments: Any = None, result: Any = None) -> bool:
                return not isinstance(result, Refusal) and (cache is None or bool(cache(arguments, result)))

            gated = cls(**{**fields, "cache_function": can_cache})
            gated._gate, gated._tool, gated._run_id, gated._message = gate, tool, run, message
            return gated

        def _generate_description(self) -> None:
            """The description is complete: it is that of the tool."""

        def _ask(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
            """Asks about a call. Returns the id of the question, and a copy of the arguments that the card shows."""
            names = list(self.args_schema.model_fields)[: len(args)]
            if len(names) < len(args) or not kwargs.keys().isdisjoint(names):
                raise TypeError("the arguments do not fit the schema")
            arguments, shown = freeze(dict(zip(names, args)) | kwargs)
            tool, agent = _caller.get()
            run, role = self._run_id, agent if tool is self else None
            return self._gate.ask(self.name, shown, run, role, self._message), arguments

        def _run(self, *args: Any, **kwargs: Any) -> Any:
            with explain_failure(self.name):
                question, arguments = self._ask(args, kwargs)
                refusal = self._gate.judge(question)
            if refusal is not None:
                return refusal
            result = self._tool._run(**arguments)
            return asyncio.run(result) if asyncio.iscoroutine(result) else result

        async def _arun(self, *args: Any, **kwargs: Any) -> Any:
            with explain_failure(self.name):
                question, arguments = self._ask(args, kwargs)
                try:
                    refusal = await asyncio.to_thread(self._gate.judge, question)
                except asyncio.CancelledError:
                    self._gate.abandon(question)
                    raise
            if refusal is not None:
                return refusal
            if type(self._tool)._arun is not base._arun and not hasattr(self._tool, "func"):
                return await self._tool._arun(**arguments)
            result = await asyncio.to_thread(self._tool._run, **arguments)
            return await result if asyncio.iscoroutine(result) else result

        def format_output_for_agent(self, raw_result: Any) -> str:
            is_refusal = isinstance(raw_result, Refusal)
            return str(raw_result) if is_refusal else self._tool.format_output_for_agent(raw_result)

        def to_structured_tool(self) -> Any:
            tool = super().to_structured_tool()
            tool.__class__ = Structured
            return tool

    return GatedTool


def _find_dispatch() -> Any:
    """What calls the hooks, in newer releases."""
    with suppress(ModuleNotFoundError):
        return importlib.import_module(f"{HOOKS}.dispatch")
    return None


class _Guarded:
    """A hook of the program: up to crewai 1.14.4, one that raises would end all hooks, and the tool would run."""

    def __init__(self, hook: Callable[[Any], Any]) -> None:
        self._hook = hook

    def __call__(self, context: Any) -> Any:
        try:
            return self._hook(context)
        except Exception as error:
            log.error("the hook %r failed: %s", self._hook, describe(error))
            return None

    def __eq__(self, other: object) -> bool:
        """The program can unregister its hook."""
        return other is self or bool(self._hook == other)

    def __hash__(self) -> int:
        return hash(self._hook)


_permit_lock = threading.Lock()


def permit_run(tool: Any) -> None:
    """Permits one more run of a tool that CrewAI made. CrewAI repeats a call that raises, without calling its hooks again."""
    if not isinstance(tool, import_name("crewai.tools.structured_tool", "CrewStructuredTool", *TOOLS)):
        return
    with _permit_lock:
        permits = getattr(tool.func, "_permits", None)
        if permits is None:
            permits = threading.Semaphore(0)
            tool.func = _limit(tool.name, tool.func, permits)
    permits.release()


def _limit(name: str, func: Callable[..., Any], permits: threading.Semaphore) -> Callable[..., Any]:
    def take() -> None:
        if not permits.acquire(blocking=False):
            raise ToolNotRun(f"The tool {name} was not run again: one run was allowed.")

    @functools.wraps(func)
    def once(*args: Any, **kwargs: Any) -> Any:
        take()
        return func(*args, **kwargs)

    @functools.wraps(func)
    async def once_async(*args: Any, **kwargs: Any) -> Any:
        take()
        return await func(*args, **kwargs)

    limited: Any = once_async if inspect.iscoroutinefunction(func) else once
    limited._permits = permits
    return cast(Callable[..., Any], limited)


class NameGate:
    """A hook that asks about the tools with these names. CrewAI would run a tool whose hook raises."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._names: set[str] = set()
        self._sanitize: Callable[[str], str] = str

    def register(self, names: Iterable[str]) -> None:
        """Adds names, and makes this hook the last one and `note_caller` the first one."""
        check_release()
        self._sanitize = import_name("crewai.utilities.string_utils", "sanitize_tool_name", *TOOLS)
        for name in names:
            if not self._sanitize(name):
                raise ValueError(f"CrewAI has no name for the tool {name!r}: it has no ASCII letters and digits")
            self._names.add(self._sanitize(name))
        before = import_name(HOOKS, "get_before_tool_call_hooks", *TOOLS)()
        others = [hook for hook in before if hook is not self and hook is not note_caller]
        if _find_dispatch() is None:
            others = [hook if isinstance(hook, (NameGate, _Guarded)) else _Guarded(hook) for hook in others]
        # At no time is a hook missing that was there.
        for hook in (note_caller, *others, self):
            import_name(HOOKS, "register_before_tool_call_hook", *TOOLS)(hook)
        for hook in before:
            import_name(HOOKS, "unregister_before_tool_call_hook", *TOOLS)(hook)

    def __call__(self, context: Any) -> bool | None:
        try:
            names = {self._sanitize(one) for one in (context.tool_name, getattr(context.tool, "name", None)) if one}
            # CrewAI numbers tools with the same name.
            names |= {re.sub(r"_\d+$", "", one) for one in names}
            return None if names.isdisjoint(self._names) else self._allows(context)
        except Exception as error:
            log.error("%s was not run: %s", getattr(context, "tool_name", "a tool"), describe(error))
            return False

    def _allows(self, context: Any) -> bool:
        self._check_place()
        given, name = context.tool_input, getattr(context.tool, "name", None) or context.tool_name
        self._check_input(context, given)
        arguments, shown = freeze(given)
        # What can be read only once is empty now.
        given.update(arguments)
        question = self._gate.ask(name, shown, None, getattr(context.agent, "role", None))
        refusal = self._gate.judge(question)
        if refusal is not None:
            log.warning("%s: %s", context.tool_name, refusal)
            return False
        self._check_place()
        self._check_input(context, given)
        arguments, same = freeze(given)
        if dumps(same) != dumps(shown):
            raise ValueError("its arguments were changed after the question")
        # Nobody else has these.
        given.update(arguments)
        permit_run(context.tool)
        return True

    def _check_input(self, context: Any, given: Any) -> None:
        """Raises ValueError if a hook put other arguments in the context: CrewAI passes its own on to the tool."""
        seen, passed, was_empty = _first.get()
        if type(given) is not dict or seen is not context or passed is not given or context.tool_input is not given:
            raise ValueError("a hook replaced its arguments, which has no effect on what CrewAI runs")
        if was_empty and given:
            raise ValueError("a hook added arguments to a call without any, which not all of CrewAI passes on")

    def _check_place(self) -> None:
        """Raises ValueError if a hook runs after this one: it could change the arguments that a person saw."""
        hooks = import_name(HOOKS, "get_before_tool_call_hooks", *TOOLS)()
        if hooks[0] is not note_caller:
            raise ValueError(f"the hook {hooks[0]!r} runs before the first one of the gate: call gate_by_name again")
        later = [one for one in hooks[hooks.index(self) + 1 :] if one is not note_caller]
        dispatch = _find_dispatch()
        if dispatch is not None:
            later += dispatch.get_scoped_hooks(dispatch.InterceptionPoint.PRE_TOOL_CALL)
        others = [one for one in later if not isinstance(one, NameGate)]
        if others:
            raise ValueError(f"the hook {others[0]!r} runs after the gate: call gate_by_name after it was registered")
