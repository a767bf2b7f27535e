"""An agent of LangChain whose calls its HumanInTheLoopMiddleware stops."""

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
said = [AIMessage("", tool_calls=calls), AIMessage("done")]
approvals = CrewApprovals(os.environ["BOT_URL"], crew="payments", secret=os.environ["ASK_SECRET"])

with SqliteSaver.from_conn_string("reviewed.db") as saver:
    graph = create_agent(
        # After a restart, only the last answer of the model is left.
        Model(messages=iter(said[1:] if "again" in sys.argv else said)),
        [refund],
        middleware=[HumanInTheLoopMiddleware({"refund": {"allowed_decisions": ["approve", "reject"]}})],
        checkpointer=saver,
    )
    config = {"configurable": {"thread_id": "order-7"}}
    values = run_graph(approvals, graph, {"messages": [("user", "Refund both.")]}, config)
    for message in values["messages"]:
        print(type(message).__name__, message.content)
