# /// script
# requires-python = ">=3.10"
# dependencies = ["crew-approvals", "crewai>=1.10.1"]
#
# [tool.uv.sources]
# crew-approvals = { path = "../../src/python" }
# ///

import os

from crewai import Agent, Crew, Task

from crew_approvals import CrewApprovals


def make_crew():
    writer = Agent(role="Writer", goal="Write about {topic}", backstory="A writer of few words")
    slogan = Task(
        name="slogan",
        description="Write a slogan about {topic}",
        expected_output="A slogan",
        agent=writer,
        human_input=True,
    )
    return Crew(agents=[writer], tasks=[slogan])


approvals = CrewApprovals(
    os.environ.get("BOT_URL", "http://127.0.0.1:3000"), crew="press", secret=os.environ["ASK_SECRET"], db="press.db"
)
approvals.register_crew(make_crew)

if __name__ == "__main__":
    approvals.serve()
