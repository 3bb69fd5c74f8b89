"""The floor of row 8: the libraries under us, and the three commits of a task, without any system around them."""

import sys
import time
from typing import Any

import anyio
import apsw
from pydantic import TypeAdapter


async def main() -> None:
    """Submit, claim and finish one row."""
    db: Any = apsw.Connection(sys.argv[1])
    db.execute("PRAGMA journal_mode = wal").fetchall()
    db.execute("PRAGMA synchronous = FULL").fetchall()
    db.execute("CREATE TABLE tasks (seq INTEGER PRIMARY KEY, params TEXT, status TEXT, created_at REAL, result TEXT)")
    params = TypeAdapter(dict[str, int])
    text = params.dump_json(params.validate_python({"i": 1})).decode()
    db.execute("INSERT INTO tasks (params, status, created_at) VALUES (?, 'pending', ?)", (text, time.time()))
    db.execute("UPDATE tasks SET status = 'running' WHERE seq = 1")
    result = params.validate_json(text)["i"]
    db.execute("UPDATE tasks SET status = 'completed', result = ? WHERE seq = 1", (str(result),))
    sys.stdout.write("1\n")
    sys.stdout.flush()


anyio.run(main)
