# /// script
# requires-python = ">=3.10"
# dependencies = ["crew-approvals", "crewai>=1.10.1"]
#
# [tool.uv.sources]
# crew-approvals = { path = "../../src/python" }
# ///

import os

from crewai import Agent, Crew, Task
from crewai.core.providers.human_input import set_provider
from crewai.tools import tool

from crew_approvals import CrewApprovals


@tool("refund")
def refund(order: str, amount: int) -> str:
    """Refunds an order."""
    print("refunded", order, amount, flush=True)  # your payment service
    return f"refunded {amount}"


approvals = CrewApprovals(
    os.environ.get("BOT_URL", "http://127.0.0.1:3000"), crew="press", secret=os.environ["ASK_SECRET"]
)
clerk = Agent(role="Clerk", goal="Refund orders", backstory="A clerk", tools=[refund])
task = Task(
    name="refunds", description="Refund order 7", expected_output="What was refunded", agent=clerk, human_input=True
)

if __name__ == "__main__":
    set_provider(approvals.task_provider())
    print(Crew(agents=[clerk], tasks=[task]).kickoff())
