"""Questions of a program, and their answers."""

import asyncio
import inspect
import threading
import unittest

import crew_approvals
from case import Case
from crew_approvals import Answer, QuestionClosed
from fake_bot import eventually


class Ask(Case):
    def test_a_question_is_asked_and_its_answer_comes_back_and_is_confirmed(self):
        approvals = self.make()
        result = self.in_background(approvals.ask, "Ship build 42?", "All checks passed.", options=["ship", "hold"])
        (question,) = self.asked()
        options = [{"id": "ship", "label": "ship"}, {"id": "hold", "label": "hold"}]
        body = {"title": "Ship build 42?", "text": "All checks passed.", "options": options, "lease": True}
        self.assertEqual(self.bot.questions[question]["body"], body)
        self.bot.answer(question, "ship", "After the backup", "UBEN")
        expected = Answer("ship", "After the backup", "UBEN", "2026-01-01T00:00:00Z")
        self.assertEqual(self.value_of(result), expected)
        self.assertIsNone(expected.edited)

    def test_the_bot_has_heard_of_the_end_of_a_call_when_it_returns(self):
        approvals = self.make()
        result = self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        self.asked("build-42")
        self.bot.answer("build-42", "approve")
        self.value_of(result)
        self.assertEqual(self.bot.questions["build-42"].get("received"), 1)
        with self.assertRaises(TimeoutError):
            approvals.ask("Once?", "Now?", timeout=0.3)
        (once,) = self.asked("once-")
        self.assertEqual(self.bot.questions[once]["status"], "withdrawn")

    def test_every_field_of_the_api_is_a_keyword(self):
        fields = {
            "message": "The build of tonight.",
            "free_text": "optional",
            "editable": True,
            "kind": "question",
            "run": "build-42",
            "requested_by": "ana@example.com",
            "approvers": ["UANA"],
            "channel": "#builds",
            "expires_in": 3600,
            "default_option": "hold",
            "require_whole": False,
            "agent": "CI",
            "callback_url": "https://ci.example.com/answers",
            "output": {"passed": 12, "ratio": float("nan")},
            "options": [{"id": "ship", "label": "Ship it", "style": "primary"}, {"id": "hold", "label": "Hold"}],
        }
        self.in_background(self.make().ask, "Ship?", id="build-42", **fields)
        self.asked("build-42")
        expected = {**fields, "title": "Ship?", "output": {"passed": 12, "ratio": None}}
        self.assertEqual(self.bot.questions["build-42"]["body"], expected)

    def test_the_same_id_is_the_same_question_also_after_a_crash(self):
        approvals = self.make()
        self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        # The program has the bot's response. Without it, the program would ask again after a restart.
        state = "SELECT 1 FROM questions WHERE id = 'build-42' AND state = 'waiting'"
        eventually(lambda: approvals._questions.store.one(state))
        approvals.stop()
        self.bot.answer("build-42", "approve")
        again = self.make()
        for _ in range(2):
            self.assertEqual(again.ask("Ship?", "Now?", id="build-42", timeout=20).option, "approve")
        self.assertEqual(self.bot.sent("PUT", "/questions/build-42"), 1)
        self.assertEqual(list(self.bot.questions), ["build-42"])

    def test_another_question_under_an_id_that_is_used_is_an_error(self):
        self.bot.questions["build-41"] = {"body": {"title": "Of another db"}, "status": "waiting"}
        approvals = self.make()
        with self.assertRaisesRegex(ValueError, "409 Another question was asked"):
            approvals.ask("Ship?", "Now?", id="build-41", timeout=20)
        self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        self.asked("build-42")
        with self.assertRaisesRegex(ValueError, "another question was asked under the id build-42"):
            approvals.ask("Ship?", "Tomorrow?", id="build-42", timeout=20)

    def test_a_question_that_timed_out_is_withdrawn_unless_it_has_an_id(self):
        approvals = self.make()
        for question in (None, "build-42"):
            with self.assertRaisesRegex(TimeoutError, "no answer within 0.3 s"):
                approvals.ask("Ship?", "Now?", id=question, timeout=0.3)
        once = self.asked("once-")[0]
        eventually(lambda: self.bot.questions[once]["status"] == "withdrawn")
        self.assertEqual(self.bot.questions["build-42"]["status"], "waiting")
        self.bot.answer("build-42", "approve")
        self.assertEqual(approvals.ask("Ship?", "Now?", id="build-42", timeout=20).option, "approve")

    def test_a_field_that_the_bot_rejects_is_an_error_and_can_be_corrected(self):
        approvals = self.make()
        with self.assertRaisesRegex(ValueError, "the bot rejected the question: 422 title is wrong"):
            approvals.ask("wrong", "Now?", id="build-42", timeout=20)
        result = self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        self.asked("build-42")
        self.bot.answer("build-42", "approve")
        self.assertEqual(self.value_of(result).option, "approve")

    def test_a_question_whose_process_died_is_withdrawn_and_one_with_an_id_waits_on(self):
        approvals = self.make()
        self.in_background(approvals.ask, "Ship?", "Now?")
        self.in_background(approvals.ask, "Ship?", "Now?", id="build-42")
        self.asked(count=2)
        self.restart(approvals)
        eventually(lambda: self.bot.questions[self.asked("once-")[0]]["status"] == "withdrawn")
        self.assertEqual(self.bot.questions["build-42"]["status"], "waiting")

    def test_more_questions_than_one_request_can_name_are_all_answered(self):
        self.patch(crew_approvals.questions, "MAX_IDS", 3)
        approvals = self.make()
        results = {f"q{n}": self.in_background(approvals.ask, "Ship?", "Now?", id=f"q{n}") for n in range(10)}
        self.asked(count=10)
        for question, result in results.items():
            self.bot.answer(question, f"approve {question}")
        for question, result in results.items():
            self.assertEqual(self.value_of(result).option, f"approve {question}")


class AskAsync(Case):
    def test_takes_what_ask_takes_and_gives_the_same_answer(self):
        approvals = self.make()
        self.assertEqual(inspect.signature(approvals.ask_async), inspect.signature(approvals.ask))
        with self.assertRaisesRegex(TypeError, "colour"):
            asyncio.run(approvals.ask_async("Ship?", "Now?", colour="red"))

        async def ask():
            first = asyncio.create_task(approvals.ask_async("Ship?", "Now?", ["ship", "hold"], agent="CI"))
            second = asyncio.create_task(approvals.ask_async("Ship?", "Now?", id="build-42"))
            ids = await asyncio.to_thread(self.asked, count=2)
            once = next(one for one in ids if one != "build-42")
            self.assertEqual(self.bot.questions[once]["body"]["agent"], "CI")
            self.bot.answer(once, "hold")
            self.bot.answer("build-42", "approve", "fine")
            return await asyncio.gather(first, second)

        held, approved = asyncio.run(ask())
        self.assertEqual((held.option, approved.option, approved.text), ("hold", "approve", "fine"))
        self.assertEqual(self.bot.questions["build-42"]["received"], 1)

    def test_many_wait_at_once_without_a_thread_for_each(self):
        approvals = self.make()

        async def ask():
            asking = [asyncio.create_task(approvals.ask_async("Ship?", "Now?", id=f"q{n}")) for n in range(40)]
            await asyncio.to_thread(self.asked, count=40)
            self.assertLess(threading.active_count(), 40)
            for n in range(40):
                self.bot.answer(f"q{n}", f"option {n}")
            return [one.option for one in await asyncio.gather(*asking)]

        self.assertEqual(asyncio.run(ask()), [f"option {n}" for n in range(40)])

    def test_a_cancelled_question_is_withdrawn_unless_it_has_an_id(self):
        approvals = self.make()

        async def ask():
            asking = [asyncio.create_task(approvals.ask_async("Ship?", "Now?", id=one)) for one in (None, "build-42")]
            await asyncio.to_thread(self.asked, count=2)
            for task in asking:
                task.cancel()
            return await asyncio.gather(*asking, return_exceptions=True)

        self.assertEqual([type(one) for one in asyncio.run(ask())], [asyncio.CancelledError] * 2)
        (once,) = self.asked("once-")
        self.assertEqual(self.bot.questions[once]["status"], "withdrawn")
        self.assertEqual(self.bot.questions["build-42"]["status"], "waiting")

    def test_a_question_that_is_cancelled_before_it_is_stored_is_withdrawn(self):
        approvals = self.make()
        store, reached, go_on = approvals._questions.put, threading.Event(), threading.Event()

        def put(questions):
            reached.set()
            go_on.wait(20)
            store(questions)

        approvals._questions.put = put

        async def ask():
            task = asyncio.create_task(approvals.ask_async("Ship?", "Now?"))
            await asyncio.to_thread(reached.wait, 20)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            go_on.set()

        asyncio.run(ask())
        eventually(lambda: [one["status"] for one in self.bot.questions.values()] in ([], ["withdrawn"]))
        self.assertIsNone(approvals._questions.store.one("SELECT 1 FROM questions WHERE state IN ('new', 'waiting')"))

    def test_raises_as_ask_does(self):
        approvals = self.make()

        async def ask(status):
            task = asyncio.create_task(approvals.ask_async("Ship?", "Now?", id=status))
            await asyncio.to_thread(self.asked, status)
            self.bot.settle(status, status)
            await task

        with self.assertRaisesRegex(QuestionClosed, "closed was closed without an answer"):
            asyncio.run(ask("closed"))
        with self.assertRaisesRegex(TimeoutError, "no answer within 0.3 s"):
            asyncio.run(approvals.ask_async("Ship?", "Now?", timeout=0.3))
        with self.assertRaisesRegex(ValueError, "the bot rejected the question: 422 title is wrong"):
            asyncio.run(approvals.ask_async("wrong", "Now?"))


if __name__ == "__main__":
    unittest.main()
