"""The configuration file: what it can say, what goes before it, and what is refused."""

import json
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from mcp_tasks import Task, TaskPriority, TaskQueue, TaskScheduler, TaskStatus
from mcp_tasks.app import open_queue
from mcp_tasks.demo import ROOF
from mcp_tasks.errors import InvalidRequest
from mcp_tasks.runtime import Runtime
from mcp_tasks.schedule import Trigger
from mcp_tasks.settings import Settings
from mcp_tasks.sqlite.hub import SCHEDULES
from tests.cli.command import COMMAND, environment_with, filled, mcp_tasks

GUIDE: dict[str, Any] = {
    "version": "1.0.0",
    "queue": {"storage_path": "task_queue_state.json", "auto_cleanup_enabled": True},
    "worker": {"worker_id": "panelin-worker-1", "max_concurrent_tasks": 5},
    "scheduler": {
        "enable_on_startup": True,
        "scheduled_tasks": {"cleanup_old_tasks": {"enabled": True, "interval_seconds": 3600}},
    },
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where these tests write their file; the environment says nothing, and a data folder of its own is the default."""
    for name in ("CONFIG", "DATA_DIR", "MAX_CONCURRENT_TASKS"):
        monkeypatch.delenv(f"MCP_TASKS_{name}", raising=False)
    return tmp_path / "mcp_tasks_config.json"


def written(file: Path, content: object) -> Path:
    """The file, with that content."""
    file.write_text(json.dumps(content))
    return file


def settings(file: Path, content: object, **flags: object) -> Settings:
    """The settings of a file with that content."""
    return Settings.read(config=written(file, content), **flags)


def test_every_key_is_a_setting(file: Path) -> None:
    read = settings(
        file,
        {
            "version": "1.0.0",
            "queue": {
                "storage_path": "queue/orders.db",
                "auto_cleanup_enabled": False,
                "auto_cleanup_interval_hours": 6,
                "max_queue_size": 1000,
            },
            "worker": {"worker_id": "panelin-1", "max_concurrent_tasks": 7, "enable_on_startup": False},
            "scheduler": {
                "enable_on_startup": False,
                "scheduled_tasks": {"cleanup_old_tasks": {"daily_at": [2, 0], "timezone": "Europe/Madrid"}},
            },
            "tasks": {"calculate_bom": {"priority": "high", "max_retries": 0, "timeout_seconds": 5}},
            "server": {
                "host": "::1",
                "port": 0,
                "allowed_hosts": ["tasks.example:443"],
                "allow_unauthenticated": True,
                "max_body_bytes": 1000,
            },
            "logging": {
                "level": "INFO",
                "format": "%(message)s",
                "file": "log/tasks.log",
                "max_bytes": 100,
                "backup_count": 2,
            },
        },
    )
    folder = file.parent
    assert (read.database, read.log_file) == (folder / "queue/orders.db", folder / "log/tasks.log")
    assert (read.auto_cleanup_enabled, read.auto_cleanup_interval_hours, read.max_unfinished) == (False, 6, 1000)
    assert (read.worker_id, read.max_concurrent_tasks, read.run_worker) == ("panelin-1", 7, False)
    assert read.run_scheduler is False
    assert read.scheduled_tasks["cleanup_old_tasks"].trigger("UTC") == Trigger(
        cron="0 2 * * *", timezone="Europe/Madrid"
    )
    assert read.tasks["calculate_bom"].timeout_seconds == 5
    assert (read.host, read.port, read.allowed_hosts) == ("::1", 0, ("tasks.example:443",))
    assert (read.allow_unauthenticated, read.max_body_bytes) == (True, 1000)
    assert (read.log_level, read.log_format) == ("INFO", "%(message)s")
    assert (read.log_max_bytes, read.log_backup_count) == (100, 2)


def test_what_is_left_out_or_null_is_the_default(file: Path) -> None:
    read = settings(file, {"worker": {"max_concurrent_tasks": None}, "logging": {}})
    assert read.model_dump(exclude={"config"}) == Settings.read().model_dump(exclude={"config"})


def test_a_flag_goes_before_the_environment_and_that_before_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCP_TASKS_CONFIG", str(written(file, {"worker": {"max_concurrent_tasks": 2}})))
    said = [Settings.read().max_concurrent_tasks]
    monkeypatch.setenv("MCP_TASKS_MAX_CONCURRENT_TASKS", "3")
    said += [Settings.read().max_concurrent_tasks, Settings.read(max_concurrent_tasks=4).max_concurrent_tasks]
    assert said == [2, 3, 4]


def test_a_data_folder_goes_before_the_storage_path_of_a_weaker_source(file: Path) -> None:
    content = {"queue": {"storage_path": "orders.db"}}
    assert settings(file, content, data_dir=file.parent / "other").database == file.parent / "other" / "tasks.db"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param({"quue": {}}, "quue: unknown field; did you mean 'queue'?", id="unknown section"),
        pytest.param(
            {"worker": {"max_concurrent_task": 5}},
            "worker.max_concurrent_task: unknown field; did you mean 'max_concurrent_tasks'?",
            id="unknown key",
        ),
        pytest.param(
            {"tasks": {"calculate_bom": {"timeout": 5}}},
            "tasks.calculate_bom.timeout: unknown field; did you mean 'timeout_seconds'?",
            id="unknown option of a task",
        ),
        pytest.param(
            {"worker": {"max_concurrent_tasks": 0}},
            "worker.max_concurrent_tasks: Input should be greater than or equal to 1",
            id="out of bounds",
        ),
        pytest.param(
            {"worker": {"worker_id": "../up"}}, "worker.worker_id: String should match pattern", id="no worker's name"
        ),
        pytest.param(
            {"tasks": {"calculate_bom": {"timeout_seconds": 0}}}, "timeout_seconds: Input should be greater", id="zero"
        ),
        pytest.param({"version": "2.0.0"}, "version: Input should be '1.0.0'", id="a newer format"),
        pytest.param({"logging": {"format": "%(tme)s"}}, "write fields as in", id="log format"),
        pytest.param(
            {"scheduler": {"scheduled_tasks": {"x": {"interval_seconds": 60, "cron": "0 2 * * *"}}}},
            "scheduler.scheduled_tasks.x: give exactly one of interval_seconds, daily_at and cron",
            id="interval and cron",
        ),
        pytest.param(
            {"scheduler": {"scheduled_tasks": {"x": {"cron": "61 * * * *"}}}},
            "scheduler.scheduled_tasks.x: '61 * * * *' is not a cron expression",
            id="invalid cron",
        ),
        pytest.param(
            {"scheduler": {"scheduled_tasks": {"x": {"daily_at": [2, 0], "timezone": "Mars/Base"}}}},
            "scheduler.scheduled_tasks.x: there is no time zone 'Mars/Base'",
            id="unknown time zone",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_the_place_in_it(file: Path, content: object, words: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        settings(file, content)
    assert str(refusal.value).startswith(f"{file}: ")
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param({"tasks": {"calculate_bon": {}}}, "tasks.calculate_bon: unknown", id="options"),
        pytest.param(
            {"scheduler": {"scheduled_tasks": {"calculate_bon": {"interval_seconds": 60}}}},
            "scheduler.scheduled_tasks.calculate_bon: unknown",
            id="schedule",
        ),
    ],
)
def test_a_task_that_there_is_not_is_refused_with_the_nearest(file: Path, content: object, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words) as refusal:
        open_queue(settings(file, content))
    assert refusal.value.nearest == "calculate_bom"


def test_a_task_that_needs_parameters_is_not_scheduled_by_a_file(file: Path) -> None:
    content = {"scheduler": {"scheduled_tasks": {"calculate_bom": {"interval_seconds": 60}}}}
    with pytest.raises(InvalidRequest, match=r"calculate_bom needs parameters"):
        open_queue(settings(file, content))


def test_a_file_that_is_no_json_or_is_not_there_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"queue": ')
    for name, words in (("broken.json", "Invalid JSON"), ("missing.json", "cannot be read")):
        said = mcp_tasks("serve", "--config", tmp_path / name)
        assert (said.code, said.out) == (2, "")
        assert words in said.err
        assert str(tmp_path / name) in said.err
        assert len(said.err.splitlines()) == 1


def test_a_setting_that_must_be_json_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_TASKS_TASKS", "high")
    with pytest.raises(InvalidRequest, match=r"tasks.*write it as JSON"):
        Settings.read()


def test_a_server_with_a_wrong_task_in_its_file_ends_at_once(file: Path) -> None:
    said = mcp_tasks("serve", "--config", written(file, {"tasks": {"calculate_bon": {}}}))
    assert (said.code, said.out) == (2, "")
    assert said.err.count("did you mean 'calculate_bom'?") == 1
    assert len(said.err.splitlines()) == 1


def test_every_command_finds_the_queue_of_the_file(file: Path) -> None:
    folder = filled(file.parent)
    written(file, {"queue": {"storage_path": "tasks.db"}})
    by_flag = mcp_tasks("status", folder.completed.id, "--json", "--config", file)
    by_environment = mcp_tasks("status", folder.completed.id, "--json", MCP_TASKS_CONFIG=str(file))
    assert by_flag.json["task_id"] == folder.completed.id
    assert by_environment == by_flag


@pytest.mark.anyio
async def test_the_guides_file_runs_a_worker_of_that_name_and_the_cleanup(file: Path) -> None:
    read = settings(file, {**GUIDE, "tasks": {"calculate_bom": {"priority": "high", "max_retries": 1}}})
    async with Runtime(partial(open_queue, read), read).entered() as queue:
        task = await submitted(queue)
        with anyio.fail_after(20):
            done = await queue.wait(task.id)
        (attempt,) = await queue.attempts(task.id)
        schedules = await TaskScheduler(queue).get_scheduled_tasks()
    assert (file.parent / "task_queue_state.json").exists()
    assert (done.status, done.priority, done.max_retries) == (TaskStatus.COMPLETED, TaskPriority.HIGH, 1)
    assert attempt.worker.startswith("panelin-worker-1-")
    assert {schedule.name: schedule.trigger for schedule in schedules}["cleanup_old_tasks"] == Trigger(every=3600)


@pytest.mark.anyio
async def test_a_server_whose_worker_is_off_leaves_its_tasks_to_another(file: Path) -> None:
    content = {"queue": {"storage_path": "q.db"}, "worker": {"enable_on_startup": False}}
    front, worker = settings(file, content), settings(file, content, run_worker=True)
    async with Runtime(partial(open_queue, front), front).entered() as queue:
        task = await submitted(queue)
        assert (await queue.stats()).workers == 0
        async with Runtime(partial(open_queue, worker), worker).entered():
            with anyio.fail_after(20):
                assert (await queue.wait(task.id)).status is TaskStatus.COMPLETED


@pytest.mark.anyio
@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"queue": {"auto_cleanup_enabled": False}}, id="auto_cleanup_enabled"),
        pytest.param({"scheduler": {"scheduled_tasks": {"cleanup_old_tasks": {"enabled": False}}}}, id="enabled"),
    ],
)
async def test_a_schedule_that_the_file_switches_off_goes_and_comes_back_without_the_file(
    file: Path, content: dict[str, Any]
) -> None:
    with_it, without = settings(file, content, data_dir=file.parent), Settings.read(data_dir=file.parent)
    for read, planned in ((without, True), (with_it, False), (without, True)):
        async with Runtime(partial(open_queue, read), read).entered() as queue:
            with anyio.fail_after(20), queue.store.subscribe(SCHEDULES) as changes:
                while ("cleanup_old_tasks" in await _scheduled(queue)) is not planned:
                    await changes.wait()


def test_the_log_goes_to_its_file_and_old_files_are_bounded(file: Path) -> None:
    log = {"file": "tasks.log", "level": "DEBUG", "format": "<%(name)s>", "max_bytes": 60, "backup_count": 1}
    written(file, {"queue": {"storage_path": "tasks.db"}, "logging": log})
    for _ in range(2):
        subprocess.run(
            [*COMMAND, "serve", "--config", str(file)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment_with(),
            check=True,
        )
    files = sorted(file.parent.glob("tasks.log*"))
    assert [path.name for path in files] == ["tasks.log", "tasks.log.1"]
    assert "<asyncio>" in "".join(path.read_text() for path in files)
    assert max(path.stat().st_size for path in files) <= 60


def test_a_log_file_that_cannot_be_written_is_said_in_a_line(file: Path) -> None:
    said = mcp_tasks("serve", "--config", written(file, {"logging": {"file": "nowhere/tasks.log"}}))
    assert said.code == 2
    assert f"the log file {file.parent / 'nowhere' / 'tasks.log'} cannot be written" in said.err
    assert len(said.err.splitlines()) == 1


async def _scheduled(queue: TaskQueue) -> set[str]:
    return {schedule.name for schedule in await TaskScheduler(queue).get_scheduled_tasks()}


async def submitted(queue: TaskQueue) -> Task:
    """A bill of materials to calculate."""
    return await queue.enqueue("calculate_bom", params={"order": {"requests": [ROOF]}})
