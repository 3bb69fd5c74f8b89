"""What the tests call in children. The payload and what is emitted or returned is JSON.

Every child imports it anew, so it imports nothing slow.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

Emit = Callable[[Any], None]


class Panels:
    """A function may sit inside a class."""

    @staticmethod
    def pid(payload: Any, emit: Emit) -> int:
        return os.getpid()


def pid(payload: Any, emit: Emit) -> int:
    """The process that we run in."""
    return os.getpid()


def echo(payload: Any, emit: Emit) -> Any:
    return payload


def count(payload: int, emit: Emit) -> str:
    for number in range(payload):
        emit({"done": number})
    return "counted"


def fail(payload: str, emit: Emit) -> NoReturn:
    match payload:
        case "value":
            raise ValueError("no such thickness")
        case "permanent":
            from mcp_tasks.errors import PermanentError

            raise type("OutOfStock", (PermanentError,), {})("discontinued")
        case "validation":
            from pydantic import TypeAdapter

            TypeAdapter(int).validate_python("five")
        case "exit":
            sys.exit("I am done")
        case "interrupt":
            raise KeyboardInterrupt
        case _:
            raise RuntimeError(payload * 1_000_000)
    raise AssertionError


def die(payload: str, emit: Emit) -> None:
    match payload:
        case "exit":
            os._exit(0)
        case "segfault":
            ctypes.string_at(0)
        case _:
            os.kill(os.getpid(), signal.SIGKILL)


def survive_ctrl_c(payload: Any, emit: Emit) -> str:
    signal.raise_signal(signal.SIGINT)
    return "alive"


def loop_for_ever(payload: str, emit: Emit) -> NoReturn:
    emit(os.getpid())
    _never_return(payload)


def hold_connection(payload: dict[str, Any], emit: Emit) -> NoReturn:
    """Stay connected to a port of this machine until the process ends."""
    with socket.create_connection(("127.0.0.1", payload["port"])) as held:
        held.sendall(b"!")
        _never_return(payload["how"])


def _never_return(how: str) -> NoReturn:
    if how == "in C":
        ctypes.PyDLL(None).pause()  # unlike CDLL it keeps the interpreter lock
    while True:
        pass


def wait_for_release(payload: int, emit: Emit) -> None:
    """Return when the one who listens at this port hangs up."""
    with socket.create_connection(("127.0.0.1", payload)) as held:
        held.recv(1)


def speak_everywhere(payload: Any, emit: Emit) -> str:
    print("from print")  # noqa: T201
    os.write(1, b"from the descriptor\n")
    subprocess.run([sys.executable, "-c", "print('from a grandchild')"], check=True)
    return sys.stdin.read()


def grow_by(payload: int, emit: Emit) -> int:
    """Keep that many bytes of memory for good."""
    globals()["kept"] = b"x" * payload
    return os.getpid()


def return_bytes(payload: int, emit: Emit) -> str:
    return "x" * payload


def emit_bytes(payload: int, emit: Emit) -> None:
    emit("x" * payload)


def return_what_is_not_json(payload: str, emit: Emit) -> Any:
    nested: list[Any] = []
    nested.append(nested)
    return {"set": {1, 2}, "nan": [float("nan")], "circle": nested}[payload]


def leave_a_thread(payload: Any, emit: Emit) -> None:
    """Start a thread that speaks only once the call is over."""
    call_is_over = threading.Event()
    heard: list[str] = []

    def speak() -> None:
        call_is_over.wait()
        try:
            emit("too late")
        except RuntimeError as error:
            heard.append(str(error))

    thread = threading.Thread(target=speak)
    thread.start()
    globals()["left"] = call_is_over, thread, heard


def meet_the_thread(payload: Any, emit: Emit) -> list[str]:
    call_is_over, thread, heard = globals()["left"]
    call_is_over.set()
    thread.join()
    return heard


def fork_and_die(payload: str, emit: Emit) -> None:
    """Leave a grandchild that lives until somebody writes to the pipe of that name."""
    if os.fork() == 0:
        with Path(payload).open():
            os._exit(0)
    os._exit(3)
