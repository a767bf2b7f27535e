"""Flows with `@human_feedback`: a flow pauses, and the client resumes it with the answer."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib
import json
import logging
import operator
import threading
import time
from contextvars import ContextVar
from sqlite3 import Connection, Row
from typing import Any

from .bot import LABEL, MESSAGE, OPTION, TITLE, build_body, cut, describe, dumps
from .questions import Answer, Questions
from .store import OPEN, Stopped
from .tasks import HUMAN_INPUT, TASKS, Crews, TaskProvider, import_name

log = logging.getLogger("crew_approvals")

#: Feature of crewai that flows need, and the first release with it.
FLOWS = ("human feedback providers of flows", "1.8")
#: Seconds to wait until CrewAI has stored a pause. Event handlers of the program can delay CrewAI.
PAUSE_STORED_WITHIN = 600
#: Fields of a review without outcomes: people write a text, which the flow gets unchanged.
TEXT_ONLY = {"options": [{"id": "answer", "label": "Answer"}], "free_text": "required"}

#: The question with whose answer this thread resumes a flow.
_resumed_question: ContextVar[str | None] = ContextVar("crew_approvals_resumed", default=None)


class FlowProvider:
    """Implements CrewAI's `HumanFeedbackProvider`."""

    def __init__(self, flows: Flows, pause_error: Any) -> None:
        self._flows, self._pause_error = flows, pause_error

    def request_feedback(self, context: Any, flow: Any) -> str:
        raise self._pause_error(context=context, callback_info={"question": self._flows.ask(context, flow)})


class Flows:
    """Flows that wait for an answer."""

    def __init__(self, questions: Questions, crews: Crews) -> None:
        self._questions, self._store, self._crews = questions, questions.store, crews
        #: The store of flows, if it is not CrewAI's default.
        self.persistence: Any = None
        #: Waiting flows of this process, by the id of the question.
        self._waiting: dict[str, Any] = {}
        self._resuming: set[str] = set()
        self._lock = threading.Lock()

    def ask(self, context: Any, flow: Any) -> str:
        """Records the pause of a flow and asks its question, once. Returns the id of the question."""
        path = f"{type(flow).__module__}:{type(flow).__qualname__}"
        if _find_class(path) is not type(flow):
            log.warning("%s cannot be found again after a restart: define it at the top of a module", path)
        fields = context.to_dict()
        flow_id, method = fields["flow_id"], fields["method_name"]
        pause = f"{flow_id}\n{method}\n{fields.get('requested_at')}"
        question = f"flow-{hashlib.sha256(pause.encode()).hexdigest()[:32]}"
        self._waiting[question] = flow
        with self._store.commit() as db:
            if db.execute("SELECT 1 FROM questions WHERE id = ?", (question,)).fetchone() is None:
                self._withdraw_earlier_questions(db, flow_id)
                body = {**_build_question(fields), **_find_last_question(db, flow_id, method)}
                self._questions.add(db, question, "flow", build_body(body, "output"), run=flow_id)
                row = (question, _resumed_question.get(), flow_id, method, path, dumps(fields), dumps(flow.state))
                names = "question, parent, flow_id, method, class, context, state"
                db.execute(f"INSERT INTO pauses ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self._questions.wake()
        return question

    def _withdraw_earlier_questions(self, db: Connection, flow_id: str) -> None:
        """Withdraws the questions of earlier pauses: CrewAI stores one pause per flow, so they cannot be resumed."""
        for (question,) in db.execute("SELECT question FROM pauses WHERE flow_id = ?", (flow_id,)).fetchall():
            if self._questions.withdraw(db, question, "its flow waits again"):
                log.error("flow %s waits again before it was answered: only its latest question counts", flow_id)
                db.execute("UPDATE pauses SET finished = ? WHERE question = ?", (time.time(), question))

    # -- answers

    def resume_all(self) -> None:
        """Resumes the flows whose question was settled before an earlier process could finish them."""
        query = "SELECT question FROM pauses WHERE finished IS NULL AND question IN"
        for (question,) in self._store.all(f"{query} (SELECT id FROM questions WHERE NOT ({OPEN}))"):
            log.warning("%s was settled, and its flow had not finished: it is resumed again", question)
            self.resume(question)

    def resume(self, question: str) -> None:
        """Resumes a flow in its own thread, once. If the flow cannot be restored, the thread retries."""
        with self._lock:
            is_new = question not in self._resuming
            self._resuming.add(question)
        if is_new:
            deadline = time.monotonic() + PAUSE_STORED_WITHIN
            self._questions.repeat(question, lambda: self._resume(question, deadline))

    def _resume(self, question: str, deadline: float) -> float | None:
        query = "SELECT * FROM pauses JOIN (SELECT id, answer, reason FROM questions) ON id = question"
        row = self._store.one(f"{query} WHERE question = ? AND finished IS NULL", question)
        # Before its process was killed, the flow may have finished or reached its next pause.
        if row is None or self._store.one("SELECT 1 FROM pauses WHERE parent = ?", question) is not None:
            end = None
        elif row["answer"] is None:
            end = {"state": "failed", "reason": f"nobody answered its question: {row['reason']}"}
        else:
            persistence, stored = self._find_pause(row)
            # CrewAI has not stored the pause of this flow yet, and would store it after the flow was resumed.
            if stored is None and question in self._waiting and time.monotonic() < deadline:
                return 0.1
            end = self._carry_out(row, self._restore(row, persistence, stored))
        with self._store.commit() as db:
            db.execute("UPDATE pauses SET finished = ? WHERE question = ?", (time.time(), question))
            if row is not None and end is not None:
                self._questions.report(db, row["flow_id"], end)
        self._questions.wake()
        self._waiting.pop(question, None)
        return None

    def _find_pause(self, row: Row) -> tuple[Any, Any]:
        """Finds the store of a flow and the stored context of this pause; None: the store has another pause or none."""
        flow, context = self._waiting.get(row["question"]), json.loads(row["context"])
        # Older releases of crewai, 1.10 included, name the attribute `_persistence`.
        flow_store = getattr(flow, "persistence", None) or getattr(flow, "_persistence", None)
        persistence = flow_store or self.persistence or _make_flow_store()
        loaded = persistence.load_pending_feedback(row["flow_id"])
        pending = {} if loaded is None else loaded[1].to_dict()
        is_same = all(pending.get(name) == context.get(name) for name in ("method_name", "requested_at"))
        return persistence, loaded[1] if loaded is not None and is_same else None

    def _restore(self, row: Row, persistence: Any, stored: Any) -> Any:
        """Restores a flow as it was when it began to wait."""
        context_class = import_name("crewai.flow.async_feedback.types", "PendingFeedbackContext", *FLOWS)
        flow = self._waiting.get(row["question"])
        flow_class = _find_class(row["class"]) if flow is None else type(flow)
        if flow_class is None:
            raise RuntimeError(f"{row['class']} was not found: define the flow at the top of an importable module")
        # The context that CrewAI stored includes the trace, but CrewAI may have deleted it before a crash. The state
        # is always the client's copy: the state that CrewAI stores cannot always be read back.
        pending = stored or context_class.from_dict(json.loads(row["context"]))
        persistence.save_pending_feedback(row["flow_id"], pending, json.loads(row["state"]))
        return flow_class.from_pending(row["flow_id"], persistence)

    def _carry_out(self, row: Row, flow: Any) -> dict[str, Any] | None:
        """Resumes a flow. Returns the report about the end of its run; None: the flow waits again."""
        _resumed_question.set(row["question"])
        with contextlib.suppress(RuntimeError):
            # Tasks in later steps of the flow ask in Slack too. crewai before 1.10 has no providers for tasks.
            set_provider = import_name(HUMAN_INPUT, "set_provider", *TASKS)
            set_provider(TaskProvider(self._crews, row["flow_id"], watch=False))
        try:
            result = asyncio.run(_resume_with(flow, Answer.read(row["answer"])))
        except BaseException as error:
            if self._store.is_closed:
                raise Stopped from error
            log.exception("flow %s failed after its question was answered", row["flow_id"])
            return {"state": "failed", "reason": describe(error)}
        kind = type(result).__name__
        if kind == "HumanFeedbackPending":
            return None
        # Older releases of crewai return None or the review instead of the output of the last step.
        outputs = getattr(flow, "method_outputs", None) or [result]
        is_output = kind not in ("NoneType", "HumanFeedbackResult")
        return {"state": "finished", "result": result if is_output else outputs[-1]}


def _find_class(path: str) -> Any:
    """Finds a class by its module and qualified name; None: there is no such class."""
    module, _, name = path.partition(":")
    with contextlib.suppress(ImportError, AttributeError):
        return operator.attrgetter(name)(importlib.import_module(module))
    return None


def _make_flow_store() -> Any:
    """Opens the store in which CrewAI stores flows by default."""
    with contextlib.suppress(RuntimeError):
        return import_name("crewai.flow.persistence.factory", "default_flow_persistence", *FLOWS)()
    return import_name("crewai.flow.persistence", "SQLiteFlowPersistence", *FLOWS)()


def _build_question(fields: dict[str, Any]) -> dict[str, Any]:
    emit, message = _name_options(fields.get("emit")), cut(fields.get("message") or "", MESSAGE)
    body = {"title": cut(fields["method_name"], TITLE), "message": message, "run": fields["flow_id"]}
    body["output"] = fields.get("method_output")
    if not emit:
        return {**body, **TEXT_ONLY}
    if fields.get("default_outcome") in emit:
        body["default_option"] = emit[fields["default_outcome"]]
    options = [{"id": name, "label": cut(outcome.strip() or name, LABEL)} for outcome, name in emit.items()]
    return {**body, "options": options, "free_text": "optional"}


def _name_options(emit: list[str] | None) -> dict[str, str]:
    """Names an option for each outcome: the outcome itself, or a number if any is blank or too long for an id."""
    outcomes = list(dict.fromkeys(emit or []))
    fits = all(outcome.strip() and cut(outcome, OPTION) == outcome for outcome in outcomes)
    return {outcome: outcome if fits else str(number) for number, outcome in enumerate(outcomes, 1)}


def _find_last_question(db: Connection, flow_id: str, method: str) -> dict[str, str]:
    """Finds the last question about the same method, if it was answered: the new question is its next round."""
    query = "SELECT id, state FROM questions WHERE id IN (SELECT question FROM pauses WHERE flow_id = ? AND method = ?)"
    last_question = db.execute(f"{query} ORDER BY rowid DESC LIMIT 1", (flow_id, method)).fetchone()
    return (
        {"follows": last_question["id"]} if last_question is not None and last_question["state"] == "answered" else {}
    )


async def _resume_with(flow: Any, answer: Answer) -> Any:
    """Resumes a flow with exactly the chosen outcome and the text as feedback. No model chooses the outcome."""
    pending = flow.pending_feedback
    if not pending.emit:
        return await flow.resume_async(answer.text)
    outcome = next(outcome for outcome, name in _name_options(pending.emit).items() if name == answer.option)
    # CrewAI takes the default outcome if the feedback is empty, and otherwise asks a model which outcome is meant.
    pending.default_outcome, pending.emit = outcome, [outcome]
    if answer.text.strip():

        def collapse(*_: Any, **__: Any) -> str:
            flow.__dict__.pop("_collapse_to_outcome", None)
            return outcome

        object.__setattr__(flow, "_collapse_to_outcome", collapse)
        config = getattr(getattr(type(flow), pending.method_name, None), "__human_feedback_config__", None)
        if not getattr(config, "learn", False):
            # CrewAI builds a model from `llm`. Only lessons (`learn`) need it.
            pending.llm = object()
    return await flow.resume_async(answer.text)
