"""The folder of the tasks' files, while others write to it."""

from pathlib import Path
from threading import Event, Thread

from mcp_tasks.artifacts import ArtifactFolder, AttemptFolder
from mcp_tasks.task import Claim


def claimed(attempt: int) -> Claim:
    return Claim(1, "task", attempt, "render", "{}", "local", 0, 3, None, {})


def test_files_are_published_while_a_cleanup_removes_what_an_attempt_before_left(tmp_path: Path) -> None:
    folder = ArtifactFolder(tmp_path)
    over = Event()

    def clean_up() -> None:
        while not over.is_set():
            folder.remove_attempt(AttemptFolder("task", 1, "task/1"))

    cleanup = Thread(target=clean_up, daemon=True)
    cleanup.start()
    try:
        for attempt in range(2, 32):
            claim = claimed(attempt)
            (folder.scratch(claim) / "quote.pdf").write_bytes(b"%PDF")
            (published,) = folder.publish(claim, {"quote.pdf": "application/pdf"})
            assert folder.path_of(published).read_bytes() == b"%PDF"
            folder.discard(claim)
    finally:
        over.set()
        cleanup.join()
