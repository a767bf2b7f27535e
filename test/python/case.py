"""A bot, a db, and programs that use them."""

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
        self.patch(questions, "ASK_AGAIN_AFTER", 0)
        self.patch(questions, "WAIT", 1)
        log = logging.getLogger("crew_approvals")
        log.setLevel(os.environ.get("LOG_LEVEL", "CRITICAL"))
        self.addCleanup(log.setLevel, logging.NOTSET)

    def patch(self, owner, name, value):
        self.addCleanup(setattr, owner, name, vars(owner)[name])
        setattr(owner, name, value)

    def make(self, **more):
        approvals = CrewApprovals(self.bot.url, "press", SECRET, db=self.db, **more)
        self.addCleanup(approvals.stop)
        return approvals

    def serve(self, approvals):
        self.in_background(approvals.serve)
        eventually(lambda: approvals._questions.resume_flow is not None)
        return approvals

    def restart(self, approvals):
        """The process ends and starts again."""
        approvals.stop()
        return self.serve(self.make())

    def in_background(self, work, *args, **more):
        """Runs a call in a thread of its own; gives where its result or its exception will be."""
        result = {}

        def run():
            try:
                result["value"] = work(*args, **more)
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
        """The ids of the questions that the bot has, once there are so many."""
        found = eventually(
            lambda: (ids := [one for one in list(self.bot.questions) if one.startswith(kind)]) and len(ids) >= count and ids
        )
        return found

    def reported(self, run):
        return [said for one, said in self.bot.runs if one == run]
