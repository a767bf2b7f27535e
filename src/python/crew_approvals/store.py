"""The SQLite file with the data that must survive a crash."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: States of questions: new (the bot may not have the question), waiting, answered, closed, rejected. Questions of the
#: kinds `flow` and `ask` outlive their process. A thread waits for questions of the kinds `task`, `tool` and `once`.
SCHEMA = """
CREATE TABLE IF NOT EXISTS questions (id TEXT PRIMARY KEY, kind TEXT, run TEXT, body TEXT, state TEXT DEFAULT 'new',
  created REAL, answer TEXT, reason TEXT, successor TEXT);
CREATE TABLE IF NOT EXISTS pauses (question TEXT PRIMARY KEY, parent TEXT, flow_id TEXT, method TEXT, class TEXT,
  context TEXT, state TEXT, finished REAL);
CREATE TABLE IF NOT EXISTS crew_runs (id TEXT PRIMARY KEY, start TEXT UNIQUE, finished REAL);
CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT, method TEXT, path TEXT,
  body TEXT, question TEXT, due REAL, tries INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS owner (crew TEXT, origin TEXT, is_accepted INTEGER);
"""
OPEN, LEASED = "state IN ('new', 'waiting')", ("task", "tool", "once")
#: Reason of a question whose call was allowed and returned to the program.
CARRIED_OUT = "carried out"


class Stopped(RuntimeError):
    """`CrewApprovals.stop` was called."""


class Store:
    """The file, locked for one process. The kernel releases the lock when the process ends."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        # Only the user of this process can read the outputs in the file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._lock, self._pid, self.is_closed = threading.RLock(), os.getpid(), False
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(SCHEMA)
        except sqlite3.OperationalError as error:
            self._db.close()
            if "locked" not in str(error):
                raise
            raise RuntimeError(f"{path} is in use by another process: each process needs a db of its own") from error

    @contextmanager
    def commit(self) -> Iterator[sqlite3.Connection]:
        """Opens a transaction: at its end all changes are on disk, or none."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def one(self, query: str, *values: Any) -> Any:
        """Finds the first row; None: there is no row."""
        with self._open() as db:
            return db.execute(query, values).fetchone()

    def all(self, query: str, *values: Any) -> list[Any]:
        with self._open() as db:
            return db.execute(query, values).fetchall()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if os.getpid() != self._pid:
            raise RuntimeError("this process was forked after CrewApprovals was made: make it after the fork")
        with self._lock:
            if self.is_closed:
                raise Stopped("CrewApprovals was stopped")
            yield self._db

    def close(self) -> None:
        with self._lock:
            self.is_closed = True
            self._db.close()
