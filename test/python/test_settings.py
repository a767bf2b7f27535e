"""The arguments of a client and its file."""

import os
import stat
import subprocess
import sys
import unittest

from case import Case
from crew_approvals import CrewApprovals

OTHER = "import sys; from crew_approvals import CrewApprovals as C; C('http://a', 'b', 'c', db=sys.argv[1])"


class Settings(Case):
    def test_wrong_arguments_are_named(self):
        right = {"url": self.bot.url, "crew": "press", "secret": "s", "db": self.db}
        for name, wrong in (("url", "approvals.example.com"), ("crew", ""), ("secret", ""), ("secret", "a-secret\n")):
            with self.assertRaisesRegex(ValueError, f"^{name} "):
                CrewApprovals(**{**right, name: wrong})

    def test_the_file_is_for_its_owner_and_for_one_process(self):
        approvals = self.make()
        self.assertEqual(stat.S_IMODE(os.stat(self.db).st_mode), 0o600)
        other = subprocess.run([sys.executable, "-c", OTHER, str(self.db)], capture_output=True, text=True)
        self.assertIn("is in use by another process: each process needs a db of its own", other.stderr)
        # As in a process that was forked afterwards.
        approvals._store._pid += 1
        with self.assertRaisesRegex(RuntimeError, "forked after CrewApprovals was made"):
            approvals.ask("Ship?", "Now?")
        approvals._store._pid -= 1

    def test_a_client_that_was_stopped_asks_no_more(self):
        approvals = self.make()
        approvals.stop()
        with self.assertRaisesRegex(RuntimeError, "CrewApprovals was stopped"):
            approvals.ask("Ship?", "Now?")


if __name__ == "__main__":
    unittest.main()
