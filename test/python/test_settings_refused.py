"""A client whose crew or secret the bot never accepted."""

import asyncio
import unittest

from case import Case
from crew_approvals import CrewApprovals, bot, client, owner
from fake_bot import SECRET, eventually

WORDS = r"^The bot at http://127.0.0.1:\d+/crews/\w+ does not accept this program \({}\): correct url, crew and secret"
WRONG = {"crew": ("deploy", "404 There is no crew"), "secret": ("wrong", "401 The crew's ask secret is wrong")}


class SettingsRefused(Case):
    def setUp(self):
        super().setUp()
        self.patch(owner, "REJECTION_RETRY_TIME", 0.3)
        self.patch(bot, "LONGEST_RETRY", 0.1)
        # The client does not wait until such a bot has received its messages.
        self.patch(client, "FLUSHED_WITHIN", 3600)

    def open(self, **wrong):
        right = {"url": self.bot.url, "crew": "press", "secret": SECRET, "db": self.db}
        approvals = CrewApprovals(**right | wrong)
        self.addCleanup(approvals.stop)
        return approvals

    def words(self, said):
        return WORDS.format(f"{said}.*")

    def test_ends_with_an_error_that_names_the_settings(self):
        for name, (wrong, said) in WRONG.items():
            self.db.unlink(missing_ok=True)
            approvals = self.open(**{name: wrong})
            for ask in (approvals.ask, lambda *args, **more: asyncio.run(approvals.ask_async(*args, **more))):
                result = self.in_background(ask, "Ship?", "Now?", id="build-42")
                with self.assertRaisesRegex(ValueError, self.words(said)):
                    self.value_of(result)
            approvals.stop()

    def test_is_not_believed_before_a_minute(self):
        self.patch(owner, "REJECTION_RETRY_TIME", 3600)
        approvals = self.open(secret="wrong")
        result = self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        eventually(lambda: len(self.bot.requests) >= 5)
        self.assertTrue(result["thread"].is_alive())

    def test_ends_a_server_of_starts_too(self):
        approvals = self.open(secret="wrong")
        approvals.register_crew(lambda: None, inputs=["topic"])
        with self.assertRaisesRegex(ValueError, self.words("401")):
            approvals.serve()

    def test_asks_on_once_it_is_corrected_here(self):
        approvals = self.open(secret="wrong")
        with self.assertRaises(ValueError):
            approvals.ask("Ship?", "Now?", id="build-42")
        approvals.stop()
        self.in_background(self.open().ask, "Ship?", "Now?", id="build-42")
        self.asked("build-42")

    def test_asks_on_once_it_is_corrected_in_the_bot(self):
        crews, self.bot.crews = self.bot.crews, {}
        approvals = self.open()
        with self.assertRaises(ValueError):
            approvals.ask("Ship?", "Now?", id="build-42")
        self.bot.crews = crews
        eventually(lambda: approvals._owner.refusal is None)
        self.bot.answer("build-42", "approve")
        self.assertEqual(approvals.ask("Ship?", "Now?", id="build-42", timeout=20).option, "approve")

    def test_waits_on_where_a_call_was_accepted_before_in_this_process_or_with_this_file(self):
        approvals = self.open()
        result = self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        self.asked("build-42")
        crews, self.bot.crews = self.bot.crews, {}
        self.waits_on(result)
        approvals.stop()
        again = self.in_background(self.open(secret="wrong").ask, "Ship?", "Now?", id="build-43")
        self.waits_on(again)
        self.bot.crews = crews

    def waits_on(self, result):
        count = len(self.bot.requests)
        # Together, the pauses between these requests are longer than the minute of this test.
        eventually(lambda: len(self.bot.requests) >= count + 8)
        self.assertTrue(result["thread"].is_alive())

    def test_waits_on_at_whatever_another_server_answers_and_for_a_bot_that_is_away_at_first(self):
        for fault in (401, 404, 503, "cut"):
            self.db.unlink(missing_ok=True)
            self.bot.questions.clear()
            self.bot.fault = fault
            approvals = self.open()
            result = self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
            self.waits_on(result)
            self.bot.fault = None
            self.asked("build-42")
            approvals.stop()


if __name__ == "__main__":
    unittest.main()
