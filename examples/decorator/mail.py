# /// script
# requires-python = ">=3.10"
# dependencies = ["crew-approvals"]
#
# [tool.uv.sources]
# crew-approvals = { path = "../../src/python" }
# ///

import functools
import inspect
import json
import os

from crew_approvals import CrewApprovals

approvals = CrewApprovals(
    os.environ.get("BOT_URL", "http://127.0.0.1:3000"), crew="press", secret=os.environ["ASK_SECRET"]
)


def require_approval(function):
    @functools.wraps(function)
    def ask_first(*args, **kwargs):
        arguments = inspect.signature(function).bind(*args, **kwargs).arguments
        arguments = json.loads(json.dumps(arguments))  # people see a copy, and the function gets it
        answer = approvals.ask(function.__name__, output=arguments, kind="tool")
        if answer.option != "allow":
            return f"A person blocked this call. Reason: {answer.text or 'none'}"
        return function(**arguments)

    return ask_first


@require_approval
def send_email(to: str, subject: str) -> str:
    print("sent to", to, flush=True)  # your mail server
    return f"sent to {to}"


if __name__ == "__main__":
    print(send_email("ana@example.com", subject="Welcome"))
