"""Approvals in Slack for your programs, and for CrewAI flows and crews that you run yourself.

The program only sends requests to the crew-approvals bot: it needs no port and no address.
"""

from .calls import ToolNotRun
from .client import CrewApprovals
from .questions import Answer, QuestionClosed

__all__ = ["Answer", "CrewApprovals", "QuestionClosed", "ToolNotRun"]
