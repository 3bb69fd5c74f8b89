"""The files that tasks produce: written aside, published whole or not at all.

An attempt writes into a scratch folder of its own. Only its worker publishes: the bytes and the names reach
the disk first, then the finishing transaction records them. What no row records is swept.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mcp_tasks.durable import sync
from mcp_tasks.errors import PermanentError
from mcp_tasks.task import Artifact, Claim

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)
_SCRATCH = ".scratch"


@dataclass(frozen=True, slots=True)
class Size:
    """So many files, of so many bytes together."""

    files: int = 0
    bytes: int = 0

    def __add__(self, other: "Size") -> "Size":
        return Size(self.files + other.files, self.bytes + other.bytes)


class AttemptFolder(NamedTuple):
    """The folder of an attempt; `path` is relative to the folder of artifacts."""

    task_id: str
    attempt: int
    path: str

    @property
    def published_as(self) -> str:
        """What the paths of its artifacts begin with once it has published them."""
        return f"{self.task_id}/{self.attempt}"


class ArtifactFolder:
    """`<folder>/<task id>/<attempt>/<name>`, and `<folder>/.scratch/<task id>-<attempt>/` while it runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def scratch(self, claim: Claim) -> Path:
        """The folder that this attempt may write to; made at the first call."""
        path = self._scratch(claim)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def publish(self, claim: Claim, media_types: Mapping[str, str]) -> tuple[Artifact, ...]:
        """Move the named files of the scratch folder to their place, durably. Blocks on the disk."""
        import hashlib  # here, for it takes longer to import than a small task takes to run

        scratch = self._scratch(claim)
        artifacts: list[Artifact] = []
        for name, media_type in media_types.items():
            path = scratch / name
            if not path.is_file():
                raise PermanentError(f"the artifact {name!r} was announced but not written")
            content = path.read_bytes()
            sync(path)
            digest = hashlib.sha256(content).hexdigest()
            artifacts.append(Artifact(name, media_type, len(content), digest, f"{claim.id}/{claim.attempt}/{name}"))
        for stray in scratch.iterdir():
            if stray.name not in media_types:
                _remove(stray)
        target = self._published(claim)
        sync(scratch)
        _move(scratch, target)
        for folder in (target.parent, self._folder):
            sync(folder)
        return tuple(artifacts)

    def discard(self, claim: Claim) -> None:
        """Remove what an attempt left that was not recorded."""
        _remove(self._scratch(claim))
        _remove(self._published(claim))

    def path_of(self, artifact: Artifact) -> Path:
        """Where a recorded artifact is."""
        return self._folder / artifact.path

    def size(self, task_id: str) -> Size:
        """How much the files of a task are."""
        return _size(self._folder / task_id)

    def remove(self, task_id: str) -> Size:
        """Remove all files of a task; how much that was."""
        size = self.size(task_id)
        _remove(self._folder / task_id)
        return size

    def attempts(self) -> Iterator[AttemptFolder]:
        """The attempts that have a folder: while they run, or since they published."""
        for path in _entries(self._folder / _SCRATCH):
            id_, _, attempt = path.name.rpartition("-")
            if attempt.isdigit():
                yield AttemptFolder(id_, int(attempt), f"{_SCRATCH}/{path.name}")
        for task in _entries(self._folder):
            for path in _entries(task) if task.name != _SCRATCH else ():
                if path.name.isdigit():
                    yield AttemptFolder(task.name, int(path.name), f"{task.name}/{path.name}")

    def attempt_size(self, attempt: AttemptFolder) -> Size:
        """How much the files of one attempt are."""
        return _size(self._folder / attempt.path)

    def remove_attempt(self, attempt: AttemptFolder) -> Size:
        """Remove the files of one attempt, and its task's folder if nothing else is in it; how much that was."""
        path = self._folder / attempt.path
        size = _size(path)
        _remove(path)
        with suppress(OSError):  # it is needed, or gone
            (self._folder / attempt.task_id).rmdir()
        return size

    def _scratch(self, claim: Claim) -> Path:
        return self._folder / _SCRATCH / f"{claim.id}-{claim.attempt}"

    def _published(self, claim: Claim) -> Path:
        return self._folder / claim.id / str(claim.attempt)


def check_name(name: str) -> str:
    """An artifact's name is a plain file name: it becomes part of a path and of a URI."""
    if not _NAME.fullmatch(name):
        raise PermanentError(
            f"{name!r} cannot name an artifact; use letters, digits, '.', '_' and '-', such as quote.pdf"
        )
    return name


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _size(folder: Path) -> Size:
    """Others may remove files meanwhile."""
    sizes: list[int] = []
    for within, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                sizes.append(Path(within, name).stat().st_size)
    return Size(len(sizes), sum(sizes))


def _move(folder: Path, target: Path) -> None:
    """A cleanup may find the new parent empty and remove it before there is something in it: then once more."""
    while True:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(target)
        except FileNotFoundError:
            if not folder.exists():
                raise
        else:
            return


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        import shutil  # here, for the same reason

        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
