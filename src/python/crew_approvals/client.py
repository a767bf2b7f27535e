"""The client: the methods that a program calls."""

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
from .receipts import ReceiptRejected, check_extra, digest_json, verify_receipt
from .store import OPEN, Store
from .tasks import Crews, TaskProvider, check_executor, import_name
from .tools import Gate, NameGate, gate_tools

P = ParamSpec("P")


def _with_parameters_of(
    function: Callable[P, Any],
) -> Callable[[Callable[..., Coroutine[Any, Any, Answer]]], Callable[P, Coroutine[Any, Any, Answer]]]:
    """Gives a method the signature of a function, for people, editors and type checkers."""

    def decorate(method: Callable[..., Coroutine[Any, Any, Answer]]) -> Callable[P, Coroutine[Any, Any, Answer]]:
        method.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
        return method

    return decorate


class CrewApprovals:
    """Asks people in Slack through the crew-approvals bot.

    url: the bot's address: https, or on this machine. crew: its name in the bot's settings. secret: its `ask_secret`.
    db: a SQLite file for the data that must survive a restart; one process uses it at a time. From its first use it
    belongs to this crew of this bot. move: True if the bot has moved to another url, or if the open questions of a file
    that names no crew belong to this crew. Questions that the bot does not know are asked there.

    Raises ValueError for a wrong argument, and RuntimeError if `db` is in use or belongs to another crew or bot.
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
        require_whole: bool | None = None,
        effect: str | None = None,
        named_approvers: bool | None = None,
        callback_url: str | None = None,
        id: str | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Asks a question and waits for its answer. Without options, people approve or request a revision.

        fields: the form to fill in: a flat JSON schema, or a dataclass of which `Answer.fields` is then an instance.
        id: the same call with the same id is the same question, also after a crash. A question without an id is
        withdrawn if this call ends without an answer, and closed if its process ends. timeout: in seconds. The other
        arguments are fields of the bot's API.

        Raises QuestionClosed if the question was closed or withdrawn, TimeoutError, ValueError if the bot rejects a
        field, another question has this id, or `fields` has a type that people cannot be asked for, and RuntimeError if
        `db` may belong to another crew. A bot that never accepted this program and rejects its crew or secret for a
        minute is a ValueError, too.
        """
        question = build_question(
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
            require_whole=require_whole,
            effect=effect,
            named_approvers=named_approvers,
            callback_url=callback_url,
            id=id,
        )
        self._start(timeout)
        self._questions.put([question])
        try:
            return question.read(self._questions.wait(question.id, timeout))
        finally:
            self._close(question)

    @_with_parameters_of(ask)
    async def ask_async(self, *args: Any, timeout: float | None = None, **arguments: Any) -> Answer:
        """Asks as `ask` does, in an event loop.

        A question without an id is withdrawn if the task is cancelled. A question with an id stays open: the same call
        continues to wait for its answer.
        """
        question, ended = build_question(*args, **arguments), threading.Event()

        def store() -> None:
            self._start(timeout, ended.is_set)
            self._questions.put([question])
            # A cancelled task does not stop this thread.
            if ended.is_set():
                self._close(question)

        try:
            await asyncio.to_thread(store)
            return question.read(await self._questions.wait_async(question.id, timeout))
        finally:
            ended.set()
            await asyncio.shield(asyncio.to_thread(self._close, question))

    def _close(self, question: Question) -> None:
        """Ends the wait: withdraws an open question without an id, and gives the bot time to receive the end."""
        if question.kind == "once":
            self._questions.abandon(question.id)
        self._questions.flush(question.id, FLUSHED_WITHIN)

    def flow_provider(self, persistence: Any = None) -> Any:
        """Builds a provider for `flow_config.hitl_provider` or `@human_feedback(provider=…)` that asks in Slack.

        persistence: the store of your flows, if it is not CrewAI's default: waiting flows are restored from it after a
        restart. Raises RuntimeError if the installed crewai is older than 1.8.
        """
        pending = import_name("crewai.flow.async_feedback", "HumanFeedbackPending", *FLOWS)
        self._flows.persistence = persistence or self._flows.persistence
        self._start()
        return FlowProvider(self._flows, pending)

    def task_provider(self) -> Any:
        """Builds a provider for `set_provider` of `crewai.core.providers.human_input`.

        Call `set_provider` in the thread that calls `kickoff()`: the thread waits until a person has decided. Each
        provider is for one run; a run that people start from Slack has a provider already. Raises RuntimeError if the
        agents of the installed crewai do not support feedback.
        """
        check_executor()
        self._start()
        return TaskProvider(self._crews, str(uuid.uuid4()), watch=True)

    def gate(
        self,
        tools: Any,
        *,
        run: str | None = None,
        message: str | None = None,
        effect: str | None = None,
        require_receipt: Mapping[str, Any] | None = None,
    ) -> list[Any]:
        """Wraps tools for an agent: a call runs only after a person has seen its arguments and allowed it.

        tools: a `BaseTool`, or a list of them. run: your own id of the run; by default the run that calls the tool.
        message: a sentence for people above the arguments, such as the effect of the call. effect: "irreversible" if a
        call cannot be taken back: the card says so, and no earlier permission allows it. require_receipt: `keys` and
        `issuer` as for `verify_receipt`: a call without a valid receipt for exactly its arguments does not run.

        The tool gets a copy of the arguments that the person saw, with lists in place of iterators. A call does not run
        if its arguments cannot be shown exactly. The result of a blocked call is the refusal. A failure before a person
        has allowed the call raises `ToolNotRun` in the tool: the tool does not run, and the agent reads the reason.
        Raises RuntimeError if the installed crewai is older than 1.10.1, or without the extra that receipts require.
        """
        gated = gate_tools(self._gate, tools, run, message, effect, self._build_check(require_receipt))
        self._start()
        return gated

    def _build_check(self, require_receipt: Mapping[str, Any] | None) -> Callable[..., None] | None:
        if require_receipt is None:
            return None
        check_extra()
        expected = {"keys": require_receipt["keys"], "issuer": require_receipt["issuer"], "crew": self._bot.crew}

        def check(answer: Answer, shown: str) -> None:
            claims = verify_receipt(answer.receipt, arguments=digest_json(shown), **expected)
            if claims.get("option") != "allow":
                raise ReceiptRejected(f"Its answer is {claims.get('option')}.")

        return check

    def gate_by_name(self, names: Iterable[str]) -> None:
        """Gates tools that CrewAI itself builds (MCP servers, apps). Uses a hook, which is weaker than `gate`.

        Register all other hooks first: a call is refused if a hook runs after this hook, because that hook could change
        the arguments after the click. Names are compared as CrewAI writes them: `Send E-Mail` is `send_e_mail`. The
        agent does not read the reason of a block, only that a hook blocked the call. The hook sees the arguments that
        the model wrote: CrewAI applies defaults and conversions of the tool's schema later. CrewAI calls no hooks if
        the program itself or an agent of another framework calls a tool. Up to 1.14.4, `akickoff` blocks its event loop.

        Raises RuntimeError if the installed crewai is older than 1.10.1: those releases run some calls without hooks.
        """
        self._name_gate.register([names] if isinstance(names, str) else names)
        self._start()

    def register_crew(self, factory: Callable[[], Any], inputs: Iterable[str] | None = None) -> None:
        """Lets people start runs of a crew from Slack, while `serve()` runs.

        factory: makes a new crew for each run. inputs: names of the inputs on the form; by default those of the crew.
        """
        self._crews.factory, self._crews.inputs = factory, inputs

    def serve(self) -> None:
        """Resumes flows with their answers and starts runs from Slack, until Ctrl-C, SIGTERM or `stop()`."""
        self._start()
        self._questions.resume_flow = self._flows.resume
        self._flows.resume_all()
        self._crews.serve()
        self._questions.wake()
        signals: list[int] = []
        previous_handlers = {}
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                previous_handlers[number] = signal.signal(number, lambda number, _: signals.append(number))
        (count,) = self._store.one(f"SELECT count(*) FROM questions WHERE {OPEN}")
        print(f"crew_approvals: asks at {self._bot.url}; {count} waiting", file=sys.stderr, flush=True)
        try:
            # A signal handler that sets an event for which its own thread waits can deadlock.
            while not signals and not self._stopping.wait(0.2):
                self._owner.check()
        finally:
            self.stop()
            for number, handler in previous_handlers.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Ends `serve()` and all threads. Waiting tasks fail; everything else continues after the next start."""
        self._stopping.set()
        self._store.close()
        self._questions.stop()

    def _start(self, timeout: float | None = None, is_over: Callable[[], bool] = lambda: False) -> None:
        """Waits until the file is sure to belong to this crew. The first call recovers what an earlier process left."""
        self._owner.confirm(timeout, lambda: is_over() or self._stopping.is_set())
        with self._lock:
            if not self._is_started:
                self._crews.recover()
                self._questions.start()
                self._is_started = True
