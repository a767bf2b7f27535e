"""Messages to a bot that is away, slow or wrong."""

import logging
import re
import time
import unittest
from unittest import mock

from case import Case
from crew_approvals import QuestionClosed, bot, questions
from fake_bot import SECRET, eventually


class Messages(Case):
    def test_an_outage_of_any_kind_loses_nothing(self):
        approvals = self.make()
        for number, fault in enumerate((503, (429, 0), "cut", 500, 502, 401, 302)):
            question = f"build-{number}"
            self.bot.fault = fault
            result = self.in_background(approvals.ask, "Ship?", "Now?", id=question)
            eventually(lambda: sum(1 for *_, seen in self.bot.requests if seen == fault) >= 3)
            self.assertNotIn(question, self.bot.questions)
            self.bot.fault = None
            self.asked(question)
            # The bot fails while the program waits, too.
            self.bot.fault = fault
            before = len(self.bot.requests)
            self.bot.answer(question, "approve")
            eventually(lambda: len(self.bot.requests) >= before + 3)
            self.bot.fault = None
            self.assertEqual(self.value_of(result).option, "approve")
            eventually(lambda: self.bot.questions[question].get("received") == 1)
            self.assertEqual(self.bot.sent("PUT", f"/questions/{question}"), 1)
        self.assertNotIn("/elsewhere", [path for _, path, _ in self.bot.requests])

    def test_what_was_not_sent_before_a_crash_is_sent_after_the_next_start(self):
        self.bot.fault = 503
        approvals = self.make()
        self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        eventually(lambda: self.bot.requests)
        approvals.stop()
        self.bot.fault = None
        self.serve(self.make())
        self.asked("build-42")

    def test_tries_are_further_apart_up_to_five_minutes_and_later_where_the_bot_says_so(self):
        with mock.patch.object(bot, "FIRST_RETRY", 1.0):
            self.assertEqual([bot.backoff(tries) for tries in (1, 2, 3, 9, 10, 500)], [1, 2, 4, 256, 300, 300])
        self.bot.fault = (429, 1)
        self.in_background(self.make().ask, "Ship?", "Now?", id="build-42")
        eventually(lambda: self.bot.requests)
        self.bot.fault = None
        self.asked("build-42")
        # The times at which the bot got them: this thread may look later than the client began to wait.
        first, second = [at for at, (method, *_) in zip(self.bot.times, self.bot.requests) if method == "PUT"][:2]
        self.assertGreater(second - first, 0.9)

    def pauses(self, logs, subject):
        """Lists the logged pauses of a kind of request."""
        matches = (re.search(rf"{subject}.*retrying in ([\d.]+) s", line) for line in logs.output)
        return [float(match[1]) for match in matches if match]

    def test_the_pauses_grow_while_a_question_is_sent_and_while_its_answer_is_waited_for(self):
        with self.assertLogs("crew_approvals", logging.ERROR) as logs:
            self.bot.fault = 503
            self.in_background(self.make().ask, "Ship?", "Now?", id="build-42")
            eventually(lambda: len(self.pauses(logs, "PUT questions/build-42")) >= 4)
            self.bot.fault = None
            self.asked("build-42")
            eventually(lambda: self.bot.requests[-1][0] == "GET")
            self.bot.fault = 503
            self.bot.settle("build-42", "waiting")
            eventually(lambda: len(self.pauses(logs, "answers")) >= 4)
        for subject in ("PUT questions/build-42", "answers"):
            self.assertEqual(self.pauses(logs, subject)[:4], [0.05, 0.1, 0.2, 0.4])

    def test_a_wait_for_answers_is_repeated_when_the_bot_says_so_an_hour_later_at_most(self):
        approvals = self.make()
        for seconds, pause in ((3, 3), (999999999, 3600)):
            self.bot.fault = (429, seconds)
            with self.assertRaises(bot.Unavailable) as caught:
                approvals._bot.call("GET", "questions?ids=build-42")
            self.assertEqual(caught.exception.retry_after, pause)
        with self.assertLogs("crew_approvals", logging.ERROR) as logs:
            self.bot.fault = None
            self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
            self.asked("build-42")
            self.bot.fault = (429, 60)
            self.bot.settle("build-42", "waiting")
            eventually(lambda: self.pauses(logs, "answers"))
        self.assertEqual(self.pauses(logs, "answers")[0], 60)

    def test_a_question_that_has_to_wait_does_not_hold_up_those_of_other_runs(self):
        approvals = self.make()
        self.bot.fault = (429, 60)
        self.in_background(approvals.ask, "Ship?", "Now?", id="build-1", run="one")
        eventually(lambda: self.bot.requests)
        time.sleep(0.2)
        self.bot.fault = None
        self.in_background(approvals.ask, "Ship?", "Now?", id="build-2", run="two")
        self.asked("build-2")
        self.assertNotIn("build-1", self.bot.questions)

    def test_a_failed_wait_is_repeated_and_named_without_a_secret(self):
        with self.assertLogs("crew_approvals", logging.ERROR) as logs:
            self.in_background(self.make().ask, "Ship?", "Now?", id="build-42")
            self.asked("build-42")
            self.bot.fault = "cut"
            self.bot.settle("build-42", "waiting")
            eventually(lambda: any("answers" in line for line in logs.output))
        self.assertNotIn(SECRET, "\n".join(logs.output))

    def test_the_bot_hears_of_an_answer_only_after_it_is_stored(self):
        approvals = self.make()
        stored = []

        def watch(method, path):
            if path.endswith("/received"):
                stored.append(approvals._store.one("SELECT answer FROM questions")["answer"])

        self.bot.watch = watch
        self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        self.asked("build-42")
        self.bot.answer("build-42", "approve")
        eventually(lambda: stored)
        self.assertIn('"approve"', stored[0])

    def test_threads_that_wait_renew_their_lease(self):
        self.patch(questions, "RENEW_EVERY", 0.1)
        approvals = self.make()
        self.in_background(approvals.ask, "Ship?", "Now?")
        self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        once = self.asked("once-")[0]
        eventually(lambda: self.bot.questions[once].get("alive", 0) >= 2)
        self.assertNotIn("alive", self.bot.questions["build-42"])

    def test_a_question_that_was_closed_while_its_lease_was_renewed_is_closed(self):
        self.patch(questions, "RENEW_EVERY", 0.1)
        approvals = self.make()
        result = self.in_background(approvals.ask, "Ship?", "Now?")
        (once,) = self.asked("once-")
        eventually(lambda: once in approvals._questions._renewed_at)
        # The question is older than a lease, which was renewed since.
        approvals._questions._renewed_at[once] = time.time() - 2 * questions.LEASE
        renewed = self.bot.questions[once].get("alive", 0)
        eventually(lambda: self.bot.questions[once].get("alive", 0) >= renewed + 3)
        self.bot.settle(once, "closed")
        with self.assertRaisesRegex(QuestionClosed, "was closed without an answer"):
            self.value_of(result)
        self.assertEqual(len(self.bot.questions), 1)


if __name__ == "__main__":
    unittest.main()
