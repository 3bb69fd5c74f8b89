"""The pool of child processes, with real processes: what they answer, how they end, and that none is left."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from mcp_tasks.child import MESSAGE_CHARACTERS, TRACEBACK_CHARACTERS
from mcp_tasks.children import MEBIBYTE, ChildDied, ChildFailed, ChildPool

pytestmark = pytest.mark.anyio

FUNCTIONS = "tests.children.functions:"
PID = FUNCTIONS + "pid"
ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and forks")


def is_gone(pid: Any) -> bool:
    """Whether no process has this id, not even a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


# --- calls


async def test_a_child_is_used_again() -> None:
    async with ChildPool(1) as pool:
        first = await pool.call(PID, None)
        assert first != os.getpid()
        assert await pool.call(PID, None) == first


async def test_any_json_crosses_unchanged_both_ways() -> None:
    value: Any = {"text": 'ñ 漢 \ud800 "\n', "numbers": [1, -2.5, 10**30], "none": None, "long": "x" * MEBIBYTE}
    async with ChildPool(1) as pool:
        assert await pool.call(FUNCTIONS + "echo", value) == value


async def test_messages_arrive_in_order_and_before_the_result() -> None:
    heard: list[Any] = []
    async with ChildPool(1) as pool:
        result = await pool.call(FUNCTIONS + "count", 200, on_message=heard.append)
    assert (result, heard) == ("counted", [{"done": n} for n in range(200)])


async def test_messages_that_nobody_listens_to_do_no_harm() -> None:
    async with ChildPool(1) as pool:
        assert await pool.call(FUNCTIONS + "count", 3) == "counted"


async def test_a_thread_left_behind_cannot_speak_into_the_next_call() -> None:
    heard: list[Any] = []
    async with ChildPool(1) as pool:
        await pool.call(FUNCTIONS + "leave_a_thread", None)
        refusals = await pool.call(FUNCTIONS + "meet_the_thread", None, on_message=heard.append)
    assert refusals == ["the call that this emit belonged to has been answered"]
    assert heard == []


async def test_a_listener_that_fails_ends_the_call_and_its_child() -> None:
    def refuse(message: Any) -> None:
        raise ConnectionError(message["done"])

    async with ChildPool(1) as pool:
        first = await pool.call(PID, None)
        with pytest.raises(ConnectionError):
            await pool.call(FUNCTIONS + "count", 1, on_message=refuse)
        assert is_gone(first)


async def test_a_function_inside_a_class_is_found() -> None:
    async with ChildPool(1) as pool:
        assert await pool.call(FUNCTIONS + "Panels.pid", None) == await pool.call(PID, None)


async def test_a_module_on_the_parents_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "users_own.py").write_text("def double(payload, emit):\n    return 2 * payload\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    async with ChildPool(1) as pool:
        assert await pool.call("users_own:double", 21) == 42


async def test_what_is_printed_goes_to_stderr_and_stdin_is_empty(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # a killed child must not lose what it printed
    async with ChildPool(1) as pool:
        assert await pool.call(FUNCTIONS + "speak_everywhere", None) == ""
    out, err = capfd.readouterr()
    assert out == ""
    assert {"from print", "from the descriptor", "from a grandchild"} <= set(err.splitlines())


# --- failures


@pytest.mark.parametrize(
    ("payload", "type_name", "message", "permanent"),
    [
        ("value", "ValueError", "no such thickness", False),
        ("permanent", "OutOfStock", "discontinued", True),
        ("exit", "SystemExit", "I am done", False),
        ("interrupt", "KeyboardInterrupt", "", False),
    ],
)
async def test_what_a_function_raises_is_told_and_its_child_lives_on(
    payload: str, type_name: str, message: str, permanent: bool
) -> None:
    async with ChildPool(1) as pool:
        child = await pool.call(PID, None)
        with pytest.raises(ChildFailed) as failed:
            await pool.call(FUNCTIONS + "fail", payload)
        assert await pool.call(PID, None) == child
    told = failed.value
    assert (told.type_name, told.message, told.permanent) == (type_name, message, permanent)
    assert "in fail\n" in told.traceback
    assert str(told) == f"{type_name}: {message}"


async def test_a_failed_validation_is_permanent() -> None:
    async with ChildPool(1) as pool:
        with pytest.raises(ChildFailed, match="valid integer") as failed:
            await pool.call(FUNCTIONS + "fail", "validation")
    assert (failed.value.type_name, failed.value.permanent) == ("ValidationError", True)


async def test_an_endless_error_message_is_cut() -> None:
    async with ChildPool(1) as pool:
        with pytest.raises(ChildFailed) as failed:
            await pool.call(FUNCTIONS + "fail", "again ")
    assert len(failed.value.message) == MESSAGE_CHARACTERS
    assert len(failed.value.traceback) == TRACEBACK_CHARACTERS


@pytest.mark.parametrize(
    ("entry", "type_name"),
    [("no_such_module:f", "ModuleNotFoundError"), (FUNCTIONS + "no_such_function", "AttributeError")],
)
async def test_an_entry_that_does_not_exist_is_a_failure(entry: str, type_name: str) -> None:
    async with ChildPool(1) as pool:
        with pytest.raises(ChildFailed, match="no_such") as failed:
            await pool.call(entry, None)
    assert failed.value.type_name == type_name


@pytest.mark.parametrize(("function", "what"), [("return_bytes", "result"), ("emit_bytes", "message")])
async def test_what_is_larger_than_a_frame_is_refused_in_the_child(function: str, what: str) -> None:
    heard: list[Any] = []
    async with ChildPool(1, max_frame_bytes=10_000) as pool:
        child = await pool.call(PID, None)
        with pytest.raises(ChildFailed, match=rf"the {what} takes 20,\d+ bytes .* 10,000 are allowed") as failed:
            await pool.call(FUNCTIONS + function, 20_000, on_message=heard.append)
        assert await pool.call(PID, None) == child
    assert failed.value.permanent
    assert heard == []


@pytest.mark.parametrize("payload", ["set", "nan", "circle"])
async def test_a_result_that_is_not_json_is_refused(payload: str) -> None:
    async with ChildPool(1) as pool:
        with pytest.raises(ChildFailed, match="the result cannot be sent as JSON") as failed:
            await pool.call(FUNCTIONS + "return_what_is_not_json", payload)
    assert failed.value.permanent


@pytest.mark.parametrize("payload", ["x" * 1000, float("nan")])
async def test_a_call_that_cannot_be_sent_is_refused(payload: Any) -> None:
    async with ChildPool(1, max_frame_bytes=1000) as pool:
        with pytest.raises(ValueError, match=r"1,000 are allowed|not JSON compliant"):
            await pool.call(FUNCTIONS + "echo", payload)


# --- ends


@pytest.mark.parametrize(
    ("payload", "exit_code", "signal_name"),
    [
        ("exit", 0, None),
        pytest.param("segfault", None, "SIGSEGV", marks=posix),
        pytest.param("kill", None, "SIGKILL", marks=posix),
    ],
)
async def test_a_process_that_ends_is_told_and_replaced(
    payload: str, exit_code: int | None, signal_name: str | None
) -> None:
    async with ChildPool(1) as pool:
        first = await pool.call(PID, None)
        with pytest.raises(ChildDied, match=signal_name or "exit code 0") as died:
            await pool.call(FUNCTIONS + "die", payload)
        assert is_gone(first)
        assert await pool.call(PID, None) != first
    assert (died.value.exit_code, died.value.signal_name) == (exit_code, signal_name)


@posix
async def test_a_forked_grandchild_does_not_hide_the_death_of_a_child(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    async with ChildPool(1) as pool:
        with pytest.raises(ChildDied) as died:
            await pool.call(FUNCTIONS + "fork_and_die", str(fifo))
    with fifo.open("w"):  # blocks until the grandchild reads: it was alive all the while
        assert died.value.exit_code == 3


async def test_ctrl_c_in_the_terminal_does_not_reach_the_function() -> None:
    async with ChildPool(1) as pool:
        assert await pool.call(FUNCTIONS + "survive_ctrl_c", None) == "alive"


@pytest.mark.parametrize("how", ["in Python", pytest.param("in C", marks=posix)])
async def test_an_endless_call_is_killed_within_a_second_of_its_timeout(how: str) -> None:
    pids: list[Any] = []
    scope = anyio.CancelScope()

    def time_is_up(message: Any) -> None:
        pids.append(message)
        scope.deadline = anyio.current_time()

    async with ChildPool(1) as pool:
        with scope:
            await pool.call(FUNCTIONS + "loop_for_ever", how, on_message=time_is_up)
        assert scope.cancelled_caught
        assert anyio.current_time() - scope.deadline < 1
        assert is_gone(pids[0])
        assert await pool.call(PID, None) != pids[0]


async def test_a_child_that_holds_too_much_memory_is_replaced() -> None:
    if sys.platform == "win32":
        pytest.skip("memory is not measured")
    async with ChildPool(1, recycle_bytes=150 * MEBIBYTE) as pool:
        modest = await pool.call(FUNCTIONS + "grow_by", MEBIBYTE)
        greedy = await pool.call(FUNCTIONS + "grow_by", 150 * MEBIBYTE)
        assert greedy == modest
        assert is_gone(greedy)
        assert await pool.call(PID, None) != greedy


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the event loop has to hear of it first")
async def test_a_child_killed_while_idle_is_replaced_unnoticed() -> None:
    async with ChildPool(1) as pool:
        first: Any = await pool.call(PID, None)
        os.kill(first, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):  # reaped already
            os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 - killed: a moment
        assert await pool.call(PID, None) != first


async def test_closing_the_pool_leaves_no_child_idle_or_busy() -> None:
    pool = ChildPool(2)
    pids: list[Any] = [await pool.call(PID, None)]
    busy = anyio.Event()

    def started(message: Any) -> None:
        pids.append(message)
        busy.set()

    async def loop_until_killed() -> None:
        with pytest.raises(ChildDied):
            await pool.call(FUNCTIONS + "loop_for_ever", "in Python", on_message=started)

    async with anyio.create_task_group() as group:
        group.start_soon(loop_until_killed)
        await busy.wait()
        pids.append(await pool.call(PID, None))
        await pool.aclose()
        assert [is_gone(pid) for pid in pids] == [True] * 3
    assert len(set(pids)) == 2
    with pytest.raises(anyio.ClosedResourceError):
        await pool.call(PID, None)


@pytest.mark.parametrize("how", ["in Python", pytest.param("in C", marks=posix)])
def test_children_end_within_a_second_when_their_parent_is_killed(anyio_backend: str, how: str) -> None:
    if how == "in C" and sys.platform != "linux":
        pytest.skip("only Linux kills a process that holds the interpreter lock")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        port = server.getsockname()[1]
        command = [sys.executable, "-m", "tests.children.parent_process", anyio_backend, str(port), how]
        with subprocess.Popen(command, cwd=ROOT) as parent:
            child, _ = server.accept()
            with child:
                assert child.recv(1) == b"!"
                parent.kill()
                child.settimeout(1)
                assert child.recv(1) == b""  # the kernel hung up for it


# --- how many


async def test_no_more_children_run_than_the_pool_is_large() -> None:
    pids: list[Any] = []

    async def call() -> None:
        pids.append(await pool.call(PID, None))

    async with ChildPool(2) as pool, anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(call)
    assert len(pids) == 6
    assert len(set(pids)) == 2


async def test_waiting_calls_take_their_turn_in_order() -> None:
    came: list[int] = []
    answered: list[Any] = []

    async def call(number: int) -> None:
        came.append(number)
        answered.append(await pool.call(FUNCTIONS + "echo", number))

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        async with ChildPool(1) as pool, anyio.create_task_group() as group:
            group.start_soon(pool.call, FUNCTIONS + "wait_for_release", port)
            connection, _ = await anyio.to_thread.run_sync(server.accept)
            with connection:
                for number in range(8):
                    group.start_soon(call, number)
                await anyio.wait_all_tasks_blocked()
    assert sorted(came) == list(range(8))
    assert answered == came


# --- functions of the main module

PROGRAM = """
import sys
import anyio
from mcp_tasks.children import ChildPool

def area(payload, emit):
    return payload["length"] * payload["width"]

async def main():
    async with ChildPool(1) as pool:
        print(await pool.call("__main__:area", {"length": 6, "width": 7}))

"""


def run_program(folder: Path, ending: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "program.py").write_text(PROGRAM + ending)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=20,
    )


@pytest.mark.parametrize("arguments", [("program.py",), ("-m", "program")])
def test_a_function_of_the_program_itself_can_be_called(
    tmp_path: Path, anyio_backend: str, arguments: tuple[str, ...]
) -> None:
    ending = f'if __name__ == "__main__":\n    anyio.run(main, backend="{anyio_backend}")\n'
    ran = run_program(tmp_path, ending, *arguments)
    assert (ran.stdout, ran.returncode) == ("42\n", 0)
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("arguments", [("program.py",), ("-m", "program")])
def test_a_program_that_would_start_children_without_end_is_told_to_guard_its_start(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ran = run_program(tmp_path, "anyio.run(main)\n", *arguments)
    assert ran.returncode == 1
    assert 'put that under `if __name__ == "__main__":`' in ran.stderr


def test_a_function_without_a_file_is_refused_clearly(tmp_path: Path) -> None:
    ran = run_program(tmp_path, "", "-c", PROGRAM + "anyio.run(main)\n")
    assert "'area' was defined without a file: put it into a module" in ran.stderr
