"""Approvals in Slack for your programs, and for CrewAI flows and crews that you run yourself.

A program calls the crew-approvals bot and receives no requests: it needs no open port and no public address.
"""

from .calls import ToolNotRun
from .client import CrewApprovals
from .questions import Answer, QuestionClosed
from .receipts import ReceiptRejected, digest_json, verify_receipt

__all__ = [
    "Answer",
    "CrewApprovals",
    "QuestionClosed",
    "ReceiptRejected",
    "ToolNotRun",
    "digest_json",
    "verify_receipt",
]
