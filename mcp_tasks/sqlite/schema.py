"""The tables of the embedded engine, and the steps that lead from one version of them to the next."""

from mcp_tasks.errors import StorageUnavailable
from mcp_tasks.sqlite.database import Database

APPLICATION_ID = 0x6D637071  # "mcpq": tells our files from other SQLite databases

_VERSION_1 = """
CREATE TABLE tasks (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  params TEXT NOT NULL,
  priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 4),
  status TEXT NOT NULL
    CHECK (status IN ('pending', 'running', 'retrying', 'completed', 'failed', 'cancelled')),
  ready INTEGER NOT NULL CHECK (ready IN (0, 1)),
  turn INTEGER NOT NULL,
  owner TEXT NOT NULL,
  idempotency_key TEXT,
  schedule TEXT,
  created_at REAL NOT NULL,
  run_at REAL NOT NULL,
  started_at REAL,
  finished_at REAL,
  attempt INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  max_retries INTEGER NOT NULL CHECK (max_retries >= 0),
  timeout REAL CHECK (timeout > 0),
  lease REAL,
  worker TEXT,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  progress TEXT,
  questions TEXT,
  answers TEXT,
  result TEXT,
  error TEXT,
  metadata TEXT,
  CHECK ((status = 'running') = (worker IS NOT NULL AND lease IS NOT NULL)),
  CHECK ((status IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
  CHECK ((status = 'completed') = (result IS NOT NULL)),
  CHECK (ready = 0 OR (status IN ('pending', 'retrying') AND questions IS NULL)),
  CHECK (questions IS NULL OR status = 'pending'),
  CHECK (status <> 'failed' OR error IS NOT NULL)
) STRICT;

-- By name first: a worker claims only names that it knows, each up to its own limit.
CREATE INDEX tasks_ready ON tasks (name, priority DESC, turn, seq) WHERE ready = 1;
CREATE INDEX tasks_delayed ON tasks (run_at)
  WHERE ready = 0 AND status IN ('pending', 'retrying') AND questions IS NULL;
CREATE INDEX tasks_running ON tasks (worker) WHERE status = 'running';
CREATE INDEX tasks_finished ON tasks (finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX tasks_idempotency ON tasks (owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX tasks_schedule ON tasks (schedule) WHERE schedule IS NOT NULL AND finished_at IS NULL;
CREATE INDEX tasks_status ON tasks (owner, status, seq);

-- Each priority has a line; the turn that it has come to, and each owner's last turn in it.
CREATE TABLE lines (priority INTEGER PRIMARY KEY, turn INTEGER NOT NULL) STRICT;
INSERT INTO lines VALUES (1, 0), (2, 0), (3, 0), (4, 0);
CREATE TABLE turns (
  priority INTEGER NOT NULL,
  owner TEXT NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (priority, owner)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (owner, name, status)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tasks_counted AFTER INSERT ON tasks BEGIN
  INSERT INTO counters VALUES (new.owner, new.name, new.status, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tasks_recounted AFTER UPDATE OF status ON tasks WHEN new.status <> old.status BEGIN
  UPDATE counters SET n = n - 1 WHERE owner = old.owner AND name = old.name AND status = old.status;
  INSERT INTO counters VALUES (new.owner, new.name, new.status, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tasks_uncounted AFTER DELETE ON tasks BEGIN
  UPDATE counters SET n = n - 1 WHERE owner = old.owner AND name = old.name AND status = old.status;
END;

CREATE TABLE attempts (
  task INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  started_at REAL NOT NULL,
  ended_at REAL NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('completed', 'failed', 'cancelled', 'released', 'asked')),
  error TEXT,
  traceback TEXT,
  worker TEXT NOT NULL,
  PRIMARY KEY (task, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE artifacts (
  task INTEGER NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  path TEXT NOT NULL,
  PRIMARY KEY (task, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedules (
  name TEXT PRIMARY KEY,
  task TEXT NOT NULL,
  params TEXT NOT NULL,
  priority INTEGER NOT NULL,
  max_retries INTEGER NOT NULL,
  timeout REAL,
  trigger TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  next_run REAL,
  last_run REAL,
  last_due REAL,  -- when the clock is set back, this due time must not run again
  runs INTEGER NOT NULL DEFAULT 0,
  errors INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_due ON schedules (next_run) WHERE enabled = 1;
CREATE TRIGGER schedules_failed AFTER UPDATE OF status ON tasks
  WHEN new.status = 'failed' AND new.schedule IS NOT NULL BEGIN
  UPDATE schedules SET errors = errors + 1 WHERE name = new.schedule;
END;

CREATE TABLE workers (
  id TEXT PRIMARY KEY,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  slots INTEGER NOT NULL,
  started_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- What outlives the retention of tasks: quotations, for instance, under their numbers.
CREATE TABLE records (
  seq INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  task_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_at REAL NOT NULL,
  content TEXT NOT NULL,
  UNIQUE (kind, task_id)
) STRICT;
CREATE UNIQUE INDEX records_key ON records (kind, key, owner, revision);
CREATE INDEX records_time ON records (kind, created_at);
CREATE INDEX records_owner ON records (kind, owner, seq);
CREATE TABLE series (prefix TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""

MIGRATIONS = (_VERSION_1,)
VERSION = len(MIGRATIONS)


def version_of(db: Database) -> int:
    """The schema version that the file says it has; 0 for an empty file."""
    return int(db.execute("PRAGMA user_version").get)


def check_ownership(db: Database, path: str) -> None:
    """Refuse, before anything is written, a database that is not ours or comes from a newer version."""
    found = version_of(db)
    # In this order: whoever makes our tables meanwhile sets both in one transaction.
    if int(db.execute("SELECT count(*) FROM sqlite_schema").get) and _application(db) != APPLICATION_ID:
        raise StorageUnavailable(f"{path} is a SQLite database of another program; name another file")
    if found > VERSION:
        raise StorageUnavailable(
            f"{path} was written by a newer mcp_tasks (schema {found}, this one knows {VERSION}); update mcp_tasks"
        )


def migrate(db: Database) -> None:
    """Bring the tables to this version, in one transaction; of several processes one does it, the others see it."""
    if version_of(db) == VERSION:
        return
    with db:
        for step in MIGRATIONS[version_of(db) :]:
            db.execute(step)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {VERSION}")


def _application(db: Database) -> int:
    return int(db.execute("PRAGMA application_id").get)
