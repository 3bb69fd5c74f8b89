"""A small pool of spawned child processes: JSON frames, messages on the way, killed when cancelled.

It knows nothing of tasks. `child.py` is the other side and describes the frames.
"""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio
from anyio.abc import Process

from mcp_tasks.child import LENGTH_BYTES
from mcp_tasks.errors import McpTasksError
from mcp_tasks.task import Json

CHILD = Path(__file__).with_name("child.py")
MEBIBYTE = 1024 * 1024


class ChildPool:
    """Runs functions in at most `size` child processes at a time; further calls wait their turn.

    Children are started when needed and used again. One that holds more than `recycle_bytes` of memory after a call
    is ended. `max_frame_bytes` bounds a call, a message and a result, each as JSON.
    """

    def __init__(self, size: int, *, recycle_bytes: int = 200 * MEBIBYTE, max_frame_bytes: int = 64 * MEBIBYTE) -> None:
        self._size = size
        self._recycle_bytes = recycle_bytes
        self._max_frame_bytes = max_frame_bytes
        self._turns = anyio.Semaphore(size)
        self._children: set[_Child] = set()
        self._idle: list[_Child] = []
        self._closed = False

    async def call(self, entry: str, payload: Json, *, on_message: Callable[[Json], None] | None = None) -> Json:
        """Call `entry`, a "package.module:function", as `function(payload, emit)` in a child; its result.

        What the function emits reaches `on_message` in order. A cancelled call kills its child at once. Raises
        ChildFailed when the function raised, or its result cannot be sent; ChildDied when the process ended;
        ValueError or TypeError for a payload that is not JSON or too large.
        """
        request = json.dumps({"entry": entry, "payload": payload}, allow_nan=False).encode()
        if len(request) > self._max_frame_bytes:
            raise ValueError(f"a call of {len(request):,} bytes as JSON; {self._max_frame_bytes:,} are allowed")
        async with self._turns:
            child = await self._take_child()
            reusable = False
            try:
                answer, memory = await child.call(request, on_message)
                reusable = memory <= self._recycle_bytes
            finally:
                if reusable and not self._closed:
                    self._idle.append(child)
                else:
                    self._children.discard(child)
                    await child.end()
        if isinstance(answer, ChildFailed):
            raise answer
        return answer

    async def aclose(self) -> None:
        """Kill and reap every child. Calls that are running end with ChildDied, later ones are refused."""
        if self._closed:
            return
        self._closed = True
        with anyio.CancelScope(shield=True):
            for child in self._children:
                child.kill()
            for _ in range(self._size):
                await self._turns.acquire()  # with all turns in hand no call is left, and its child is reaped
            while self._idle:
                await self._idle.pop().end()
            for _ in range(self._size):
                self._turns.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _take_child(self) -> "_Child":
        while self._idle:
            child = self._idle.pop()
            if child.is_alive:
                return child
            self._children.discard(child)
            await child.end()
        if not self._closed:
            child = await _Child.spawn(self._max_frame_bytes)
            if not self._closed:
                self._children.add(child)
                return child
            await child.end()
        raise anyio.ClosedResourceError("the pool of children is closed")


class ChildFailed(McpTasksError):
    """The function raised in its child, which lives on. `permanent`: calling it again cannot help."""

    def __init__(self, type_name: str, message: str, traceback: str, permanent: bool) -> None:
        super().__init__(f"{type_name}: {message}")
        self.type_name = type_name
        self.message = message
        self.traceback = traceback
        self.permanent = permanent


class ChildDied(McpTasksError):
    """The child ended before it answered: either with an `exit_code`, or by the signal of that name."""

    def __init__(self, returncode: int) -> None:
        self.exit_code = returncode if returncode >= 0 else None
        self.signal_name = None if returncode >= 0 else _signal_name(-returncode)
        how = f"with exit code {returncode}" if self.signal_name is None else f"by {self.signal_name}"
        hint = ", perhaps for want of memory" if self.signal_name == "SIGKILL" else ""
        super().__init__(f"the child process ended {how} before it answered{hint}")


class _Child:
    """One process, and one call at a time in it."""

    def __init__(self, process: Process, lifeline: tuple[int, ...], setup: bytes) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._lifeline = lifeline
        self._outgoing = process.stdin
        from anyio.streams.buffered import BufferedByteReceiveStream  # here, for many workers never start a child

        self._incoming = BufferedByteReceiveStream(process.stdout)
        self._setup: tuple[bytes, ...] = (setup,)  # goes ahead of the first call

    @classmethod
    async def spawn(cls, max_frame_bytes: int) -> Self:
        setup = json.dumps(_setup(max_frame_bytes)).encode()
        # The child holds the reading end of the lifeline and we alone the other, which the kernel closes if we die.
        lifeline = os.pipe() if sys.platform == "linux" else ()
        # -P keeps our folder, with its `queue` and `task`, off the child's path; the setup brings the parent's path.
        command = [sys.executable, "-s", "-P", str(CHILD), *map(str, lifeline[:1])]
        try:
            with anyio.CancelScope(shield=True):  # a process that was started is one that we can end
                process = await anyio.open_process(command, stderr=None, pass_fds=lifeline[:1])
                return cls(process, lifeline[1:], setup)
        except BaseException:
            _close(lifeline[1:])
            raise
        finally:
            _close(lifeline[:1])
        raise AssertionError("a shield swallows nothing")

    @property
    def is_alive(self) -> bool:
        if sys.platform == "linux" and self._process.returncode is None:
            try:  # ask the kernel: the event loop may not have heard yet
                return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
            except ChildProcessError:  # reaped
                return False
        return self._process.returncode is None

    async def call(self, request: bytes, on_message: Callable[[Json], None] | None) -> "tuple[Json | ChildFailed, int]":
        """What the call came to, and the bytes of memory that the child holds after it."""
        frame = await self._exchange(request)
        while "message" in frame:
            if on_message is not None:
                on_message(frame["message"])
            frame = await self._exchange()
        return ChildFailed(**frame["error"]) if "error" in frame else frame["result"], frame["memory"]

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Kill and reap, whatever cancels us."""
        self.kill()
        try:
            with anyio.CancelScope(shield=True):
                await self._process.aclose()
        finally:
            _close(self._lifeline)

    async def _exchange(self, *frames: bytes) -> dict[str, Any]:
        """Send these frames, and the setup before the first ones; the next frame that comes back."""
        try:
            if frames:
                frames, self._setup = self._setup + frames, ()
                await self._outgoing.send(b"".join(len(f).to_bytes(LENGTH_BYTES, "big") + f for f in frames))
            header = await self._incoming.receive_exactly(LENGTH_BYTES)
            frame = await self._incoming.receive_exactly(int.from_bytes(header, "big"))
        except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError, ConnectionError):
            raise ChildDied(await self._process.wait()) from None
        return json.loads(frame)


def _setup(max_frame_bytes: int) -> dict[str, Json]:
    """What a child needs to import what its parent can import, the parent's main module included."""
    main = sys.modules["__main__"]
    if getattr(main, "importing", False):
        raise RuntimeError(
            "this child is importing the program's main module, which starts children itself: put that "
            'under `if __name__ == "__main__":`'
        )
    spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    if spec is not None and spec.name != "__main__":
        origin: dict[str, Json] = {"name": spec.name}
    else:
        origin = {"path": str(Path(file).absolute())} if file else {}
    return {"path": list(sys.path), "argv": list(sys.argv), "main": origin, "max_frame_bytes": max_frame_bytes}


def _signal_name(number: int) -> str:
    return next((s.name for s in signal.Signals if s == number), f"signal {number}")


def _close(descriptors: tuple[int, ...]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
