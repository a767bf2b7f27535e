"""The base of test cases: a bot, a db, and programs that use them."""

import logging
import os
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import fake_crewai
from crew_approvals import CrewApprovals, bot, questions
from fake_bot import SECRET, SLOWNESS, FakeBot, eventually


class Case(unittest.TestCase):
    executor = fake_crewai.Executor

    def setUp(self):
        self.modules = fake_crewai.install(self.executor)
        self.addCleanup(lambda: [sys.modules.pop(name, None) for name in self.modules])
        fake_crewai.Flow.persistence = fake_crewai.Persistence()
        fake_crewai.Flow.resumed = []
        self.patch(fake_crewai.Flow, "steps", staticmethod(lambda flow, outcome, feedback: "done"))
        self.bot = FakeBot()
        self.addCleanup(self.bot.close)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.db = Path(self.folder.name) / "approvals.db"
        self.patch(bot, "FIRST_RETRY", 0.05)
        self.patch(questions, "ASK_AGAIN_DELAY", 0)
        self.patch(questions, "WAIT", 1)
        log = logging.getLogger("crew_approvals")
        log.setLevel(os.environ.get("LOG_LEVEL", "CRITICAL"))
        self.addCleanup(log.setLevel, logging.NOTSET)

    def patch(self, owner, name, value):
        self.addCleanup(setattr, owner, name, vars(owner)[name])
        setattr(owner, name, value)

    def make(self, **options):
        approvals = CrewApprovals(self.bot.url, "press", SECRET, db=self.db, **options)
        self.addCleanup(approvals.stop)
        return approvals

    def serve(self, approvals):
        self.in_background(approvals.serve)
        eventually(lambda: approvals._questions.resume_flow is not None)
        return approvals

    def restart(self, approvals):
        """Ends the process of a program and starts a new one."""
        approvals.stop()
        return self.serve(self.make())

    def in_background(self, work, *args, **kwargs):
        """Runs a call in its own thread. Returns a dictionary that will have its value or its error."""
        result = {}

        def run():
            try:
                result["value"] = work(*args, **kwargs)
            except BaseException as error:
                result["error"] = error

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        result["thread"] = thread
        return result

    def value_of(self, result):
        result["thread"].join(20 * SLOWNESS)
        if "error" in result:
            raise result["error"]
        return result["value"]

    def asked(self, kind="", count=1):
        """Waits until the bot has `count` questions of a kind. Returns their ids."""
        return eventually(
            lambda: (
                (ids := [id for id in list(self.bot.questions) if id.startswith(kind)]) and len(ids) >= count and ids
            )
        )

    def reported(self, run):
        return [report for id, report in self.bot.runs if id == run]
