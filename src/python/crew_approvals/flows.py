"""Flows with `@human_feedback`: they pause, and are resumed with the answer."""

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

#: What flows need of crewai, and the release that has it.
FLOWS = ("human feedback providers of flows", "1.8")
#: Seconds to wait until CrewAI has stored a pause. Event handlers can delay that.
PAUSE_STORED_WITHIN = 600
#: A review without outcomes takes a text, which the flow gets as it is.
TEXT_ONLY = {"options": [{"id": "answer", "label": "Answer"}], "free_text": "required"}

#: The question whose answer this thread carries out.
_resumed: ContextVar[str | None] = ContextVar("crew_approvals_resumed", default=None)


class FlowProvider:
    """CrewAI's `HumanFeedbackProvider`."""

    def __init__(self, flows: Flows, pending: Any) -> None:
        self._flows, self._pending = flows, pending

    def request_feedback(self, context: Any, flow: Any) -> str:
        raise self._pending(context=context, callback_info={"question": self._flows.ask(context, flow)})


class Flows:
    """The flows that wait."""

    def __init__(self, questions: Questions, crews: Crews) -> None:
        self._questions, self._store, self._crews = questions, questions.store, crews
        #: Where flows are stored, if that is not CrewAI's default.
        self.persistence: Any = None
        #: The flows that wait in this process, by question.
        self._waiting: dict[str, Any] = {}
        self._resuming: set[str] = set()
        self._lock = threading.Lock()

    def ask(self, context: Any, flow: Any) -> str:
        """Stores that a flow waits, and asks. Returns the id of the question."""
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
                self._withdraw_earlier(db, flow_id)
                body = {**_build_question(fields), **_find_former(db, flow_id, method)}
                self._questions.add(db, question, "flow", build_body(body, "output"), run=flow_id)
                row = (question, _resumed.get(), flow_id, method, path, dumps(fields), dumps(flow.state))
                names = "question, parent, flow_id, method, class, context, state"
                db.execute(f"INSERT INTO pauses ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self._questions.wake()
        return question

    def _withdraw_earlier(self, db: Connection, flow_id: str) -> None:
        """CrewAI keeps one pause of a flow, so an earlier one cannot be resumed any more."""
        for (earlier,) in db.execute("SELECT question FROM pauses WHERE flow_id = ?", (flow_id,)).fetchall():
            if self._questions.withdraw(db, earlier, "its flow waits again"):
                log.error("flow %s waits again before it was answered: only its latest question counts", flow_id)
                db.execute("UPDATE pauses SET finished = ? WHERE question = ?", (time.time(), earlier))

    # -- answers

    def resume_all(self) -> None:
        """Carries out the answers that an earlier process did not carry out to the end."""
        query = "SELECT question FROM pauses WHERE finished IS NULL AND question IN"
        for (question,) in self._store.all(f"{query} (SELECT id FROM questions WHERE NOT ({OPEN}))"):
            log.warning("%s was settled, and its flow had not finished: it is resumed again", question)
            self.resume(question)

    def resume(self, question: str) -> None:
        """Carries out an answer in a thread of its own. A flow that cannot be restored is tried again."""
        with self._lock:
            is_new = question not in self._resuming
            self._resuming.add(question)
        if is_new:
            deadline = time.monotonic() + PAUSE_STORED_WITHIN
            self._questions.repeat(question, lambda: self._resume(question, deadline))

    def _resume(self, question: str, deadline: float) -> float | None:
        query = "SELECT * FROM pauses JOIN (SELECT id, answer, reason FROM questions) ON id = question"
        row = self._store.one(f"{query} WHERE question = ? AND finished IS NULL", question)
        # Before a process was killed, the flow may have come to its next pause.
        if row is None or self._store.one("SELECT 1 FROM pauses WHERE parent = ?", question) is not None:
            end = None
        elif row["answer"] is None:
            end = {"state": "failed", "reason": f"nobody answered its question: {row['reason']}"}
        else:
            persistence, stored = self._find_pause(row)
            # CrewAI would store the pause after the answer was carried out.
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
        """Where a flow is stored, and the context of its pause there; None if another pause is stored, or none."""
        flow, context = self._waiting.get(row["question"]), json.loads(row["context"])
        # crewai 1.10 has the store of a flow under another name than later versions.
        own = getattr(flow, "persistence", None) or getattr(flow, "_persistence", None)
        persistence = own or self.persistence or _make_flow_store()
        loaded = persistence.load_pending_feedback(row["flow_id"])
        pending = {} if loaded is None else loaded[1].to_dict()
        is_same = all(pending.get(name) == context.get(name) for name in ("method_name", "requested_at"))
        return persistence, loaded[1] if loaded is not None and is_same else None

    def _restore(self, row: Row, persistence: Any, stored: Any) -> Any:
        """The flow as it was when it began to wait."""
        context_class = import_name("crewai.flow.async_feedback.types", "PendingFeedbackContext", *FLOWS)
        flow = self._waiting.get(row["question"])
        flow_class = _find_class(row["class"]) if flow is None else type(flow)
        if flow_class is None:
            raise RuntimeError(f"{row['class']} was not found: define the flow at the top of an importable module")
        # The stored context has the trace, but CrewAI may have cleared it before a crash. The state that CrewAI stores
        # cannot always be read again.
        pending = stored or context_class.from_dict(json.loads(row["context"]))
        persistence.save_pending_feedback(row["flow_id"], pending, json.loads(row["state"]))
        return flow_class.from_pending(row["flow_id"], persistence)

    def _carry_out(self, row: Row, flow: Any) -> dict[str, Any] | None:
        """How the run of the flow ended; None: it waits again."""
        _resumed.set(row["question"])
        with contextlib.suppress(RuntimeError):
            # Tasks of its later steps ask in Slack too. crewai before 1.10 has no providers for tasks.
            set_provider = import_name(HUMAN_INPUT, "set_provider", *TASKS)
            set_provider(TaskProvider(self._crews, row["flow_id"], watch=False))
        try:
            result = asyncio.run(_go_on(flow, Answer.read(row["answer"])))
        except BaseException as error:
            if self._store.is_closed:
                raise Stopped from error
            log.exception("flow %s failed after its question was answered", row["flow_id"])
            return {"state": "failed", "reason": describe(error)}
        kind = type(result).__name__
        if kind == "HumanFeedbackPending":
            return None
        # Older releases return nothing, or the review, instead of the output of the last step.
        outputs = getattr(flow, "method_outputs", None) or [result]
        is_output = kind not in ("NoneType", "HumanFeedbackResult")
        return {"state": "finished", "result": result if is_output else outputs[-1]}


def _find_class(path: str) -> Any:
    """A class by its module and qualified name; None if it is not there."""
    module, _, name = path.partition(":")
    with contextlib.suppress(ImportError, AttributeError):
        return operator.attrgetter(name)(importlib.import_module(module))
    return None


def _make_flow_store() -> Any:
    """Where CrewAI stores flows by default."""
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
    """The option for each outcome: the outcome itself, or numbers where one is blank or too long for that."""
    outcomes = list(dict.fromkeys(emit or []))
    fits = all(outcome.strip() and cut(outcome, OPTION) == outcome for outcome in outcomes)
    return {outcome: outcome if fits else str(number) for number, outcome in enumerate(outcomes, 1)}


def _find_former(db: Connection, flow_id: str, method: str) -> dict[str, str]:
    """The question about the same method before it, if that was answered: the new one is its next round."""
    query = "SELECT id, state FROM questions WHERE id IN (SELECT question FROM pauses WHERE flow_id = ? AND method = ?)"
    former = db.execute(f"{query} ORDER BY rowid DESC LIMIT 1", (flow_id, method)).fetchone()
    return {"follows": former["id"]} if former is not None and former["state"] == "answered" else {}


async def _go_on(flow: Any, answer: Answer) -> Any:
    """Resumes a flow with exactly the outcome that was chosen, and the note as its feedback. No model is asked."""
    pending = flow.pending_feedback
    if not pending.emit:
        return await flow.resume_async(answer.text)
    outcome = next(outcome for outcome, name in _name_options(pending.emit).items() if name == answer.option)
    # CrewAI takes the default outcome for an empty feedback, and asks a model which outcome another feedback means.
    pending.default_outcome, pending.emit = outcome, [outcome]
    if answer.text.strip():

        def collapse(*_: Any, **__: Any) -> str:
            flow.__dict__.pop("_collapse_to_outcome", None)
            return outcome

        object.__setattr__(flow, "_collapse_to_outcome", collapse)
        config = getattr(getattr(type(flow), pending.method_name, None), "__human_feedback_config__", None)
        if not getattr(config, "learn", False):
            # CrewAI builds a model from this, which only lessons need.
            pending.llm = object()
    return await flow.resume_async(answer.text)
