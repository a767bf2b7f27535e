"""Approvals in Slack for your programs, and for CrewAI flows and crews that you run yourself.

A program calls the crew-approvals bot and receives no requests: it needs no open port and no public address.
"""

from .calls import ToolNotRun
from .client import CrewApprovals
from .questions import Answer, QuestionClosed

__all__ = ["Answer", "CrewApprovals", "QuestionClosed", "ToolNotRun"]
