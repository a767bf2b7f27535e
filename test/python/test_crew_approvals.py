"""What crew_approvals.py does without the real package: its requests, its file and its messages."""

import asyncio
import hashlib
import hmac
import http.server
import json
import logging
import os
import re
import stat
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import crew_approvals
from crew_approvals import CrewApprovals

TOKEN = "a-token-of-the-crew"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
NO_HUMAN_INPUT = (
    "the installed crewai has no working human input for tasks: install crewai 1.10.1 to 1.14.4, or 1.15.2 or newer"
)
resumed = []


class PendingFeedbackContext:
    def __init__(self, **fields):
        self.__dict__.update(fields)

    def to_dict(self):
        return dict(self.__dict__)

    @classmethod
    def from_dict(cls, fields):
        return cls(**fields)


class Persistence:
    """Where flows of these tests wait."""

    def __init__(self):
        self.pending = {}

    def load_pending_feedback(self, flow_id):
        return self.pending.get(flow_id)

    def save_pending_feedback(self, flow_id, context, state):
        self.pending[flow_id] = (state, context)


class Flow:
    """A flow that notes with what it is resumed."""

    persistence = Persistence()
    state = {"id": "flow-1", "drafts": 1}

    @classmethod
    def from_pending(cls, flow_id, persistence):
        flow = cls()
        flow.pending_feedback = persistence.load_pending_feedback(flow_id)[1]
        return flow

    async def resume_async(self, feedback):
        resumed.append((self.pending_feedback.default_outcome, feedback))


class HumanFeedbackPending(Exception):
    def __init__(self, context, callback_info):
        super().__init__()
        self.callback_info = callback_info


class Executor:
    """What runs an agent: it has what feedback needs."""

    def _is_training_mode(self):
        return False

    def _format_feedback_message(self, feedback):
        return {"role": "user", "content": feedback}

    def _invoke_loop(self):
        return types.SimpleNamespace(output="Another slogan")

    async def _ainvoke_loop(self):
        return self._invoke_loop()


def install_package():
    """A package with what the file needs of crewai."""
    pending = types.ModuleType("crewai.flow.async_feedback")
    pending.HumanFeedbackPending = HumanFeedbackPending
    contexts = types.ModuleType("crewai.flow.async_feedback.types")
    contexts.PendingFeedbackContext = PendingFeedbackContext
    inputs = types.ModuleType("crewai.core.providers.human_input")
    inputs.SyncHumanInputProvider = object
    inputs.set_provider = lambda provider: None
    package = types.ModuleType("crewai")
    executor_class = types.SimpleNamespace(default=Executor)
    package.Agent = types.SimpleNamespace(model_fields={"executor_class": executor_class})
    modules = {
        "crewai": package,
        "crewai.flow": types.ModuleType("crewai.flow"),
        pending.__name__: pending,
        contexts.__name__: contexts,
        "crewai.core": types.ModuleType("crewai.core"),
        "crewai.core.providers": types.ModuleType("crewai.core.providers"),
        inputs.__name__: inputs,
    }
    sys.modules.update(modules)
    return modules


class Bot:
    """Takes what is sent to the bot. `statuses`: its next answers; 202 when there are none."""

    def __init__(self):
        self.messages = []
        self.statuses = []
        bot = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status = bot.statuses.pop(0) if bot.statuses else 202
                bot.messages.append((self.path, dict(self.headers), body, status))
                self.send_response(status)
                self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def taken(self, path):
        return [json.loads(body) for at, _, body, status in self.messages if at.startswith(path) and status == 202]


def eventually(check, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


class Case(unittest.TestCase):
    def setUp(self):
        self.modules = install_package()
        self.addCleanup(lambda: [sys.modules.pop(name, None) for name in self.modules])
        resumed.clear()
        Flow.persistence = Persistence()
        self.bot = Bot()
        self.addCleanup(self.bot.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.db = Path(folder.name) / "approvals.db"
        crew_approvals.PAUSE_STORED_WITHIN = 0
        crew_approvals.FIRST_RETRY = 0.05
        logging.getLogger("crew_approvals").setLevel(logging.CRITICAL)
        self.addCleanup(logging.getLogger("crew_approvals").setLevel, logging.NOTSET)

    def make(self, **more):
        settings = {"flow_secret": "whsec_x", "token": TOKEN, "public_url": "https://runs.example.com/"}
        approvals = CrewApprovals(self.bot.url, "press", "a-secret-of-the-webhooks", db=self.db, **{**settings, **more})
        self.addCleanup(approvals.close)
        return approvals

    def ask(self, approvals, emit=("publish", "rework"), **more):
        """A flow waits; gives the id of its review and its token."""
        context = PendingFeedbackContext(
            flow_id="flow-1",
            flow_class="flows.Letters",
            method_name="write",
            method_output="A letter",
            message="Is it ready?",
            emit=list(emit),
            default_outcome=None,
            metadata={},
            requested_at="2026-01-01T00:00:00",
            **more,
        )
        with self.assertRaises(HumanFeedbackPending) as paused:
            approvals.flow_provider().request_feedback(context, Flow())
        review_id = paused.exception.callback_info["review"]
        sent = eventually(lambda: [one for one in self.bot.taken("/webhooks/press/flow") if one["id"] == review_id])
        return review_id, sent[0]["response_token"]

    def respond(self, approvals, review_id, token, feedback):
        path = f"/reviews/{review_id}/respond?token={token}"
        status, _, body = approvals.handle("POST", path, {}, json.dumps({"feedback": feedback}).encode())
        return status, json.loads(body)

    def post(self, approvals, path, body, headers=AUTHORIZED):
        status, _, answer = approvals.handle("POST", path, headers, json.dumps(body).encode())
        return status, json.loads(answer)


class Reviews(Case):
    def test_a_review_is_sent_signed_in_the_flat_shape(self):
        review_id, token = self.ask(self.make())
        path, headers, body, _ = self.bot.messages[0]
        self.assertEqual(path, "/webhooks/press/flow")
        signed = f"{headers['X-Crewai-Timestamp']}.".encode() + body
        digest = hmac.new(b"whsec_x", signed, hashlib.sha256).hexdigest()
        self.assertEqual(headers["X-Crewai-Signature"], f"sha256={digest}")
        review = json.loads(body)
        self.assertEqual(review["flow_execution_id"], "flow-1")
        self.assertEqual(review["flow_class"], "Letters")
        self.assertEqual(review["emit"], ["publish", "rework"])
        self.assertEqual(review["state"], {"id": "flow-1", "drafts": 1})
        self.assertEqual(review["callback_url"], f"https://runs.example.com/reviews/{review_id}/respond?token={token}")

    def test_the_first_answer_wins_and_the_flow_is_resumed_once_with_it(self):
        approvals = self.make()
        review_id, token = self.ask(approvals)
        status, answer = self.respond(approvals, review_id, token, "rework")
        self.assertEqual((status, answer["status"]), (200, "accepted"))
        self.assertEqual(self.respond(approvals, review_id, token, "rework")[0], 200)
        status, answer = self.respond(approvals, review_id, token, "publish")
        self.assertEqual((status, answer["error"]), (409, "already_responded"))
        self.assertIn("via api", answer["message"])
        eventually(lambda: resumed)
        self.assertEqual(resumed, [("rework", "")])

    def test_of_many_answers_at_once_one_is_taken(self):
        approvals = self.make()
        review_id, token = self.ask(approvals, emit=[f"outcome {n}" for n in range(20)])
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda n: self.respond(approvals, review_id, token, f"outcome {n}")[0], range(20)))
        self.assertEqual(sorted(answers), [200] + [409] * 19)
        eventually(lambda: resumed)
        self.assertEqual(resumed, [(f"outcome {answers.index(200)}", "")])

    def test_a_callback_is_rejected_unless_review_and_token_are_right(self):
        approvals = self.make()
        review_id, token = self.ask(approvals)
        self.assertEqual(self.respond(approvals, "hfr_other", token, "publish")[0], 404)
        self.assertEqual(self.respond(approvals, review_id, "", "publish")[0], 401)
        self.assertEqual(self.respond(approvals, review_id, f"{token}x", "publish")[0], 401)
        self.assertEqual(self.respond(approvals, review_id, "ü", "publish")[0], 401)
        other, other_token = self.ask(approvals)
        self.assertEqual(self.respond(approvals, review_id, other_token, "publish")[0], 401)
        for feedback in (None, "", "  ", 5, ["publish"]):
            self.assertEqual(self.respond(approvals, review_id, token, feedback)[0], 422)
        for body in (b"", b"no JSON", b"[]", b"\xff"):
            path = f"/reviews/{review_id}/respond?token={token}"
            self.assertEqual(approvals.handle("POST", path, {}, body)[0], 422)
        self.assertEqual(resumed, [])
        self.assertEqual(self.respond(approvals, other, other_token, "publish")[0], 200)

    def test_an_answer_that_is_no_outcome_is_rejected_with_the_outcomes(self):
        approvals = self.make()
        review_id, token = self.ask(approvals)
        status, answer = self.respond(approvals, review_id, token, "NO! reject")
        self.assertEqual((status, answer["message"]), (422, "The answer must be one of: publish, rework."))
        self.assertEqual(self.respond(approvals, review_id, token, "publish")[0], 200)
        eventually(lambda: resumed)
        self.assertEqual(resumed, [("publish", "")])

    def test_a_flow_that_waits_twice_at_once_takes_the_answer_to_its_latest_review_only(self):
        approvals = self.make()
        first, latest = self.ask(approvals), self.ask(approvals)
        status, answer = self.respond(approvals, *first, "publish")
        self.assertEqual((status, answer["error"]), (410, "superseded"))
        self.assertEqual(self.respond(approvals, *latest, "rework")[0], 200)
        eventually(lambda: resumed)
        self.assertEqual(resumed, [("rework", "")])

    def test_a_review_that_nobody_has_answered_is_sent_again_at_each_start(self):
        approvals = self.make()
        review_id, token = self.ask(approvals)
        approvals.close()
        self.make().start()
        again = eventually(lambda: self.bot.taken("/webhooks/press/flow")[1:])[0]
        self.assertEqual((again["id"], again["response_token"]), (review_id, token))

    def test_an_answer_whose_flow_waits_again_already_is_not_carried_out_again(self):
        approvals = self.make()
        approvals._resume_in_background = lambda review_id: None
        review_id, token = self.ask(approvals)
        self.assertEqual(self.respond(approvals, review_id, token, "rework")[0], 200)
        resuming = crew_approvals._resumed.set(review_id)
        self.ask(approvals)
        crew_approvals._resumed.reset(resuming)
        approvals.close()
        again = self.make()
        again.flow_provider(persistence=Flow.persistence)
        again.start()
        query = "SELECT 1 FROM reviews WHERE id = ? AND finished IS NOT NULL"
        eventually(lambda: again._store.one(query, review_id))
        self.assertEqual(resumed, [])

    def test_an_answer_waits_until_the_class_of_its_flow_can_be_found(self):
        approvals = self.make()
        approvals._resume_in_background = lambda review_id: None
        self.assertEqual(self.respond(approvals, *self.ask(approvals), "publish")[0], 200)
        approvals.close()
        flow, module = Flow, sys.modules[Flow.__module__]
        self.addCleanup(setattr, module, "Flow", flow)
        del module.Flow
        again = self.make()
        again.flow_provider(persistence=flow.persistence)
        again.start()
        time.sleep(0.2)
        self.assertEqual(resumed, [])
        module.Flow = flow
        eventually(lambda: resumed)

    def test_the_first_requests_at_once_resume_what_was_left_once(self):
        approvals = self.make()
        approvals._resume_in_background = lambda review_id: None
        review_id, token = self.ask(approvals)
        self.assertEqual(self.respond(approvals, review_id, token, "publish")[0], 200)
        approvals.close()
        again = self.make()
        again.flow_provider(persistence=Flow.persistence)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: self.respond(again, review_id, token, "publish")[0], range(8)))
        self.assertEqual(answers, [200] * 8)
        eventually(lambda: resumed)
        time.sleep(0.2)
        self.assertEqual(resumed, [("publish", "")])

    def test_a_state_that_json_cannot_hold_is_sent_all_the_same(self):
        self.addCleanup(setattr, Flow, "state", Flow.state)
        Flow.state = {"id": "flow-1", "ratio": float("nan"), "tags": {"a"}, "half": "\ud800"}
        self.ask(self.make())
        body = next(body for path, _, body, _ in self.bot.messages if path == "/webhooks/press/flow")
        self.assertNotIn(b"NaN", body)
        self.assertEqual(json.loads(body)["state"], {"id": "flow-1", "ratio": None, "tags": ["a"], "half": "?"})

    def test_without_outcomes_the_answer_is_the_feedback(self):
        approvals = self.make()
        self.respond(approvals, *self.ask(approvals, emit=()), "Ana signs")
        eventually(lambda: resumed)
        self.assertEqual(resumed, [(None, "Ana signs")])

    def test_an_answer_that_was_taken_before_a_crash_is_carried_out_after_the_next_start(self):
        approvals = self.make()
        approvals._resume_in_background = lambda review_id: None
        self.assertEqual(self.respond(approvals, *self.ask(approvals), "publish")[0], 200)
        approvals.close()
        # CrewAI had cleared the pause already.
        Flow.persistence = Persistence()
        again = self.make()
        again.flow_provider(persistence=Flow.persistence)
        again.start()
        eventually(lambda: resumed)
        self.assertEqual(resumed, [("publish", "")])

    def test_what_is_too_large_for_the_bot_loses_its_state_and_then_the_end_of_its_output(self):
        approvals = self.make()
        self.addCleanup(setattr, Flow, "state", Flow.state)
        Flow.state = {"id": "flow-1", "notes": "x" * 2_100_000}
        self.ask(approvals)
        self.assertEqual(self.bot.taken("/webhooks/press/flow")[0]["state"], {})


class Messages(Case):
    def test_a_message_is_sent_until_the_bot_takes_it_and_no_redirect_is_followed(self):
        self.bot.statuses = [503, 302, 401]
        self.ask(self.make())
        self.assertEqual([status for *_, status in self.bot.messages], [503, 302, 401, 202])
        self.assertEqual({path for path, *_ in self.bot.messages}, {"/webhooks/press/flow"})

    def test_what_was_not_sent_before_a_crash_is_sent_after_the_next_start(self):
        self.bot.statuses = [503] * 3
        crew_approvals.FIRST_RETRY = 60
        approvals = self.make()
        context = PendingFeedbackContext(flow_id="f", flow_class="a.B", method_name="m", method_output="", message="?")
        with self.assertRaises(HumanFeedbackPending):
            approvals.flow_provider().request_feedback(context, Flow())
        approvals.close()
        self.bot.statuses = []
        again = self.make()
        with again._store.commit() as db:
            db.execute("UPDATE outbox SET due = 0")
        again.start()
        eventually(lambda: self.bot.taken("/webhooks/press/flow"))

    def test_a_message_that_cannot_be_sent_does_not_hold_up_the_others(self):
        approvals = self.make()
        approvals.start()
        with approvals._store.commit() as db:
            approvals._outbox.add(db, "http://127.0.0.1:1/a path?token=x", {}, "{}")
            approvals._outbox.add(db, f"{self.bot.url}/x", {"strategy": "bearer", "token": "a\nb"}, "{}")
            approvals._outbox.add(db, f"{self.bot.url}/good", {}, "{}")
        approvals._outbox.wake()
        eventually(lambda: self.bot.taken("/good"))

    def test_no_secret_is_logged(self):
        logging.getLogger("crew_approvals").setLevel(logging.DEBUG)
        with self.assertLogs("crew_approvals", logging.DEBUG) as logs:
            self.bot.statuses = [503]
            approvals = self.make()
            review_id, token = self.ask(approvals)
            with approvals._store.commit() as db:
                approvals._outbox.add(db, f"{self.bot.url}/task?token=a-secret-in-a-url", {}, "{}")
            self.bot.statuses = [500]
            approvals._outbox.wake()
            eventually(lambda: self.bot.taken("/task"))
            self.respond(approvals, review_id, "wrong", "publish")
        logged = "\n".join(logs.output)
        for secret in (token, "whsec_x", "a-secret-of-the-webhooks", "a-secret-in-a-url", TOKEN):
            self.assertNotIn(secret, logged)


class Task:
    name, description, expected_output, callback = "slogan", "Write", "A slogan", None


class Crew:
    """Stands in for a crew: it waits for a person once, and for what the test says."""

    tasks = [Task()]
    task_callback = None
    proceed = threading.Event()

    def fetch_inputs(self):
        return {"topic", "tone"}

    def kickoff(self, inputs):
        if not Crew.proceed.wait(20):
            raise TimeoutError
        return types.SimpleNamespace(raw=f"About {inputs['topic']}", json_dict=None, token_usage=None)


class Crews(Case):
    def test_every_request_needs_the_token(self):
        approvals = self.make()
        approvals.register_crew(Crew)
        for headers in ({}, {"Authorization": "Bearer no"}, {"authorization": TOKEN}):
            for method, path in (("GET", "/inputs"), ("POST", "/kickoff"), ("POST", "/resume"), ("GET", "/status/x")):
                self.assertEqual(approvals.handle(method, path, headers, b"{}")[0], 401)
        approvals.close()
        without = self.make(token=None)
        self.assertEqual(without.handle("POST", "/resume", {"Authorization": "Bearer None"}, b"{}")[0], 401)
        self.assertEqual(without.handle("POST", "/resume", {"Authorization": "Bearer "}, b"{}")[0], 401)

    def test_without_a_registered_crew_nothing_can_be_started(self):
        self.assertEqual(self.post(self.make(), "/kickoff", {})[0], 404)

    def test_inputs_that_are_missing_are_named(self):
        approvals = self.make()
        approvals.register_crew(Crew)
        _, _, body = approvals.handle("GET", "/inputs", AUTHORIZED, b"")
        self.assertEqual(json.loads(body), {"inputs": ["tone", "topic"]})
        self.assertEqual(self.post(approvals, "/kickoff", {}), (422, {"detail": "Missing inputs: tone, topic"}))
        self.assertEqual(self.post(approvals, "/kickoff", {"inputs": []})[0], 422)
        self.assertEqual(approvals.handle("POST", "/kickoff", AUTHORIZED, b"no JSON")[0], 422)

    def test_a_run_tells_its_end_where_its_kickoff_asked_for_that(self):
        approvals = self.make()
        approvals.register_crew(Crew)
        self.addCleanup(Crew.proceed.clear)
        asked = {"inputs": {"topic": "rain", "tone": "dry"}, "crewWebhookUrl": f"{self.bot.url}/end", "meta": {"a": 1}}
        run_id = self.post(approvals, "/kickoff", asked)[1]["kickoff_id"]
        _, _, body = approvals.handle("GET", f"/status/{run_id}", AUTHORIZED, b"")
        self.assertEqual(json.loads(body)["state"], "RUNNING")
        Crew.proceed.set()
        end = eventually(lambda: self.bot.taken("/end"))[0]
        self.assertEqual((end["kickoff_id"], end["result"], end["meta"]), (run_id, "About rain", {"a": 1}))
        _, _, body = approvals.handle("GET", f"/status/{run_id}", AUTHORIZED, b"")
        self.assertEqual(json.loads(body)["state"], "SUCCESS")
        _, _, body = approvals.handle("GET", "/status/unknown", AUTHORIZED, b"")
        self.assertEqual(json.loads(body)["state"], "NOT FOUND")

    def wait_for_person(self, approvals, run_id="run-1"):
        """A task waits; gives what will be its answer and the id of the pause."""
        context = types.SimpleNamespace(task=Task, agent=types.SimpleNamespace(role="Writer"))
        if approvals._store.one("SELECT 1 FROM runs WHERE id = ?", run_id) is None:
            approvals._store_run(run_id, {}, direct=False)
        task_id, answer = approvals._ask_person(run_id, "A slogan", context, False)
        eventually(lambda: self.bot.taken("/webhooks/press/human-input"))
        return answer, task_id

    def test_a_package_that_loses_feedback_is_refused_before_anything_starts(self):
        class WithoutFeedback:
            """The executor of crewai 1.14.5 to 1.15.1."""

            _is_training_mode = Executor._is_training_mode

        class Asking(Crew):
            tasks = (types.SimpleNamespace(human_input=True, callback=None),)

        self.modules["crewai"].Agent.model_fields["executor_class"].default = WithoutFeedback
        approvals = self.make()
        with self.assertRaisesRegex(RuntimeError, f"^{re.escape(NO_HUMAN_INPUT)}$"):
            approvals.task_provider()
        approvals.register_crew(Asking)
        kickoff = {"inputs": {"topic": "rain", "tone": "dry"}}
        self.assertEqual(self.post(approvals, "/kickoff", kickoff), (422, {"detail": NO_HUMAN_INPUT}))
        self.assertIsNone(approvals._store.one("SELECT 1 FROM runs"))
        approvals.register_crew(Crew)
        self.addCleanup(Crew.proceed.clear)
        Crew.proceed.set()
        self.assertEqual(self.post(approvals, "/kickoff", kickoff)[0], 200)

    def test_nobody_is_asked_for_feedback_that_the_agent_cannot_take(self):
        approvals = self.make()
        provider = approvals.task_provider()
        answer = types.SimpleNamespace(output="A slogan")
        for missing in ("_format_feedback_message", "_invoke_loop", "_ainvoke_loop"):
            methods = {name: method for name, method in vars(Executor).items() if name != missing}
            executor = type("Other", (), {**methods, "ask_for_human_input": True, "messages": []})()
            with self.assertRaisesRegex(RuntimeError, f"^{re.escape(NO_HUMAN_INPUT)}$"):
                provider.handle_feedback(answer, executor)
            with self.assertRaisesRegex(RuntimeError, f"^{re.escape(NO_HUMAN_INPUT)}$"):
                asyncio.run(provider.handle_feedback_async(answer, executor))
        self.assertEqual(self.bot.messages, [])
        self.assertIsNone(approvals._store.one("SELECT 1 FROM pauses"))

    def test_fields_that_no_message_can_be_sent_to_are_rejected(self):
        approvals = self.make()
        approvals.register_crew(Crew)
        inputs = {"inputs": {"topic": "rain", "tone": "dry"}}
        for wrong in (
            {"webhooks": ["http://x"]},
            {"webhooks": {"url": "http://x", "authentication": "Bearer x"}},
            {"taskWebhookUrl": "http://a b/"},
            {"crewWebhookUrl": 5},
            {"humanInputWebhookUrl": "ftp://x"},
            {"humanInputWebhook": {"url": "x"}},
        ):
            self.assertEqual(self.post(approvals, "/kickoff", {**inputs, **wrong})[0], 422, wrong)

    def test_a_task_that_stops_waiting_cannot_be_answered_any_more(self):
        approvals = self.make()
        approvals.start()
        _, task_id = self.wait_for_person(approvals)
        approvals._stop_waiting(task_id)
        answer = {"executionId": "run-1", "taskId": task_id, "humanFeedback": "Yes"}
        self.assertEqual(self.post(approvals, "/resume", answer)[0], 404)
        event = eventually(lambda: self.bot.taken("/webhooks/press/events"))[0]["events"][0]
        self.assertEqual(event["data"]["error"], "the run stopped waiting for a person")

    def test_the_callback_of_a_task_is_called_once_after_the_bot_was_told(self):
        approvals = self.make()
        called = []
        approvals._report_task = lambda run_id, output: called.append("bot")
        after = approvals._chain("run-1", lambda output: called.append(output) or "what it returns")
        self.assertEqual(after("done"), "what it returns")
        self.assertEqual(called, ["bot", "done"])

    def test_a_pause_takes_one_answer(self):
        approvals = self.make()
        answer, task_id = self.wait_for_person(approvals)
        for wrong in ({}, {"executionId": "run-1"}, {"executionId": 1, "taskId": task_id}):
            self.assertEqual(self.post(approvals, "/resume", wrong)[0], 422)
        self.assertEqual(self.post(approvals, "/resume", {"executionId": "run-2", "taskId": task_id})[0], 404)
        self.assertEqual(self.post(approvals, "/resume", {"executionId": "run-1", "taskId": "x"})[0], 404)
        right = {"executionId": "run-1", "taskId": task_id, "humanFeedback": "Shorter"}
        self.assertEqual(self.post(approvals, "/resume", right), (200, {"kickoff_id": "run-1"}))
        self.assertEqual(answer.result(10), "Shorter")
        self.assertEqual(self.post(approvals, "/resume", right)[0], 200)
        self.assertEqual(self.post(approvals, "/resume", {**right, "humanFeedback": "Longer"})[0], 409)

    def test_a_run_that_waited_when_its_process_ended_has_failed_and_the_bot_is_told(self):
        approvals = self.make()
        answer, task_id = self.wait_for_person(approvals)
        approvals.close()
        again = self.make()
        again.start()
        event = eventually(lambda: self.bot.taken("/webhooks/press/events"))[0]["events"][0]
        self.assertEqual((event["type"], event["execution_id"]), ("crew_kickoff_failed", "run-1"))
        self.assertIn("restarted", event["data"]["error"])
        status, said = self.post(again, "/resume", {"executionId": "run-1", "taskId": task_id, "humanFeedback": "Yes"})
        self.assertEqual(status, 404)
        self.assertIn("start it again", said["detail"])
        with self.assertRaisesRegex(RuntimeError, "closed while a task waited"):
            answer.result(10)

    def test_only_a_plain_yes_approves(self):
        approvals = self.make(approval_text="Genehmigt!")
        for text in ("Approved.", "approve", " OK ", "lgtm!", "Yes.", "genehmigt!"):
            self.assertTrue(approvals._is_yes(text), text)
        for text in ("", "Approved, but shorter", "yes and no", "not approved", "Revise this: approved"):
            self.assertFalse(approvals._is_yes(text), text)


class Settings(Case):
    def test_wrong_arguments_are_named(self):
        for wrong in ({"url": "approvals.example.com"}, {"public_url": "ftp://x"}, {"crew": ""}, {"secret": ""}):
            given = {"url": self.bot.url, "crew": "press", "secret": "s", **wrong}
            with self.assertRaisesRegex(ValueError, next(iter(wrong))):
                CrewApprovals(**given, db=self.db)
        for name in ("secret", "token", "flow_secret"):
            with self.assertRaisesRegex(ValueError, f"^{name} must be printable"):
                self.make(**{name: "a-secret\n"}) if name != "secret" else CrewApprovals(self.bot.url, "press", "a\n")
        with self.assertRaisesRegex(ValueError, "flow_secret is missing"):
            self.make(flow_secret=None).flow_provider()

    def test_an_older_package_is_named_in_one_sentence(self):
        for name in self.modules:
            sys.modules.pop(name)
        sys.modules["crewai"] = types.ModuleType("crewai")
        approvals = self.make()
        with self.assertRaisesRegex(RuntimeError, "^the installed crewai has no .* install crewai 1.8 or newer$"):
            approvals.flow_provider()
        with self.assertRaisesRegex(RuntimeError, f"^{re.escape(NO_HUMAN_INPUT)}$"):
            approvals.task_provider()

    def test_the_file_is_for_its_owner_and_for_one_process(self):
        self.make()
        self.assertEqual(stat.S_IMODE(os.stat(self.db).st_mode), 0o600)
        program = "import sys; from crew_approvals import CrewApprovals as C; C('http://a', 'b', 'c', db=sys.argv[1])"
        other = subprocess.run([sys.executable, "-c", program, str(self.db)], capture_output=True, text=True)
        self.assertIn("is in use by another process", other.stderr)

    def test_a_process_that_was_forked_afterwards_does_not_use_it(self):
        approvals = self.make()
        approvals._store._pid += 1
        with self.assertRaisesRegex(RuntimeError, "forked after CrewApprovals was made"):
            approvals._store.one("SELECT 1")
        approvals._store._pid -= 1

    def test_handle_never_raises(self):
        approvals = self.make()
        for path in ("//[", "", "?", "http://x/y", "/reviews/%00/respond?token=%ff"):
            self.assertIn(approvals.handle("POST", path, {}, b"{}")[0], (401, 404, 500), path)

    def test_unknown_paths_and_methods_are_404(self):
        approvals = self.make()
        for method, path in (
            ("GET", "/"),
            ("GET", "/kickoff"),
            ("PUT", "/resume"),
            ("POST", "/reviews/x"),
            ("GET", "/a/b/c/d"),
        ):
            self.assertEqual(approvals.handle(method, path, AUTHORIZED, b"")[0], 404)

    def test_a_port_that_is_taken_is_named(self):
        port = self.bot.server.server_address[1]
        with self.assertRaisesRegex(RuntimeError, f"cannot listen on 127.0.0.1:{port}"):
            self.make(listen=("127.0.0.1", port)).serve()


if __name__ == "__main__":
    unittest.main()
