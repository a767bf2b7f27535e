"""A flow with three outcomes and a loop, whose reviews are asked in Slack.

Usage: flow_program.py SETTINGS, a JSON object: `approvals` are the arguments of CrewApprovals; `flows` names the flows to
start; `journal` is the file that the steps of the flow write to, a line each. A file `crash-in-STEP` beside it kills the
process in that step, once; a file `slow` keeps CrewAI from storing a pause for a while.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from crew_approvals import CrewApprovals
from crewai.events import crewai_event_bus
from crewai.events.types.flow_events import FlowPausedEvent
from crewai.flow.flow import Flow, listen, or_, start
from crewai.flow.flow_config import flow_config
from crewai.flow.human_feedback import human_feedback
from pydantic import BaseModel

settings = json.loads(sys.argv[1])
journal = Path(settings["journal"])
#: The oldest release of crewai needs a model for all flows that it runs here. Only newer releases learn.
MODEL = {} if "printing" in settings.get("flows", []) else {"llm": "gpt-4o-mini"}
LEARN = {"learn": True} if "lessons" in settings.get("flows", []) else {}


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
        note("publish", f"{review.outcome}: {review.output}: {review.feedback}")
        return "published"

    @listen("discard")
    def drop(self, review) -> str:
        note("discard", f"{review.outcome}: {review.output}: {review.feedback}")
        return "discarded"


class Lessons(Flow):
    @start()
    @human_feedback(message="Is this letter ready?", emit=["send it", "drop it"], llm="gpt-4o-mini", **LEARN)
    def draft(self) -> str:
        return "A letter about coats"

    @listen("drop it")
    def drop(self, review) -> None:
        note("drop", review.feedback)


def remember(_memory, lessons, **_) -> None:
    for lesson in lessons:
        note("lesson", lesson)


class Printing(Flow):
    @start()
    @human_feedback(message="Print the letter?", emit=["print it", "keep it"], **MODEL)
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


@crewai_event_bus.on(FlowPausedEvent)
def wait(*_) -> None:
    while (journal.parent / "slow").exists():
        time.sleep(0.1)


if __name__ == "__main__":
    approvals = CrewApprovals(**settings["approvals"])
    flow_config.hitl_provider = approvals.flow_provider()
    if LEARN:
        from crewai.memory.unified_memory import Memory

        Memory.recall, Memory.remember_many = (lambda *_, **__: []), remember
    for name in settings.get("flows", []):
        flow = {"newsletter": Newsletter, "question": Question, "printing": Printing, "lessons": Lessons}[name]()
        threading.Thread(target=flow.kickoff, daemon=True).start()
    print("\nready\n", end="", flush=True)  # A single write, because another thread prints too.
    approvals.serve()
