# /// script
# requires-python = ">=3.10"
# dependencies = ["crew-approvals[langgraph]", "langgraph-checkpoint-sqlite"]
#
# [tool.uv.sources]
# crew-approvals = { path = "../../src/python" }
# ///

import os
import sys
from typing import TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from crew_approvals import CrewApprovals
from crew_approvals.langgraph import run_graph


class Payment(TypedDict):
    to: str
    amount: int
    outcome: str


def approve(state: Payment):
    answer = interrupt(
        {
            "title": f"Pay {state['amount']} EUR to {state['to']}?",
            "output": {"to": state["to"], "amount": state["amount"]},
            "options": [
                {"id": "pay", "label": "Pay", "style": "primary"},
                {"id": "reject", "label": "Reject", "style": "danger"},
            ],
            "free_text": "optional",
        }
    )
    return {"outcome": f"{answer['option']} by {answer['by']}: {answer['text']}"}


builder = StateGraph(Payment)
builder.add_node("approve", approve)
builder.add_edge(START, "approve")
builder.add_edge("approve", END)
approvals = CrewApprovals(
    os.environ.get("BOT_URL", "http://127.0.0.1:3000"), crew="payments", secret=os.environ["ASK_SECRET"]
)

with SqliteSaver.from_conn_string("payments.db") as saver:
    graph = builder.compile(checkpointer=saver)
    payment = {"to": "ACME", "amount": 900, "outcome": ""}
    values = run_graph(approvals, graph, payment, {"configurable": {"thread_id": sys.argv[1]}})
    print(values["outcome"])
