"""An agent of LangChain with a HumanInTheLoopMiddleware, which stops its calls."""

import os
import sys

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.checkpoint.sqlite import SqliteSaver

from crew_approvals import CrewApprovals
from crew_approvals.langgraph import run_graph


class Model(GenericFakeChatModel):
    def bind_tools(self, tools, **_):
        return self


def refund(order: str, euros: int) -> str:
    """Refunds an order."""
    print("refunded", order, euros, flush=True)
    return f"refunded {euros} EUR"


calls = [{"name": "refund", "args": {"order": order, "euros": 25}, "id": order} for order in ("seven", "eight")]
responses = [AIMessage("", tool_calls=calls), AIMessage("done")]
approvals = CrewApprovals(os.environ["BOT_URL"], crew="payments", secret=os.environ["ASK_SECRET"])

with SqliteSaver.from_conn_string("reviewed.db") as saver:
    graph = create_agent(
        # After a restart, the model has only its last response.
        Model(messages=iter(responses[1:] if "again" in sys.argv else responses)),
        [refund],
        middleware=[HumanInTheLoopMiddleware({"refund": {"allowed_decisions": ["approve", "reject"]}})],
        checkpointer=saver,
    )
    config = {"configurable": {"thread_id": "order-7"}}
    values = run_graph(approvals, graph, {"messages": [("user", "Refund both.")]}, config)
    for message in values["messages"]:
        print(type(message).__name__, message.content)
