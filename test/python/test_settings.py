"""The arguments of a client and its file."""

import http.server
import os
import ssl
import stat
import subprocess
import sys
import threading
import unittest
import unittest.mock
from pathlib import Path

from case import Case
from crew_approvals import CrewApprovals
from crew_approvals.bot import Bot, Unavailable

OTHER = "import sys; from crew_approvals import CrewApprovals as C; C('https://a', 'b', 'c', db=sys.argv[1])"


class Settings(Case):
    def test_no_host_is_read_in_another_way_than_it_is_called(self):
        for host in ("127.0.0.\u0663", "example.com\\@localhost"):
            with self.assertRaisesRegex(ValueError, "^url "):
                CrewApprovals(f"http://{host}", "press", "s", db=self.db)

    def test_a_proxy_of_the_environment_gets_nothing_that_is_for_this_machine(self):
        proxy = {"http_proxy": "http://127.0.0.1:9", "no_proxy": "", "NO_PROXY": ""}
        with unittest.mock.patch.dict(os.environ, proxy):
            with self.assertRaisesRegex(Unavailable, "404"):
                self.make()._bot.call("GET", "nothing")

    def test_a_bot_whose_certificate_is_not_trusted_gets_nothing(self):
        requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                requests.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"{}")

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(Path(__file__).parent.parent / "fixtures" / "untrusted-server.pem")
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        bot = Bot(f"https://127.0.0.1:{server.server_address[1]}", "press", "s")
        with self.assertRaisesRegex(Unavailable, "certificate verify failed"):
            bot.call("GET", "questions/build-42")
        self.assertEqual(requests, [])

    def test_the_file_is_for_its_owner_and_for_one_process(self):
        approvals = self.make()
        self.assertEqual(stat.S_IMODE(os.stat(self.db).st_mode), 0o600)
        other = subprocess.run(
            [sys.executable, "-c", OTHER, str(self.db)], capture_output=True, text=True
        )
        self.assertIn(
            "is in use by another process: each process needs a db of its own",
            other.stderr,
        )
        # A process that was forked after the client was made.
        approvals._store._pid += 1
        with self.assertRaisesRegex(
            RuntimeError, "forked after CrewApprovals was made"
        ):
            approvals.ask("Ship?", "Now?")
        approvals._store._pid -= 1

    def test_a_client_that_was_stopped_asks_no_more(self):
        approvals = self.make()
        approvals.stop()
        with self.assertRaisesRegex(RuntimeError, "CrewApprovals was stopped"):
            approvals.ask("Ship?", "Now?")


if __name__ == "__main__":
    unittest.main()
