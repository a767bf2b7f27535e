"""The cases of both clients: test/clients/cases.json."""

import datetime
import email.message
import http.client
import io
import itertools
import json
import logging
import threading
import time
import types
import unittest
import urllib.error
import urllib.response
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from case import Case
from crew_approvals import QuestionClosed, ToolNotRun, bot, owner, questions
from crew_approvals.arguments import freeze
from crew_approvals.bot import Bot, Unavailable
from crew_approvals.calls import Call, build_call_question_id, decide_calls, describe_call, read_refusal
from crew_approvals.questions import Answer, build_question
from fake_bot import eventually

CASES = json.loads((Path(__file__).parents[1] / "clients" / "cases.json").read_text("utf-8"))
URL = "https://approvals.example.com"
VALUES = {
    "nothing": None,
    "the largest safe integer": 2**53 - 1,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "a function": print,
    "an object of a class of the program": type("Own", (), {})(),
    "bytes": b"a",
    "minus zero": -0.0,
    "a date and time in UTC": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
    "a set of a and b": {"a", "b"},
    "half of a surrogate pair": "\ud800",
}


def choose(expected):
    """Chooses the expectation for this client: an expectation can differ by language."""
    by_language = isinstance(expected, dict) and expected and expected.keys() <= {"javascript", "python"}
    return expected.get("python") if by_language else expected


class Clock:
    """The clock of a client: its pauses pass a thousand times as fast, except those between renewals of leases."""

    def __init__(self):
        self.skipped, self.alive_every = 0.0, []

    def time(self):
        return time.time() + self.skipped

    def event(self):
        clock = self

        class Event(threading.Event):
            def wait(self, timeout=None):
                if threading.current_thread().name == "crew-approvals-leases":
                    clock.alive_every.append(timeout)
                    return super().wait(timeout)
                # The thread has nothing to do.
                if timeout == 60.0:
                    return super().wait(timeout)
                is_set = super().wait(timeout / 1000)
                clock.skipped += 0 if is_set else timeout
                return is_set

        return Event()


class Scripted:
    """Replies to requests instead of a bot. before: called with the name of each reply and its question, first."""

    def __init__(self, replies, now, before=lambda *_: None):
        self.replies, self.now, self.before = list(replies), now, before
        self.steps, self.bodies, self.waits, self.ids = [], [], [], []
        self.renewed_status = "waiting"
        self._last, self._pauses = now(), True

    def open(self, request, timeout):
        parts = urlsplit(request.full_url)
        names, query = parts.path.split("/")[3:], parse_qs(parts.query)
        if names[-1] == "alive":
            return self.reply(request, "", {"state": {"status": self.renewed_status}})
        what = {"GET": "read", "DELETE": "withdraw"}.get(request.method, "ask" if len(names) == 2 else names[-1])
        question = unquote(names[1]) if len(names) > 1 else query["ids"][0]
        pause = round(self.now() - self._last)
        if pause > 0 and self._pauses:
            self.steps.append(f"pause: {pause}")
        name, reply = self.replies.pop(0) if self.replies else ("nothing", CASES["replies"]["busy"])
        self.steps.append(f"{what}: {name}")
        self.ids.append(question)
        self.waits += query.get("wait", [])
        if what == "ask":
            self.bodies.append(request.data.decode())
        self.before(name, question)
        self._last = self.now()
        # If nothing is new, both clients pause a second or longer before they read again: these pauses are not steps.
        self._pauses = "state" not in reply or reply["state"]["status"] == "unknown"
        return self.reply(request, question, reply)

    def reply(self, request, question, reply):
        if reply == "cut":
            raise http.client.RemoteDisconnected("Remote end closed connection without response")
        status, body = reply.get("status", 200), reply.get("body", {})
        if "state" in reply:
            body = {"id": question, **reply["state"]}
            body = {"questions": [body]} if request.method == "GET" else body
        text = body if isinstance(body, str) else json.dumps(body).replace("{id}", question)
        headers = email.message.Message()
        for name, value in reply.get("headers", {}).items():
            headers[name] = value
        content = io.BytesIO(text.encode())
        if status >= 300:
            raise urllib.error.HTTPError(request.full_url, status, "", headers, content)
        return urllib.response.addinfourl(content, headers, request.full_url, status)


def name_replies(names):
    return [(name, CASES["replies"][name]) for name in names]


def read_steps(steps):
    return name_replies(name for what, name in (step.split(": ", 1) for step in steps) if what != "pause")


class Cases(Case):
    def setUp(self):
        super().setUp()
        self.patch(bot, "FIRST_RETRY", 1.0)
        self.patch(questions, "ASK_AGAIN_DELAY", 5)
        self.patch(questions, "WAIT", 5)

    def run_all(self, group, check):
        for number, case in enumerate(CASES[group]):
            with self.subTest(group=group, case=case.get("name", number)):
                check(case)

    def assert_made(self, case, make):
        error = choose(case.get("error"))
        if error is None:
            return make()
        with self.assertRaises(ValueError) as caught:
            make()
        self.assertEqual(str(caught.exception), error)

    def script(self, replies, before=lambda *_: None):
        """Makes a client that gets these replies. Returns the client, a record of what it sent, and its clock."""
        self.db.unlink(missing_ok=True)
        clock = Clock()
        fast = types.SimpleNamespace(**{**vars(threading), "Event": clock.event})
        self.patch(questions, "threading", fast)
        self.patch(questions, "time", types.SimpleNamespace(time=clock.time))
        approvals = self.make()
        scripted = approvals._bot._opener = Scripted(replies, clock.time, lambda *args: before(approvals, *args))
        return approvals, scripted, clock

    def ask(self, approvals, case):
        """Asks a question. Returns its answer or its error, as the cases write them."""
        try:
            answer = approvals.ask(**case.get("ask", {"title": "Ship?"}), id=case.get("id"), timeout=20)
        except QuestionClosed as error:
            return {"closed": str(error)}
        except ValueError as error:
            return {"rejected": str(error)}
        return {"answer": {name: value for name, value in vars(answer).items() if value is not None}}

    def test_every_group_of_cases_is_run(self):
        groups = {"addresses", "crews", "secrets", "ids", "bodies", "sizes", "arguments", "values", "decisions", "calls"}
        groups |= {"call_ids", "lease", "retried", "retry_after", "pauses", "final", "final_error", "refused", "stories"}
        self.assertEqual(CASES.keys(), groups | {"about", "replies"})

    def test_settings(self):
        def check_address(case):
            made = self.assert_made(case, lambda: Bot(case["url"], "press", "s"))
            self.assertEqual(made and made.origin, choose(case.get("origin")))

        def check_crew(case):
            made = self.assert_made(case, lambda: Bot(URL, case["crew"], "s"))
            self.assertEqual(made and made.url, case.get("path") and URL + case["path"])

        def check_secret(case):
            self.assert_made(case, lambda: Bot(URL, "press", case["secret"]))

        self.run_all("addresses", check_address)
        self.run_all("crews", check_crew)
        self.run_all("secrets", check_secret)

    def test_questions(self):
        def check_id(case):
            self.assert_made(case, lambda: build_question("Ship?", id=case["id"] * case.get("times", 1)))

        def check_body(case):
            body = build_question(**case["ask"], id=case.get("id")).body
            self.assertEqual(json.loads(body), case.get("body", case["ask"]))
            if "output" in case:
                self.assertTrue(body.endswith(f'"output":{case["output"]}}}'), body)

        def check_size(case):
            empty = len('{"title":"Ship?","text":"é"}'.encode())
            text = "é" + "x" * (case["bytes"] - empty)
            made = self.assert_made(case, lambda: build_question("Ship?", text, id="build-42"))
            self.assertEqual(made and len(made.body.encode()), None if "error" in case else case["bytes"])

        self.run_all("ids", check_id)
        self.run_all("bodies", check_body)
        self.run_all("sizes", check_size)

    def show(self, value):
        body = describe_call("pay", freeze(value)[1], None, None)
        return build_question(**body, id="c1").body.split('"output":', 1)[1][:-1]

    def test_arguments(self):
        def check_arguments(case):
            self.assertEqual(self.show(json.loads(case["given"])), choose(case.get("shown", case["given"])))

        def check_value(case):
            shown, value = choose(case.get("shown")), {"value": VALUES[case["value"]]}
            if shown is not None:
                self.assertEqual(self.show(value), f'{{"value":{shown}}}')
                return
            with self.assertRaises(ValueError):
                self.show(value)

        self.run_all("arguments", check_arguments)
        self.run_all("values", check_value)

    def test_calls(self):
        def check_decision(case):
            answer = Answer(**case["answer"], at="")
            if not case["allowed"] and "refusal" not in case:
                with self.assertRaises(ValueError):
                    read_refusal(answer)
                return
            self.assertEqual(read_refusal(answer), case.get("refusal"))

        def check_call(case):
            replies = name_replies(["asked", case["reply"], case["reply"]])
            approvals, *_ = self.script(replies)
            decide = lambda: decide_calls(approvals, [Call("c1", "pay", {})], run="order-7", timeout=20)
            if "error" in case:
                with self.assertRaises(ToolNotRun) as caught:
                    decide()
                self.assertEqual(str(caught.exception), case["error"])
            else:
                self.assertEqual(decide()[0].refusal, case.get("refusal"))
            approvals.stop()

        def check_id(case):
            known = build_call_question_id(case["run"], case["call"], case["attempt"])
            self.assertEqual(known, choose(case["id"]))

        self.run_all("decisions", check_decision)
        self.run_all("calls", check_call)
        self.run_all("call_ids", check_id)

    def tell(self, replies, build):
        """Runs a story. Returns the reasons and pauses of its retries."""
        with self.assertLogs("crew_approvals", logging.ERROR) as logs:
            approvals, scripted, _ = self.script(replies)
            self.ask(approvals, {"id": "build-42"})
            approvals.stop()
        found = [line.rsplit("; retrying in ", 1) for line in logs.output]
        return [(build(said), float(pause.removesuffix(" s"))) for said, pause in found], scripted

    def test_retries(self):
        def check_retried(case):
            bad = [(case["name"], case["reply"])]
            good = [name_replies([name]) for name in ("asked", "answered", "answered")]
            replies = [*itertools.chain(*(bad + one for one in good))]
            retries, scripted = self.tell(replies, lambda said: said.rsplit(": ", 1)[1])
            self.assertEqual(retries, [(choose(case["reason"]), 1)] * 3)
            self.assertEqual(len(scripted.steps), 9)

        def check_header(case):
            reply = {**CASES["replies"]["busy"], "headers": {"retry-after": case["header"]}}
            replies = [("busy", reply), *name_replies(["asked", "answered", "answered"])]
            retries, _ = self.tell(replies, lambda said: None)
            self.assertEqual(retries, [(None, case["pause"])])

        def check_final(case):
            reply = {"status": case["status"], "body": {"error": case["code"], "message": case["message"]}}
            approvals, scripted, _ = self.script([("rejected", reply)])
            said = choose(CASES["final_error"]["error"]).format(**case)
            self.assertEqual(self.ask(approvals, {"id": "build-42"}), {"rejected": said})
            self.assertEqual(scripted.steps, ["ask: rejected"])
            approvals.stop()

        self.run_all("retried", check_retried)
        self.run_all("retry_after", check_header)
        self.run_all("final", check_final)
        busy = name_replies(["busy"] * len(CASES["pauses"]))
        retries, _ = self.tell([*busy, *name_replies(["asked", "answered", "answered"])], lambda said: None)
        self.assertEqual([pause for _, pause in retries], CASES["pauses"])

    def test_settings_that_the_bot_rejects(self):
        for case in CASES["refused"]["cases"]:
            with self.subTest(case["name"]):
                approvals, _, _ = self.script([])
                own_bot = Bot(URL, "press", "s")
                owned, now = owner.Owner(approvals._store, own_bot, True), [0.0]
                replies = {"cut": "cut", **CASES["replies"]}
                own_bot._opener = Scripted([(name, replies[name]) for _, name in case["replies"]], lambda: 0)
                self.patch(owner, "time", types.SimpleNamespace(monotonic=lambda: now[0]))
                for now[0], _ in case["replies"]:
                    self.assertIsNone(owned.refusal)
                    try:
                        own_bot.call("PUT", "questions/build-42", "{}")
                        owned.note_accepted()
                    except Unavailable as error:
                        owned.note_failure(error)
                end = case.get("ends") and CASES["refused"]["error"].format(reason=case["ends"])
                self.assertEqual(owned.refusal, end)
                approvals.stop()

    def test_stories(self):
        def check(case):
            def before(approvals, name, question):
                if name == "closed" and question in approvals._questions._renewed_at:
                    # The first renewal is over.
                    eventually(lambda: clock.alive_every)
                    approvals._questions._renewed_at[question] -= case.get("silence", 0)

            steps = choose(case["steps"])
            approvals, scripted, clock = self.script(read_steps(steps), before)
            outcome = self.ask(approvals, case)
            eventually(lambda: not scripted.replies)
            ends = {name: choose(case[name]) for name in ("answer", "closed", "rejected", "failed") if choose(case.get(name))}
            expected = json.loads(json.dumps(ends).replace("{id}", scripted.ids[-1]))
            self.assertEqual((outcome, scripted.steps), (expected, steps))
            if "bodies" in case:
                bodies = [body.replace(scripted.ids[0], "{before}") for body in scripted.bodies]
                self.assertEqual([json.loads(body) for body in bodies], case["bodies"])
            approvals.stop()

        self.run_all("stories", check)

    def test_a_renewal_after_the_bot_has_closed_the_question_is_none(self):
        def before(approvals, name, question):
            if name == "closed":
                eventually(lambda: clock.alive_every)
                approvals._questions._renewed_at[question] -= 301
                scripted.renewed_status = "closed"
                approvals._questions._renew()

        steps = ["asked", "closed", "asked", "answered", "answered"]
        approvals, scripted, clock = self.script(name_replies(steps), before)
        self.assertEqual(self.ask(approvals, {})["answer"]["option"], "approve")
        self.assertEqual(json.loads(scripted.bodies[1])["follows"], scripted.ids[0])
        approvals.stop()

    def test_how_long_the_bot_waits_and_how_often_it_hears_of_the_program(self):
        approvals, scripted, clock = self.script(name_replies(["asked", "waiting", "answered", "answered"]))
        self.ask(approvals, {})
        approvals.stop()
        self.assertEqual(scripted.waits, [choose(CASES["lease"]["wait"])] * 2)
        self.assertEqual({*clock.alive_every}, {CASES["lease"]["alive_every"]})


if __name__ == "__main__":
    unittest.main()
