"""Tasks that wait for a person, and the runs of their crews."""

import asyncio
import re
import sys
import threading
import types
import unittest

import fake_crewai
from case import Case
from crew_approvals import QuestionClosed
from fake_bot import eventually
from fake_crewai import Executor

NO_HUMAN_INPUT = (
    "the installed crewai has no working human input for tasks: install crewai 1.10.1 to 1.14.4, or 1.15.2 or newer"
)
FEEDBACK = ("_is_training_mode", "_format_feedback_message", "_invoke_loop", "_ainvoke_loop")
FIRST = types.SimpleNamespace(output="Slogan 1")


class Tasks(Case):
    def decide(self, call):
        """Runs a call. A person requests a revision of the first output and approves the second."""
        result = self.in_background(call)
        (first,) = self.asked("task-")
        self.bot.answer(first, "revise", "Shorter")
        second = self.asked("task-", 2)[1]
        self.bot.answer(second, "approve", "Nice")
        return first, second, self.value_of(result)

    def test_an_approval_continues_and_a_revision_goes_to_the_agent_and_leads_to_the_next_round(self):
        provider, context = self.make().task_provider(), Executor()
        first, second, answer = self.decide(lambda: provider.handle_feedback(FIRST, context))
        body = self.bot.questions[first]["body"]
        expected = {"title": "slogan", "message": "A slogan", "output": "Slogan 1", "lease": True, "run": body["run"]}
        self.assertEqual(body, expected)
        self.assertEqual(self.bot.questions[second]["body"], {**expected, "output": "Slogan 2", "follows": first})
        self.assertEqual((answer.output, context.ask_for_human_input), ("Slogan 2", False))
        self.assertEqual(context.messages, [{"role": "user", "content": "Shorter"}])

    def test_it_is_the_same_in_an_event_loop(self):
        provider, context = self.make().task_provider(), Executor()
        *_, answer = self.decide(lambda: asyncio.run(provider.handle_feedback_async(FIRST, context)))
        self.assertEqual((answer.output, context.ask_for_human_input), ("Slogan 2", False))

    def test_a_task_that_is_cancelled_withdraws_its_question(self):
        provider = self.make().task_provider()

        async def cancel():
            task = asyncio.create_task(provider.handle_feedback_async(FIRST, Executor()))
            await asyncio.to_thread(self.asked, "task-")
            task.cancel()

        asyncio.run(cancel())
        eventually(lambda: self.bot.questions[self.asked("task-")[0]]["status"] == "withdrawn")

    def test_a_question_that_is_closed_ends_the_run(self):
        result = self.in_background(self.make().task_provider().handle_feedback, FIRST, Executor())
        self.bot.settle(self.asked("task-")[0], "closed")
        with self.assertRaises(QuestionClosed):
            self.value_of(result)

    def test_a_run_that_the_program_starts_is_reported_as_crewai_tells_of_it(self):
        crew = object()
        result = self.in_background(self.make().task_provider().handle_feedback, FIRST, Executor(crew=crew))
        (question,) = self.asked("task-")
        run = self.bot.questions[question]["body"]["run"]
        self.bot.answer(question, "approve")
        self.value_of(result)
        completed, failed = (
            self.modules["crewai.core.providers.human_input"].handlers[kind][0] for kind in ("completed", "failed")
        )
        completed(object(), types.SimpleNamespace(output="of another crew"))
        completed(crew, types.SimpleNamespace(output=types.SimpleNamespace(raw="The slogan")))
        failed(crew, types.SimpleNamespace(error="too late"))
        expected = [{"state": "running"}, {"state": "finished", "result": "The slogan"}]
        eventually(lambda: self.reported(run) == expected)

    def test_a_process_that_died_has_its_questions_withdrawn_and_its_run_has_failed_with_the_reason(self):
        approvals = self.make()
        result = self.in_background(approvals.task_provider().handle_feedback, FIRST, Executor())
        (question,) = self.asked("task-")
        run = self.bot.questions[question]["body"]["run"]
        self.restart(approvals)
        with self.assertRaisesRegex(RuntimeError, "CrewApprovals was stopped"):
            self.value_of(result)
        eventually(lambda: self.bot.questions[question]["status"] == "withdrawn")
        failed = eventually(lambda: self.reported(run)[1:])
        self.assertRegex(failed[0]["reason"], "the process of this run was restarted.*start it again")

    def test_a_question_that_was_not_asked_before_its_process_died_is_never_asked(self):
        self.bot.fault = 503
        approvals = self.make()
        self.in_background(approvals.task_provider().handle_feedback, FIRST, Executor())
        eventually(lambda: len(self.bot.requests) > 1)
        approvals.stop()
        self.bot.fault = None
        self.serve(self.make())
        eventually(lambda: [said["state"] for _, said in self.bot.runs] == ["running", "failed"])
        self.assertEqual(self.bot.questions, {})

    def assert_no_human_input(self, call, *args):
        with self.assertRaisesRegex(RuntimeError, f"^{re.escape(NO_HUMAN_INPUT)}$"):
            call(*args)

    def test_nobody_is_asked_for_feedback_that_the_agent_cannot_take(self):
        provider = self.make().task_provider()
        for missing in FEEDBACK:
            methods = {name: getattr(Executor, name) for name in FEEDBACK if name != missing}
            executor = type("Other", (), methods)()
            self.assert_no_human_input(provider.handle_feedback, FIRST, executor)
            self.assert_no_human_input(asyncio.run, provider.handle_feedback_async(FIRST, executor))
        self.assertEqual(self.bot.questions, {})

    def test_a_package_that_is_too_old_or_missing_is_named_in_one_sentence(self):
        for name in self.modules:
            sys.modules.pop(name)
        approvals = self.make()
        sys.modules["crewai"] = types.ModuleType("crewai")
        sys.modules["crewai"].__spec__ = types.SimpleNamespace()
        with self.assertRaisesRegex(RuntimeError, "^the installed crewai has no .* install crewai 1.8 or newer$"):
            approvals.flow_provider()
        self.assert_no_human_input(approvals.task_provider)


class Task:
    name, human_input = "slogan", True


class Crew:
    """A crew that asks a person as soon as the test lets the crew begin."""

    tasks = (Task(),)
    kicked_off = []
    fails = False

    def fetch_inputs(self):
        return {"topic", "tone"}

    def kickoff(self, inputs):
        Crew.kicked_off.append(inputs)
        if Crew.fails:
            raise ValueError("the model is out of words")
        provider = sys.modules["crewai.core.providers.human_input"].provider.value
        return types.SimpleNamespace(raw=provider.handle_feedback(FIRST, Executor()).output)


class Broken:
    """The executor of crewai 1.14.5 to 1.15.1."""

    _is_training_mode = Executor._is_training_mode


class Starts(Case):
    start = {"id": "s1", "inputs": {"topic": "rain", "tone": "dry"}, "requested_by": "UANA"}

    def setUp(self):
        super().setUp()
        self.patch(Crew, "kicked_off", [])
        self.patch(Crew, "fails", False)

    def serve_crew(self, *args, **more):
        approvals = self.make()
        approvals.register_crew(*(args or (Crew,)), **more)
        return self.serve(approvals)

    def fetch(self, start):
        """Starts a run as people do. Returns the answer of the program."""
        count = len(self.bot.said)
        with self.bot.changed:
            self.bot.starts.append(start)
            self.bot.changed.notify_all()
        return eventually(lambda: self.bot.said[count:])[0][1]

    def test_a_run_is_started_asks_and_is_reported_to_its_end(self):
        self.serve_crew()
        eventually(lambda: self.bot.inputs == {"inputs": ["tone", "topic"]})
        run = self.fetch(self.start)["run"]
        (question,) = self.asked("task-")
        self.assertEqual(self.bot.questions[question]["body"]["run"], run)
        self.bot.answer(question, "approve")
        finished = {"state": "finished", "result": "Slogan 1"}
        eventually(lambda: self.reported(run) == [{"state": "running"}, finished])
        self.assertEqual(Crew.kicked_off, [self.start["inputs"]])

    def test_a_start_that_comes_again_is_answered_with_the_same_run(self):
        approvals = self.serve_crew()
        first = self.fetch(self.start)
        self.assertEqual(self.fetch(self.start), first)
        approvals.stop()
        # The old program must not fetch the next start: the start would be lost.
        eventually(lambda: all(one.name != "crew-approvals-starts" for one in threading.enumerate()))
        self.serve_crew()
        self.assertEqual(self.fetch(self.start), first)
        self.assertEqual(len(Crew.kicked_off), 1)

    def test_a_run_whose_process_died_has_failed_and_is_not_started_again(self):
        approvals = self.serve_crew()
        run = self.fetch(self.start)["run"]
        self.asked("task-")
        approvals.stop()
        self.serve_crew()
        eventually(lambda: [said["state"] for said in self.reported(run)] == ["running", "failed"])
        self.assertEqual(len(Crew.kicked_off), 1)

    def test_a_run_that_fails_is_reported_with_the_reason(self):
        Crew.fails = True
        self.serve_crew()
        run = self.fetch(self.start)["run"]
        failed = {"state": "failed", "reason": "ValueError: the model is out of words"}
        eventually(lambda: self.reported(run) == [{"state": "running"}, failed])

    def test_a_start_that_cannot_be_carried_out_is_refused_with_the_reason(self):
        made = []

        def make():
            made.append(1)
            if len(made) > 1:
                raise OSError("no such file")
            return Crew()

        self.serve_crew(make, inputs=["topic"])
        self.assertEqual(self.fetch({**self.start, "inputs": {}})["reason"], "missing inputs: tone, topic")
        refused = {"status": "refused", "reason": "OSError: no such file"}
        self.assertEqual(self.fetch({**self.start, "id": "s2"}), refused)
        self.assertEqual(self.bot.inputs, {"inputs": ["topic"]})
        self.assertEqual((self.bot.runs, Crew.kicked_off), ([], []))

    def test_a_package_that_loses_feedback_is_refused_before_anything_starts(self):
        self.modules["crewai"].Agent.model_fields["executor_class"].default = Broken
        self.serve_crew()
        self.assertEqual(self.fetch(self.start), {"status": "refused", "reason": NO_HUMAN_INPUT})
        self.assertEqual(Crew.kicked_off, [])


if __name__ == "__main__":
    unittest.main()
