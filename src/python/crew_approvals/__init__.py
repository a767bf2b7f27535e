"""Approvals in Slack for your programs, and for CrewAI flows and crews that you run yourself.

The program only sends requests to the crew-approvals bot: it needs no port and no address.
"""

from .client import CrewApprovals
from .questions import Answer, QuestionClosed
from .tools import ToolNotRun

__all__ = ["Answer", "CrewApprovals", "QuestionClosed", "ToolNotRun"]
