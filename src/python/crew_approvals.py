"""Approvals in Slack for CrewAI flows and crews that you run yourself.

The open-source package asks people on a console. This file asks them through the crew-approvals bot instead: it sends
the bot the webhooks of CrewAI's platform, and answers the bot's requests as the platform does. It needs Python 3.10 or
newer and `crewai`: 1.8 or newer for flows; 1.10.1 to 1.14.4, or 1.15.2 or newer for tasks.

    approvals = CrewApprovals(
        url="https://approvals.example.com",    # the bot
        crew="newsletter",                      # the crew's name in the bot's settings
        secret="…",                             # its webhook_secret
        flow_secret="whsec_…",                  # one of its flow_webhook_secrets
        public_url="https://runs.example.com",  # how the bot reaches this process
    )

Flows with `@human_feedback`:

    flow_config.hitl_provider = approvals.flow_provider()
    MyFlow().kickoff()       # returns when the flow waits
    approvals.serve()        # takes the answers and resumes the flows

Tasks with `human_input=True`:

    approvals.register_crew(lambda: MyCrew().crew())   # the bot can start runs
    approvals.serve()

Kept across a crash: every message to the bot, every answer, and each flow that waits. An answer that
was taken is carried out again after the next start until its flow has finished or waits again, so the steps after a
review run at least once. A crew that waits for a person does not survive its process, because CrewAI keeps nothing of
it: after the next start the bot is told that the run has failed.
"""

from __future__ import annotations

import asyncio
import base64
import concurrent.futures
import dataclasses
import enum
import hashlib
import hmac
import importlib
import importlib.util
import json
import logging
import math
import os
import re
import secrets
import signal
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

__all__ = ["CrewApprovals"]
__version__ = "0.1.0"

Response = tuple[int, dict[str, str], bytes]

log = logging.getLogger("crew_approvals")

#: The review whose answer this thread carries out.
_resumed: ContextVar[str | None] = ContextVar("crew_approvals_resumed", default=None)

#: Seconds that a call to the bot may take.
CALL_TIMEOUT = 10
#: Seconds between two tries to reach the bot: twice as long after each try, up to the longest.
FIRST_RETRY, LONGEST_RETRY = 1, 300
#: Seconds after which a message that the bot never took is given up.
GIVEN_UP_AFTER = 7 * 24 * 3600
#: Seconds that a flow waits at most until the bot was asked for the first time: the program may end then.
ASKED_WITHIN = 5
#: Bytes of a request to this process, and of a review (the bot takes 2 MiB).
MAX_REQUEST, MAX_REVIEW = 1 << 20, 2_000_000
#: Seconds that finished reviews and runs are kept, so that a repeated answer is recognized.
KEPT = 30 * 24 * 3600
#: Seconds to wait until CrewAI has stored the pause of a flow whose answer came at once.
PAUSE_STORED_WITHIN = 10

#: Anything beyond a plain yes is an instruction, as on CrewAI's platform.
PLAIN_YES = re.compile(r"\s*(?:approved?|lgtm|looks good|ok|yes)\s*[.!]*\s*", re.IGNORECASE)

#: What tasks need of crewai, and the releases that have it: 1.14.5 to 1.15.1 cannot ask, or lose the feedback.
TASKS = ("working human input for tasks", "1.10.1 to 1.14.4, or 1.15.2")
#: The methods with which the executor of an agent takes feedback.
EXECUTOR_METHODS = ("_format_feedback_message", "_invoke_loop", "_ainvoke_loop", "_is_training_mode")

#: The reason that is reported for a run that ended with its process.
LOST = "the process of this run was restarted, which ended the run: start it again"

SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, auth TEXT NOT NULL, body TEXT NOT NULL, about TEXT,
  created REAL NOT NULL, due REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS reviews (
  id TEXT PRIMARY KEY, parent TEXT, token TEXT NOT NULL, flow_id TEXT NOT NULL, flow_class TEXT NOT NULL,
  context TEXT NOT NULL, state TEXT NOT NULL, created REAL NOT NULL, answer TEXT, answered REAL, finished REAL);
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY, kickoff TEXT NOT NULL, direct INTEGER NOT NULL, created REAL NOT NULL, finished REAL,
  state TEXT NOT NULL, result TEXT, error TEXT);
CREATE TABLE IF NOT EXISTS pauses (
  task_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, created REAL NOT NULL, answer TEXT, lost INTEGER NOT NULL DEFAULT 0);
"""


class CrewApprovals:
    """Connects flows and crews of this process with the crew-approvals bot.

    url: the bot's address. crew: the crew's name in the bot's settings. secret: its `webhook_secret`. flow_secret:
    one of its `flow_webhook_secrets`; flows need it. public_url: how the bot reaches this process, by default
    `http://` and `listen`. listen: host and port of `serve()`. db: the SQLite file with what must survive a restart;
    it holds secrets, and one process uses it at a time. token: the crew's `bearer_token` in the bot's settings; crews
    need it. approval_text: the bot's `APPROVAL_TEXT`, if that was changed.

    Raises ValueError for a wrong argument, and RuntimeError if another process uses `db`.
    """

    def __init__(
        self,
        url: str,
        crew: str,
        secret: str,
        flow_secret: str | None = None,
        public_url: str | None = None,
        listen: tuple[str, int] = ("127.0.0.1", 8765),
        db: str | os.PathLike[str] = "crew_approvals.db",
        token: str | None = None,
        approval_text: str = "Approved.",
    ) -> None:
        for name, value in (("crew", crew), ("secret", secret)):
            if not value:
                raise ValueError(f"{name} is empty")
        for name, given in (("secret", secret), ("flow_secret", flow_secret), ("token", token)):
            if given is not None and not re.fullmatch(r"[\x21-\x7e]+", given):
                raise ValueError(f"{name} must be printable ASCII without blanks and line ends")
        self._bot = f"{_checked_url('url', url)}/webhooks/{quote(crew, safe='')}"
        self._public_url = _checked_url("public_url", public_url or f"http://{listen[0]}:{listen[1]}")
        self._crew = crew
        self._secret = secret
        self._flow_secret = flow_secret
        self._token = token
        self._approval_text = approval_text.strip().casefold()
        self._listen = listen
        self._store = _Store(db)
        self._outbox = _Outbox(self._store, self._authenticate)
        self._factory: Callable[[], Any] | None = None
        self._persistence: Any = None
        #: The flows that wait in this process, by review.
        self._flows: dict[str, _WaitingFlow] = {}
        self._waiting: dict[str, concurrent.futures.Future[str]] = {}
        self._resuming: set[str] = set()
        self._watched: set[str] = set()
        self._lock = threading.Lock()
        self._start_lock = threading.RLock()
        self._started = False
        self._server: ThreadingHTTPServer | None = None
        self._serving: int | None = None

    # -- what a program calls

    def flow_provider(self, persistence: Any = None) -> Any:
        """A provider for `flow_config.hitl_provider` or `@human_feedback(provider=…)`: asks in Slack, pauses the flow.

        persistence: where your flows are stored, if that is not CrewAI's default: flows that waited are restored from
        it after a restart. Raises RuntimeError if the installed crewai is older than 1.8.
        """
        if self._flow_secret is None:
            raise ValueError("flow_secret is missing: set it to one of the crew's flow_webhook_secrets")
        pending = _import(
            "crewai.flow.async_feedback", "HumanFeedbackPending", "human feedback providers of flows", "1.8"
        )
        self._persistence = persistence
        return _FlowProvider(self, pending)

    def task_provider(self) -> Any:
        """A provider for `set_provider` of `crewai.core.providers.human_input`, in the thread that calls `kickoff()`.

        Each provider stands for one run; runs that the bot starts have theirs already. The thread waits until a person
        has decided. Raises RuntimeError if the agents of the installed crewai take no feedback.
        """
        _check_agents()
        return _TaskProvider(self, str(uuid.uuid4()), direct=True)

    def register_crew(self, factory: Callable[[], Any]) -> None:
        """Lets the bot start runs of a crew (`POST /kickoff`). factory: makes a new crew for each run."""
        self._factory = factory

    def serve(self, background: bool = False) -> None:
        """Serves the bot's requests on `listen` until Ctrl-C, SIGTERM or `close()`, or in the background.

        Raises RuntimeError if the port is taken.
        """
        self._server = _make_server(self._listen, self.handle)
        self.start()
        waiting = self._store.one("SELECT count(*) FROM reviews WHERE finished IS NULL")
        count = 0 if waiting is None else waiting[0]
        host, port = self._listen
        print(
            f"crew_approvals: listening on http://{host}:{port} for {self._bot}; {count} reviews wait",
            file=sys.stderr,
            flush=True,
        )
        if background:
            threading.Thread(target=self._serve_forever, name="crew-approvals-http", daemon=True).start()
            return
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _interrupt)
        try:
            self._serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            self.close()

    def _serve_forever(self) -> None:
        self._serving = threading.get_ident()
        if self._server is not None:
            self._server.serve_forever()

    def start(self) -> None:
        """Goes on with what an earlier process left. `serve()` and the first `handle()` do this."""
        with self._start_lock:
            if not self._started:
                self._recover()
                self._outbox.start()
                self._started = True

    def close(self) -> None:
        """Stops serving and sending. Unfinished work continues after the next start; waiting tasks fail."""
        server, self._server = self._server, None
        if server is not None:
            # The thread that serves cannot wait for its own end.
            if self._serving not in (None, threading.get_ident()):
                server.shutdown()
            server.server_close()
        self._outbox.stop()
        self._store.close()
        with self._lock:
            waiting = list(self._waiting.values())
        for wait in waiting:
            _settle(wait, error=RuntimeError("CrewApprovals was closed while a task waited for a person"))

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answers one request of the bot, for use in a web framework. path: with its query. Never raises.

        Returns the status, the headers and the body.
        """
        try:
            self.start()
            status, answer = self._route(method.upper(), urlsplit(path), _lowercase(headers), body)
        except _Refusal as refusal:
            status, answer = refusal.status, refusal.body
        except Exception:
            log.exception("%s %s failed", method, path.partition("?")[0])
            status, answer = 500, {"error": "internal_error", "message": "Internal error."}
        return status, {"content-type": "application/json"}, json.dumps(answer).encode()

    # -- requests of the bot

    def _route(self, method: str, url: Any, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        parts = [part for part in url.path.split("/") if part]
        match (method, *parts):
            case ("POST", "reviews", review_id, "respond"):
                return self._respond(review_id, parse_qs(url.query).get("token", [""])[0], _parse_object(body))
            case ("GET", "inputs"):
                return self._inputs(headers)
            case ("POST", "kickoff"):
                return self._kickoff(headers, body)
            case ("POST", "resume"):
                return self._resume(headers, body)
            case ("GET", "status", run_id):
                return self._status(headers, run_id)
        raise _Refusal(404, {"detail": "Not Found", "error": "not_found", "message": "Not found."})

    def _check_token(self, headers: Mapping[str, str]) -> None:
        given = headers.get("authorization", "")
        if not given:
            raise _Refusal(401, {"detail": "Not authenticated"})
        if self._token is None or not _is_same(given, f"Bearer {self._token}"):
            raise _Refusal(401, {"detail": "Invalid or missing authentication credentials"})

    # -- flows

    def _ask_about_flow(self, context: Any, flow: Any) -> str:
        """Records that a flow waits, and asks in Slack. Returns the id of the review."""
        self.start()
        flow_class = type(flow)
        path = f"{flow_class.__module__}:{flow_class.__qualname__}"
        if _find_class(path) is not flow_class:
            log.warning("%s cannot be found again after a restart: define it at the top of a module", path)
        fields, state = _to_json(context.to_dict()), _to_json(flow.state)
        review_id, token = f"hfr_{uuid.uuid4().hex}", secrets.token_urlsafe(32)
        # CrewAI 1.10 has the store of a flow under another name than later versions.
        persistence = getattr(flow, "persistence", None) or getattr(flow, "_persistence", None)
        self._flows[review_id] = _WaitingFlow(flow_class, persistence, _get_task_provider())
        with self._store.commit() as db:
            # CrewAI keeps one pause of a flow, so an earlier one cannot be resumed any more.
            query = "UPDATE reviews SET finished = ? WHERE flow_id = ? AND answer IS NULL AND finished IS NULL"
            if db.execute(query, (time.time(), fields["flow_id"])).rowcount > 0:
                log.error(
                    "flow %s waits again before its review was answered: only the latest one counts", fields["flow_id"]
                )
            db.execute(
                "INSERT INTO reviews (id, parent, token, flow_id, flow_class, context, state, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (review_id, _resumed.get(), token, fields["flow_id"], path, _dumps(fields), _dumps(state), time.time()),
            )
            self._send_review(db, review_id, token, fields, state)
        self._outbox.wait_until_tried(ASKED_WITHIN)
        return review_id

    def _send_review(
        self, db: sqlite3.Connection, review_id: str, token: str, context: dict[str, Any], state: Any
    ) -> None:
        body = self._build_review(review_id, token, context, state)
        self._outbox.add(db, f"{self._bot}/flow", {"strategy": "flow"}, body, about=review_id)

    def _build_review(self, review_id: str, token: str, context: dict[str, Any], state: Any) -> str:
        """The flat review of CrewAI's platform; `outcomes_only` tells the bot that no model reads a free text."""
        review = {
            "event_type": "new_request",
            "id": review_id,
            "status": "pending",
            "flow_id": context["flow_id"],
            "flow_execution_id": context["flow_id"],
            "flow_class": context["flow_class"].rpartition(".")[2],
            "method_name": context["method_name"],
            "message": context.get("message") or "",
            "output": context.get("method_output"),
            "emit": context.get("emit") or [],
            "outcomes_only": True,
            "default_outcome": context.get("default_outcome"),
            "state": state,
            "metadata": context.get("metadata") or {},
            "created_at": _now(),
            "callback_url": f"{self._public_url}/reviews/{review_id}/respond?token={token}",
            "response_token": token,
            "deployment_name": self._crew,
        }
        review = _without_nan(review)
        body = _dumps(review)
        if len(body.encode()) > MAX_REVIEW:
            log.warning(
                "the state of flow %s is too large for the bot and is left out of its review", context["flow_id"]
            )
            body = _dumps({**review, "state": {}})
        if len(body.encode()) > MAX_REVIEW:
            log.warning("the output of flow %s is too large for the bot and is cut", context["flow_id"])
            output = review["output"] if isinstance(review["output"], str) else _dumps(review["output"])
            body = _dumps({**review, "state": {}, "output": f"{output[: MAX_REVIEW // 8]}…"})
        return body

    def _respond(self, review_id: str, token: str, body: dict[str, Any]) -> tuple[int, Any]:
        """The first answer wins and is on disk before it is acknowledged; the same answer again is the same success."""
        feedback = body.get("feedback")
        with self._store.commit() as db:
            row = db.execute("SELECT * FROM reviews WHERE id = ?", (review_id,)).fetchone()
            if row is None:
                # An unknown review takes as long as a known one.
                _is_same(token, secrets.token_urlsafe(32))
                raise _Refusal(404, {"error": "not_found", "message": "Review not found."})
            if not _is_same(token, row["token"]):
                raise _Refusal(401, {"error": "unauthorized", "message": "The token of this review is wrong."})
            if not isinstance(feedback, str) or not feedback.strip():
                raise _Refusal(422, {"error": "invalid", "message": "feedback must be a text that is not empty."})
            emit = json.loads(row["context"]).get("emit") or []
            if emit and feedback not in emit:
                # A model would have to guess. If it cannot, the flow fails (before crewai 1.15.19: the first outcome).
                message = f"The answer must be one of: {', '.join(emit)}."
                raise _Refusal(422, {"error": "unknown_outcome", "message": message[:1000]})
            if row["answer"] is None and row["finished"] is not None:
                message = "The flow asked again before this was answered: only its latest review counts."
                raise _Refusal(410, {"error": "superseded", "message": message})
            if row["answer"] is None:
                db.execute(
                    "UPDATE reviews SET answer = ?, answered = ? WHERE id = ?", (feedback, time.time(), review_id)
                )
        if row["answer"] is None:
            self._resume_in_background(review_id)
        elif row["answer"] != feedback:
            at = datetime.fromtimestamp(row["answered"], timezone.utc).isoformat()
            raise _Refusal(409, {"error": "already_responded", "message": f"Feedback already provided via api at {at}"})
        answered = {"id": review_id, "status": "responded", "feedback": feedback, "outcome": None}
        return 200, {"status": "accepted", "request": answered}

    def _resume_in_background(self, review_id: str) -> None:
        with self._lock:
            if review_id in self._resuming:
                return
            self._resuming.add(review_id)
        work = threading.Thread(
            target=self._resume_safely, args=(review_id,), name=f"crew-approvals-{review_id}", daemon=True
        )
        work.start()

    def _resume_safely(self, review_id: str) -> None:
        try:
            self._resume_flow(review_id)
        except sqlite3.ProgrammingError:
            # Closed meanwhile: it is resumed again after the next start.
            if not self._store.is_closed:
                raise
        finally:
            with self._lock:
                self._resuming.discard(review_id)

    def _resume_flow(self, review_id: str) -> None:
        """Carries out the answer of a review: the flow goes on with exactly the chosen outcome."""
        _resumed.set(review_id)
        row = self._store.one("SELECT * FROM reviews WHERE id = ?", review_id)
        if row is None or row["finished"] is not None:
            return
        # A process that was killed came this far: the flow waits again already.
        waits_again = self._store.one("SELECT 1 FROM reviews WHERE parent = ?", review_id) is not None
        flow = None if waits_again else self._restore_patiently(row)
        error: BaseException | None = None
        if flow is not None:
            try:
                self._go_on(flow, row)
            except BaseException as failure:
                error = failure
                log.exception("flow %s failed after its review was answered", row["flow_id"])
        elif not waits_again:
            return
        if self._store.is_closed:
            # It is not recorded as finished, so it is resumed again after the next start.
            return
        with self._store.commit() as db:
            db.execute("UPDATE reviews SET finished = ? WHERE id = ?", (time.time(), review_id))
            if error is not None:
                self._report(db, row["flow_id"], "crew_kickoff_failed", error=_describe(error))
        self._flows.pop(review_id, None)
        self._outbox.wake()

    def _go_on(self, flow: Any, row: sqlite3.Row) -> None:
        answer, emit = row["answer"], json.loads(row["context"]).get("emit") or []
        known = self._flows.get(row["id"])
        if known is not None and known.task_provider is not None:
            _import("crewai.core.providers.human_input", "set_provider", "", "")(known.task_provider)
        if emit:
            # An empty feedback takes the default outcome, without a model.
            flow.pending_feedback.default_outcome = answer
        asyncio.run(flow.resume_async("" if emit else answer))

    def _restore_patiently(self, row: sqlite3.Row) -> Any:
        """The flow as it was when it began to wait; tried again until it can be restored. None: closed before."""
        tries = 0
        while not self._store.is_closed:
            try:
                return self._restore_flow(row)
            except Exception as error:
                tries += 1
                wait = _backoff(tries)
                log.error("flow %s not resumed: %s; retrying in %g s", row["flow_id"], _describe(error), wait)
                time.sleep(wait)
        return None

    def _restore_flow(self, row: sqlite3.Row) -> Any:
        from crewai.flow.async_feedback.types import PendingFeedbackContext

        flow_id, known = row["flow_id"], self._flows.get(row["id"])
        context, state = json.loads(row["context"]), json.loads(row["state"])
        flow_class: Any = _find_class(row["flow_class"]) if known is None else known.flow_class
        if flow_class is None:
            raise RuntimeError(f"{row['flow_class']} was not found: define the flow at the top of an importable module")
        persistence = (None if known is None else known.persistence) or self._persistence or _default_flow_store()

        def is_stored() -> bool:
            loaded = persistence.load_pending_feedback(flow_id)
            pending = None if loaded is None else loaded[1].to_dict()
            fields = ("method_name", "requested_at")
            return pending is not None and all(pending.get(field) == context.get(field) for field in fields)

        # An answer can come before CrewAI has stored the pause, which would then outlive the answer.
        deadline = time.monotonic() + (0 if known is None else PAUSE_STORED_WITHIN)
        while not is_stored() and time.monotonic() < deadline:
            time.sleep(0.05)
        # After a crash CrewAI may have cleared the pause, and what it stores of a state cannot always be read again.
        persistence.save_pending_feedback(flow_id, PendingFeedbackContext.from_dict(context), state)
        return flow_class.from_pending(flow_id, persistence)

    # -- crews

    def _inputs(self, headers: Mapping[str, str]) -> tuple[int, Any]:
        self._check_token(headers)
        return 200, {"inputs": sorted(self._make_crew().fetch_inputs())}

    def _make_crew(self) -> Any:
        if self._factory is None:
            raise _Refusal(404, {"detail": "No crew is registered here: call register_crew"})
        return self._factory()

    def _kickoff(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        self._check_token(headers)
        kickoff = _parse_object(body)
        _check_targets(kickoff)
        crew = self._make_crew()
        if any(getattr(task, "human_input", False) for task in crew.tasks):
            try:
                _check_agents()
            except RuntimeError as error:
                raise _Refusal(422, {"detail": str(error)}) from error
        inputs = kickoff.get("inputs") or {}
        if not isinstance(inputs, dict):
            raise _Refusal(
                422,
                {
                    "detail": [
                        {"loc": ["body", "inputs"], "type": "dict_type", "msg": "Input should be a valid dictionary"}
                    ]
                },
            )
        missing = sorted(name for name in crew.fetch_inputs() if name not in inputs)
        if missing:
            raise _Refusal(422, {"detail": f"Missing inputs: {', '.join(missing)}"})
        run_id = str(uuid.uuid4())
        self._store_run(run_id, kickoff, direct=False)
        work = threading.Thread(target=self._run_crew, args=(run_id, crew, inputs), name=f"crew-{run_id}", daemon=True)
        work.start()
        return 200, {"kickoff_id": run_id}

    def _store_run(self, run_id: str, kickoff: dict[str, Any], direct: bool) -> None:
        kept = {key: value for key, value in kickoff.items() if key != "inputs"}
        with self._store.commit() as db:
            db.execute(
                "INSERT OR IGNORE INTO runs (id, kickoff, created, direct, state) VALUES (?, ?, ?, ?, 'RUNNING')",
                (run_id, _dumps(kept), time.time(), direct),
            )

    def _run_crew(self, run_id: str, crew: Any, inputs: dict[str, Any]) -> None:
        try:
            from crewai.core.providers.human_input import set_provider

            set_provider(_TaskProvider(self, run_id, direct=False))
            for task in crew.tasks:
                task.callback = self._chain(run_id, task.callback)
            with self._store.commit() as db:
                self._report(db, run_id, "crew_kickoff_started")
            result = crew.kickoff(inputs=inputs)
        except BaseException as error:
            if self._store.is_closed:
                # It is reported as lost after the next start.
                return
            log.exception("run %s failed", run_id)
            self._end_run(run_id, "FAILED", error=_describe(error))
            return
        self._end_run(run_id, "SUCCESS", result=result)

    def _chain(self, run_id: str, after: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
        """A callback of a task that tells the bot, before the one that the task has. CrewAI calls that of the crew."""

        def report(output: Any) -> Any:
            self._report_task(run_id, output)
            return None if after is None else after(output)

        return report

    def _report_task(self, run_id: str, output: Any) -> None:
        task = {
            "name": getattr(output, "name", None),
            "description": getattr(output, "description", None),
            "expected_output": getattr(output, "expected_output", None),
            "summary": getattr(output, "summary", None),
            "agent": getattr(output, "agent", None),
            "output": getattr(output, "raw", None) or str(output),
            "output_json": getattr(output, "json_dict", None),
        }
        with self._store.commit() as db:
            self._send(db, run_id, "task", task)
        self._outbox.wake()

    def _end_run(self, run_id: str, state: str, result: Any = None, error: str | None = None) -> None:
        text = None if result is None else getattr(result, "raw", None) or str(result)
        with self._store.commit() as db:
            db.execute(
                "UPDATE runs SET state = ?, result = ?, error = ?, finished = ? WHERE id = ?",
                (state, text, error, time.time(), run_id),
            )
            if state == "SUCCESS":
                body = {
                    "result": text,
                    "result_json": getattr(result, "json_dict", None),
                    "token_usage": _usage(result),
                }
                self._send(db, run_id, "crew", body)
                self._report(db, run_id, "crew_kickoff_completed")
            else:
                self._report(db, run_id, "crew_kickoff_failed", error=error)
        self._outbox.wake()

    def _ask_person(self, run_id: str, output: str, context: Any, direct: bool) -> tuple[str, Any]:
        """Asks in Slack about the output of a task. Returns the id of the pause, and what will be its answer."""
        self.start()
        if direct:
            self._store_run(run_id, {}, direct=True)
            self._watch_run(run_id, context.crew)
        task, task_id = context.task, str(uuid.uuid4())
        description = (getattr(task, "description", None) or "").strip()
        pause = {
            "execution_id": run_id,
            "task_id": task_id,
            "task_output": output,
            "task_name": getattr(task, "name", None) or description.partition("\n")[0][:80] or None,
            "agent": getattr(context.agent, "role", None),
            "description": description or None,
            "expected_output": getattr(task, "expected_output", None),
        }
        wait: concurrent.futures.Future[str] = concurrent.futures.Future()
        with self._lock:
            self._waiting[task_id] = wait
        with self._store.commit() as db:
            db.execute("INSERT INTO pauses (task_id, run_id, created) VALUES (?, ?, ?)", (task_id, run_id, time.time()))
            body = {key: value for key, value in pause.items() if value is not None}
            self._send(db, run_id, "human-input", body, about=task_id)
        self._outbox.wake()
        log.info("run %s waits for a decision in Slack", run_id)
        return task_id, wait

    def _stop_waiting(self, task_id: str) -> None:
        """A task does not wait any more: what was not answered by then cannot be."""
        with self._lock:
            self._waiting.pop(task_id, None)
        if self._store.is_closed:
            return
        with self._store.commit() as db:
            row = db.execute("SELECT * FROM pauses WHERE task_id = ? AND answer IS NULL", (task_id,)).fetchone()
            if row is not None:
                db.execute("UPDATE pauses SET lost = 1 WHERE task_id = ?", (task_id,))
                self._report(db, row["run_id"], "crew_kickoff_failed", error="the run stopped waiting for a person")
        self._outbox.wake()

    def _watch_run(self, run_id: str, crew: Any) -> None:
        """Reports the end of a run that the program started itself, as CrewAI's events tell of it."""
        with self._lock:
            if run_id in self._watched:
                return
            self._watched.add(run_id)
        from crewai import events

        def completed(source: Any, event: Any) -> None:
            if source is crew and self._is_running(run_id):
                self._end_run(run_id, "SUCCESS", result=event.output)

        def failed(source: Any, event: Any) -> None:
            if source is crew and self._is_running(run_id):
                self._end_run(run_id, "FAILED", error=str(event.error)[:500])

        events.crewai_event_bus.on(events.CrewKickoffCompletedEvent)(completed)
        events.crewai_event_bus.on(events.CrewKickoffFailedEvent)(failed)

    def _is_running(self, run_id: str) -> bool:
        if self._store.is_closed:
            return False
        return self._store.one("SELECT 1 FROM runs WHERE id = ? AND state = 'RUNNING'", run_id) is not None

    def _is_yes(self, text: str) -> bool:
        return text.strip().casefold() == self._approval_text or PLAIN_YES.fullmatch(text) is not None

    def _resume(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        self._check_token(headers)
        resume = _parse_object(body)
        _check_targets(resume)
        missing = [name for name in ("executionId", "taskId") if not isinstance(resume.get(name), str)]
        if missing:
            detail = [
                {"type": "missing", "loc": ["body", name], "msg": "Field required", "input": None} for name in missing
            ]
            raise _Refusal(422, {"detail": detail})
        run_id, task_id = resume["executionId"], resume["taskId"]
        text = resume.get("humanFeedback", resume.get("human_feedback", ""))
        if not isinstance(text, str):
            raise _Refusal(
                422,
                {
                    "detail": [
                        {
                            "type": "string_type",
                            "loc": ["body", "humanFeedback"],
                            "msg": "Input should be a valid string",
                        }
                    ]
                },
            )
        with self._store.commit() as db:
            pause = db.execute("SELECT * FROM pauses WHERE task_id = ? AND run_id = ?", (task_id, run_id)).fetchone()
            if pause is None:
                raise _Refusal(404, {"detail": "No task of this run has waited under this id here"})
            if pause["lost"]:
                raise _Refusal(
                    404, {"detail": "The process of this run was restarted, which ended the run: start it again"}
                )
            if pause["answer"] is not None and pause["answer"] != text:
                raise _Refusal(409, {"detail": "This task was answered already, with another text"})
            if pause["answer"] is None:
                db.execute("UPDATE pauses SET answer = ? WHERE task_id = ?", (text, task_id))
                self._update_targets(db, run_id, resume)
        with self._lock:
            wait = self._waiting.pop(task_id, None)
        if wait is not None:
            _settle(wait, text)
        return 200, {"kickoff_id": run_id}

    def _update_targets(self, db: sqlite3.Connection, run_id: str, resume: dict[str, Any]) -> None:
        row = db.execute("SELECT kickoff FROM runs WHERE id = ?", (run_id,)).fetchone()
        named = {key: resume[key] for key in resume if re.fullmatch(r"\w+Webhook(?:Url)?", key) and resume[key]}
        if row is not None and named:
            kickoff = {**json.loads(row["kickoff"]), **named}
            db.execute("UPDATE runs SET kickoff = ? WHERE id = ?", (_dumps(kickoff), run_id))

    def _status(self, headers: Mapping[str, str], run_id: str) -> tuple[int, Any]:
        self._check_token(headers)
        run = self._store.one("SELECT * FROM runs WHERE id = ?", run_id)
        if run is None:
            return 200, {"state": "NOT FOUND", "status": "Task not found or Invalid kickoff id", "result": None}
        waits = self._store.one("SELECT 1 FROM pauses WHERE run_id = ? AND answer IS NULL AND lost = 0", run_id)
        if run["state"] == "RUNNING" and waits is not None:
            return 200, {"state": "PAUSED", "status": "awaiting_human_feedback", "result": None}
        status = run["error"] if run["state"] == "FAILED" else "Task is Running" if run["state"] == "RUNNING" else None
        return 200, {"state": run["state"], "status": status, "result": run["result"], "result_json": None}

    # -- messages to the bot

    def _send(
        self, db: sqlite3.Connection, run_id: str, kind: str, body: dict[str, Any], about: str | None = None
    ) -> None:
        """Queues a webhook of a run, to where its kickoff or its last /resume asked for it; by default to the bot."""
        row = db.execute("SELECT kickoff, direct FROM runs WHERE id = ?", (run_id,)).fetchone()
        kickoff = {} if row is None else json.loads(row["kickoff"])
        url, auth = self._find_target(kickoff, kind)
        if url is None and row is not None and row["direct"]:
            url, auth = f"{self._bot}/{kind}", {"strategy": "bearer", "token": self._secret}
        if url is not None:
            meta = kickoff.get("meta")
            message = {**body, "kickoff_id": run_id, **({} if meta is None else {"meta": meta})}
            self._outbox.add(db, url, auth, _dumps(_without_nan(message)), about)

    def _find_target(self, kickoff: dict[str, Any], kind: str) -> tuple[str | None, dict[str, Any]]:
        field = {"human-input": "humanInputWebhook", "task": "taskWebhook", "crew": "crewWebhook"}[kind]
        named = kickoff.get(field) or kickoff.get(f"{field}Url")
        if isinstance(named, dict) and isinstance(named.get("url"), str):
            return named["url"], named.get("authentication") or {}
        if isinstance(named, str):
            return named, {}
        if kind != "human-input":
            return None, {}
        return f"{self._bot}/{kind}", {"strategy": "bearer", "token": self._secret}

    def _report(self, db: sqlite3.Connection, run_id: str, kind: str, error: str | None = None) -> None:
        """Queues an event of a run, to where its kickoff asked for events; a failure goes to the bot in any case."""
        row = db.execute("SELECT kickoff FROM runs WHERE id = ?", (run_id,)).fetchone()
        wanted = (json.loads(row["kickoff"]) if row is not None else {}).get("webhooks") or {}
        url, auth = wanted.get("url"), wanted.get("authentication") or {}
        if not isinstance(url, str) or kind not in (wanted.get("events") or []):
            if error is None:
                return
            url, auth = f"{self._bot}/events", {"strategy": "bearer", "token": self._secret}
        event = {
            "id": str(uuid.uuid4()),
            "execution_id": run_id,
            "timestamp": _now(),
            "type": kind,
            "data": {"emission_sequence": time.time_ns() // 1000, **({} if error is None else {"error": error})},
        }
        self._outbox.add(db, url, auth, _dumps({"events": [event]}))

    def _authenticate(self, auth: dict[str, Any], body: bytes) -> dict[str, str]:
        """Builds the headers that authenticate a message, for each try anew: a signature is valid for minutes."""
        match auth.get("strategy"):
            case "flow":
                at = str(int(time.time()))
                signed = hmac.new((self._flow_secret or "").encode(), f"{at}.".encode() + body, hashlib.sha256)
                return {"X-Crewai-Timestamp": at, "X-Crewai-Signature": f"sha256={signed.hexdigest()}"}
            case "bearer":
                return {"Authorization": f"Bearer {auth.get('token', '')}"}
            case "basic":
                pair = f"{auth.get('username', '')}:{auth.get('password', '')}"
                return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        return {}

    # -- after a restart

    def _recover(self) -> None:
        """Reports the runs that ended with an earlier process, and resumes the flows whose answers it had taken."""
        with self._store.commit() as db:
            before = time.time() - KEPT
            db.execute("DELETE FROM reviews WHERE finished < ?", (before,))
            db.execute("DELETE FROM pauses WHERE run_id IN (SELECT id FROM runs WHERE finished < ?)", (before,))
            db.execute("DELETE FROM runs WHERE finished < ?", (before,))
            unfinished = db.execute("SELECT id FROM reviews WHERE answer IS NOT NULL AND finished IS NULL").fetchall()
            self._report_lost_runs(db)
            # Again, for a bot that lost them or did not allow this process's address. It knows them by their ids.
            for row in db.execute("SELECT * FROM reviews WHERE answer IS NULL AND finished IS NULL").fetchall():
                if db.execute("SELECT 1 FROM outbox WHERE about = ?", (row["id"],)).fetchone() is None:
                    context, state = json.loads(row["context"]), json.loads(row["state"])
                    self._send_review(db, row["id"], row["token"], context, state)
        for (review_id,) in unfinished:
            log.warning("review %s was answered, and its flow had not finished: it is resumed again", review_id)
            self._resume_in_background(review_id)

    def _report_lost_runs(self, db: sqlite3.Connection) -> None:
        waiting = "SELECT run_id FROM pauses WHERE answer IS NULL AND lost = 0"
        lost = f"SELECT id FROM runs WHERE state = 'RUNNING' AND (direct = 0 OR id IN ({waiting}))"
        for (run_id,) in db.execute(lost).fetchall():
            log.warning("run %s was lost with its process, reporting it as failed", run_id)
            db.execute(
                "UPDATE runs SET state = 'FAILED', error = ?, finished = ? WHERE id = ?", (LOST, time.time(), run_id)
            )
            self._report(db, run_id, "crew_kickoff_failed", error=LOST)
        db.execute("UPDATE pauses SET lost = 1 WHERE answer IS NULL")
        # Nobody is asked about a run that has failed.
        db.execute("DELETE FROM outbox WHERE about IN (SELECT task_id FROM pauses WHERE lost = 1)")
        # Nobody knows how a run ended that this file did not start.
        db.execute("DELETE FROM runs WHERE state = 'RUNNING'")


class _WaitingFlow:
    """A flow that waits in this process."""

    def __init__(self, flow_class: type, persistence: Any, task_provider: Any) -> None:
        self.flow_class = flow_class
        self.persistence = persistence
        self.task_provider = task_provider


class _FlowProvider:
    """CrewAI's `HumanFeedbackProvider`: asks in Slack and pauses the flow."""

    def __init__(self, approvals: CrewApprovals, pending: Any) -> None:
        self._approvals = approvals
        self._pending = pending

    def request_feedback(self, context: Any, flow: Any) -> str:
        review_id = self._approvals._ask_about_flow(context, flow)
        raise self._pending(context=context, callback_info={"review": review_id})


class _TaskProvider:
    """CrewAI's `HumanInputProvider`: asks in Slack and waits, in the thread of the run."""

    def __init__(self, approvals: CrewApprovals, run_id: str, direct: bool) -> None:
        self._console = _import("crewai.core.providers.human_input", "SyncHumanInputProvider", *TASKS)()
        self._approvals = approvals
        self._run_id = run_id
        self._direct = direct

    def setup_messages(self, context: Any) -> bool:
        return False

    def post_setup_messages(self, context: Any) -> None:
        pass

    def handle_feedback(self, formatted_answer: Any, context: Any) -> Any:
        _check_executor(context)
        if context._is_training_mode():
            return self._console.handle_feedback(formatted_answer, context)
        answer = formatted_answer
        while context.ask_for_human_input:
            task_id, wait = self._ask(answer, context)
            try:
                text = wait.result()
            finally:
                self._approvals._stop_waiting(task_id)
            if self._accepts(text, context):
                break
            answer = context._invoke_loop()
        return answer

    async def handle_feedback_async(self, formatted_answer: Any, context: Any) -> Any:
        _check_executor(context)
        if context._is_training_mode():
            return await self._console.handle_feedback_async(formatted_answer, context)
        answer = formatted_answer
        while context.ask_for_human_input:
            task_id, wait = await asyncio.to_thread(self._ask, answer, context)
            try:
                text = await asyncio.wrap_future(wait)
            finally:
                self._approvals._stop_waiting(task_id)
            if self._accepts(text, context):
                break
            answer = await context._ainvoke_loop()
        return answer

    def _accepts(self, text: str, context: Any) -> bool:
        """Whether a person approved; else the agent gets the text as feedback."""
        if self._approvals._is_yes(text):
            context.ask_for_human_input = False
            return True
        context.messages.append(context._format_feedback_message(text))
        return False

    def _ask(self, answer: Any, context: Any) -> tuple[str, Any]:
        output = answer.output if isinstance(answer.output, str) else answer.output.model_dump_json()
        return self._approvals._ask_person(self._run_id, output, context, self._direct)


class _Store:
    """The SQLite file. One process holds it, and the kernel frees it when the process is killed."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        # Only its owner may read the secrets in it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._lock = threading.RLock()
        self.is_closed = False
        self._pid = os.getpid()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(SCHEMA)
        except sqlite3.OperationalError as error:
            self._db.close()
            if "locked" not in str(error):
                raise
            raise RuntimeError(f"{path} is in use by another process: each process needs a db of its own") from error

    @contextmanager
    def commit(self) -> Iterator[sqlite3.Connection]:
        """Everything that is done inside is on disk afterwards, or nothing of it."""
        self._check_process()
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def one(self, query: str, *values: Any) -> sqlite3.Row | None:
        self._check_process()
        with self._lock:
            row: sqlite3.Row | None = self._db.execute(query, values).fetchone()
            return row

    def _check_process(self) -> None:
        if os.getpid() != self._pid:
            raise RuntimeError(
                "this process was forked after CrewApprovals was made: make it after the fork, in one worker"
            )

    def close(self) -> None:
        with self._lock:
            self.is_closed = True
            self._db.close()


class _Outbox:
    """Delivers messages in the background, each until the receiver takes it."""

    def __init__(self, store: _Store, authenticate: Callable[[dict[str, Any], bytes], dict[str, str]]) -> None:
        self._store = store
        self._authenticate = authenticate
        self._woken = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._opener = urllib.request.build_opener(_NoRedirects)

    def add(self, db: sqlite3.Connection, url: str, auth: dict[str, Any], body: str, about: str | None = None) -> None:
        """Queues a message in a commit of the caller, who calls `wake` afterwards. about: the review or the pause."""
        now = time.time()
        db.execute(
            "INSERT INTO outbox (url, auth, body, about, created, due) VALUES (?, ?, ?, ?, ?, ?)",
            (url, _dumps(auth), body, about, now, now),
        )

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="crew-approvals-outbox", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._stopped = True
        self._woken.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(CALL_TIMEOUT + 1)

    def wait_until_tried(self, timeout: float) -> None:
        """Waits until each message was tried once: a program may end after it has asked."""
        self.wake()
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self._store.one("SELECT 1 FROM outbox WHERE tries = 0") is None:
                return
            time.sleep(0.02)

    def _run(self) -> None:
        while not self._stopped:
            self._woken.clear()
            try:
                now = time.time()
                # A time further off than any pause was noted before the clock was set back.
                query = "SELECT * FROM outbox WHERE due <= ? OR due > ? ORDER BY id LIMIT 1"
                message = self._store.one(query, now, now + LONGEST_RETRY)
                if message is not None:
                    self._deliver(message)
                    continue
                following = self._store.one("SELECT min(due) AS due FROM outbox")
            except Exception:
                if not self._stopped:
                    log.exception("messages to the bot not sent, retrying")
                following = None
            due = None if following is None else following["due"]
            self._woken.wait(FIRST_RETRY if due is None else max(0.05, min(due - time.time(), LONGEST_RETRY)))

    def _deliver(self, message: sqlite3.Row) -> None:
        body, tries = message["body"].encode(), message["tries"] + 1
        # The query of a URL can hold a secret.
        where = message["url"].partition("?")[0]
        reason = self._post(message["url"], json.loads(message["auth"]), body)
        too_old = time.time() - message["created"] > GIVEN_UP_AFTER
        if reason is not None:
            wait = _backoff(tries)
            log.error(
                "%s did not take a message: %s; %s", where, reason, "given up" if too_old else f"retrying in {wait:g} s"
            )
        with self._store.commit() as db:
            if reason is None or too_old:
                db.execute("DELETE FROM outbox WHERE id = ?", (message["id"],))
            else:
                db.execute(
                    "UPDATE outbox SET tries = ?, due = ? WHERE id = ?", (tries, time.time() + wait, message["id"])
                )
        if reason is None and tries > 1:
            log.warning("%s took the message at try %d", where, tries)

    def _post(self, url: str, auth: dict[str, Any], body: bytes) -> str | None:
        """Why a message was not taken; None if it was. Never raises, and names no secret."""
        try:
            headers = {"content-type": "application/json", **self._authenticate(auth, body)}
            request = urllib.request.Request(url, data=body, headers=headers, method="POST")
            with self._opener.open(request, timeout=CALL_TIMEOUT):
                return None
        except urllib.error.HTTPError as error:
            return f"{error.code} {_read_reason(error)}".strip()
        except OSError as error:
            return str(getattr(error, "reason", error))
        except Exception as error:
            # The text of an invalid URL or header repeats it.
            return type(error).__name__


def _read_reason(error: urllib.error.HTTPError) -> str:
    try:
        return error.read(500).decode(errors="replace")
    except Exception:
        return ""


def _backoff(tries: int) -> float:
    return float(min(FIRST_RETRY * 2 ** min(tries - 1, 20), LONGEST_RETRY))


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_TOO_LARGE: Response = (413, {"content-type": "application/json"}, b'{"detail": "The body is too large"}')


class _Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def _make_server(listen: tuple[str, int], handle: Callable[..., Response]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def answer(self) -> None:
            length = self.headers.get("content-length", "0")
            if not length.isdecimal() or int(length) > MAX_REQUEST:
                self.close_connection = True
                status, headers, body = _TOO_LARGE
            else:
                status, headers, body = handle(
                    self.command, self.path, dict(self.headers), self.rfile.read(int(length))
                )
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *_: Any) -> None:
            """The path of a request can hold a secret."""

    try:
        server = ThreadingHTTPServer(listen, Handler)
    except OSError as error:
        raise RuntimeError(f"cannot listen on {listen[0]}:{listen[1]}: {error.strerror or error}") from error
    server.daemon_threads = True
    return server


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _import(module: str, name: str, what: str, since: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        if "crewai" not in sys.modules and importlib.util.find_spec("crewai") is None:
            raise RuntimeError(f"crewai is not installed in this Python: install crewai {since} or newer") from error
        raise RuntimeError(_describe_missing(what, since)) from error


def _describe_missing(what: str, since: str) -> str:
    return f"the installed crewai has no {what}: install crewai {since} or newer"


def _check_agents() -> None:
    """Raises RuntimeError if the agents of the installed crewai take no feedback on a task."""
    _check_executor(_import("crewai", "Agent", *TASKS).model_fields["executor_class"].default)


def _check_executor(executor: Any) -> None:
    """Raises RuntimeError if an executor, or its class, cannot take feedback."""
    if not all(hasattr(executor, name) for name in EXECUTOR_METHODS):
        raise RuntimeError(_describe_missing(*TASKS))


def _find_class(path: str) -> Any:
    """A class by its module and qualified name; None if it is not there."""
    module, _, name = path.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return None
    return found


def _default_flow_store() -> Any:
    try:
        from crewai.flow.persistence.factory import default_flow_persistence
    except ImportError:
        from crewai.flow.persistence import SQLiteFlowPersistence as default_flow_persistence
    return default_flow_persistence()


def _get_task_provider() -> Any:
    """The provider of tasks that the program has set in this thread, which the later steps of a flow need too."""
    module = sys.modules.get("crewai.core.providers.human_input")
    provider = None if module is None else getattr(module, "_provider", None)
    return None if provider is None else provider.get()


def _settle(wait: concurrent.futures.Future[str], text: str = "", error: Exception | None = None) -> None:
    """Ends a wait, unless it has ended."""
    try:
        if error is None:
            wait.set_result(text)
        else:
            wait.set_exception(error)
    except concurrent.futures.InvalidStateError:
        pass


def _check_targets(body: dict[str, Any]) -> None:
    """Rejects fields for webhooks that no message could be sent to."""

    def is_url(value: Any) -> bool:
        return isinstance(value, str) and re.fullmatch(r"https?://[\x21-\x7e]+", value) is not None

    def is_target(value: Any) -> bool:
        return (
            isinstance(value, dict) and is_url(value.get("url")) and isinstance(value.get("authentication") or {}, dict)
        )

    for name, value in body.items():
        if value is None or not re.fullmatch(r"\w+Webhook(?:Url)?|webhooks", name):
            continue
        if not (is_url(value) if name.endswith("Url") else is_target(value)):
            detail = [
                {
                    "type": "url_parsing",
                    "loc": ["body", name],
                    "msg": "Input should be a valid URL or an object with one",
                }
            ]
            raise _Refusal(422, {"detail": detail})


def _checked_url(name: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{name} must be an http or https URL, such as https://approvals.example.com")
    return url.rstrip("/")


def _parse_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        message = "The body must be a JSON object."
        raise _Refusal(422, {"detail": message, "error": "invalid", "message": message})
    return value


def _lowercase(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _is_same(given: str, expected: str) -> bool:
    """Compares secrets in constant time."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _to_json(value: Any) -> Any:
    """The value as JSON can hold it, as CrewAI itself writes it."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, enum.Enum):
        return _to_json(value.value)
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _to_json(dataclasses.asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _to_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_to_json(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _without_nan(value: Any) -> Any:
    """Replaces NaN and infinities by null: JSON does not have them."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    return [_without_nan(one) for one in value] if isinstance(value, list) else value


def _dumps(value: Any) -> str:
    # Half of a surrogate pair is not UTF-8.
    return json.dumps(value, default=str, ensure_ascii=False).encode(errors="replace").decode()


def _usage(result: Any) -> Any:
    usage = getattr(result, "token_usage", None)
    return usage.model_dump() if usage is not None and hasattr(usage, "model_dump") else None


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _now() -> str:
    return datetime.now(timezone.utc).isoformat()
