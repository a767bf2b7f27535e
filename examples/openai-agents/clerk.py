# /// script
# requires-python = ">=3.10"
# dependencies = ["crew-approvals[openai-agents]"]
#
# [tool.uv.sources]
# crew-approvals = { path = "../../src/python" }
# ///

import asyncio
import os
import sys

from agents import Agent, function_tool

from crew_approvals import CrewApprovals
from crew_approvals.openai_agents import run_agent


@function_tool(needs_approval=True)
def refund(order: str, euros: int) -> str:
    """Refunds an order."""
    print("refunded", order, euros, flush=True)  # your shop
    return f"refunded {euros} EUR"


clerk = Agent(name="Refunds", instructions="Answer customers.", tools=[refund], model="gpt-5")
approvals = CrewApprovals(
    os.environ.get("BOT_URL", "http://127.0.0.1:3000"), crew="payments", secret=os.environ["ASK_SECRET"]
)
run = sys.argv[1]
prompt = "Order 7 arrived broken. Refund its 25 EUR."
result = asyncio.run(run_agent(approvals, clerk, prompt, run=run, path=f"{run}.json"))
print(result.final_output)
