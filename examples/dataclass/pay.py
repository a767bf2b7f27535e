# /// script
# requires-python = ">=3.10"
# dependencies = ["crew-approvals"]
#
# [tool.uv.sources]
# crew-approvals = { path = "../../src/python" }
# ///

import os
from dataclasses import dataclass
from typing import Literal

from crew_approvals import CrewApprovals


@dataclass
class Payment:
    amount: float
    account: Literal["giro", "savings"]
    note: str | None = None


approvals = CrewApprovals(
    os.environ.get("BOT_URL", "http://localhost:3000"), crew="deploys", secret=os.environ["ASK_SECRET"]
)
answer = approvals.ask("Pay invoice 17", "ACME sent an invoice for 1,200.50 EUR.", fields=Payment)
print(answer.option, answer.fields)
