"""Crews: tasks with `human_input=True` wait for a person, and people start runs from Slack."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from .bot import MESSAGE, REASON, TITLE, build_body, cut, describe, explain
from .questions import Answer, Questions
from .store import LEASED, OPEN

log = logging.getLogger("crew_approvals")

HUMAN_INPUT = "crewai.core.providers.human_input"
#: Feature of crewai that tasks need, and the releases with it: 1.14.5 to 1.15.1 cannot ask, or lose the feedback.
TASKS = ("working human input for tasks", "1.10.1 to 1.14.4, or 1.15.2")
#: Methods that the executor of an agent needs for feedback.
EXECUTOR_METHODS = ("_format_feedback_message", "_invoke_loop", "_ainvoke_loop", "_is_training_mode")
#: Seconds that the bot holds a request for a start.
WAIT = 25
#: Seconds that settled questions and ended runs are kept.
RETENTION = 30 * 24 * 3600
#: Reported reason for a run that ended with its process.
LOST = "the process of this run was restarted, which ended the run: start it again"


def import_name(module: str, name: str, what: str, since: str) -> Any:
    """Imports a name of crewai. Raises RuntimeError with the release to install. what: the feature behind the name."""
    if importlib.util.find_spec("crewai") is None:
        raise RuntimeError(f"crewai is not installed in this Python: install crewai {since} or newer")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise miss(what, since) from error


def miss(what: str, since: str) -> RuntimeError:
    return RuntimeError(f"the installed crewai has no {what}: install crewai {since} or newer")


def check_executor(executor: Any = None) -> None:
    """Raises RuntimeError if an executor, by default the installed crewai's, does not support feedback."""
    if executor is None:
        executor = import_name("crewai", "Agent", *TASKS).model_fields["executor_class"].default
    if not all(hasattr(executor, name) for name in EXECUTOR_METHODS):
        raise miss(*TASKS)


class TaskProvider:
    """Implements CrewAI's `HumanInputProvider` for one run."""

    def __init__(self, crews: Crews, run: str, watch: bool) -> None:
        self._console = import_name(HUMAN_INPUT, "SyncHumanInputProvider", *TASKS)()
        self._crews, self.run, self._watch = crews, run, watch

    def setup_messages(self, context: Any) -> bool:
        return False

    def post_setup_messages(self, context: Any) -> None:
        pass

    @staticmethod
    def _get_output_string(answer: Any) -> str:
        return answer.output if isinstance(answer.output, str) else str(answer.output.model_dump_json())

    def handle_feedback(self, formatted_answer: Any, context: Any) -> Any:
        check_executor(context)
        if context._is_training_mode():
            return self._console.handle_feedback(formatted_answer, context)
        answer, last_question = formatted_answer, None
        while context.ask_for_human_input:
            last_question = self._ask(answer, context, last_question)
            if _apply_decision(self._crews.wait(last_question), context):
                answer = context._invoke_loop()
        return answer

    async def handle_feedback_async(self, formatted_answer: Any, context: Any) -> Any:
        check_executor(context)
        if context._is_training_mode():
            return await self._console.handle_feedback_async(formatted_answer, context)
        answer, last_question = formatted_answer, None
        while context.ask_for_human_input:
            last_question = await asyncio.to_thread(self._ask, answer, context, last_question)
            try:
                decision = await asyncio.to_thread(self._crews.wait, last_question)
            except asyncio.CancelledError:
                self._crews.questions.abandon(last_question)
                raise
            if _apply_decision(decision, context):
                answer = await context._ainvoke_loop()
        return answer

    def _ask(self, answer: Any, context: Any, last_question: str | None) -> str:
        """Asks about an output. Returns the id of the question."""
        task, question = context.task, f"task-{uuid.uuid4().hex}"
        description = (getattr(task, "description", None) or "").strip()
        title = getattr(task, "name", None) or cut(description.partition("\n")[0], 80) or "task"
        message = getattr(task, "expected_output", None) or description
        body = {"title": cut(title, TITLE), "message": cut(message, MESSAGE), "run": self.run, "lease": True}
        body |= {"output": self._get_output_string(answer)} | (
            {} if last_question is None else {"follows": last_question}
        )
        if self._watch:
            self._watch = False
            self._crews.watch(self.run, context.crew)
        questions = self._crews.questions
        with questions.store.commit() as db:
            questions.add(db, question, "task", build_body(body, "output"), run=self.run)
        questions.wake()
        return question


def _apply_decision(decision: Answer, context: Any) -> bool:
    """Applies a decision. True if the agent has to revise its output, with the text as feedback."""
    context.ask_for_human_input = decision.option != "approve"
    if context.ask_for_human_input:
        context.messages.append(context._format_feedback_message(decision.text))
    return bool(context.ask_for_human_input)


class Crews:
    """The runs of crews in this process."""

    def __init__(self, questions: Questions) -> None:
        self.questions, self._store = questions, questions.store
        self.factory: Callable[[], Any] | None = None
        self.inputs: Iterable[str] | None = None

    def wait(self, question: str) -> Answer:
        try:
            return self.questions.wait(question)
        finally:
            self.questions.abandon(question)

    def begin(self, run: str, start: str | None, start_answer: dict[str, Any] | None = None) -> None:
        """Records the answer to a start from Slack, and the run if it has begun."""
        with self._store.commit() as db:
            if start is not None and start_answer is not None:
                self.questions.send(db, run, f"starts/{quote(start, safe='')}", build_body(start_answer))
            if start_answer is None or start_answer["status"] == "started":
                query = "INSERT OR IGNORE INTO crew_runs (id, start) VALUES (?, ?)"
                if db.execute(query, (run, start)).rowcount > 0:
                    self.questions.report(db, run, {"state": "running"})
        self.questions.wake()

    def end(self, run: str, result: Any = None, reason: str | None = None) -> None:
        """Reports the end of a run, once. If the client was stopped, the next start reports the run as lost instead."""
        if self._store.is_closed:
            return
        report = {"state": "finished", "result": getattr(result, "raw", None) or str(result)}
        if reason is not None:
            report = {"state": "failed", "reason": cut(reason, REASON)}
        with self._store.commit() as db:
            query = "UPDATE crew_runs SET finished = ? WHERE id = ? AND finished IS NULL"
            if db.execute(query, (time.time(), run)).rowcount > 0:
                self.questions.report(db, run, report)
        self.questions.wake()

    def watch(self, run: str, crew: Any) -> None:
        """Reports the states of a run that the program itself started. Learns its end from CrewAI's events."""
        events = import_name("crewai", "events", *TASKS)

        def completed(source: Any, event: Any) -> None:
            if source is crew:
                self.end(run, event.output)

        def failed(source: Any, event: Any) -> None:
            if source is crew:
                self.end(run, reason=str(event.error))

        self.begin(run, None)
        events.crewai_event_bus.on(events.CrewKickoffCompletedEvent)(completed)
        events.crewai_event_bus.on(events.CrewKickoffFailedEvent)(failed)

    def recover(self) -> None:
        """Withdraws the questions of threads of an earlier process, and reports the runs that ended with the process.

        Deletes records older than RETENTION.
        """
        cutoff, open_questions = (
            time.time() - RETENTION,
            f"SELECT id, run FROM questions WHERE {OPEN} AND kind IN {LEASED}",
        )
        with self._store.commit() as db:
            waiting = db.execute(open_questions).fetchall()
            for question, _ in waiting:
                self.questions.withdraw(db, question, LOST)
            for run, start in db.execute("SELECT id, start FROM crew_runs WHERE finished IS NULL").fetchall():
                # A run without a start from Slack and without an open question may have finished: it is not reported.
                if start is not None or run in {waiting_run for _, waiting_run in waiting}:
                    log.warning("run %s was lost with its process, reporting it as failed", run)
                    self.questions.report(db, run, {"state": "failed", "reason": LOST})
            db.execute("UPDATE crew_runs SET finished = ? WHERE finished IS NULL", (time.time(),))
            for table in ("crew_runs", "pauses"):
                db.execute(f"DELETE FROM {table} WHERE finished < ?", (cutoff,))
            expired = f"created < ? AND NOT ({OPEN}) AND id NOT IN (SELECT question FROM pauses)"
            db.execute(f"DELETE FROM questions WHERE {expired}", (cutoff,))

    # -- starts from Slack

    def serve(self) -> None:
        """Sends the bot the inputs for the form, and fetches starts in the background."""
        if self.factory is None:
            return
        names = list(self.inputs) if self.inputs is not None else sorted(self.factory().fetch_inputs())
        with self._store.commit() as db:
            db.execute("DELETE FROM messages WHERE path = 'inputs'")
            self.questions.send(db, "inputs", "inputs", build_body({"inputs": names}))
        self.questions.wake()
        self.questions.repeat("starts", self._fetch)

    def _fetch(self) -> float:
        status, answer = self.questions.call("GET", f"starts?wait={WAIT}", wait=WAIT)
        if status >= 300:
            log.error("starts not fetched: %s", explain(status, answer))
            return 60.0
        if "start" in answer:
            self._carry_out(answer["start"])
        # The bot answers at once if too many requests wait.
        return 0.0 if "start" in answer else 1.0

    def _carry_out(self, start: dict[str, Any]) -> None:
        """Carries out a start. A start that the bot sends again is answered with the same run."""
        recorded = self._store.one("SELECT id FROM crew_runs WHERE start = ?", start["id"])
        run, inputs = str(uuid.uuid4()) if recorded is None else recorded["id"], start.get("inputs") or {}
        answer, crew = {"status": "started", "run": run}, None
        if recorded is None:
            try:
                crew = self._make_crew(inputs)
            except Exception as error:
                log.exception("start %s refused", start["id"])
                reason = str(error) if isinstance(error, RuntimeError) else describe(error)
                answer = {"status": "refused", "reason": cut(reason, REASON)}
        self.begin(run, start["id"], answer)
        if crew is not None:
            threading.Thread(target=self._run, args=(run, crew, inputs), name=f"crew-{run}", daemon=True).start()

    def _make_crew(self, inputs: dict[str, Any]) -> Any:
        crew: Any = self.factory and self.factory()
        if any(getattr(task, "human_input", False) for task in crew.tasks):
            check_executor()
        missing = sorted(name for name in crew.fetch_inputs() if name not in inputs)
        if missing:
            raise RuntimeError(f"missing inputs: {', '.join(missing)}")
        return crew

    def _run(self, run: str, crew: Any, inputs: dict[str, Any]) -> None:
        try:
            set_provider = import_name(HUMAN_INPUT, "set_provider", *TASKS)
            set_provider(TaskProvider(self, run, watch=False))
            self.end(run, crew.kickoff(inputs=inputs))
        except BaseException as error:
            log.exception("run %s failed", run)
            self.end(run, reason=describe(error))
