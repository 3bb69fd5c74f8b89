"""Who goes when within a priority: owners in turn, so that nobody's flood keeps the others waiting.

Start-time fair queueing (Goyal, Vin and Cheng, 1996) with tasks that all weigh the same. A task that joins the line
gets a turn: the one after its owner's last, but never one that the line has already passed. Equal turns go by age.
So an owner with one task waits behind at most one of each other owner, and one owner alone goes in order of age.
A task that a worker gives back keeps its turn, and is at the front again.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.database import Database

Place: TypeAlias = tuple[int, str]
"""A priority and an owner: whose turns are counted there."""

_TAKE = """
INSERT INTO turns (priority, owner, last) SELECT ?1, ?2, turn + ?3 FROM lines WHERE priority = ?1
ON CONFLICT DO UPDATE SET last = ?3 + max(last, (SELECT turn FROM lines WHERE priority = ?1))
RETURNING last
"""
_MOVE_ON = "UPDATE lines SET turn = ?2 WHERE priority = ?1 AND turn < ?2"
_FORGET = "DELETE FROM turns WHERE last <= (SELECT turn FROM lines WHERE lines.priority = turns.priority)"
_DELAYED = "ready = 0 AND status IN ('pending', 'retrying') AND questions IS NULL"
_NEXT_DUE = f"SELECT min(run_at) FROM tasks INDEXED BY tasks_delayed WHERE {_DELAYED}"  # noqa: S608 - ours
_DUE = f"""
SELECT seq, priority, owner FROM tasks INDEXED BY tasks_delayed WHERE {_DELAYED} AND run_at <= ?
ORDER BY run_at, seq LIMIT ?
"""  # noqa: S608 - ours
_JOIN = """
UPDATE tasks SET ready = 1, turn = joining.value ->> 1 FROM json_each(?) AS joining WHERE seq = joining.value ->> 0
"""
_JOIN_AT_ONCE = 1_000
# From when a delay counts: from the end of the attempt that failed, or from the submission. When that is further in
# the future than the delay is long, the clock was set back since. Once mended it does not look so: any process may.
_MEND_DELAYS = f"""
UPDATE tasks SET run_at = ?1 + run_at - since
FROM (SELECT seq AS waiting, coalesce((SELECT ended_at FROM attempts WHERE task = seq AND attempt = tasks.attempt),
                                      created_at) AS since
      FROM tasks INDEXED BY tasks_delayed WHERE {_DELAYED})
WHERE seq = waiting AND run_at > since AND since - ?1 > run_at - since
"""  # noqa: S608 - ours


def take_turns(tx: Transaction, places: Sequence[Place]) -> list[int]:
    """A turn for each task that joins the line, in the order given."""
    following = {
        place: tx.db.execute(_TAKE, (*place, count)).get - count + 1 for place, count in Counter(places).items()
    }
    turns: list[int] = []
    for place in places:
        turns.append(following[place])
        following[place] += 1
    return turns


def pass_turns(tx: Transaction, claimed: Sequence[tuple[int, int]]) -> None:
    """The line has come to these (priority, turn): whoever joins now comes after."""
    for priority, turn in dict(sorted(claimed)).items():  # of each priority the last
        tx.db.execute(_MOVE_ON, (priority, turn))


def forget_turns(tx: Transaction) -> None:
    """Drop what makes no difference any more, so that owners who left leave nothing behind."""
    tx.db.execute(_FORGET)


def join_when_due(tx: Transaction) -> None:
    """Delayed and retrying tasks whose time has come join the line; of very many, the rest at the next call."""
    due = next_due(tx.db)
    if due is not None and due <= tx.now:
        rows = tx.db.execute(_DUE, (tx.now, _JOIN_AT_ONCE)).fetchall()
        turns = take_turns(tx, [(priority, owner) for _, priority, owner in rows])
        tx.db.execute(_JOIN, (json.dumps([(row[0], turn) for row, turn in zip(rows, turns, strict=True)]),))


def mend_delays(tx: Transaction) -> None:
    """The clock was set back: whoever waits for a delay waits for it from now, not until the old clock's time."""
    tx.db.execute(_MEND_DELAYS, (tx.now,))


def next_due(db: Database) -> float | None:
    """When the next delayed task can join the line, in seconds since 1970."""
    return db.execute(_NEXT_DUE).get
