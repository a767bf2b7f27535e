"""Gates tools: a person sees the arguments of a call, and allows or blocks the call before it runs."""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import logging
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, cast

from .arguments import freeze
from .bot import MESSAGE, build_body, cut, describe, dumps
from .calls import CLOSED, Refusal, ToolNotRun, describe_call, explain_failure, read_refusal
from .questions import FLUSHED_WITHIN, Answer, QuestionClosed
from .tasks import HUMAN_INPUT, Crews, TaskProvider, import_name, miss

log = logging.getLogger("crew_approvals")

#: Feature of crewai that the gate needs, and the first tried release with it: 1.9.0 runs some calls without hooks.
TOOLS = ("hooks for every call of a tool", "1.10.1")
HOOKS = "crewai.hooks"
#: The tool that this context calls next, and the role of the calling agent.
_caller: ContextVar[tuple[Any, str | None]] = ContextVar("crew_approvals_caller", default=(None, None))
#: Input of the first hook of a call: context, the dictionary that CrewAI passes to the tool, True if that was empty.
_first_input: ContextVar[tuple[Any, Any, bool]] = ContextVar("crew_approvals_first", default=(None, None, False))


def check_release() -> None:
    """Raises RuntimeError if the installed crewai calls tools without calling hooks."""
    version = import_name("crewai", "__version__", *TOOLS)
    if [int(part) for part in re.findall(r"\d+", version)[:3]] < [int(part) for part in TOOLS[1].split(".")]:
        raise miss(*TOOLS)


class Gate:
    """Asks people about calls of tools."""

    def __init__(self, crews: Crews) -> None:
        self._crews, self._questions = crews, crews.questions

    def __deepcopy__(self, _: Any) -> Gate:
        return self

    def ask(
        self, name: str, shown: Any, run: str | None, agent: str | None, fields: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        """Asks about a call with the arguments as `freeze` shows them. Returns the id of the question.

        fields: `message` and `effect` of the question.
        """
        question, run_id = f"tool-{uuid.uuid4().hex}", run or find_run()
        body = {**describe_call(name, shown, agent, None), **fields, "run": run_id, "lease": True}
        with self._questions.store.commit() as db:
            self._questions.add(db, question, "tool", build_body(body), run=run_id)
        self._questions.wake()
        return question

    def judge(self, question: str, check: Callable[[Answer], None] | None = None) -> Refusal | None:
        """Waits for the decision of a person. Returns a refusal; None: the call is allowed, and `check` raised nothing."""
        try:
            answer = self._crews.wait(question)
        except QuestionClosed:
            return CLOSED
        # The program may end while the tool runs: the card would say that nobody fetched the answer.
        self._questions.flush(question, FLUSHED_WITHIN)
        refusal = read_refusal(answer)
        if refusal is None and check is not None:
            check(answer)
        return refusal

    def abandon(self, question: str) -> None:
        self._questions.abandon(question)


def find_run() -> str:
    """Finds the run of this context: the task provider's, the flow's, or one run per kickoff."""
    provider = import_name(HUMAN_INPUT, "get_provider", *TOOLS)()
    if isinstance(provider, TaskProvider):
        return provider.run
    try:
        stack = importlib.import_module("crewai.events.event_context")._event_id_stack.get()
        flow = importlib.import_module("crewai.flow.flow_context").current_flow_id.get()
    except (ImportError, AttributeError):
        stack, flow = (), None
    # Agents can be flows themselves: the flow counts only if the program started a flow, which is the first event.
    first, kind = stack[0] if stack else (str(uuid.uuid4()), None)
    if flow and kind == "flow_started":
        return str(flow)
    # A cancelled kickoff leaves its events on the stack, before the events of the next kickoff.
    return str(next((event for event, kind in reversed(stack) if kind == "crew_kickoff_started"), first))


def note_caller(context: Any) -> None:
    """A hook that notes the agent, which tools do not know. With `gate_by_name` it has to be the first hook."""
    # Must not raise: up to crewai 1.14.4, the hooks after a hook that raises are not called.
    tool_input, tool, agent = (getattr(context, name, None) for name in ("tool_input", "tool", "agent"))
    _first_input.set((context, tool_input, type(tool_input) is dict and not tool_input))
    _caller.set((getattr(tool, "_original_tool", None), getattr(agent, "role", None)))


def gate_tools(
    gate: Gate,
    tools: Any,
    run: str | None,
    message: str | None,
    effect: str | None,
    check: Callable[[Answer, str], None] | None,
) -> list[Any]:
    """Wraps tools. check: gets the answer that allows a call and the JSON of its arguments, and raises to refuse it."""
    check_release()
    if message is not None and (type(message) is not str or cut(message, MESSAGE) != message):
        raise ValueError(f"message must be a text of at most {MESSAGE} characters")
    if effect not in (None, "reversible", "irreversible"):
        raise ValueError("effect must be reversible or irreversible")
    fields = {name: value for name, value in (("message", message), ("effect", effect)) if value}
    base = import_name("crewai.tools", "BaseTool", *TOOLS)
    gated = build_class(base, import_name("crewai.tools.structured_tool", "CrewStructuredTool", *TOOLS))
    if note_caller not in import_name(HOOKS, "get_before_tool_call_hooks", *TOOLS)():
        import_name(HOOKS, "register_before_tool_call_hook", *TOOLS)(note_caller)
    originals = list(tools) if isinstance(tools, (list, tuple)) else [tools]
    for tool in originals:
        if not isinstance(tool, base):
            raise TypeError(f"{tool!r} is not a BaseTool: use gate_by_name for tools that CrewAI makes")
    return [tool if isinstance(tool, gated) else gated.wrap(gate, tool, run, fields, check) for tool in originals]


@functools.cache
def build_class(base: Any, structured: Any) -> Any:
    """Builds the class of gated tools from the classes of the installed crewai."""

    class Structured(structured):
        async def ainvoke(self, input: Any, config: Any = None, **_: Any) -> Any:
            # CrewAI's own method would lose the context, and with it the run.
            return await asyncio.to_thread(self.invoke, input, config)

    class GatedTool(base):
        """A tool with the name, description and schema of another tool, which runs only if a person allows the call."""

        _gate: Any = None
        _tool: Any = None
        _run_id: Any = None
        _fields: Any = None
        _check: Any = None

        @classmethod
        def wrap(
            cls, gate: Gate, tool: Any, run: str | None, question_fields: Mapping[str, str], check: Any
        ) -> Any:
            fields = {name: getattr(tool, name) for name in base.model_fields if hasattr(tool, name)}
            cache = fields.get("cache_function")

            def can_cache(arguments: Any = None, result: Any = None) -> bool:
                return not isinstance(result, Refusal) and (cache is None or bool(cache(arguments, result)))

            gated = cls(**{**fields, "cache_function": can_cache})
            gated._gate, gated._tool, gated._run_id, gated._fields = gate, tool, run, question_fields
            gated._check = check
            return gated

        def _generate_description(self) -> None:
            """Does nothing: the tool's own description is complete."""

        def _ask(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, dict[str, Any], Any]:
            """Asks about a call.

            Returns the id of the question, a copy of the arguments that the card shows, and the check of the answer.
            """
            names = list(self.args_schema.model_fields)[: len(args)]
            if len(names) < len(args) or not kwargs.keys().isdisjoint(names):
                raise TypeError("the arguments do not fit the schema")
            arguments, shown = freeze(dict(zip(names, args)) | kwargs)
            tool, agent = _caller.get()
            run, role = self._run_id, agent if tool is self else None
            check = self._check and functools.partial(self._check, shown=dumps(shown))
            return self._gate.ask(self.name, shown, run, role, self._fields), arguments, check

        def _run(self, *args: Any, **kwargs: Any) -> Any:
            with explain_failure(self.name):
                question, arguments, check = self._ask(args, kwargs)
                refusal = self._gate.judge(question, check)
            if refusal is not None:
                return refusal
            result = self._tool._run(**arguments)
            return asyncio.run(result) if asyncio.iscoroutine(result) else result

        async def _arun(self, *args: Any, **kwargs: Any) -> Any:
            with explain_failure(self.name):
                question, arguments, check = self._ask(args, kwargs)
                try:
                    refusal = await asyncio.to_thread(self._gate.judge, question, check)
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
    """Finds the module that calls the hooks; None: an older release of crewai."""
    with suppress(ModuleNotFoundError):
        return importlib.import_module(f"{HOOKS}.dispatch")
    return None


class _SafeHook:
    """A hook of the program that never raises: up to crewai 1.14.4, later hooks would be skipped and the tool run."""

    def __init__(self, hook: Callable[[Any], Any]) -> None:
        self._hook = hook

    def __call__(self, context: Any) -> Any:
        try:
            return self._hook(context)
        except Exception as error:
            log.error("the hook %r failed: %s", self._hook, describe(error))
            return None

    def __eq__(self, other: object) -> bool:
        """True for the hook of the program too, so that the program can unregister it."""
        return other is self or bool(self._hook == other)

    def __hash__(self) -> int:
        return hash(self._hook)


_permit_lock = threading.Lock()


def permit_run(tool: Any) -> None:
    """Permits one run of a tool that CrewAI built: CrewAI repeats a call that raises, without calling hooks again."""
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
    """A hook that asks about calls of tools by name. Never raises: CrewAI would run the tool."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._names: set[str] = set()
        self._sanitize: Callable[[str], str] = str

    def register(self, names: Iterable[str]) -> None:
        """Adds names. Makes `note_caller` the first hook, and this hook the last."""
        check_release()
        self._sanitize = import_name("crewai.utilities.string_utils", "sanitize_tool_name", *TOOLS)
        for name in names:
            if not self._sanitize(name):
                raise ValueError(f"CrewAI has no name for the tool {name!r}: it has no ASCII letters and digits")
            self._names.add(self._sanitize(name))
        previous_hooks = import_name(HOOKS, "get_before_tool_call_hooks", *TOOLS)()
        others = [hook for hook in previous_hooks if hook is not self and hook is not note_caller]
        if _find_dispatch() is None:
            others = [hook if isinstance(hook, (NameGate, _SafeHook)) else _SafeHook(hook) for hook in others]
        # Registers before it unregisters, so that no hook is missing at any time.
        for hook in (note_caller, *others, self):
            import_name(HOOKS, "register_before_tool_call_hook", *TOOLS)(hook)
        for hook in previous_hooks:
            import_name(HOOKS, "unregister_before_tool_call_hook", *TOOLS)(hook)

    def __call__(self, context: Any) -> bool | None:
        try:
            names = {self._sanitize(name) for name in (context.tool_name, getattr(context.tool, "name", None)) if name}
            # CrewAI appends a number to tools with the same name.
            names |= {re.sub(r"_\d+$", "", name) for name in names}
            return None if names.isdisjoint(self._names) else self._allows(context)
        except Exception as error:
            log.error("%s was not run: %s", getattr(context, "tool_name", "a tool"), describe(error))
            return False

    def _allows(self, context: Any) -> bool:
        self._check_place()
        tool_input, name = context.tool_input, getattr(context.tool, "name", None) or context.tool_name
        self._check_input(context, tool_input)
        arguments, shown = freeze(tool_input)
        # Iterators are exhausted now, so the copy replaces them.
        tool_input.update(arguments)
        question = self._gate.ask(name, shown, None, getattr(context.agent, "role", None))
        refusal = self._gate.judge(question)
        if refusal is not None:
            log.warning("%s: %s", context.tool_name, refusal)
            return False
        self._check_place()
        self._check_input(context, tool_input)
        arguments, shown_now = freeze(tool_input)
        if dumps(shown_now) != dumps(shown):
            raise ValueError("its arguments were changed after the question")
        # No other code has a reference to this copy.
        tool_input.update(arguments)
        permit_run(context.tool)
        return True

    def _check_input(self, context: Any, tool_input: Any) -> None:
        """Raises ValueError if a hook replaced the arguments, or added some to a call without any: both can be lost."""
        first_context, passed_input, was_empty = _first_input.get()
        if (
            type(tool_input) is not dict
            or first_context is not context
            or passed_input is not tool_input
            or context.tool_input is not tool_input
        ):
            raise ValueError("a hook replaced its arguments, which has no effect on what CrewAI runs")
        if was_empty and tool_input:
            raise ValueError("a hook added arguments to a call without any, which not all of CrewAI passes on")

    def _check_place(self) -> None:
        """Raises ValueError if a hook runs before `note_caller`, or after this hook, when it could change the arguments."""
        hooks = import_name(HOOKS, "get_before_tool_call_hooks", *TOOLS)()
        if hooks[0] is not note_caller:
            raise ValueError(f"the hook {hooks[0]!r} runs before the first one of the gate: call gate_by_name again")
        later_hooks = [hook for hook in hooks[hooks.index(self) + 1 :] if hook is not note_caller]
        dispatch = _find_dispatch()
        if dispatch is not None:
            later_hooks += dispatch.get_scoped_hooks(dispatch.InterceptionPoint.PRE_TOOL_CALL)
        others = [hook for hook in later_hooks if not isinstance(hook, NameGate)]
        if others:
            raise ValueError(f"the hook {others[0]!r} runs after the gate: call gate_by_name after it was registered")
