"""A server ends soon and cleanly, and what it was doing is never lost."""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest

from mcp_tasks import Task, TaskQueue, TaskStatus
from tests.server.raw_server import RawServer, spawned
from tests.server.serving import COMMAND, ROOF, ask, connected, environment, opened, until
from tests.server.slow_server import block, wait_for_file

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")]

SECONDS_TO_END = 2


def _is_running(task: Task) -> bool:
    return task.status is TaskStatus.RUNNING


async def _slow_tasks(queue: TaskQueue, n: int, tmp_path: Path) -> list[str]:
    """Tasks that run until the test makes the file `gate`; each notes its end in `diary`."""
    gate, diary = str(tmp_path / "gate"), str(tmp_path / "diary")
    return [(await queue.enqueue(wait_for_file, gate, diary)).id for _ in range(n)]


async def _hang_up(server: RawServer) -> None:
    await server.hang_up()


async def _terminate(server: RawServer) -> None:
    server.process.terminate()


async def _interrupt(server: RawServer) -> None:
    server.process.send_signal(signal.SIGINT)


@pytest.mark.parametrize("end", [_hang_up, _terminate, _interrupt])
async def test_a_server_told_to_end_gives_its_tasks_back_and_is_gone_whoever_waits_for_an_answer(
    folder: Path, tmp_path: Path, end: Callable[[RawServer], Awaitable[None]]
) -> None:
    async with opened(folder) as queue:
        async with spawned(folder) as server:
            ids = await _slow_tasks(queue, 2, tmp_path)
            with anyio.fail_after(10):
                await until(queue, ids, _is_running)
            await server.ask_later("task_status", task_id=ids[0], wait_seconds=30)
            await end(server)
            assert await server.ended(SECONDS_TO_END) == 0

        for task in [await queue.get_task(id_) for id_ in ids]:
            assert (task.status, task.failures) == (TaskStatus.PENDING, 0)
            assert [a.outcome for a in await queue.attempts(task.id)] == ["released"]
        assert (await queue.stats()).workers == 0


async def test_the_second_signal_ends_it_at_once_and_its_tasks_count_as_lost(folder: Path, tmp_path: Path) -> None:
    async with opened(folder) as queue:
        async with spawned(folder, grace_seconds=3000) as server:
            (id_,) = await _slow_tasks(queue, 1, tmp_path)
            with anyio.fail_after(10):
                await until(queue, [id_], _is_running)
            await _terminate(server)
            await _interrupt(server)  # another one, for two of the same may arrive as one
            assert await server.ended(SECONDS_TO_END) in {128 + signal.SIGTERM, 128 + signal.SIGINT}

        async with spawned(folder):
            with anyio.fail_after(10):
                (task,) = await until(queue, [id_], lambda t: t.attempt == 2)
        assert task.failures == 1


async def test_a_server_whose_loop_hangs_ends_all_the_same(folder: Path) -> None:
    async with opened(folder) as queue, spawned(folder) as server:
        task = await queue.enqueue(block)
        with anyio.fail_after(10):
            await until(queue, [task.id], _is_running)
        await _terminate(server)
        assert await server.ended(SECONDS_TO_END) == 0


async def test_a_full_pipe_that_nobody_reads_does_not_keep_a_server(folder: Path) -> None:
    async with spawned(folder) as server:
        for _ in range(4):  # more than a pipe holds
            await server.request_later("tools/list", {})
        await _terminate(server)
        assert await server.ended(SECONDS_TO_END) == 0


async def test_a_client_that_stops_reading_does_not_keep_its_server(folder: Path) -> None:
    unread, stdout = os.pipe()
    os.close(unread)
    async with await anyio.open_process(COMMAND, env=environment(folder), stdout=stdout, stderr=None) as process:
        os.close(stdout)
        assert process.stdin is not None
        await process.stdin.send(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')

        with anyio.fail_after(10):
            assert await process.wait() == 0


async def test_a_rendering_child_does_not_outlive_its_server(folder: Path) -> None:
    async with spawned(folder) as server:
        await server.call("submit_quotation", request=ROOF, client={"name": "Ana"}, wait_seconds=30)
        children = _children_of(server.process.pid)
        assert len(children) == 1
        server.process.terminate()
        assert await server.ended(SECONDS_TO_END) == 0

    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def _children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    if not listed.exists():
        pytest.skip("this system does not list a process's children")
    return [int(child) for child in listed.read_text(encoding="ascii").split()]


async def test_nothing_but_the_protocol_is_on_stdout(folder: Path) -> None:
    async with spawned(folder, log_level="DEBUG") as server:
        await server.call("submit_quotation", request=ROOF, client={"name": "Ana"}, wait_seconds=30)
        await server.request("tools/list", {})
        await server.hang_up()
        await server.ended(SECONDS_TO_END)

    assert len(server.said) >= 3
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in server.said)


async def test_after_a_kill_the_next_server_takes_all_tasks_up_and_completes_each_once(
    folder: Path, tmp_path: Path
) -> None:
    async with opened(folder) as queue:
        async with spawned(folder, max_concurrent_tasks=10) as server:
            ids = await _slow_tasks(queue, 10, tmp_path)
            with anyio.fail_after(10):
                await until(queue, ids, _is_running)
            server.process.kill()
            await server.ended(SECONDS_TO_END)

        async with spawned(folder, max_concurrent_tasks=10):
            with anyio.fail_after(2):
                await until(queue, ids, lambda t: _is_running(t) and t.attempt == 2)
            (tmp_path / "gate").touch()
            with anyio.fail_after(10):
                tasks = await until(queue, ids, lambda t: t.is_finished)

        assert {(t.status, t.failures, t.result) for t in tasks} == {(TaskStatus.COMPLETED, 1, "done")}
        for id_ in ids:
            assert [a.outcome for a in await queue.attempts(id_)] == ["failed", "completed"]
    assert Counter((tmp_path / "diary").read_text(encoding="utf-8").split()) == Counter(ids)


async def test_a_client_that_leaves_does_not_cancel_what_it_submitted(folder: Path) -> None:
    async with spawned(folder) as server:
        task = await server.call("submit_quotation", request=ROOF, client={"name": "Ana"}, wait_seconds=0)
        await server.hang_up()
        await server.ended(SECONDS_TO_END)

    async with connected(folder) as client:
        view = await ask(client, "task_status", task_id=task["task_id"], wait_seconds=30)
    assert (view["status"], view["failures"]) == ("completed", 0)


async def test_two_servers_on_one_folder_share_their_tasks_and_run_each_once(folder: Path, tmp_path: Path) -> None:
    async with opened(folder) as queue, connected(folder) as one, connected(folder) as other:
        made = [
            (await ask(client, "submit_bom", request=ROOF | {"width_m": n}, wait_seconds=0))["task_id"]
            for n in range(1, 6)
            for client in (one, other)
        ]
        slow = await _slow_tasks(queue, 8, tmp_path)
        with anyio.fail_after(10):
            running = await until(queue, slow, _is_running)
        (tmp_path / "gate").touch()

        for client in (one, other):
            for id_ in made + slow:
                view = await ask(client, "task_status", task_id=id_, wait_seconds=30)
                assert (view["status"], view["attempt"]) == ("completed", 1)
            assert (await ask(client, "task_stats"))["workers"] == 2

    assert len({task.worker for task in running}) == 2  # five places each, for eight tasks at once
    assert Counter((tmp_path / "diary").read_text(encoding="utf-8").split()) == Counter(slow)


async def test_a_process_that_a_fault_has_ended_says_so_with_its_exit_code(folder: Path) -> None:
    command = [sys.executable, "-P", str(Path(__file__).with_name("faulty_process.py")), str(folder)]
    with anyio.fail_after(20):
        ended = await anyio.run_process(command, check=False)
    assert ended.returncode == 1
    assert b"a fault of ours" in ended.stderr
