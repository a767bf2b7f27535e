# /// script
# requires-python = ">=3.10"
# dependencies = ["crew-approvals", "crewai>=1.10.1"]
#
# [tool.uv.sources]
# crew-approvals = { path = "../../src/python" }
# ///

import os

from crewai import Agent, Crew, Task
from crewai.tools import BaseTool

from crew_approvals import CrewApprovals


class SendEmail(BaseTool):
    name: str = "Send E-Mail"
    description: str = "Sends an e-mail to a customer"

    def _run(self, to: str, text: str) -> str:
        print("sent to", to, flush=True)  # your mail server
        return f"sent to {to}"


approvals = CrewApprovals(
    os.environ.get("BOT_URL", "http://127.0.0.1:3000"), crew="press", secret=os.environ["ASK_SECRET"]
)
mailer = Agent(role="Mailer", goal="Answer mails", backstory="A clerk", tools=approvals.gate([SendEmail()]))
answer = Task(description="Answer the last mail", expected_output="What was sent", agent=mailer)

if __name__ == "__main__":
    print(Crew(agents=[mailer], tasks=[answer]).kickoff())
