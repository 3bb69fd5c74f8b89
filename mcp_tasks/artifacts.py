"""The files that tasks produce: written aside, published whole or not at all.

An attempt writes into a scratch folder of its own. Only its worker publishes: the bytes and the names reach
the disk first, then the finishing transaction records them. What no row records is swept.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from mcp_tasks.durable import sync
from mcp_tasks.errors import PermanentError
from mcp_tasks.task import Artifact, Claim

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)
_SCRATCH = ".scratch"


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
        target.parent.mkdir(parents=True, exist_ok=True)
        sync(scratch)
        scratch.rename(target)
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

    def remove(self, task_id: str) -> tuple[int, int]:
        """Remove all files of a task; returns how many, and their bytes."""
        folder = self._folder / task_id
        sizes = [f.stat().st_size for f in folder.rglob("*") if f.is_file()]
        _remove(folder)
        return len(sizes), sum(sizes)

    def scratched(self) -> Iterator[tuple[str, int]]:
        """The attempts (task id, number) that have a scratch folder."""
        folder = self._folder / _SCRATCH
        for path in folder.iterdir() if folder.is_dir() else ():
            id_, _, attempt = path.name.rpartition("-")
            if attempt.isdigit():
                yield id_, int(attempt)

    def remove_scratch(self, id_: str, attempt: int) -> None:
        """Remove the scratch folder of an attempt that is over."""
        _remove(self._folder / _SCRATCH / f"{id_}-{attempt}")

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


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        import shutil  # here, for the same reason

        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
