"""The bot and crew to which the file of a run belongs."""

import asyncio
import json
import os
import stat
import unittest
from pathlib import Path

from case import Case
from crew_approvals import CrewApprovals, ToolNotRun
from crew_approvals.calls import Call, decide_calls_async
from crew_approvals.run_file import open_run_file
from fake_bot import SECRET, FakeBot, eventually

STATE = '{"pays":{"to":"ACME"}}'


async def run_agent(approvals, path, move=False, timeout=None):
    """Runs an agent that pays if allowed, as the adapters do. Returns the refusals of its calls."""

    async def list_waiting(stored):
        return [Call("c1", "pay", json.loads(stored)["pays"])]

    file = await open_run_file(approvals, path, list_waiting, run="order-7", move=move, timeout=timeout)
    stored = file.stored or STATE
    file.write(stored)
    decisions = await decide_calls_async(approvals, await list_waiting(stored), run="order-7", timeout=timeout)
    file.remove()
    return [decision.refusal for decision in decisions]


class RunFile(Case):
    def setUp(self):
        super().setUp()
        self.deploys, self.elsewhere = FakeBot(), FakeBot()
        self.addCleanup(self.deploys.close)
        self.addCleanup(self.elsewhere.close)
        self.bot.crews["deploys"] = self.deploys
        self.path = Path(self.folder.name) / "run.json"

    def open(self, crew="press", url=None, **more):
        db = Path(self.folder.name) / f"{crew}.db"
        approvals = CrewApprovals(url or self.bot.url, crew, SECRET, db=db, **more)
        self.addCleanup(approvals.stop)
        return approvals

    def go(self, approvals, **more):
        return self.in_background(lambda: asyncio.run(run_agent(approvals, self.path, **more)))

    def read_file(self):
        return json.loads(self.path.read_text())

    def ask_in_press(self):
        """Asks, and ends the program before a decision. Returns the id of the question."""
        approvals = self.open()
        self.go(approvals)
        eventually(lambda: self.path.exists() and self.read_file()["isAccepted"])
        approvals.stop()
        return next(iter(self.bot.questions))

    def is_refused(self, words, approvals, **more):
        before = self.path.read_bytes()
        with self.assertRaisesRegex(ToolNotRun, words):
            self.value_of(self.go(approvals, **more))
        self.assertEqual(self.path.read_bytes(), before)
        approvals.stop()

    def is_paid(self, approvals, bot=None, **more):
        result = self.go(approvals, **more)
        bot = bot or self.bot
        bot.answer(eventually(lambda: next(iter(bot.questions), None)), "allow")
        self.assertEqual(self.value_of(result), [None])
        self.assertFalse(self.path.exists())
        self.assertEqual(len(bot.questions), 1)
        approvals.stop()

    def test_is_refused_to_another_crew_with_its_name(self):
        self.ask_in_press()
        head = {"bot": self.bot.url, "crew": "press", "isAccepted": True}
        self.assertEqual(self.read_file(), {**head, "content": STATE})
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        for move in (False, True):
            self.is_refused(
                f"^No tool was run: {self.path} belongs to the crew press. Give the crew deploys a path of its own.$",
                self.open("deploys"),
                move=move,
            )
        self.assertEqual(self.deploys.questions, {})
        self.is_paid(self.open())

    def test_goes_along_to_another_address_of_the_bot_once_the_program_says_so(self):
        self.ask_in_press()
        words = (
            f"belongs to the crew press of the bot at {self.bot.url}. If that bot is at {self.elsewhere.url} now, pass "
        )
        self.is_refused(f"{words}move=True to run_agent; for", self.open(url=self.elsewhere.url, move=True))
        self.is_paid(self.open(url=self.elsewhere.url), self.elsewhere, move=True)

    def test_without_a_crew_belongs_to_the_crew_whose_bot_knows_its_calls(self):
        self.ask_in_press()
        self.path.write_text(STATE)
        self.is_refused(
            f"{self.path} has 1 call without a decision that the crew deploys of the bot at {self.bot.url} does not know. "
            "If they are of this crew, pass move=True to run_agent, and they are asked about here; if not, give another",
            self.open("deploys"),
        )
        self.assertEqual(self.deploys.questions, {})
        self.is_paid(self.open())

    def test_without_a_crew_is_known_by_a_call_that_was_allowed_and_may_have_run(self):
        self.is_paid(self.open())
        self.path.write_text(STATE)
        result = self.go(self.open())
        second = eventually(lambda: next((one for one in [*self.bot.questions][1:]), None))
        self.bot.answer(second, "allow")
        self.assertEqual(self.value_of(result), [None])

    def test_without_a_crew_whose_calls_were_never_sent_is_asked_about_where_the_program_says_so(self):
        self.path.write_text(STATE)
        self.is_refused("has 1 call without a decision", self.open())
        self.assertEqual(self.bot.questions, {})
        self.is_paid(self.open(), move=True)

    def test_without_a_crew_waits_for_its_bot_and_asks_nobody_before(self):
        self.path.write_text(STATE)
        self.bot.fault = 503
        approvals = self.open()
        with self.assertRaisesRegex(TimeoutError, "whether it knows what the file holds"):
            self.value_of(self.go(approvals, timeout=0.2))

        async def cancel():
            task, count = asyncio.create_task(run_agent(approvals, self.path)), len(self.bot.requests)
            await asyncio.to_thread(eventually, lambda: len(self.bot.requests) > count)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task

        # asyncio.run returns only after the threads of the event loop have ended.
        asyncio.run(cancel())
        self.assertEqual({method for method, *_ in self.bot.requests}, {"GET"})
        self.assertEqual(self.path.read_text(), STATE)

    def test_whose_bot_never_accepted_a_request_belongs_to_nobody_and_says_so_once_it_has(self):
        wrong = self.open("pres")
        self.go(wrong)
        eventually(self.path.exists)
        wrong.stop()
        self.assertEqual((self.read_file()["crew"], self.read_file()["isAccepted"]), ("pres", False))
        self.is_refused("has 1 call without a decision that the crew press", self.open())
        approvals = self.open()
        self.go(approvals, move=True)
        eventually(lambda: self.read_file()["isAccepted"])
        self.assertEqual(self.read_file()["crew"], "press")

    def test_says_that_the_bot_has_accepted_it_also_where_the_db_was_lost(self):
        self.ask_in_press()
        (Path(self.folder.name) / "press.db").unlink()
        self.bot.fault = 503
        approvals = self.open()
        self.go(approvals)
        eventually(lambda: any(method == "PUT" and fault == 503 for method, _, fault in self.bot.requests))
        self.assertTrue(self.read_file()["isAccepted"])
        self.is_refused("belongs to the crew press", self.open("deploys"))

    def test_that_is_damaged_is_named_and_no_tool_is_run(self):
        for text in ("", "{", "null", "5", '"x"', '{"crew":"press"}', '{"crew":"press","content":5}', "\udcff"):
            self.path.write_bytes(text.encode(errors="surrogateescape"))
            self.is_refused(f"^No tool was run: {self.path} is damaged. Restore it, or", self.open())
        self.assertEqual(self.bot.requests, [])


if __name__ == "__main__":
    unittest.main()
