"""Calls of tools that a person allows or blocks."""

import asyncio
import contextvars
import datetime
import decimal
import enum
import sqlite3
import sys
import types
import unittest
import unittest.mock

from case import Case
from crew_approvals import ToolNotRun, tools
from fake_bot import eventually
from fake_crewai import BaseTool


class Color(enum.Enum):
    RED = "red"
    BYTES = b"red"


class Pay(BaseTool):
    name = "Pay Out"

    def __init__(self):
        super().__init__(ran=[])

    def _run(self, amount, to="bob"):
        self.ran.append((amount, to))
        return f"paid {amount}"


class PayLater(Pay):
    async def _run(self, amount):
        self.ran.append(amount)
        return f"paid {amount}"


class PayAsync(Pay):
    async def _arun(self, amount):
        self.ran.append(amount)
        return f"paid {amount} async"


def call(tool, agent="Buyer", **arguments):
    """Builds the context of a call that a hook sees."""
    return types.SimpleNamespace(
        tool_name=tool if isinstance(tool, str) else "pay_out",
        tool=None if isinstance(tool, str) else tool.to_structured_tool(),
        tool_input=arguments,
        agent=agent and types.SimpleNamespace(role=agent),
    )


class ToolCase(Case):
    def setUp(self):
        super().setUp()
        self.hooks = self.modules["crewai.hooks"].fake
        self.approvals = self.make()
        self.tool = Pay()

    def gate(self, tool=None, **more):
        (gated,) = self.approvals.gate(tool or self.tool, **more)
        return gated

    def decide(self, work, option, text="", by="UANA"):
        """Runs a call about which a person decides. Returns the result of the call and the question."""
        before = len(self.bot.questions)
        result = self.in_background(contextvars.copy_context().run, work)
        question = self.asked("tool-", before + 1)[-1]
        self.bot.answer(question, option, text, by)
        return self.value_of(result), self.bot.questions[question]["body"]

    def assert_not_run(self, reason, work):
        with self.assertRaisesRegex(ToolNotRun, f"^The tool Pay Out was not run, because .*{reason}"):
            work()
        self.assertEqual(self.tool.ran, [])


class Gated(ToolCase):
    def test_a_call_runs_once_it_is_allowed_with_the_arguments_that_were_shown(self):
        amounts = {"list": [1, (2.5, True, None)], "day": datetime.date(2026, 1, 2), "color": Color.RED}
        amounts |= {"set": {1}, "decimal": decimal.Decimal("1.10")}
        gated = self.gate(run="run-1")
        result = self.in_background(gated.run, amounts)
        (question,) = self.asked("tool-")
        body = self.bot.questions[question]["body"]
        shown = {"list": [1, {"tuple": [2.5, True, None]}], "day": "2026-01-02 (date)", "set": {"set": [1]}}
        shown |= {"color": f"red (enum {__name__}.Color.RED)", "decimal": "1.10 (Decimal)"}
        expected = {"kind": "tool", "title": "Pay Out", "output": {"amount": shown}, "run": "run-1", "lease": True}
        self.assertEqual((body, self.tool.ran), (expected, []))
        before = {**amounts, "list": list(amounts["list"])}
        amounts["list"].append("changed")
        amounts["more"] = "changed"
        self.bot.answer(question, "allow")
        self.value_of(result)
        self.assertEqual(self.tool.ran, [(before, "bob")])

    def test_a_message_stands_above_the_arguments(self):
        result = self.in_background(self.gate(message="Pays from the company account.").run, 5)
        (question,) = self.asked("tool-")
        self.assertEqual(self.bot.questions[question]["body"]["message"], "Pays from the company account.")
        self.bot.answer(question, "allow")
        self.value_of(result)
        for wrong in (5, "x" * 10_001, "\U0001f600" * 5_001):
            with self.assertRaisesRegex(ValueError, "message must be a text of at most 10000 characters"):
                self.gate(message=wrong)

    def test_an_effect_is_a_field_of_each_question(self):
        result = self.in_background(self.gate(effect="irreversible").run, 5)
        (question,) = self.asked("tool-")
        self.assertEqual(self.bot.questions[question]["body"]["effect"], "irreversible")
        self.bot.answer(question, "allow")
        self.value_of(result)
        with self.assertRaisesRegex(ValueError, "effect must be reversible or irreversible"):
            self.gate(effect="final")

    def test_the_agent_reads_who_blocked_a_call_and_why_and_no_cache_keeps_that(self):
        self.tool.cache_function = lambda _arguments, result: result != "secret"
        gated = self.gate()
        for answer, expected in (
            (("block", "wrong"), "a person blocked this call (Slack user UANA). Reason: wrong"),
            (("block",), "a person blocked this call (Slack user UANA)."),
            (("block", "", ""), "nobody allowed this call in time."),
        ):
            result, _ = self.decide(lambda: gated.run(5), *answer)
            self.assertEqual(gated.format_output_for_agent(result), f"The tool was not run: {expected}")
            self.assertFalse(gated.cache_function({}, result))
        self.assertEqual((gated.cache_function({}, "paid"), gated.cache_function({}, "secret")), (True, False))
        self.assertEqual(gated.format_output_for_agent("paid"), "formatted paid")
        self.assertEqual(self.tool.ran, [])

    def test_a_question_that_a_person_closed_is_not_asked_again(self):
        result = self.in_background(self.gate().run, 5)
        self.bot.settle(self.asked("tool-")[0], "closed")
        self.assertIn("was closed without a decision", self.value_of(result))
        self.assertEqual((len(self.bot.questions), self.tool.ran), (1, []))

    def test_a_gated_tool_is_a_tool_like_the_other_and_is_gated_once(self):
        gated = self.gate()
        self.assertEqual((gated.name, gated.description), ("Pay Out", "A tool"))
        self.assertEqual(self.approvals.gate([gated, gated]), [gated, gated])
        with self.assertRaisesRegex(TypeError, "is not a BaseTool: use gate_by_name"):
            self.approvals.gate([print])

    def test_in_an_event_loop_a_call_waits_beside_others(self):
        for tool, expected in ((self.tool, "paid 5"), (PayLater(), "paid 5"), (PayAsync(), "paid 5 async")):
            gated = self.gate(tool)
            result, _ = self.decide(lambda: asyncio.run(gated.arun(5)), "allow")
            self.assertEqual(result, expected)
        gated = self.gate(PayLater())
        self.assertEqual(self.decide(lambda: gated.run(5), "allow")[0], "paid 5")

        async def two():
            calls = [asyncio.create_task(gated.arun(one)) for one in (6, 7)]
            questions = (await asyncio.to_thread(self.asked, "tool-", 6))[-2:]
            self.bot.answer(questions[1], "block")
            self.bot.answer(questions[0], "allow")
            return await asyncio.gather(*calls)

        first, second = asyncio.run(two())
        self.assertEqual(first, "paid 6")
        self.assertIn("blocked", second)

    def test_a_call_that_is_cancelled_withdraws_its_question(self):
        async def cancel():
            task = asyncio.create_task(self.gate().arun(5))
            await asyncio.to_thread(self.asked, "tool-")
            task.cancel()

        asyncio.run(cancel())
        eventually(lambda: self.bot.questions[self.asked("tool-")[0]]["status"] == "withdrawn")

    def test_nothing_runs_whose_arguments_cannot_be_shown(self):
        circle = []
        circle.append(circle)
        values = (b"x", object(), float("nan"), float("inf"), "\ud800", {1: "x"}, Color.BYTES, circle, 10**5000)
        for value in values:
            self.assert_not_run("", lambda value=value: self.gate().run({"deep": [value]}))
        self.assert_not_run(r"arguments.amount\[\] cannot be shown exactly: .*bytes", lambda: self.gate().run([b"x"]))
        self.assert_not_run("do not fit", lambda: self.gate().run(1, 2, 3))
        self.assert_not_run("do not fit", lambda: self.gate().run(1, amount=2))
        self.assertEqual(self.bot.questions, {})

    def test_what_can_be_read_only_once_is_a_list_before_the_question(self):
        read = []

        def people():
            for one in ("ana", "bob"):
                read.append(one)
                yield one

        gated = self.gate()
        result = self.in_background(gated.run, people())
        (question,) = self.asked("tool-")
        self.assertEqual(self.bot.questions[question]["body"]["output"], {"amount": ["ana", "bob"]})
        self.assertEqual((read, self.tool.ran), (["ana", "bob"], []))
        self.bot.answer(question, "allow")
        self.value_of(result)
        self.assertEqual((read, self.tool.ran), (["ana", "bob"], [(["ana", "bob"], "bob")]))

    def test_nothing_runs_when_any_step_fails(self):
        gated, questions, store = self.gate(), self.approvals._questions, self.approvals._store
        error = sqlite3.OperationalError("disk I/O error")
        ask, answer = self.bot.ask, {"option": "allow", "text": "", "by": "UANA", "at": "2026-01-01T00:00:00Z"}

        def allow(question, body):
            asked = ask(question, body)
            self.bot.questions[question].update(status="answered", answer=answer)
            return asked

        self.bot.ask = allow

        def fail(*_args, **_more):
            raise error

        for owner, name in (
            (tools, "freeze"),
            (tools, "find_run"),
            (tools, "build_body"),
            (store, "commit"),
            (questions, "add"),
            (questions, "wake"),
            (questions, "wait"),
            (questions, "abandon"),
            (gated._gate, "ask"),
            (gated._gate, "judge"),
        ):
            with unittest.mock.patch.object(owner, name, fail):
                self.assert_not_run("disk I/O error", lambda: gated.run(5))
                self.assert_not_run("disk I/O error", lambda: asyncio.run(gated.arun(5)))
        self.assertEqual(gated.run(5), "paid 5")

    def test_nothing_runs_after_an_answer_that_is_unknown_or_a_question_that_is_rejected(self):
        self.assert_not_run("its answer is unknown", lambda: self.decide(lambda: self.gate().run(5), "maybe"))
        self.tool.name = "wrong"
        with self.assertRaisesRegex(ToolNotRun, "the bot rejected the question: 422 title is wrong"):
            self.gate().run(5)
        self.assertEqual(self.tool.ran, [])

    def test_nothing_runs_after_a_stop_or_without_its_gate(self):
        result = self.in_background(self.gate().run, 5)
        self.asked("tool-")
        bare = type(self.gate())(name="Pay Out", args_schema={"amount": None})
        self.approvals.stop()
        self.assert_not_run("CrewApprovals was stopped", lambda: self.value_of(result))
        self.assert_not_run("", lambda: bare.run(5))

    def test_a_process_that_died_has_its_questions_withdrawn(self):
        self.in_background(self.gate().run, 5)
        (question,) = self.asked("tool-")
        self.restart(self.approvals)
        eventually(lambda: self.bot.questions[question]["status"] == "withdrawn")
        self.assertEqual(self.tool.ran, [])

    def test_the_card_names_the_agent_where_a_hook_knows_it(self):
        gated = self.gate()

        def run(context):
            self.assertTrue(self.hooks.call(context))
            return gated.run(5)

        _, body = self.decide(lambda: run(call(gated, agent="B" * 400)), "allow")
        self.assertEqual(body["agent"], "B" * 299 + "…")
        for context in (call(self.tool), call(gated, agent=None), call(gated, agent=" "), call("pay_out")):
            _, body = self.decide(lambda context=context: run(context), "allow")
            self.assertNotIn("agent", body)
        self.assertEqual(self.decide(lambda: gated.run(5), "allow")[0], "paid 5")
        self.assertEqual(len(self.hooks.hooks), 1)

    def test_an_agent_that_calls_without_a_thread_of_its_own_keeps_its_run(self):
        structured = self.gate(run="run-1").to_structured_tool()
        result, body = self.decide(lambda: asyncio.run(structured.ainvoke({"amount": 5})), "allow")
        self.assertEqual((result, body["run"]), ("paid 5", "run-1"))

    def test_a_call_belongs_to_the_run_of_its_provider_its_flow_or_its_kickoff(self):
        gated, stack = self.gate(), self.modules["crewai.events.event_context"]._event_id_stack
        flow = self.modules["crewai.flow.flow_context"].current_flow_id

        def run_of(events=(), flow_id=None):
            def work():
                stack.set(events)
                flow.set(flow_id)
                return gated.run(5)

            return self.decide(work, "allow")[1]["run"]

        self.assertEqual(run_of((("e1", "crew_kickoff_started"), ("e2", "flow_started")), "inner"), "e1")
        self.assertEqual(run_of((("e3", "flow_started"),), "flow-1"), "flow-1")
        cancelled = (("e4", "crew_kickoff_started"), ("e5", "task_started"))
        self.assertEqual(run_of((*cancelled, ("e6", "crew_kickoff_started"), ("e7", "task_started"))), "e6")
        self.assertNotEqual(run_of(), run_of())
        del self.modules["crewai.flow.flow_context"].current_flow_id
        self.assertNotIn(self.decide(lambda: gated.run(5), "allow")[1]["run"], ("e1", "flow-1"))
        provider = self.approvals.task_provider()
        self.modules["crewai.core.providers.human_input"].set_provider(provider)
        self.assertEqual(self.decide(lambda: gated.run(5), "allow")[1]["run"], provider.run)

    def test_a_package_whose_calls_cannot_all_be_gated_is_refused(self):
        for version in ("1.9.3", "1.8", "0.150.0"):
            self.modules["crewai"].__version__ = version
            for refused in (lambda: self.approvals.gate([]), lambda: self.approvals.gate_by_name(["x"])):
                with self.assertRaisesRegex(RuntimeError, "has no hooks .*: install crewai 1.10.1 or newer$"):
                    refused()
        self.modules["crewai"].__version__ = "1.10.1"
        self.assertEqual(self.approvals.gate([]), [])
        self.assertEqual(self.hooks.hooks, [tools.note_caller])


class ByName(ToolCase):
    def setUp(self):
        super().setUp()
        self.approvals.gate_by_name(["Pay Out"])

    def gated(self, context):
        return lambda: self.hooks.call(context)

    def test_only_an_allow_lets_a_tool_run_whose_name_is_gated(self):
        context = call(self.tool, amount=5)
        allowed, body = self.decide(self.gated(context), "allow")
        expected = {"kind": "tool", "title": "Pay Out", "output": {"amount": 5}, "lease": True, "agent": "Buyer"}
        self.assertEqual((allowed, {**body, "run": None}), (True, {**expected, "run": None}))
        for name in ("pay_out", "Pay Out", "pay_out_2"):
            self.assertFalse(self.decide(self.gated(call(name, amount=5)), "block", "no")[0])
        self.assertFalse(self.decide(self.gated(context), "maybe")[0])
        result = self.in_background(self.gated(context))
        self.bot.settle(self.asked("tool-", 6)[-1], "closed")
        self.assertFalse(self.value_of(result))
        self.assertTrue(self.hooks.call(call("read_page")))

    def test_a_hook_that_runs_later_or_arguments_that_change_block_the_call(self):
        context = call(self.tool, amount=[1])
        result = self.in_background(self.gated(context))
        self.asked("tool-")
        context.tool_input["amount"][0] = True
        self.bot.answer(self.asked("tool-")[0], "allow")
        self.assertFalse(self.value_of(result))

        result = self.in_background(self.gated(context))
        question = self.asked("tool-", 2)[-1]
        self.hooks.hooks.append(lambda _: None)
        self.bot.answer(question, "allow")
        self.assertFalse(self.value_of(result))
        self.assertFalse(self.hooks.call(context))
        self.assertEqual(len(self.bot.questions), 2)

        self.approvals.gate_by_name(["Other"])
        self.gate()
        self.make_other_gate()
        self.assertTrue(self.decide(self.gated(context), "allow")[0])
        dispatch = types.ModuleType("crewai.hooks.dispatch")
        dispatch.InterceptionPoint = types.SimpleNamespace(PRE_TOOL_CALL="pre")
        dispatch.get_scoped_hooks = lambda _: [print]
        sys.modules["crewai.hooks.dispatch"] = dispatch
        self.addCleanup(sys.modules.pop, "crewai.hooks.dispatch")
        self.assertFalse(self.hooks.call(context))

    def test_a_hook_before_the_gate_that_has_no_effect_on_the_call_or_fails_does_not_get_round_it(self):
        def replace(context):
            context.tool_input = {"amount": 1}

        def add(context):
            context.tool_input["amount"] = 1

        def fail(context):
            add(context)
            raise OSError("a hook failed")

        for hook, arguments in ((replace, {"amount": 5}), (add, {})):
            self.hooks.hooks.insert(0, hook)
            self.approvals.gate_by_name(["Pay Out"])
            self.assertFalse(self.hooks.call(call(self.tool, **arguments)))
            self.hooks.unregister(hook)
            self.assertEqual(len(self.hooks.hooks), 2)
        self.assertEqual(self.bot.questions, {})
        self.hooks.hooks.insert(1, fail)
        self.approvals.gate_by_name(["Pay Out"])
        allowed, body = self.decide(self.gated(call(self.tool, amount=5)), "block")
        self.assertEqual((allowed, body["output"]), (False, {"amount": 1}))
        self.hooks.unregister(fail)
        self.hooks.hooks.insert(0, lambda _: None)
        self.assertFalse(self.hooks.call(call(self.tool, amount=5)))

    def test_a_hook_that_replaces_the_arguments_while_the_call_waits_blocks_it(self):
        context = call(self.tool, amount=[1])
        result = self.in_background(self.gated(context))
        (question,) = self.asked("tool-")
        context.tool_input = dict(context.tool_input)
        self.bot.answer(question, "allow")
        self.assertFalse(self.value_of(result))

    def test_the_tool_gets_what_was_shown_and_what_nobody_else_can_change(self):
        shared = [1]
        context = call(self.tool, amount=shared, to=(one for one in ["ana"]))
        result = self.in_background(self.gated(context))
        (question,) = self.asked("tool-")
        self.assertEqual(self.bot.questions[question]["body"]["output"], {"amount": [1], "to": ["ana"]})
        before = context.tool_input["amount"]
        self.bot.answer(question, "allow")
        self.assertTrue(self.value_of(result))
        shared.append("changed")
        before.append("changed")
        self.assertEqual(context.tool_input, {"amount": [1], "to": ["ana"]})

    def test_an_allow_is_good_for_one_run_however_often_crewai_repeats_the_call(self):
        for tool, result in ((self.tool, lambda made: made), (PayLater(), asyncio.run)):
            context = call(tool, amount=5)
            for times in (1, 2):
                self.assertTrue(self.decide(self.gated(context), "allow")[0])
                self.assertEqual(result(context.tool.func(amount=5)), "paid 5")
                with self.assertRaisesRegex(ToolNotRun, "^The tool Pay Out was not run again: one run was allowed.$"):
                    result(context.tool.func(amount=5))
                self.assertEqual(len(tool.ran), times)

    def make_other_gate(self):
        """Makes the gate of another client. Its hook changes no arguments."""
        other = tools.NameGate(self.approvals._gate)
        other.register(["Something"])

    def test_whatever_fails_in_the_hook_blocks_the_call(self):
        for context in (call(self.tool, amount=b"x"), call("pay_out", amount=float("nan")), types.SimpleNamespace()):
            self.assertFalse(self.hooks.call(context))
        self.approvals.stop()
        self.assertFalse(self.hooks.call(call(self.tool, amount=5)))
        self.assertEqual(self.bot.questions, {})

    def test_a_name_that_crewai_cannot_write_is_refused(self):
        with self.assertRaisesRegex(ValueError, "CrewAI has no name for the tool '✉️'"):
            self.approvals.gate_by_name(["✉️"])
        self.approvals.gate_by_name("Single")
        self.assertFalse(self.decide(self.gated(call("single")), "block")[0])


if __name__ == "__main__":
    unittest.main()
