"""What runs in a child process: take a call, run it, answer. `children.py` is the other side.

It is started as a file and imports only the standard library, so that a first call is quick. A frame is four
bytes of length, big-endian, and that much JSON. The first frame that comes in is the setup (`path`, `argv`,
`main`, `max_frame_bytes`), each later one a call (`entry`, `payload`). Out go any number of `message` frames per
call, then one `result` or `error`, with the `memory` of this process.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from operator import attrgetter
from queue import SimpleQueue
from threading import Lock, Thread
from types import ModuleType

TYPE_CHECKING = False  # the name alone tells type checkers; importing typing would take 5 ms
if TYPE_CHECKING:
    from typing import Any, BinaryIO, NoReturn

LENGTH_BYTES = 4
MESSAGE_CHARACTERS = 10_000  # an error is cut, so that its frame always passes
TRACEBACK_CHARACTERS = 50_000


def main() -> NoReturn:
    """Answer calls, one at a time and in the main thread, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the parent's
    incoming, outgoing = take_private_pipes()
    if len(sys.argv) > 1:
        die_with_parent(int(sys.argv[1]))
    inbox: SimpleQueue[dict[str, Any]] = SimpleQueue()
    Thread(target=read_frames, args=(incoming, inbox), daemon=True).start()
    setup = inbox.get()
    sys.path[:], sys.argv[:] = setup["path"], setup["argv"]
    sys.modules["__main__"] = ParentMain(setup["main"])
    while True:
        call = inbox.get()
        Reply(outgoing, setup["max_frame_bytes"]).answer(call["entry"], call["payload"])


class Reply:
    """One call's way back. The answer closes it, so that a stray thread cannot speak into the next call."""

    def __init__(self, outgoing: BinaryIO, max_frame_bytes: int) -> None:
        self._outgoing = outgoing
        self._max_frame_bytes = max_frame_bytes
        self._lock = Lock()
        self._answered = False

    def answer(self, entry: str, payload: object) -> None:
        """Run the entry and send what it came to. Nothing that it raises ends the process."""
        try:
            module, _, path = entry.partition(":")
            function = attrgetter(path)(import_module(module))
            frame = self._encode("result", function(payload, self.emit))
        except BaseException as error:  # a function's SystemExit is its failure, not our end
            frame = json.dumps({"error": describe(error), "memory": resident_bytes()}).encode()
        with self._lock:
            self._answered = True
            self._send(frame)

    def emit(self, value: object) -> None:
        """Send a JSON value to the parent, from any thread while the call runs."""
        frame = self._encode("message", value)
        with self._lock:
            if self._answered:
                raise RuntimeError("the call that this emit belonged to has been answered")
            self._send(frame)

    def _encode(self, kind: str, value: object) -> bytes:
        try:
            frame = json.dumps({kind: value, "memory": resident_bytes()}, allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise NotSendable(f"the {kind} cannot be sent as JSON: {error}") from error
        if len(frame) > self._max_frame_bytes:
            raise NotSendable(
                f"the {kind} takes {len(frame):,} bytes as JSON and {self._max_frame_bytes:,} are allowed: "
                "write it to a file and hand over the name"
            )
        return frame

    def _send(self, frame: bytes) -> None:
        self._outgoing.write(len(frame).to_bytes(LENGTH_BYTES, "big") + frame)
        self._outgoing.flush()


class NotSendable(ValueError):
    """A function's result or message is not JSON, or too large. It would be so again: permanent."""


class ParentMain(ModuleType):
    """Stands for the parent's main module, and loads it when first asked for one of its functions.

    It is loaded under another name than `__main__`, so that what `if __name__ == "__main__":` guards stays asleep.
    """

    importing = False  # ChildPool looks at it: an unguarded main module would start children without end

    def __init__(self, origin: dict[str, str]) -> None:
        super().__init__("__main__")
        self._origin = origin

    def __getattr__(self, name: str) -> object:
        if self.importing or name.startswith("__"):  # curious libraries look for __file__ and the like
            raise AttributeError(f"module '__main__' has no attribute {name!r}")
        if not self._origin:
            raise AttributeError(f"{name!r} was defined without a file: put it into a module to call it in a child")
        self.importing = True
        try:
            loaded = load_main(**self._origin)
        finally:
            self.importing = False
        sys.modules["__main__"] = loaded
        return getattr(loaded, name)


def load_main(*, name: str = "", path: str = "") -> ModuleType:
    """The parent's main module: `name` when it was started by `python -m name`, else its file."""
    if name:
        return import_module(name)
    spec = spec_from_loader("__mp_main__", SourceFileLoader("__mp_main__", path))
    assert spec is not None
    assert spec.loader is not None
    sys.modules["__mp_main__"] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def describe(error: BaseException) -> dict[str, object]:
    """What the parent may know of an exception, as JSON."""
    import traceback  # only failures pay for it

    told = traceback.TracebackException.from_exception(error)
    names = {f"{c.__module__}.{c.__qualname__}" for c in type(error).__mro__}
    permanent = {"mcp_tasks.errors.PermanentError", "pydantic_core._pydantic_core.ValidationError"}
    return {
        "type_name": type(error).__name__,
        "message": str(told)[:MESSAGE_CHARACTERS],
        "traceback": "".join(told.format())[-TRACEBACK_CHARACTERS:],
        "permanent": isinstance(error, NotSendable) or not permanent.isdisjoint(names),
    }


def take_private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the frames to ourselves: from here on stdin is empty, and whatever is printed goes to stderr."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    if sys.platform != "win32":  # a forked grandchild that held the pipe would hide our death from the parent
        os.register_at_fork(after_in_child=lambda: (os.dup2(0, incoming), os.dup2(0, outgoing)))
    return os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")


def read_frames(incoming: BinaryIO, inbox: SimpleQueue[dict[str, Any]]) -> NoReturn:
    """Read ahead, in a thread: the end of the stream means that the parent is gone, even amid a call."""
    while header := incoming.read(LENGTH_BYTES):
        length = int.from_bytes(header, "big")
        frame = incoming.read(length)
        if len(frame) < length:
            break
        inbox.put(json.loads(frame))
    os._exit(1)


def die_with_parent(lifeline: int) -> None:
    """Have the kernel kill this process when the other end of the lifeline closes, that is: when the parent ends.

    The thread at the end of stdin cannot act while a C call holds the interpreter lock. PR_SET_PDEATHSIG could, but
    it fires when the thread that spawned us ends, and trio spawns in threads that it lets go after ten seconds.
    """
    if sys.platform == "linux":
        from fcntl import F_GETFL, F_SETFL, F_SETOWN, F_SETSIG, fcntl
        from select import select

        os.set_inheritable(lifeline, False)
        fcntl(lifeline, F_SETOWN, os.getpid())
        fcntl(lifeline, F_SETSIG, signal.SIGKILL)
        fcntl(lifeline, F_SETFL, fcntl(lifeline, F_GETFL) | os.O_ASYNC)
        if select([lifeline], [], [], 0)[0]:  # it closed before we asked to be told
            os._exit(1)


def resident_bytes() -> int:
    """Memory of this process: what is resident now on Linux, the most that ever was on macOS, else 0 (unknown)."""
    if sys.platform == "linux":
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - pathlib takes 5 ms to import
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if sys.platform == "darwin":
        from resource import RUSAGE_SELF, getrusage

        return getrusage(RUSAGE_SELF).ru_maxrss
    return 0


if __name__ == "__main__":
    main()
