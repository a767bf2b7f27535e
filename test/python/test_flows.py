"""Flows: a flow pauses, and the client resumes it exactly once with the choice of a person."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import types
import unittest
from pathlib import Path

import fake_crewai
from case import Case
from crew_approvals import flows
from fake_bot import SLOWNESS, eventually
from fake_crewai import Flow, Persistence, pause


class Flows(Case):
    def setUp(self):
        super().setUp()
        self.patch(flows, "PAUSE_STORED_WITHIN", 0.2)

    def wait(self, approvals, **fields):
        """Pauses a flow, and waits until the bot has its question. Returns the id of the question."""
        question = pause(approvals.flow_provider(), **{"persistence": Flow.persistence, **fields})
        eventually(lambda: question in self.bot.questions)
        return question

    def finished(self, approvals):
        return eventually(lambda: approvals._store.one("SELECT 1 FROM pauses WHERE finished IS NULL") is None)

    def test_the_outcomes_are_the_options_and_a_note_can_be_added(self):
        question = self.wait(self.make(), default_outcome="rework")
        expected = {
            "title": "write",
            "message": "Is it ready?",
            "output": "A letter",
            "run": "flow-1",
            "options": [{"id": "publish", "label": "publish"}, {"id": "rework", "label": "rework"}],
            "free_text": "optional",
            "default_option": "rework",
        }
        self.assertEqual(self.bot.questions[question]["body"], expected)

    def test_the_flow_is_resumed_with_the_chosen_outcome_and_the_note_as_its_feedback_and_no_model_is_asked(self):
        for note in ("", "Shorter, please"):
            Flow.resumed = []
            approvals = self.serve(self.make())
            self.bot.answer(self.wait(approvals, requested_at=f"at {note}"), "rework", note)
            self.finished(approvals)
            self.assertEqual(Flow.resumed, [("rework", note)])
            approvals.stop()
        eventually(lambda: {"state": "finished", "result": "done"} in self.reported("flow-1"))

    def test_lessons_are_learned_with_the_model_of_the_flow(self):
        seen = []
        learns = types.SimpleNamespace(__human_feedback_config__=types.SimpleNamespace(learn=True))
        self.addCleanup(lambda: delattr(Flow, "write"))
        self.patch(
            Flow, "steps", staticmethod(lambda flow, outcome, _: seen.append((outcome, flow.pending_feedback.llm)))
        )
        approvals = self.serve(self.make())
        for Flow.write, model in ((None, "gpt"), (learns, "gpt"), (learns, None)):
            self.bot.answer(self.wait(approvals, llm=model, requested_at=f"{Flow.write} {model}"), "rework", "Shorter")
            self.finished(approvals)
        self.assertEqual([outcome for outcome, _ in seen], ["rework"] * 3)
        self.assertNotEqual(seen[0][1], "gpt")
        self.assertEqual([model for _, model in seen[1:]], ["gpt", None])

    def test_without_outcomes_a_text_is_asked_for_and_is_the_feedback(self):
        approvals = self.serve(self.make())
        question = self.wait(approvals, emit=())
        body = self.bot.questions[question]["body"]
        self.assertEqual((body["options"], body["free_text"]), ([{"id": "answer", "label": "Answer"}], "required"))
        self.bot.answer(question, "answer", "Ana signs")
        self.finished(approvals)
        self.assertEqual(Flow.resumed, [(None, "Ana signs")])

    def test_outcomes_that_cannot_be_ids_are_numbered(self):
        approvals = self.serve(self.make())
        long = "x" * 300
        question = self.wait(approvals, emit=(long, "rework"))
        options = self.bot.questions[question]["body"]["options"]
        self.assertEqual(options, [{"id": "1", "label": "x" * 249 + "…"}, {"id": "2", "label": "rework"}])
        self.bot.answer(question, "1", "Good")
        self.finished(approvals)
        self.assertEqual(Flow.resumed, [(long, "Good")])

    def test_the_id_of_a_question_is_that_of_its_pause(self):
        approvals = self.make()
        questions = [self.wait(approvals) for _ in range(2)]
        self.assertEqual(questions[0], questions[1])
        self.assertNotEqual(self.wait(approvals, requested_at="2026-01-01T00:00:01"), questions[0])

    def test_a_later_review_of_the_same_method_is_the_next_round_of_the_former(self):
        approvals = self.serve(self.make())
        first = self.wait(approvals)
        self.bot.answer(first, "rework")
        self.finished(approvals)
        second = self.wait(approvals, requested_at="2026-01-01T00:00:01")
        self.assertEqual(self.bot.questions[second]["body"]["follows"], first)
        other = self.wait(approvals, method_name="sign", requested_at="2026-01-01T00:00:02")
        self.assertNotIn("follows", self.bot.questions[other]["body"])

    def test_a_flow_that_waits_again_withdraws_its_question_before(self):
        approvals = self.serve(self.make())
        first = self.wait(approvals)
        second = self.wait(approvals, requested_at="2026-01-01T00:00:01")
        eventually(lambda: self.bot.questions[first]["status"] == "withdrawn")
        self.assertNotIn("follows", self.bot.questions[second]["body"])
        self.bot.answer(second, "rework")
        self.finished(approvals)
        self.assertEqual(Flow.resumed, [("rework", "")])

    def test_an_answer_waits_until_crewai_has_stored_the_pause_and_its_trace_context_is_kept(self):
        self.patch(flows, "PAUSE_STORED_WITHIN", 20)
        seen = []
        self.patch(Flow, "steps", staticmethod(lambda flow, *_: seen.append(flow.pending_feedback.trace_context)))
        approvals, flow, store = self.serve(self.make()), Flow(), Persistence()
        flow.persistence = store
        # An event handler delays the storing of the pause.
        question = self.wait(approvals, flow=flow, persistence=None)
        self.bot.answer(question, "publish")
        eventually(lambda: self.bot.questions[question].get("received"))
        time.sleep(0.5)
        self.assertEqual(seen, [])
        pause(approvals.flow_provider(), flow=flow, persistence=store)
        self.finished(approvals)
        self.assertEqual(seen, [[1, 2]])

    def test_a_pause_that_crewai_has_lost_is_resumed_from_the_db(self):
        approvals = self.make()
        question = self.wait(approvals)
        approvals.stop()
        Flow.persistence = Persistence()
        self.bot.answer(question, "publish")
        again = self.serve(self.make())
        self.finished(again)
        self.assertEqual(Flow.resumed, [("publish", "")])

    def test_an_answer_whose_flow_waits_again_already_is_not_carried_out_again(self):
        approvals = self.make()
        first = self.wait(approvals)
        approvals._flows.resume = lambda question: None
        self.serve(approvals)
        self.bot.answer(first, "rework")
        eventually(lambda: self.bot.questions[first].get("received"))
        resuming = flows._resumed_question.set(first)
        self.wait(approvals, requested_at="2026-01-01T00:00:01")
        flows._resumed_question.reset(resuming)
        again = self.restart(approvals)
        eventually(lambda: again._store.one("SELECT 1 FROM pauses WHERE question = ? AND finished > 0", first))
        self.assertEqual(Flow.resumed, [])

    def test_answers_to_flows_wait_for_a_program_that_serves(self):
        approvals = self.make()
        question = self.wait(approvals)
        self.bot.answer(question, "publish")
        time.sleep(0.3)
        self.assertNotIn("received", self.bot.questions[question])
        self.serve(approvals)
        self.finished(approvals)
        self.assertEqual(Flow.resumed, [("publish", "")])

    def test_an_answer_waits_until_the_class_of_its_flow_can_be_found(self):
        approvals = self.make()
        self.bot.answer(self.wait(approvals), "publish")
        del fake_crewai.Flow
        self.addCleanup(setattr, fake_crewai, "Flow", Flow)
        with self.assertLogs("crew_approvals", logging.ERROR) as logs:
            again = self.restart(approvals)
            eventually(lambda: any("was not found" in line for line in logs.output))
        self.assertEqual(Flow.resumed, [])
        fake_crewai.Flow = Flow
        self.finished(again)
        self.assertEqual(Flow.resumed, [("publish", "")])

    def test_a_flow_that_fails_or_that_nobody_answers_has_failed_with_the_reason(self):
        def fail(*_):
            raise ValueError("the printer is on fire")

        self.patch(Flow, "steps", staticmethod(fail))
        approvals = self.serve(self.make())
        self.bot.answer(self.wait(approvals), "publish")
        self.finished(approvals)
        self.bot.settle(self.wait(approvals, flow_id="flow-2"), "closed")
        self.finished(approvals)
        reason = {"state": "failed", "reason": "ValueError: the printer is on fire"}
        eventually(lambda: self.reported("flow-1") == [reason])
        unanswered = {"state": "failed", "reason": "nobody answered its question: closed"}
        eventually(lambda: self.reported("flow-2") == [unanswered])

    def test_a_flow_that_waits_again_has_not_ended(self):
        pending = fake_crewai.HumanFeedbackPending(None)
        self.patch(Flow, "steps", staticmethod(lambda *_: pending))
        approvals = self.serve(self.make())
        self.bot.answer(self.wait(approvals), "publish")
        self.finished(approvals)
        time.sleep(0.2)
        self.assertEqual(self.bot.runs, [])

    def test_what_json_cannot_hold_is_written_in_another_form_and_a_large_output_is_cut(self):
        approvals = self.make()
        output = {"ratio": float("nan"), "tags": {"a"}, "half": "\ud800", "at": Path("x")}
        question = self.wait(approvals, method_output=output, message="m" * 20_000)
        body = self.bot.questions[question]["body"]
        self.assertEqual(body["output"], {"ratio": None, "tags": ["a"], "half": "?", "at": "x"})
        self.assertEqual(len(body["message"]), 10_000)
        question = self.wait(approvals, method_output=["ü" * 2_000_000], requested_at="later")
        body = self.bot.questions[question]["body"]
        self.assertTrue(body["output"].endswith("…"))
        self.assertGreater(len(body["output"]), 200_000)
        self.assertEqual(body["title"], "write")


KILLED = """
import sys
sys.path[:0] = sys.argv[5:]
import fake_crewai
fake_crewai.install()
from crew_approvals import CrewApprovals
fake_crewai.Flow.persistence = fake_crewai.Persistence(sys.argv[3])
approvals = CrewApprovals(sys.argv[1], "press", "the-ask-secret-of-a-program", db=sys.argv[2])
if "start" in sys.argv[4]:
    fake_crewai.pause(approvals.flow_provider(), persistence=fake_crewai.Flow.persistence)
approvals.serve()
print("ended", file=sys.stderr, flush=True)
"""


class Killed(Case):
    def start(self, word):
        here, package = str(Path(__file__).parent), str(Path(flows.__file__).parent.parent)
        folder = Path(self.folder.name)
        files = [str(self.db), str(folder / "flows.json")]
        args = [sys.executable, "-c", KILLED, self.bot.url, *files, word, here, package]
        env = {**os.environ, "JOURNAL": str(folder / "journal")}
        program = subprocess.Popen(args, env=env, text=True, stderr=subprocess.PIPE)
        self.addCleanup(program.stderr.close)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        while " waiting" not in (line := program.stderr.readline()):
            self.assertNotEqual(line, "")
        return program

    def assert_ends(self, program, by):
        program.send_signal(by)
        self.assertEqual(program.stderr.read().splitlines()[-1:], ["ended"])
        self.assertEqual(program.wait(10 * SLOWNESS), 0)

    def test_a_process_that_is_killed_between_question_and_answer_resumes_its_flow_exactly_once(self):
        program = self.start("start")
        (question,) = self.asked("flow-")
        program.kill()
        program.wait()
        self.bot.answer(question, "publish", "Well done")
        journal = Path(self.folder.name) / "journal"
        for _ in range(2):
            again = self.start("serve")
            eventually(lambda: self.bot.questions[question].get("received"))
            eventually(lambda: {"state": "finished", "result": "done"} in self.reported("flow-1"))
            self.assert_ends(again, signal.SIGTERM)
        self.assertEqual(journal.read_text(), "publish Well done\n")
        self.assertEqual(list(self.bot.questions), [question])

    def test_serving_ends_cleanly_on_ctrl_c_and_on_stop(self):
        self.assert_ends(self.start("serve"), signal.SIGINT)
        approvals = self.make()
        served = threading.Thread(target=approvals.serve)
        served.start()
        eventually(lambda: approvals._questions.resume_flow is not None)
        approvals.stop()
        served.join(10)
        self.assertFalse(served.is_alive())


if __name__ == "__main__":
    unittest.main()
