"""What a program calls."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, ParamSpec

from .bot import Bot
from .flows import FLOWS, FlowProvider, Flows
from .owner import Owner
from .questions import FLUSHED_WITHIN, NOT_GIVEN, Answer, Question, Questions, build_question
from .store import OPEN, Store
from .tasks import Crews, TaskProvider, check_executor, import_name
from .tools import Gate, NameGate, gate_tools

P = ParamSpec("P")


def _with_parameters_of(
    function: Callable[P, Any],
) -> Callable[[Callable[..., Coroutine[Any, Any, Answer]]], Callable[P, Coroutine[Any, Any, Answer]]]:
    """Gives a method the parameters of another one, for people, editors and type checkers."""

    def decorate(method: Callable[..., Coroutine[Any, Any, Answer]]) -> Callable[P, Coroutine[Any, Any, Answer]]:
        method.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
        return method

    return decorate


class CrewApprovals:
    """Asks people in Slack through the crew-approvals bot.

    url: the bot's address, https or on this machine. crew: the crew's name in the bot's settings. secret: its `ask_secret`.
    db: a SQLite file for what must survive a restart; one process uses it at a time. From its first use it belongs to this
    crew of this bot. move: the bot has moved to another url, or the open questions of a file that names no crew are those
    of this crew: what the bot does not know of them is asked there.

    Raises ValueError for a wrong argument, and RuntimeError if another process uses `db`, or if it belongs to others.
    """

    def __init__(
        self,
        url: str,
        crew: str,
        secret: str,
        db: str | os.PathLike[str] = "crew_approvals.db",
        *,
        move: bool = False,
    ) -> None:
        self._bot = Bot(url, crew, secret)
        self._store = Store(db)
        try:
            self._owner = Owner(self._store, self._bot, move)
        except BaseException:
            self._store.close()
            raise
        self._questions = Questions(self._store, self._bot, self._owner)
        self._crews = Crews(self._questions)
        self._flows = Flows(self._questions, self._crews)
        self._gate = Gate(self._crews)
        self._name_gate = NameGate(self._gate)
        self._lock, self._is_started, self._stopping = threading.Lock(), False, threading.Event()

    def ask(
        self,
        title: str,
        text: str | None = None,
        options: Sequence[str | Mapping[str, Any]] | None = None,
        *,
        output: Any = NOT_GIVEN,
        fields: Mapping[str, Any] | type | None = None,
        message: str | None = None,
        agent: str | None = None,
        free_text: str | None = None,
        editable: bool | None = None,
        kind: str | None = None,
        run: str | None = None,
        follows: str | None = None,
        requested_by: str | None = None,
        approvers: Sequence[str] | None = None,
        channel: str | None = None,
        expires_in: float | None = None,
        default_option: str | None = None,
        callback_url: str | None = None,
        id: str | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Asks a question and waits for its answer. Without options, people approve or request a revision.

        fields: what people fill in: a flat JSON schema, or a dataclass, whose instance is then `Answer.fields`. id: the
        same call with the same id is the same question, also after a crash. Without an id, the question is
        withdrawn when this call ends without an answer or its process dies. timeout: in seconds. The other fields are
        those of the bot's API.

        Raises QuestionClosed if the question was closed or withdrawn, TimeoutError, and ValueError if the bot rejects a
        field, another question has this id, or `fields` has a type that people cannot be asked for. A bot that never
        accepted this program and rejects its crew or secret for a minute is a ValueError, too.
        """
        asked = build_question(
            title,
            text,
            options,
            output=output,
            fields=fields,
            message=message,
            agent=agent,
            free_text=free_text,
            editable=editable,
            kind=kind,
            run=run,
            follows=follows,
            requested_by=requested_by,
            approvers=approvers,
            channel=channel,
            expires_in=expires_in,
            default_option=default_option,
            callback_url=callback_url,
            id=id,
        )
        self._start(timeout)
        self._questions.put([asked])
        try:
            return asked.read(self._questions.wait(asked.id, timeout))
        finally:
            self._close(asked)

    @_with_parameters_of(ask)
    async def ask_async(self, *args: Any, timeout: float | None = None, **more: Any) -> Answer:
        """The same in an event loop, which goes on meanwhile.

        A question without an id is withdrawn when the task is cancelled. One with an id stays: the same call picks it up.
        """
        asked, gone = build_question(*args, **more), threading.Event()

        def store() -> None:
            self._start(timeout, gone.is_set)
            self._questions.put([asked])
            # The thread goes on when the task is cancelled.
            if gone.is_set():
                self._close(asked)

        try:
            await asyncio.to_thread(store)
            return asked.read(await self._questions.wait_async(asked.id, timeout))
        finally:
            gone.set()
            await asyncio.shield(asyncio.to_thread(self._close, asked))

    def _close(self, asked: Question) -> None:
        """Nobody waits for the answer any more, or it has come."""
        if asked.kind == "once":
            self._questions.abandon(asked.id)
        self._questions.flush(asked.id, FLUSHED_WITHIN)

    def flow_provider(self, persistence: Any = None) -> Any:
        """A provider for `flow_config.hitl_provider` or `@human_feedback(provider=…)`: asks in Slack, pauses the flow.

        persistence: where your flows are stored, if that is not CrewAI's default: flows that waited are restored from
        it after a restart. Raises RuntimeError if the installed crewai is older than 1.8.
        """
        pending = import_name("crewai.flow.async_feedback", "HumanFeedbackPending", *FLOWS)
        self._flows.persistence = persistence or self._flows.persistence
        self._start()
        return FlowProvider(self._flows, pending)

    def task_provider(self) -> Any:
        """A provider for `set_provider` of `crewai.core.providers.human_input`, in the thread that calls `kickoff()`.

        Each provider stands for one run; a run that people start from Slack has a provider already. The thread waits
        until a person has decided. Raises RuntimeError if the agents of the installed crewai take no feedback.
        """
        check_executor()
        self._start()
        return TaskProvider(self._crews, str(uuid.uuid4()), watch=True)

    def gate(self, tools: Any, *, run: str | None = None, message: str | None = None) -> list[Any]:
        """Tools for an agent that do the same as these, once a person has seen the arguments and allowed the call.

        tools: a `BaseTool`, or a list of them. run: your own id of the run; by default the one that calls the tool.
        message: a sentence above the arguments, for people: what the call does.

        The tool gets a copy of what the person saw: iterators are lists, and a call with arguments of types that cannot
        be shown exactly does not run. A block is the result of the call. Whatever fails before a person has
        allowed the call raises `ToolNotRun` in the tool, which does not run then, and the agent reads why. Raises
        RuntimeError if the installed crewai is older than 1.10.1.
        """
        gated = gate_tools(self._gate, tools, run, message)
        self._start()
        return gated

    def gate_by_name(self, names: Iterable[str]) -> None:
        """The same for tools that CrewAI makes (MCP servers, apps), with a hook, which is weaker than `gate`.

        Call it after all other hooks are registered: a call is refused if a hook runs after this one, because that
        could change the arguments after the click. The names are compared as CrewAI writes them: `Send E-Mail` is
        `send_e_mail`. The agent does not read the reason of a block, only that a hook blocked the call. The hook sees
        what the model wrote: defaults and conversions of the tool's schema come later. CrewAI calls no hooks where the
        program calls a tool itself, or agents of other frameworks do. Up to 1.14.4, `akickoff` waits in its event loop.

        Raises RuntimeError if the installed crewai is older than 1.10.1: those releases run some calls without hooks.
        """
        self._name_gate.register([names] if isinstance(names, str) else names)
        self._start()

    def register_crew(self, factory: Callable[[], Any], inputs: Iterable[str] | None = None) -> None:
        """Lets people start runs of a crew from Slack, while `serve()` runs.

        factory: makes a new crew for each run. inputs: the names that the form asks for, by default those of the crew.
        """
        self._crews.factory, self._crews.inputs = factory, inputs

    def serve(self) -> None:
        """Resumes the flows that wait and starts runs, until Ctrl-C, SIGTERM or `stop()`."""
        self._start()
        self._questions.resume_flow = self._flows.resume
        self._flows.resume_all()
        self._crews.serve()
        self._questions.wake()
        signals: list[int] = []
        before = {}
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                before[number] = signal.signal(number, lambda number, _: signals.append(number))
        (count,) = self._store.one(f"SELECT count(*) FROM questions WHERE {OPEN}")
        print(f"crew_approvals: asks at {self._bot.url}; {count} waiting", file=sys.stderr, flush=True)
        try:
            # A signal handler must not set the event that its thread waits for.
            while not signals and not self._stopping.wait(0.2):
                self._owner.check()
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Ends `serve()` and all threads. Waiting tasks fail; everything else continues after the next start."""
        self._stopping.set()
        self._store.close()
        self._questions.stop()

    def _start(self, timeout: float | None = None, is_over: Callable[[], bool] = lambda: False) -> None:
        """Goes on with what an earlier process left, once it is sure that this is the crew's own."""
        self._owner.find(timeout, lambda: is_over() or self._stopping.is_set())
        with self._lock:
            if not self._is_started:
                self._crews.recover()
                self._questions.start()
                self._is_started = True
