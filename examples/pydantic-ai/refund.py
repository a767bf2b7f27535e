# /// script
# requires-python = ">=3.10"
# dependencies = ["crew-approvals[pydantic-ai]", "pydantic-ai-slim[openai]"]
#
# [tool.uv.sources]
# crew-approvals = { path = "../../src/python" }
# ///

import asyncio
import os
import sys

from pydantic_ai import Agent, DeferredToolRequests

from crew_approvals import CrewApprovals
from crew_approvals.pydantic_ai import run_agent

agent = Agent(os.environ.get("MODEL", "openai:gpt-5"), name="Refunds", output_type=[str, DeferredToolRequests])


@agent.tool_plain(requires_approval=True)
def refund(order: str, euros: int) -> str:
    print("refunded", order, euros, flush=True)  # your shop
    return f"refunded {euros} EUR"


approvals = CrewApprovals(
    os.environ.get("BOT_URL", "http://127.0.0.1:3000"), crew="payments", secret=os.environ["ASK_SECRET"]
)
run = sys.argv[1]
prompt = "Order 7 arrived broken. Refund its 25 EUR."
result = asyncio.run(run_agent(approvals, agent, prompt, run=run, path=f"{run}.json"))
print(result.output)
