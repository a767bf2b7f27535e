"""A crew with two tasks that wait for a person, for runs that people start from Slack or that this program starts itself.

Usage: crew_program.py SETTINGS, a JSON object: `approvals` are the arguments of CrewApprovals; `direct`: kick off at once;
`fail`: the model fails.
"""

import json
import sys
import threading

from crew_approvals import CrewApprovals
from crewai.core.providers.human_input import HumanInputProvider, set_provider

from crewai import Agent, BaseLLM, Crew, Task

settings = json.loads(sys.argv[1])


class Scripted(BaseLLM):
    """A model that chooses its answer by words in the messages."""

    def call(self, messages, *_args, **_kwargs):
        if settings.get("fail"):
            raise ValueError("the model is out of words")
        prompt = (
            messages if isinstance(messages, str) else "\n".join(str(message.get("content")) for message in messages)
        )
        text = "A budget of 400 euros." if "budget" in prompt else "Rain jackets, for everyone who gets wet."
        if "make it shorter" in prompt:
            text = "Rain jackets."
        return f"Thought: I now can give a great answer\nFinal Answer: {text}"

    def supports_function_calling(self) -> bool:
        return False


def make_crew() -> Crew:
    model = Scripted(model="scripted")
    writer = Agent(role="Writer", goal="Write about {topic}", backstory="A writer", llm=model)
    planner = Agent(role="Planner", goal="Plan", backstory="A planner", llm=model)
    slogan = Task(
        name="slogan",
        description="Write a slogan about {topic}",
        expected_output="A slogan",
        agent=writer,
        human_input=True,
    )
    plan = Task(
        name="plan",
        description="Make a budget",
        expected_output="A budget",
        agent=planner,
        human_input=True,
        context=[],
    )
    return Crew(agents=[writer, planner], tasks=[slogan, plan])


def run_directly(approvals: CrewApprovals) -> None:
    provider = approvals.task_provider()
    assert isinstance(provider, HumanInputProvider)
    set_provider(provider)
    print("result", make_crew().kickoff(inputs={"topic": "rain jackets"}), flush=True)


if __name__ == "__main__":
    approvals = CrewApprovals(**settings["approvals"])
    approvals.register_crew(make_crew)
    if settings.get("direct"):
        threading.Thread(target=run_directly, args=(approvals,), daemon=True).start()
    print("\nready\n", end="", flush=True)  # A single write, because another thread prints too.
    approvals.serve()
    print("ended", flush=True)
