import json
import os
import time
import urllib.error
import urllib.request

QUESTION = os.environ.get("BOT_URL", "http://localhost:3000") + "/crews/deploys/questions/build-43"


def call(method, url, body=None):
    headers = {"Authorization": f"Bearer {os.environ['ASK_SECRET']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=40) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                raise SystemExit(error.read().decode())
        except OSError:
            pass  # the bot is not there: it is asked again
        time.sleep(5)


call("PUT", QUESTION, {"title": "Ship build 42?", "text": "All 312 tests passed."})
while (question := call("GET", f"{QUESTION}?wait=25"))["status"] == "waiting":
    pass
if question["status"] == "answered":
    call("PUT", f"{QUESTION}/received")
    print(question["answer"]["option"], question["answer"]["text"], question["answer"]["by"])
