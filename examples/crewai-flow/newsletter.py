# /// script
# requires-python = ">=3.10"
# dependencies = ["crew-approvals", "crewai>=1.8.0"]
#
# [tool.uv.sources]
# crew-approvals = { path = "../../src/python" }
# ///

import os
import sys

from crewai.flow.flow import Flow, listen, or_, start
from crewai.flow.flow_config import flow_config
from crewai.flow.human_feedback import human_feedback

from crew_approvals import CrewApprovals


class Newsletter(Flow):
    @start()
    def begin(self):
        return "begun"

    @human_feedback(message="Is this newsletter ready?", emit=["publish", "rework", "discard"], llm="gpt-4o-mini")
    @listen(or_("begin", "rework"))
    def write(self):
        return "# Rain jackets\n\nWritten by you, a model or a crew."

    @listen("publish")
    def send_out(self, review):
        print("published:", review.output, review.feedback)

    @listen("discard")
    def drop(self):
        print("discarded")


approvals = CrewApprovals(
    os.environ.get("BOT_URL", "http://127.0.0.1:3000"), crew="press", secret=os.environ["ASK_SECRET"]
)
flow_config.hitl_provider = approvals.flow_provider()

if __name__ == "__main__":
    if "start" in sys.argv:
        Newsletter().kickoff()  # returns when the flow waits
    approvals.serve()           # fetches the answers and resumes the flows
