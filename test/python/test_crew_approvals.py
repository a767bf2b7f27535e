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
    agent = types.SimpleNamespace(model_fields={"executor_class": types.SimpleNamespace(default=Executor)})
    contents = {
        "crewai": {"Agent": agent},
        "crewai.flow": {},
        "crewai.flow.async_feedback": {"HumanFeedbackPending": HumanFeedbackPending},
        "crewai.flow.async_feedback.types": {"PendingFeedbackContext": PendingFeedbackContext},
        "crewai.core": {},
        "crewai.core.providers": {},
        "crewai.core.providers.human_input": {"SyncHumanInputProvider": object, "set_provider": lambda provider: None},
    }
    modules = {name: types.ModuleType(name) for name in contents}
    for name, module in modules.items():
        module.__dict__.update(contents[name])
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

    def restart(self, approvals, persistence=None):
        """The process ends and starts again."""
        approvals.close()
        again = self.make()
        if persistence is not None:
            again.flow_provider(persistence=persistence)
        again.start()
        return again

    def ask(self, approvals, emit=("publish", "rework")):
        """A flow waits; gives the id of its review and its token."""
        context = PendingFeedbackContext(
            **{"flow_id": "flow-1", "flow_class": "flows.Letters", "method_name": "write", "metadata": {}},
            **{"method_output": "A letter", "message": "Is it ready?", "emit": list(emit), "default_outcome": None},
            requested_at="2026-01-01T00:00:00",
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

    def answer(self, approvals, feedback="publish", carried_out=True):
        """A flow waits and is answered; gives what respond takes. `carried_out`: else the process ends before."""
        if not carried_out:
            approvals._resume_in_background = lambda review_id: None
        given = (*self.ask(approvals), feedback)
        self.assertEqual(self.respond(approvals, *given)[0], 200)
        return given

    def assert_resumed(self, *expected):
        eventually(lambda: resumed)
        self.assertEqual(resumed, list(expected))

    def assert_statuses(self, expected, answers):
        self.assertEqual([status for status, *_ in answers], [expected] * len(answers))

    def post(self, approvals, path, body, headers=AUTHORIZED):
        status, _, answer = approvals.handle("POST", path, headers, json.dumps(body).encode())
        return status, json.loads(answer)

    def get(self, approvals, path):
        return json.loads(approvals.handle("GET", path, AUTHORIZED, b"")[2])


class Reviews(Case):
    def test_a_review_is_sent_signed_in_the_flat_shape(self):
        review_id, token = self.ask(self.make())
        path, headers, body, _ = self.bot.messages[0]
        self.assertEqual(path, "/webhooks/press/flow")
        signed = f"{headers['X-Crewai-Timestamp']}.".encode() + body
        digest = hmac.new(b"whsec_x", signed, hashlib.sha256).hexdigest()
        self.assertEqual(headers["X-Crewai-Signature"], f"sha256={digest}")
        expected = {
            "flow_execution_id": "flow-1",
            "flow_class": "Letters",
            "emit": ["publish", "rework"],
            "state": {"id": "flow-1", "drafts": 1},
            "callback_url": f"https://runs.example.com/reviews/{review_id}/respond?token={token}",
        }
        review = json.loads(body)
        self.assertEqual({name: review[name] for name in expected}, expected)

    def test_the_first_answer_wins_and_the_flow_is_resumed_once_with_it(self):
        approvals = self.make()
        review_id, token = self.ask(approvals)
        status, answer = self.respond(approvals, review_id, token, "rework")
        self.assertEqual((status, answer["status"]), (200, "accepted"))
        self.assertEqual(self.respond(approvals, review_id, token, "rework")[0], 200)
        status, answer = self.respond(approvals, review_id, token, "publish")
        self.assertEqual((status, answer["error"]), (409, "already_responded"))
        self.assertIn("via api", answer["message"])
        self.assert_resumed(("rework", ""))

    def test_one_of_many_answers_at_once_is_accepted(self):
        approvals = self.make()
        outcomes = [f"outcome {n}" for n in range(20)]
        review_id, token = self.ask(approvals, emit=outcomes)
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda outcome: self.respond(approvals, review_id, token, outcome)[0], outcomes))
        self.assertEqual(sorted(answers), [200] + [409] * 19)
        self.assert_resumed((outcomes[answers.index(200)], ""))

    def test_a_callback_is_rejected_unless_review_and_token_are_right(self):
        approvals = self.make()
        review_id, token = self.ask(approvals)
        other, other_token = self.ask(approvals)
        self.assertEqual(self.respond(approvals, "hfr_other", token, "publish")[0], 404)
        wrong = ["", f"{token}x", "ü", other_token]
        self.assert_statuses(401, [self.respond(approvals, review_id, one, "publish") for one in wrong])
        blank = [None, "", "  ", 5, ["publish"]]
        self.assert_statuses(422, [self.respond(approvals, review_id, token, one) for one in blank])
        path = f"/reviews/{review_id}/respond?token={token}"
        bodies = [b"", b"no JSON", b"[]", b"\xff"]
        self.assert_statuses(422, [approvals.handle("POST", path, {}, body) for body in bodies])
        self.assertEqual(resumed, [])
        self.assertEqual(self.respond(approvals, other, other_token, "publish")[0], 200)

    def test_an_answer_that_is_not_an_outcome_is_rejected_with_the_outcomes(self):
        approvals = self.make()
        review_id, token = self.ask(approvals)
        status, answer = self.respond(approvals, review_id, token, "NO! reject")
        self.assertEqual((status, answer["message"]), (422, "The answer must be one of: publish, rework."))
        self.assertEqual(self.respond(approvals, review_id, token, "publish")[0], 200)
        self.assert_resumed(("publish", ""))

    def test_a_flow_that_waits_twice_at_once_takes_the_answer_to_its_latest_review_only(self):
        approvals = self.make()
        first = self.ask(approvals)
        self.answer(approvals, "rework")
        status, answer = self.respond(approvals, *first, "publish")
        self.assertEqual((status, answer["error"]), (410, "superseded"))
        self.assert_resumed(("rework", ""))

    def test_a_review_that_nobody_has_answered_is_sent_again_at_each_start(self):
        approvals = self.make()
        review_id, token = self.ask(approvals)
        self.restart(approvals)
        again = eventually(lambda: self.bot.taken("/webhooks/press/flow")[1:])[0]
        self.assertEqual((again["id"], again["response_token"]), (review_id, token))

    def is_finished(self, approvals, review_id):
        query = "SELECT 1 FROM reviews WHERE id = ? AND finished IS NOT NULL"
        return approvals._store.one(query, review_id) is not None

    def test_an_answer_whose_flow_waits_again_already_is_not_carried_out_again(self):
        approvals = self.make()
        review_id, *_ = self.answer(approvals, "rework", carried_out=False)
        resuming = crew_approvals._resumed.set(review_id)
        self.ask(approvals)
        crew_approvals._resumed.reset(resuming)
        again = self.restart(approvals, Flow.persistence)
        eventually(lambda: self.is_finished(again, review_id))
        self.assertEqual(resumed, [])

    def test_an_answer_waits_until_the_class_of_its_flow_can_be_found(self):
        approvals = self.make()
        self.answer(approvals, carried_out=False)
        flow, module = Flow, sys.modules[Flow.__module__]
        self.addCleanup(setattr, module, "Flow", flow)
        del module.Flow
        with self.assertLogs("crew_approvals", logging.ERROR) as logs:
            self.restart(approvals, flow.persistence)
            eventually(lambda: any("was not found" in line for line in logs.output))
        self.assertEqual(resumed, [])
        module.Flow = flow
        self.assert_resumed(("publish", ""))

    def test_the_first_requests_at_once_resume_what_was_left_once(self):
        approvals = self.make()
        given = self.answer(approvals, carried_out=False)
        approvals.close()
        again = self.make()
        again.flow_provider(persistence=Flow.persistence)
        with ThreadPoolExecutor(8) as pool:
            self.assert_statuses(200, list(pool.map(lambda _: self.respond(again, *given), range(8))))
        eventually(lambda: self.is_finished(again, given[0]) and not again._resuming)
        self.assert_resumed(("publish", ""))

    def test_a_state_that_json_cannot_hold_is_sent_in_another_form(self):
        self.addCleanup(setattr, Flow, "state", Flow.state)
        Flow.state = {"id": "flow-1", "ratio": float("nan"), "tags": {"a"}, "half": "\ud800"}
        self.ask(self.make())
        body = next(body for path, _, body, _ in self.bot.messages if path == "/webhooks/press/flow")
        self.assertNotIn(b"NaN", body)
        self.assertEqual(json.loads(body)["state"], {"id": "flow-1", "ratio": None, "tags": ["a"], "half": "?"})

    def test_without_outcomes_the_answer_is_the_feedback(self):
        approvals = self.make()
        self.respond(approvals, *self.ask(approvals, emit=()), "Ana signs")
        self.assert_resumed((None, "Ana signs"))

    def test_an_answer_that_was_taken_before_a_crash_is_carried_out_after_the_next_start(self):
        approvals = self.make()
        self.answer(approvals, carried_out=False)
        # CrewAI had cleared the pause already.
        Flow.persistence = Persistence()
        self.restart(approvals, Flow.persistence)
        self.assert_resumed(("publish", ""))

    def test_a_review_that_is_too_large_for_the_bot_loses_its_state(self):
        self.addCleanup(setattr, Flow, "state", Flow.state)
        Flow.state = {"id": "flow-1", "notes": "x" * 2_100_000}
        self.ask(self.make())
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
    """Stands in for a crew: it waits for what the test says."""

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
    inputs = {"inputs": {"topic": "rain", "tone": "dry"}}

    def make_crew(self, crew=Crew):
        self.addCleanup(Crew.proceed.clear)
        approvals = self.make()
        approvals.register_crew(crew)
        return approvals

    def test_every_request_needs_the_token(self):
        approvals = self.make_crew()
        endpoints = (("GET", "/inputs"), ("POST", "/kickoff"), ("POST", "/resume"), ("GET", "/status/x"))
        for headers in ({}, {"Authorization": "Bearer no"}, {"authorization": TOKEN}):
            self.assert_statuses(401, [approvals.handle(*endpoint, headers, b"{}") for endpoint in endpoints])
        approvals.close()
        without = self.make(token=None)
        for header in ("Bearer None", "Bearer "):
            self.assertEqual(without.handle("POST", "/resume", {"Authorization": header}, b"{}")[0], 401)

    def test_a_kickoff_needs_a_registered_crew_and_its_inputs(self):
        approvals = self.make()
        self.assertEqual(self.post(approvals, "/kickoff", {})[0], 404)
        approvals.register_crew(Crew)
        self.assertEqual(self.get(approvals, "/inputs"), {"inputs": ["tone", "topic"]})
        self.assertEqual(self.post(approvals, "/kickoff", {}), (422, {"detail": "Missing inputs: tone, topic"}))
        self.assertEqual(self.post(approvals, "/kickoff", {"inputs": []})[0], 422)
        self.assertEqual(approvals.handle("POST", "/kickoff", AUTHORIZED, b"no JSON")[0], 422)

    def test_a_run_reports_its_end_to_the_url_of_its_kickoff(self):
        approvals = self.make_crew()
        asked = {**self.inputs, "crewWebhookUrl": f"{self.bot.url}/end", "meta": {"a": 1}}
        run_id = self.post(approvals, "/kickoff", asked)[1]["kickoff_id"]
        self.assertEqual(self.get(approvals, f"/status/{run_id}")["state"], "RUNNING")
        Crew.proceed.set()
        end = eventually(lambda: self.bot.taken("/end"))[0]
        self.assertEqual((end["kickoff_id"], end["result"], end["meta"]), (run_id, "About rain", {"a": 1}))
        self.assertEqual(self.get(approvals, f"/status/{run_id}")["state"], "SUCCESS")
        self.assertEqual(self.get(approvals, "/status/unknown")["state"], "NOT FOUND")

    def wait_for_person(self, approvals):
        """A task waits; gives what will be its answer and the body that answers it."""
        context = types.SimpleNamespace(task=Task, agent=types.SimpleNamespace(role="Writer"))
        approvals._store_run("run-1", {}, direct=False)
        task_id, answer = approvals._ask_person("run-1", "A slogan", context, False)
        eventually(lambda: self.bot.taken("/webhooks/press/human-input"))
        return answer, {"executionId": "run-1", "taskId": task_id, "humanFeedback": "Shorter"}

    def failed(self):
        """The event of a run that failed."""
        event = eventually(lambda: self.bot.taken("/webhooks/press/events"))[0]["events"][0]
        self.assertEqual((event["type"], event["execution_id"]), ("crew_kickoff_failed", "run-1"))
        return event["data"]["error"]

    def assert_no_human_input(self, call, *args):
        with self.assertRaisesRegex(RuntimeError, f"^{re.escape(NO_HUMAN_INPUT)}$"):
            call(*args)

    def test_a_package_that_loses_feedback_is_refused_before_anything_starts(self):
        class WithoutFeedback:
            """The executor of crewai 1.14.5 to 1.15.1."""

            _is_training_mode = Executor._is_training_mode

        class Asking(Crew):
            tasks = (types.SimpleNamespace(human_input=True, callback=None),)

        self.modules["crewai"].Agent.model_fields["executor_class"].default = WithoutFeedback
        approvals = self.make_crew(Asking)
        self.assert_no_human_input(approvals.task_provider)
        self.assertEqual(self.post(approvals, "/kickoff", self.inputs), (422, {"detail": NO_HUMAN_INPUT}))
        self.assertIsNone(approvals._store.one("SELECT 1 FROM runs"))
        approvals.register_crew(Crew)
        Crew.proceed.set()
        self.assertEqual(self.post(approvals, "/kickoff", self.inputs)[0], 200)

    def test_nobody_is_asked_for_feedback_that_the_agent_cannot_take(self):
        approvals = self.make()
        provider = approvals.task_provider()
        answer = types.SimpleNamespace(output="A slogan")
        for missing in ("_format_feedback_message", "_invoke_loop", "_ainvoke_loop"):
            methods = {name: method for name, method in vars(Executor).items() if name != missing}
            executor = type("Other", (), {**methods, "ask_for_human_input": True, "messages": []})()
            self.assert_no_human_input(provider.handle_feedback, answer, executor)
            self.assert_no_human_input(asyncio.run, provider.handle_feedback_async(answer, executor))
        self.assertEqual(self.bot.messages, [])
        self.assertIsNone(approvals._store.one("SELECT 1 FROM pauses"))

    def test_fields_that_no_message_can_be_sent_to_are_rejected(self):
        approvals = self.make_crew()
        for wrong in (
            {"webhooks": ["http://x"]},
            {"webhooks": {"url": "http://x", "authentication": "Bearer x"}},
            {"taskWebhookUrl": "http://a b/"},
            {"crewWebhookUrl": 5},
            {"humanInputWebhookUrl": "ftp://x"},
            {"humanInputWebhook": {"url": "x"}},
        ):
            self.assertEqual(self.post(approvals, "/kickoff", {**self.inputs, **wrong})[0], 422, wrong)

    def test_a_task_that_stops_waiting_can_no_longer_be_answered(self):
        approvals = self.make()
        approvals.start()
        _, body = self.wait_for_person(approvals)
        approvals._stop_waiting(body["taskId"])
        self.assertEqual(self.post(approvals, "/resume", body)[0], 404)
        self.assertEqual(self.failed(), "the run stopped waiting for a person")

    def test_the_callback_of_a_task_is_called_once_after_the_bot_was_told(self):
        approvals = self.make()
        called = []
        approvals._report_task = lambda run_id, output: called.append("bot")
        after = approvals._chain("run-1", lambda output: called.append(output) or "what it returns")
        self.assertEqual(after("done"), "what it returns")
        self.assertEqual(called, ["bot", "done"])

    def test_a_pause_takes_one_answer(self):
        approvals = self.make()
        answer, body = self.wait_for_person(approvals)
        for status, wrong in (
            (422, {}),
            (422, {"executionId": "run-1"}),
            (422, {**body, "executionId": 1}),
            (404, {**body, "executionId": "run-2"}),
            (404, {**body, "taskId": "x"}),
        ):
            self.assertEqual(self.post(approvals, "/resume", wrong)[0], status, wrong)
        self.assertEqual(self.post(approvals, "/resume", body), (200, {"kickoff_id": "run-1"}))
        self.assertEqual(answer.result(10), "Shorter")
        self.assertEqual(self.post(approvals, "/resume", body)[0], 200)
        self.assertEqual(self.post(approvals, "/resume", {**body, "humanFeedback": "Longer"})[0], 409)

    def test_a_run_that_waited_when_its_process_ended_has_failed_and_the_bot_is_told(self):
        approvals = self.make()
        answer, body = self.wait_for_person(approvals)
        again = self.restart(approvals)
        self.assertIn("restarted", self.failed())
        status, said = self.post(again, "/resume", body)
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
        right = {"url": self.bot.url, "crew": "press", "secret": "s", "db": self.db}
        for name, wrong, message in (
            ("url", "approvals.example.com", "url"),
            ("public_url", "ftp://x", "public_url"),
            ("crew", "", "crew"),
            ("secret", "", "secret"),
            ("secret", "a-secret\n", "^secret must be printable"),
            ("token", "a-secret\n", "^token must be printable"),
            ("flow_secret", "a-secret\n", "^flow_secret must be printable"),
        ):
            with self.assertRaisesRegex(ValueError, message):
                CrewApprovals(**{**right, name: wrong})
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
        approvals = self.make()
        self.assertEqual(stat.S_IMODE(os.stat(self.db).st_mode), 0o600)
        program = "import sys; from crew_approvals import CrewApprovals as C; C('http://a', 'b', 'c', db=sys.argv[1])"
        other = subprocess.run([sys.executable, "-c", program, str(self.db)], capture_output=True, text=True)
        self.assertIn("is in use by another process", other.stderr)
        # As in a process that was forked afterwards.
        approvals._store._pid += 1
        with self.assertRaisesRegex(RuntimeError, "forked after CrewApprovals was made"):
            approvals._store.one("SELECT 1")
        approvals._store._pid -= 1

    def test_unknown_paths_and_methods_are_404_and_handle_never_raises(self):
        approvals = self.make()
        for path in ("//[", "", "?", "http://x/y", "/reviews/%00/respond?token=%ff"):
            self.assertIn(approvals.handle("POST", path, {}, b"{}")[0], (401, 404, 500), path)
        unknown = [("GET", "/"), ("GET", "/kickoff"), ("PUT", "/resume"), ("POST", "/reviews/x"), ("GET", "/a/b/c/d")]
        self.assert_statuses(404, [approvals.handle(*endpoint, AUTHORIZED, b"") for endpoint in unknown])

    def test_a_port_that_is_taken_is_named(self):
        port = self.bot.server.server_address[1]
        with self.assertRaisesRegex(RuntimeError, f"cannot listen on 127.0.0.1:{port}"):
            self.make(listen=("127.0.0.1", port)).serve()


if __name__ == "__main__":
    unittest.main()
