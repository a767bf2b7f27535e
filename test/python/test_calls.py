"""Decisions that an adapter gets about the calls of an agent."""

import asyncio
import unittest

from case import Case
from crew_approvals import ToolNotRun, calls
from crew_approvals.calls import Call, decide_calls, decide_calls_async
from fake_bot import eventually

PAY = Call("c1", "pay", {"to": "ACME", "amount": 900}, "Clerk")
MAIL = Call("c2", "mail", {"to": "ana@example.com", "at": 1.0})
BLOCKED = "The tool was not run: a person blocked this call (Slack user UANA). Reason: too much"


class Calls(Case):
    def find(self, title):
        """Waits for the question about a tool. Returns its id."""
        return eventually(lambda: next((id for id in [*self.bot.questions] if self.waits(id, title)), None))

    def waits(self, question, title):
        known = self.bot.questions[question]
        return known["body"]["title"] == title and known["status"] == "waiting"

    def test_calls_of_a_run_are_asked_about_at_once_and_decided_one_by_one(self):
        result = self.in_background(decide_calls, self.make(), [PAY, MAIL], run="order-7", message="From the account.")
        pay, mail = self.find("pay"), self.find("mail")
        body = {"kind": "tool", "title": "pay", "output": PAY.arguments, "run": "order-7", "agent": "Clerk"}
        self.assertEqual(self.bot.questions[pay]["body"], {**body, "message": "From the account."})
        self.assertEqual(self.bot.questions[mail]["body"]["output"], {"to": "ana@example.com", "at": "1.0 (float)"})
        self.bot.answer(mail, "block", "too much")
        self.bot.answer(pay, "allow")
        paid, mailed = self.value_of(result)
        self.assertEqual((paid.arguments, paid.refusal), (PAY.arguments, None))
        self.assertIsNot(paid.arguments, PAY.arguments)
        self.assertEqual(mailed.refusal, BLOCKED)
        self.assertEqual([self.bot.questions[one].get("received") for one in (pay, mail)], [1, 1])

    def test_the_same_call_is_the_same_question_after_a_restart(self):
        approvals = self.make()
        self.in_background(decide_calls, approvals, [PAY, MAIL], run="order-7")
        pay, mail = self.find("pay"), self.find("mail")
        self.bot.answer(pay, "allow")
        answered = "SELECT 1 FROM questions WHERE state = 'answered'"
        eventually(lambda: approvals._questions.store.one(answered))
        approvals.stop()
        result = self.in_background(decide_calls, self.make(), [PAY, MAIL], run="order-7", message="New words.")
        self.bot.answer(mail, "allow")
        self.assertEqual([one.refusal for one in self.value_of(result)], [None, None])
        self.assertEqual(len(self.bot.questions), 2)

    def test_a_call_of_another_run_is_another_question(self):
        approvals = self.make()
        for run in ("order-7", "order-8"):
            self.in_background(decide_calls, approvals, [PAY], run=run)
        self.asked(count=2)

    def test_a_call_that_was_allowed_and_may_have_run_is_asked_about_again(self):
        approvals = self.make()
        result = self.in_background(decide_calls, approvals, [PAY], run="order-7")
        self.bot.answer(self.find("pay"), "allow")
        self.value_of(result)
        result = self.in_background(decide_calls, approvals, [PAY], run="order-7", message="From the account.")
        second = self.find("pay")
        self.assertEqual(self.bot.questions[second]["body"]["message"], f"{calls.AGAIN}\n\nFrom the account.")
        self.bot.answer(second, "block", "too much")
        self.assertEqual(self.value_of(result)[0].refusal, BLOCKED)
        self.assertEqual(decide_calls(approvals, [PAY], run="order-7", timeout=20)[0].refusal, BLOCKED)
        self.assertEqual(len(self.bot.questions), 2)

    def test_an_answer_is_not_applied_to_other_arguments(self):
        approvals = self.make()
        result = self.in_background(decide_calls, approvals, [PAY], run="order-7")
        pay = self.find("pay")
        for other in ({"to": "EVIL", "amount": 900}, {"to": "ACME", "amount": True}, {"to": "ACME", "amount": 900.0}):
            with self.assertRaisesRegex(ToolNotRun, "its arguments were changed after the question"):
                decide_calls(approvals, [Call("c1", "pay", other, "Clerk")], run="order-7")
        with self.assertRaisesRegex(ToolNotRun, "its arguments were changed after the question"):
            decide_calls(approvals, [Call("c1", "refund", PAY.arguments, "Clerk")], run="order-7")
        self.bot.answer(pay, "allow")
        self.assertIsNone(self.value_of(result)[0].refusal)
        self.assertEqual(len(self.bot.questions), 1)

    def test_arguments_that_change_while_people_decide_are_not_run(self):
        arguments = {"to": "ACME"}
        result = self.in_background(decide_calls, self.make(), [Call("c1", "pay", arguments)], run="order-7")
        pay = self.find("pay")
        arguments["to"] = "EVIL"
        self.bot.answer(pay, "allow")
        with self.assertRaisesRegex(ToolNotRun, "its arguments were changed after the question"):
            self.value_of(result)

    def test_a_call_is_refused_when_its_question_is_closed_or_its_time_is_over(self):
        approvals = self.make()
        result = self.in_background(decide_calls, approvals, [PAY, MAIL], run="order-7")
        self.bot.settle(self.find("pay"), "closed")
        self.bot.answer(self.find("mail"), "block", by="")
        closed, late = self.value_of(result)
        self.assertEqual(closed.refusal, calls.CLOSED)
        self.assertEqual(late.refusal, "The tool was not run: nobody allowed this call in time.")

    def test_an_allow_of_no_person_is_no_permission(self):
        approvals = self.make()
        for number, by in enumerate(("", None)):
            result = self.in_background(decide_calls, approvals, [PAY], run=f"order-{number}")
            self.bot.answer(self.find("pay"), "allow", by=by)
            with self.assertRaisesRegex(ToolNotRun, "^The tool pay was not run.*its answer is unknown"):
                self.value_of(result)

    def test_arguments_that_cannot_be_shown_are_refused_without_a_question(self):
        unreadable = Call("c2", "mail", None, fault="arguments cannot be shown exactly: they have a key twice")
        decided = decide_calls(self.make(), [Call("c1", "pay", {"amount": float("nan")}), unreadable], run="order-7")
        self.assertRegex(decided[0].refusal, "^The tool pay was not run.*amount cannot be shown exactly: it is nan")
        self.assertRegex(decided[1].refusal, "^The tool mail was not run.*they have a key twice")
        self.assertEqual(self.bot.questions, {})

    def test_nothing_is_decided_when_one_of_the_calls_cannot_be_asked_about(self):
        approvals = self.make()
        result = self.in_background(decide_calls, approvals, [PAY, Call("c2", "wrong", {})], run="order-7")
        self.bot.answer(self.find("pay"), "allow")
        with self.assertRaisesRegex(ToolNotRun, "^The tool wrong was not run.*422 title is wrong"):
            self.value_of(result)
        result = self.in_background(decide_calls, approvals, [PAY, MAIL], run="order-7")
        self.bot.answer(self.find("mail"), "maybe")
        with self.assertRaisesRegex(ToolNotRun, "^The tool mail was not run.*its answer is unknown"):
            self.value_of(result)
        with self.assertRaisesRegex(ToolNotRun, "several calls have the same id"):
            decide_calls(approvals, [PAY, PAY], run="order-7")
        approvals.stop()
        with self.assertRaisesRegex(ToolNotRun, "CrewApprovals was stopped"):
            decide_calls(approvals, [PAY], run="order-7")

    def test_a_time_limit_leaves_the_question_open(self):
        approvals = self.make()
        with self.assertRaises(TimeoutError):
            decide_calls(approvals, [PAY, MAIL], run="order-7", timeout=0.3)
        self.assertEqual([one["status"] for one in self.bot.questions.values()], ["waiting", "waiting"])

    def test_an_event_loop_goes_on_while_people_decide_and_a_cancelled_task_leaves_the_question(self):
        approvals = self.make()

        async def decide():
            task = asyncio.create_task(decide_calls_async(approvals, [PAY], run="order-7"))
            pay = await asyncio.to_thread(self.find, "pay")
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(self.bot.questions[pay]["status"], "waiting")
            self.bot.answer(pay, "allow")
            return await decide_calls_async(approvals, [PAY], run="order-7")

        self.assertIsNone(asyncio.run(decide())[0].refusal)
        self.assertEqual(len(self.bot.questions), 1)


if __name__ == "__main__":
    unittest.main()
