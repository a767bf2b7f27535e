"""The bot and crew to which the file belongs."""

import asyncio
import contextlib
import json
import sqlite3
import time
import unittest

from case import Case
from crew_approvals import CrewApprovals, owner
from crew_approvals.bot import Bot
from fake_bot import SECRET, FakeBot, eventually

#: Schema of a file of version 0.2.0.
SCHEMA_0_2_0 = """
CREATE TABLE IF NOT EXISTS questions (id TEXT PRIMARY KEY, kind TEXT, run TEXT, body TEXT, state TEXT DEFAULT 'new',
  created REAL, answer TEXT, reason TEXT, successor TEXT);
CREATE TABLE IF NOT EXISTS pauses (question TEXT PRIMARY KEY, parent TEXT, flow_id TEXT, method TEXT, class TEXT,
  context TEXT, state TEXT, finished REAL);
CREATE TABLE IF NOT EXISTS crew_runs (id TEXT PRIMARY KEY, start TEXT UNIQUE, finished REAL);
CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT, method TEXT, path TEXT,
  body TEXT, question TEXT, due REAL, tries INTEGER DEFAULT 0);
"""
ANSWER = {"option": "approve", "text": "", "by": "UANA", "at": "2026-01-01T00:00:00Z"}
BODY = {"title": "Ship?", "text": "Now?"}


class OwnerCase(Case):
    def setUp(self):
        super().setUp()
        self.deploys = FakeBot()
        self.addCleanup(self.deploys.close)
        self.bot.crews["deploys"] = self.deploys

    def open(self, crew="press", **more):
        approvals = CrewApprovals(**{"url": self.bot.url, "crew": crew, "secret": SECRET, "db": self.db, **more})
        self.addCleanup(approvals.stop)
        return approvals

    def write_0_2_0(self, *rows, pauses=(), messages=()):
        """Writes a file of 0.2.0. rows: id, state and kind of each question; a new question has its message."""
        with contextlib.closing(sqlite3.connect(self.db, isolation_level=None)) as db:
            db.executescript(SCHEMA_0_2_0)
            for question, state, kind in rows:
                answer = json.dumps(ANSWER) if state == "answered" else None
                db.execute(
                    "INSERT INTO questions (id, kind, body, state, created, answer) VALUES (?, ?, ?, ?, ?, ?)",
                    (question, kind, json.dumps(BODY), state, time.time(), answer),
                )
                if state == "new":
                    messages = (*messages, (question, "PUT", f"questions/{question}", question))
            for question in pauses:
                db.execute("INSERT INTO pauses (question, flow_id) VALUES (?, ?)", (question, f"flow of {question}"))
            for message in messages:
                db.execute(
                    "INSERT INTO messages (subject, method, path, question, due) VALUES (?, ?, ?, ?, 0)", message
                )

    def read_file(self):
        """Reads all records of the file except its owner."""
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            tables = ("questions", "pauses", "crew_runs", "messages")
            return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}

    def ask_at(self, bot, *ids):
        for question in ids:
            bot.questions[question] = {"body": BODY, "status": "waiting"}

    def is_refused(self, words, crew="deploys", **more):
        approvals = self.open(crew, **more)
        before = self.read_of(approvals)
        with self.assertRaisesRegex(RuntimeError, words):
            approvals.ask("Mine?", "Now?", timeout=20)
        self.assertEqual(self.read_of(approvals), before)
        approvals.stop()

    def read_of(self, approvals):
        tables = ("questions", "pauses", "crew_runs", "messages", "owner")
        return [[tuple(row) for row in approvals._store.all(f"SELECT * FROM {table}")] for table in tables]

    def asked_at(self, bot, question):
        return eventually(lambda: bot.questions.get(question))


class Owner(OwnerCase):
    def ask_in_press(self):
        approvals = self.open()
        self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        waits = "SELECT 1 FROM questions WHERE state = 'waiting'"
        eventually(lambda: approvals._store.one(waits))
        approvals.stop()

    def test_a_file_of_one_crew_is_refused_to_another_with_its_name_and_what_to_do(self):
        self.ask_in_press()
        for move in (False, True):
            with self.assertRaisesRegex(
                RuntimeError, "approvals.db belongs to the crew press: give the crew deploys a file of its own with db="
            ):
                self.open("deploys", move=move)
        self.bot.answer("build-42", "approve")
        self.assertEqual(self.open().ask("Ship?", "Now?", id="build-42", timeout=20).option, "approve")
        self.assertEqual(self.deploys.questions, {})

    def test_a_file_whose_bot_is_at_another_address_is_refused_until_the_program_says_that_it_moved(self):
        self.ask_in_press()
        moved = FakeBot()
        self.addCleanup(moved.close)
        words = f"crew press of the bot at {self.bot.url}. If that bot is at {moved.url} now, pass move=True; .* with db="
        with self.assertRaisesRegex(RuntimeError, words):
            self.open(url=moved.url)
        self.ask_at(moved, "build-42")
        moved.answer("build-42", "approve")
        approvals = self.open(url=moved.url, move=True)
        self.assertEqual(approvals.ask("Ship?", "Now?", id="build-42", timeout=20).option, "approve")
        approvals.stop()
        self.open(url=moved.url).stop()
        with self.assertRaisesRegex(RuntimeError, "belongs to the crew press of the bot at"):
            self.open()

    def test_the_same_address_can_be_written_in_another_way(self):
        self.ask_in_press()
        for url in (f"{self.bot.url}/", f"{self.bot.url.upper()}?x", f" {self.bot.url}#y\n"):
            self.open(url=url).stop()
        with self.assertRaisesRegex(RuntimeError, "belongs to the crew press of the bot"):
            self.open(url=f"{self.bot.url}/other")
        origin = Bot("HTTPS://Approvals.Example.com:443/bot/", "press", SECRET).origin
        self.assertEqual(origin, "https://approvals.example.com/bot")

    def test_a_question_that_never_reached_the_bot_is_asked_after_a_restart_and_never_in_another_crew(self):
        self.bot.fault = 503
        approvals = self.open()
        self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        eventually(lambda: self.bot.requests)
        approvals.stop()
        self.bot.fault = None
        self.is_refused("has 1 open question or run that the crew deploys of the bot at .* does not know")
        self.serve(self.open())
        self.asked_at(self.bot, "build-42")
        self.assertEqual(self.deploys.questions, {})

    def test_a_file_in_which_nothing_was_ever_accepted_and_nothing_is_open_can_be_that_of_another_crew(self):
        self.open("deploy").stop()
        self.open("deploys").stop()

    def test_a_client_that_is_refused_leaves_the_file_to_others(self):
        self.ask_in_press()
        with self.assertRaises(RuntimeError):
            self.open("deploys")
        self.open()


class FileOfVersion020(OwnerCase):
    def test_with_nothing_open_belongs_to_the_first_who_uses_it(self):
        self.write_0_2_0(("build-1", "answered", "ask"), ("once-1", "closed", "once"))
        self.bot.fault = 503
        self.open().stop()
        with self.assertRaisesRegex(RuntimeError, "belongs to the crew press"):
            self.open("deploys")

    def test_gives_no_answer_that_the_bot_does_not_give_to_this_crew(self):
        self.write_0_2_0(("build-1", "answered", "ask"), ("build-2", "answered", "ask"))
        self.ask_at(self.deploys, "build-1")
        self.deploys.answer("build-1", "hold")
        approvals = self.open("deploys")
        self.assertEqual(approvals.ask("Ship?", "Now?", id="build-1", timeout=20).option, "hold")
        result = self.in_background(approvals.ask, "Ship?", "Now?", id="build-2")
        self.asked_at(self.deploys, "build-2")
        self.deploys.answer("build-2", "approve")
        self.assertEqual(self.value_of(result).option, "approve")

    def test_of_one_crew_goes_on_with_all_that_is_open(self):
        self.patch(owner, "MAX_IDS", 2)
        ids = [f"build-{number}" for number in range(5)]
        self.write_0_2_0(*((one, "waiting", "ask") for one in ids))
        self.ask_at(self.bot, *ids)
        approvals = self.open()
        results = [self.in_background(approvals.ask, "Ship?", "Now?", id=one) for one in ids]
        for one in ids:
            self.bot.answer(one, f"option {one}")
        self.assertEqual([self.value_of(result).option for result in results], [f"option {one}" for one in ids])
        approvals.stop()
        with self.assertRaisesRegex(RuntimeError, "belongs to the crew press"):
            self.open("deploys")

    def test_takes_no_answer_to_another_question_that_has_the_same_id_in_this_crew(self):
        self.write_0_2_0(("build-1", "waiting", "ask"))
        self.bot.questions["build-1"] = {"body": {"title": "Another?"}, "status": "waiting"}
        self.bot.answer("build-1", "approve")
        with self.assertRaisesRegex(ValueError, "409 Another question was asked"):
            self.open().ask("Ship?", "Now?", id="build-1", timeout=20)

    def test_of_two_crews_is_refused_to_both_and_nothing_of_it_is_asked_or_taken(self):
        self.write_0_2_0(("press-1", "waiting", "ask"), ("press-2", "waiting", "ask"), ("deploys-1", "waiting", "ask"))
        self.ask_at(self.bot, "press-1", "press-2")
        self.ask_at(self.deploys, "deploys-1")
        self.bot.answer("press-1", "approve")
        before = self.read_file()
        self.is_refused(
            "approvals.db has 2 open questions or runs that the crew deploys of the bot at .* does not know. If they are "
            "of this crew, pass move=True, and they are asked here; if not, name another file with db="
        )
        self.is_refused("has 1 open question or run that the crew press of", crew="press")
        self.assertEqual(self.read_file(), before)
        self.assertEqual({method for method, *_ in self.bot.requests}, {"GET"})

    def test_that_was_never_sent_is_refused_and_asked_here_once_the_program_says_that_it_is_its_own(self):
        self.write_0_2_0(("build-1", "new", "ask"), ("build-2", "waiting", "ask"))
        self.ask_at(self.bot, "build-2")
        self.is_refused("has 1 open question or run that the crew press of", crew="press")
        self.assertNotIn("build-1", self.bot.questions)
        approvals = self.open(move=True)
        results = [self.in_background(approvals.ask, "Ship?", "Now?", id=f"build-{n}") for n in (1, 2)]
        self.asked_at(self.bot, "build-1")
        for n in (1, 2):
            self.bot.answer(f"build-{n}", f"option {n}")
        self.assertEqual([self.value_of(result).option for result in results], ["option 1", "option 2"])
        approvals.stop()
        self.open().stop()

    def test_whose_questions_the_bot_does_not_know_any_more_has_them_asked_anew_once_it_was_moved(self):
        self.write_0_2_0(("build-1", "waiting", "ask"))
        self.is_refused("has 1 open question", crew="press")
        self.serve(self.open(move=True))
        self.asked_at(self.bot, "build-1")

    def test_waits_for_a_bot_that_is_away_and_decides_nothing_before(self):
        for fault in ("cut", 503, 401, 404):
            self.db.unlink(missing_ok=True)
            self.write_0_2_0(("build-1", "waiting", "ask"), ("once-1", "waiting", "once"))
            before = self.read_file()
            self.bot.questions.clear()
            self.ask_at(self.bot, "build-1", "once-1")
            self.bot.answer("build-1", "approve")
            self.bot.fault = fault
            approvals = self.open()
            with self.assertRaisesRegex(TimeoutError, "whether it knows what the file holds"):
                approvals.ask("Ship?", "Now?", id="build-1", timeout=0.2)
            result = self.in_background(approvals.ask, "Ship?", "Now?", id="build-1")
            count = len(self.bot.requests)
            eventually(lambda: len(self.bot.requests) >= count + 3)
            found = self.read_of(approvals)
            self.assertEqual(found[:4], [before[table] for table in ("questions", "pauses", "crew_runs", "messages")])
            self.assertEqual(found[4], [])
            self.bot.fault = None
            self.assertEqual(self.value_of(result).option, "approve")
            eventually(lambda: self.bot.questions["once-1"]["status"] == "withdrawn")
            approvals.stop()

    def test_that_waits_for_its_bot_ends_with_stop_and_when_its_task_is_cancelled(self):
        self.write_0_2_0(("build-1", "waiting", "ask"))
        self.bot.fault = 503
        approvals = self.open()

        async def ask():
            task = asyncio.create_task(approvals.ask_async("Ship?", "Now?", id="build-1"))
            await asyncio.to_thread(eventually, lambda: self.bot.requests)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task

        # asyncio.run returns only after the threads of the event loop have ended.
        asyncio.run(ask())
        result = self.in_background(approvals.ask, "Ship?", "Now?", id="build-1")
        count = len(self.bot.requests)
        eventually(lambda: len(self.bot.requests) > count)
        approvals.stop()
        with self.assertRaisesRegex(RuntimeError, "CrewApprovals was stopped"):
            self.value_of(result)

    def test_holds_something_open_also_where_a_flow_has_not_gone_on_or_the_bot_has_not_heard_all(self):
        answered = (("flow-1", "answered", "flow"),)
        received = ("flow-1", "PUT", "questions/flow-1/received", None)
        ended = ("run-1", "PUT", "runs/run-1", None)
        for more in ({"pauses": ("flow-1",)}, {"messages": (received,)}, {"messages": (ended,)}):
            self.db.unlink(missing_ok=True)
            self.write_0_2_0(*answered, **more)
            self.is_refused("has 1 open question or run")
        self.assertEqual({method for method, *_ in self.bot.requests}, {"GET"})


if __name__ == "__main__":
    unittest.main()
