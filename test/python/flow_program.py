"""A flow with three outcomes and a loop, whose reviews are asked in Slack.

Usage: flow_program.py SETTINGS, a JSON object: `approvals` are the arguments of CrewApprovals; `flows` names the flows to
start; `journal` is the file that the steps of the flow write to, a line each; `crash_in`: the step that kills the process
once, by a file of that name beside the journal.
"""

import json
import os
import signal
import sys
from pathlib import Path

from crew_approvals import CrewApprovals
from crewai.flow.flow import Flow, listen, or_, start
from crewai.flow.flow_config import flow_config
from crewai.flow.human_feedback import human_feedback
from pydantic import BaseModel

settings = json.loads(sys.argv[1])
journal = Path(settings["journal"])


def note(step: str, text: str) -> None:
    with journal.open("a") as file:
        file.write(json.dumps({"step": step, "text": text}) + "\n")
    crash = journal.parent / f"crash-in-{step}"
    if crash.exists():
        crash.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


class Letter(BaseModel):
    id: str = ""
    drafts: int = 0


class Newsletter(Flow[Letter]):
    @start()
    def begin(self) -> str:
        return "begun"

    @human_feedback(
        message="Is this newsletter ready?",
        emit=["publish", "rework", "discard"],
        llm="gpt-4o-mini",
        default_outcome="discard",
    )
    @listen(or_("begin", "rework"))
    def write(self) -> str:
        self.state.drafts += 1
        return f"# Rain jackets\n\nThis is draft {self.state.drafts}."

    @listen("publish")
    def send_out(self, review) -> str:
        note("publish", f"{review.outcome}: {review.output}")
        return "published"

    @listen("discard")
    def drop(self, review) -> str:
        note("discard", f"{review.outcome}: {review.output}")
        return "discarded"


class Printing(Flow):
    @start()
    @human_feedback(message="Print the letter?", emit=["print it", "keep it"], llm="gpt-4o-mini")
    def prepare(self) -> str:
        return "A letter on paper"

    @listen("print it")
    def hand_over(self) -> None:
        raise ValueError("the printer is on fire")


class Question(Flow):
    @start()
    @human_feedback(message="Who signs the letter?")
    def ask(self) -> str:
        return "A letter to everyone"

    @listen("ask")
    def sign(self, review) -> None:
        note("sign", review.feedback)


if __name__ == "__main__":
    approvals = CrewApprovals(**{**settings["approvals"], "listen": tuple(settings["approvals"]["listen"])})
    flow_config.hitl_provider = approvals.flow_provider()
    approvals.serve(background=True)
    for name in settings.get("flows", []):
        {"newsletter": Newsletter, "question": Question, "printing": Printing}[name]().kickoff()
    print("ready", flush=True)
    signal.pause()
