"""A bot with only the questions API, over HTTP. Its methods do what people do."""

import http.server
import json
import os
import threading
import time
from urllib.parse import parse_qs, unquote, urlsplit

#: Bytes of a body, as the bot counts them.
LARGEST_BODY = 1_048_576
SECRET = "the-ask-secret-of-a-program"
#: Factor by which this machine is slower than a quiet machine, measured by the run of all tests.
SLOWNESS = max(1.0, float(os.environ.get("CREW_APPROVALS_SLOWNESS", "1")))


class FakeBot:
    """`fault`: replaces every answer: a status, a status with seconds to wait, or "cut"; None: no fault."""

    def __init__(self):
        self.questions, self.runs, self.starts, self.said, self.inputs = {}, [], [], [], None
        self.requests, self.fault = [], None
        #: Bots of the crews at this address, by name.
        self.crews = {"press": self}
        #: Times of the requests, by `time.monotonic`.
        self.times = []
        #: Called with a request's method and path before it is answered.
        self.watch = lambda method, path: None
        self.changed = threading.Condition()
        bot = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                parts, fault = urlsplit(self.path), bot.fault
                names = [unquote(part) for part in parts.path.split("/")[3:]]
                bot.times.append(time.monotonic())
                bot.requests.append((self.command, parts.path, fault))
                bot.watch(self.command, "/".join(names))
                if fault == "cut":
                    self.close_connection = True
                    return
                status, answer, headers = bot.answer_fault(fault)
                if fault is None:
                    content = json.loads(body) if body else None
                    crew = bot.crews.get(unquote(parts.path.split("/")[2]))
                    if crew is None:
                        status, answer = 404, {"error": "unknown_crew", "message": "There is no crew with this name."}
                    elif length > LARGEST_BODY:
                        status, answer = 413, {"error": "too_large", "message": "The body is larger than 1 MiB."}
                    elif self.headers.get("authorization") != f"Bearer {SECRET}":
                        status, answer = 401, {"error": "unauthorized", "message": "The crew's ask secret is wrong."}
                    else:
                        status, answer = crew.route(self.command, names, parse_qs(parts.query), content)
                text = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_PUT = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """Ignores the error: the program closed its connection."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    # -- what people do

    def answer(self, question, option, text="", by="UANA", **fields):
        answer = {"option": option, "text": text, "by": by, "at": "2026-01-01T00:00:00Z", **fields}
        self.settle(question, "answered", answer=answer)

    def settle(self, question, status, **fields):
        with self.changed:
            self.questions[question].update(status=status, **fields)
            self.changed.notify_all()

    def forget(self, question):
        with self.changed:
            del self.questions[question]
            self.changed.notify_all()

    # -- what programs see

    def answer_fault(self, fault):
        status, retry_after = fault if isinstance(fault, tuple) else (fault, None)
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        location = {} if fault is None else {"location": "/elsewhere"}
        return status, {"error": "fault", "message": "Not now."}, {**headers, **location}

    def sent(self, method, path):
        """Counts the answered requests with this method and end of the path."""
        return sum(1 for name, at, fault in self.requests if fault is None and name == method and at.endswith(path))

    def route(self, method, names, query, body):
        with self.changed:
            match (method, *names):
                case ("GET", "questions"):
                    return self.wait(query["ids"][0].split(","), float(query.get("wait", ["0"])[0]))
                case ("PUT", "questions", question):
                    return self.ask(question, body)
                case ("PUT", "questions", question, word):
                    if question not in self.questions:
                        return 404, {"error": "unknown_question", "message": "There is no question with this id."}
                    self.questions[question][word] = self.questions[question].get(word, 0) + 1
                    return 200, self.describe(question)
                case ("DELETE", "questions", question):
                    if question not in self.questions:
                        return 404, {"error": "unknown_question", "message": "There is no question with this id."}
                    self.questions[question]["status"] = "withdrawn"
                    return 200, self.describe(question)
                case ("PUT", "runs", run):
                    self.runs.append((run, body))
                    return 200, {"run": run}
                case ("PUT", "inputs"):
                    self.inputs = body
                    return 200, body
                case ("GET", "starts"):
                    self.changed.wait_for(lambda: self.starts, min(float(query["wait"][0]), 0.3))
                    return 200, {"start": self.starts.pop(0)} if self.starts else {}
                case ("PUT", "starts", start):
                    self.said.append((start, body))
                    return 200, {"id": start}
        return 404, {"error": "not_found", "message": "Not found."}

    def ask(self, question, body):
        stored = self.questions.get(question)
        if stored is not None and stored["status"] == "withdrawn":
            return 410, {"error": "withdrawn", "message": "This question was withdrawn."}
        if stored is not None and stored["body"] != body:
            return 409, {"error": "other_content", "message": "Another question was asked under this id."}
        if "title" not in body or body["title"] == "wrong":
            return 422, {"error": "invalid_fields", "message": "title is wrong"}
        if body.get("follows") not in (None, *self.questions):
            return 422, {"error": "invalid_fields", "message": "follows is not the id of a known question"}
        if stored is None:
            self.questions[question] = {"body": body, "status": "waiting"}
            self.changed.notify_all()
        return (201 if stored is None else 200), {"id": question}

    def describe(self, question):
        stored = self.questions.get(question, {"status": "unknown"})
        fields = {name: stored[name] for name in ("answer", "reason") if name in stored}
        return {"id": question, "status": stored["status"], **fields}

    def wait(self, ids, seconds):
        if len(ids) > 50:
            return 422, {"error": "invalid_fields", "message": "ids must name 1 to 50 questions"}
        self.changed.wait_for(lambda: any(self.describe(id)["status"] != "waiting" for id in ids), seconds)
        return 200, {"questions": [self.describe(id) for id in ids]}


def eventually(check, seconds=20):
    deadline = time.monotonic() + seconds * SLOWNESS
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")
