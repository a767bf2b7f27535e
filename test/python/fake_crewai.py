"""The parts of crewai that the client needs, without the package. Flows record how they are resumed."""

import json
import os
import re
import sys
import types
from contextvars import ContextVar
from pathlib import Path


class PendingFeedbackContext:
    def __init__(self, trace_context=None, **fields):
        self.__dict__.update(fields, trace_context=trace_context)

    def to_dict(self):
        return dict(self.__dict__)

    @classmethod
    def from_dict(cls, fields):
        return cls(**fields)


class HumanFeedbackPending(Exception):
    def __init__(self, context, callback_info=None):
        super().__init__()
        self.context, self.callback_info = context, callback_info


class Persistence:
    """A store of waiting flows, in memory or in a file."""

    def __init__(self, path=None):
        self.path, self.pending = path, {}

    def load_pending_feedback(self, flow_id):
        if self.path is not None and Path(self.path).exists():
            self.pending = json.loads(Path(self.path).read_text())
        if flow_id not in self.pending:
            return None
        state, fields = self.pending[flow_id]
        return state, PendingFeedbackContext.from_dict(fields)

    def save_pending_feedback(self, flow_id, context, state):
        self.pending[flow_id] = (state, context.to_dict())
        if self.path is not None:
            Path(self.path).write_text(json.dumps(self.pending))


class Flow:
    """A flow. `steps`: runs the later steps and returns the result."""

    persistence = None
    resumed = []
    steps = staticmethod(lambda flow, outcome, feedback: "done")

    def __init__(self):
        self.state = {"id": "flow-1", "drafts": 1}

    @classmethod
    def from_pending(cls, flow_id, persistence):
        flow = cls()
        flow.state, flow.pending_feedback = persistence.load_pending_feedback(flow_id)
        return flow

    def _collapse_to_outcome(self, feedback, outcomes, llm):
        raise AssertionError("a model was asked")

    async def resume_async(self, feedback):
        pending = self.pending_feedback
        outcome = None
        if pending.emit and not feedback.strip():
            outcome = pending.default_outcome
        elif pending.emit and pending.llm is None:
            # crewai 1.10 does this.
            outcome = pending.emit[0]
        elif pending.emit:
            outcome = self._collapse_to_outcome(feedback=feedback, outcomes=pending.emit, llm=pending.llm)
        Flow.resumed.append((outcome, feedback))
        journal = os.environ.get("JOURNAL")
        if journal:
            with open(journal, "a") as file:
                file.write(f"{outcome} {feedback}\n")
        return type(self).steps(self, outcome, feedback)


class Executor:
    """The executor of an agent, with the methods that feedback needs."""

    def __init__(self, **fields):
        self.messages, self.ask_for_human_input = [], True
        self.task = types.SimpleNamespace(name="slogan", description="Write a slogan", expected_output="A slogan")
        self.crew = None
        self.__dict__.update(fields)

    def _is_training_mode(self):
        return False

    def _format_feedback_message(self, feedback):
        return {"role": "user", "content": feedback}

    def _invoke_loop(self):
        return types.SimpleNamespace(output=f"Slogan {len(self.messages) + 1}")

    async def _ainvoke_loop(self):
        return self._invoke_loop()


class StructuredTool:
    """A tool in the form that agents call. `_original_tool`: the tool behind it."""

    def __init__(self, tool):
        self._original_tool, self.name, self.func = tool, tool.name, tool._run

    def invoke(self, arguments, config=None):
        return self.func(**arguments)


class BaseTool:
    model_fields = ("name", "description", "args_schema", "cache_function", "result_as_answer")
    description, cache_function, result_as_answer = "A tool", None, False

    def __init__(self, **fields):
        self.__dict__.update(fields)

    @property
    def args_schema(self):
        code = self._run.__code__
        schema = types.SimpleNamespace(model_fields=dict.fromkeys(code.co_varnames[1 : code.co_argcount]))
        return self.__dict__.get("args_schema", schema)

    def run(self, *args, **kwargs):
        return self._run(*args, **kwargs)

    async def arun(self, *args, **kwargs):
        return await self._arun(*args, **kwargs)

    async def _arun(self, *args, **kwargs):
        raise NotImplementedError

    def format_output_for_agent(self, raw_result):
        return f"formatted {raw_result}"

    def to_structured_tool(self):
        return StructuredTool(self)


def sanitize_tool_name(name):
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


class Hooks:
    """Hooks of tool calls, called as CrewAI does: the tool runs if a hook raises."""

    def __init__(self):
        self.hooks = []

    def unregister(self, hook):
        if hook in self.hooks:
            self.hooks.remove(hook)

    def call(self, context):
        """True if the tool runs. As up to crewai 1.14.4, hooks after a hook that raises are not called."""
        try:
            for hook in list(self.hooks):
                if hook(context) is False:
                    return False
        except Exception:
            pass
        return True


def install(executor=Executor):
    """Installs the package among the imported modules. Returns its modules by name."""
    hooks = Hooks()
    handlers = {}
    provider = types.SimpleNamespace(value=None)
    bus = types.SimpleNamespace(on=lambda kind: lambda handler: handlers.setdefault(kind, []).append(handler))
    agent = types.SimpleNamespace(model_fields={"executor_class": types.SimpleNamespace(default=executor)})
    events = {"crewai_event_bus": bus, "CrewKickoffCompletedEvent": "completed", "CrewKickoffFailedEvent": "failed"}
    human_input = {
        "SyncHumanInputProvider": object,
        "set_provider": lambda value: setattr(provider, "value", value),
        "get_provider": lambda: provider.value,
        "handlers": handlers,
        "provider": provider,
    }
    contents = {
        "crewai": {"Agent": agent, "__spec__": types.SimpleNamespace(), "__version__": "1.15.30"},
        "crewai.tools": {"BaseTool": BaseTool},
        "crewai.tools.structured_tool": {"CrewStructuredTool": StructuredTool},
        "crewai.utilities": {},
        "crewai.utilities.string_utils": {"sanitize_tool_name": sanitize_tool_name},
        "crewai.hooks": {
            "fake": hooks,
            "get_before_tool_call_hooks": lambda: list(hooks.hooks),
            "register_before_tool_call_hook": hooks.hooks.append,
            "unregister_before_tool_call_hook": hooks.unregister,
        },
        "crewai.events.event_context": {"_event_id_stack": ContextVar("stack", default=())},
        "crewai.events": events,
        "crewai.flow": {},
        "crewai.flow.flow_context": {"current_flow_id": ContextVar("flow", default=None)},
        "crewai.flow.async_feedback": {"HumanFeedbackPending": HumanFeedbackPending},
        "crewai.flow.async_feedback.types": {"PendingFeedbackContext": PendingFeedbackContext},
        "crewai.flow.persistence": {"SQLiteFlowPersistence": lambda flow=Flow: flow.persistence},
        "crewai.core": {},
        "crewai.core.providers": {},
        "crewai.core.providers.human_input": human_input,
    }
    modules = {name: types.ModuleType(name) for name in contents}
    for name, module in modules.items():
        module.__dict__.update(contents[name])
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(modules[parent], child, module)
    sys.modules.update(modules)
    return modules


def pause(provider, emit=("publish", "rework"), flow=None, persistence=None, **fields):
    """Pauses a flow for a person as the package does. Returns the id of the question."""
    flow = Flow() if flow is None else flow
    context = PendingFeedbackContext(
        **{
            **{"flow_id": "flow-1", "flow_class": "flows.Letters", "method_name": "write", "metadata": {}},
            **{"method_output": "A letter", "message": "Is it ready?", "emit": list(emit), "default_outcome": None},
            **{"llm": None, "requested_at": "2026-01-01T00:00:00", **fields},
        }
    )
    try:
        provider.request_feedback(context, flow)
    except HumanFeedbackPending as pending:
        if persistence is not None:
            context.trace_context = [1, 2]
            persistence.save_pending_feedback(context.flow_id, context, flow.state)
        return pending.callback_info["question"]
    raise AssertionError("the flow did not pause")
