"""The knowledge as it is changed: numbered versions, of which the highest is in force.

`<folder>/versions/000001/` is a version, whole and never changed again; version 0 is what the package ships. A new one
is written aside, checked, forced to the disk, and renamed to the next number: a crash leaves the version before or the
new one, and whoever is second finds the number taken.
"""

import os
import re
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mcp_tasks.durable import sync, sync_tree
from mcp_tasks.errors import InvalidRequest, KnowledgeBusy, KnowledgeError, VersionConflict
from mcp_tasks.filelock import StillLocked, locked
from mcp_tasks.quotation.fields import Model
from mcp_tasks.quotation.knowledge import PARTS, SHIPPED, Knowledge, load, shipped_digest
from mcp_tasks.quotation.model_file import read_model

KEPT = 20
PATIENCE_SECONDS = 10.0

_NUMBER = re.compile(r"[0-9]{6,}", re.ASCII)
_NOTE = "version.json"


class Version(NamedTuple):
    """A version that can be loaded: its number, and the folder of its files."""

    number: int
    folder: Path


class VersionInfo(Model):
    """Who published a version, what it changed, and when (seconds since 1970).

    `base` is the version that it is a change of; None when it is what the package ships. `undoes` is the version that a
    roll back undid. `packaged` is the digest of what the package shipped when the first of its bases was copied from
    there; None where that is not known.
    """

    number: int
    by: str
    what: str
    at: float
    base: int | None
    undoes: int | None = None
    packaged: str | None = None


class KnowledgeVersions:
    """The versions in a folder, which many processes share. Nothing is made in it before the first is published.

    Who publishes waits for others that do, `patience_seconds` at most.
    """

    def __init__(self, folder: Path, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._folder = folder
        self._patience = patience_seconds
        self._versions = folder / "versions"
        self._aside = folder / "unfinished"
        self._loaded: tuple[int, Knowledge] | None = None

    def current(self) -> Version:
        """The version in force."""
        return self._version(self._newest())

    def knowledge(self) -> Knowledge:
        """What the version in force says, read again only when that is another than before.

        Raises `KnowledgeError` when it cannot be used: an older one is never taken in its place.
        """
        return self.ready() or self._load()

    def ready(self) -> Knowledge | None:
        """The same when that takes no reading, else None.

        It lists the folder, which takes some 20 us: the folder's time can be the same before and after a change.
        """
        if self._loaded is None or self._loaded[0] != self._newest():
            return None
        return self._loaded[1]

    def publish(self, change: Callable[[Path], None], *, base: int, by: str, what: str, at: float) -> Version:
        """Publish what `change` makes of a copy of the files of version `base`.

        Nothing is published when it raises, when `base` is no longer in force (`VersionConflict`), when the result
        cannot be loaded or the folder cannot be written (`KnowledgeError`), or others do not end (`KnowledgeBusy`).
        """
        with self._publishing(base) as aside:
            self._copy(base, aside)
            change(aside)
            note = VersionInfo(number=base + 1, by=by, what=what, at=at, base=base, packaged=self._packaged(base))
            return self._add(aside, note)

    def base_of(self, version: Version) -> Version | None:
        """The version that it is a change of, as long as that is kept."""
        base = self._base(version.number)
        found = None if base is None else self._version(base)
        return found if found and found.folder.is_dir() else None

    def hides_the_package(self, version: Version) -> bool:
        """Whether the package has other data by now than those that the version was made from."""
        return self._packaged(version.number) not in {None, shipped_digest()}

    def history(self) -> tuple[VersionInfo, ...]:
        """The versions that are kept, newest first; what the package ships is not among them.

        One that somebody broke does not hide the others: it says what is wrong with its note.
        """
        return tuple(self._told(number) for number in sorted(self._numbers(), reverse=True))

    def roll_back(self, *, by: str, at: float, undo: int | None = None) -> Version:
        """Publish again, under a new number, the version that the current one (which `undo` names) is a change of.

        A second time goes back another step, until what the package ships now. Raises `InvalidRequest` when nothing is
        kept before it, and the errors of `publish`: `VersionConflict` when `undo` is not in force.
        """
        current = self._version(self._newest() if undo is None else undo)
        earlier = self.base_of(current)
        if earlier is None and self._base(current.number) is None and self.hides_the_package(current):
            earlier = self._version(0)
        if earlier is None:
            raise InvalidRequest("there is no earlier version of the catalog and prices to go back to")
        base, packaged = self._base(earlier.number), self._packaged(earlier.number)
        with self._publishing(current.number) as aside:
            self._copy(earlier.number, aside)
            number, what = current.number + 1, f"back to version {earlier.number}"
            undoes = current.number
            note = VersionInfo(number=number, by=by, what=what, at=at, base=base, undoes=undoes, packaged=packaged)
            return self._add(aside, note)

    @contextmanager
    def _publishing(self, base: int) -> Generator[Path]:
        """An empty folder in which this process alone makes the version after `base`. It is gone afterwards."""
        aside, lock = self._aside / f"{base + 1:06d}", self._folder / "publishing.lock"
        try:
            self._versions.mkdir(parents=True, exist_ok=True)
            with locked(lock, self._patience):
                if self._newest() != base:
                    raise _conflict(base)
                shutil.rmtree(self._aside, ignore_errors=True)  # what the dead have left: whoever lives has the lock
                aside.mkdir(parents=True)
                try:
                    yield aside
                finally:
                    shutil.rmtree(self._aside, ignore_errors=True)
        except StillLocked as error:
            raise KnowledgeBusy(
                f"another process has been publishing for {self._patience:g} s; nothing was changed. Try again; if it "
                f"stays so, that process was stopped: let it go on, or end it. It holds {lock}"
            ) from error
        except OSError as error:
            where = error.filename or self._folder
            raise KnowledgeError(f"{where}: cannot be read or written: {error.strerror}") from error

    def _copy(self, number: int, aside: Path) -> None:
        source = self._version(number).folder
        for part in PARTS:
            for path in (source / part).glob("*.json") if (source / part).is_dir() else (source / part,):
                copy = aside / path.relative_to(source)
                copy.parent.mkdir(exist_ok=True)
                shutil.copyfile(path, copy)  # without its mode: what is installed may be read-only

    def _add(self, aside: Path, note: VersionInfo) -> Version:
        load(aside)
        (aside / _NOTE).write_text(note.model_dump_json(indent=1), encoding="utf-8")
        sync_tree(aside)
        version = self._version(note.number)
        try:
            aside.rename(version.folder)
        except OSError as error:
            if version.folder.exists():
                raise _conflict(note.number - 1) from error
            raise
        for folder in (self._versions, self._folder, self._folder.parent):
            sync(folder)
        self._forget_the_oldest()
        return version

    def _forget_the_oldest(self) -> None:
        """A version that goes is moved away first, so that none is ever seen in part."""
        for number in sorted(self._numbers())[:-KEPT]:
            self._version(number).folder.rename(self._aside / f"old-{number:06d}")

    def _newest(self) -> int:
        return max(self._numbers(), default=0)

    def _numbers(self) -> list[int]:
        try:
            return [int(name) for name in os.listdir(self._versions) if _NUMBER.fullmatch(name)]  # noqa: PTH208 - faster
        except (FileNotFoundError, NotADirectoryError):  # of what is no folder nothing can be published
            return []
        except OSError as error:
            raise KnowledgeError(f"{self._versions}: cannot be read: {error.strerror}") from error

    def _version(self, number: int) -> Version:
        return Version(number, self._versions / f"{number:06d}" if number else SHIPPED)

    def _info(self, number: int) -> VersionInfo:
        return read_model(self._version(number).folder / _NOTE, VersionInfo)

    def _base(self, number: int) -> int | None:
        """The version that it is a change of; where its note is broken, the next lower one, so that one can go back."""
        if number == 0:
            return None
        try:
            return self._info(number).base
        except KnowledgeError:
            return max((lower for lower in self._numbers() if lower < number), default=0)

    def _packaged(self, number: int) -> str | None:
        return self._told(number).packaged if number else shipped_digest()

    def _told(self, number: int) -> VersionInfo:
        try:
            return self._info(number)
        except KnowledgeError as fault:
            return VersionInfo(number=number, by="unknown", what=str(fault), at=0, base=self._base(number))

    def _load(self) -> Knowledge:
        version = self.current()
        knowledge = load(version.folder if version.number else None)
        self._loaded = version.number, knowledge
        return knowledge


def _conflict(base: int) -> VersionConflict:
    return VersionConflict(
        f"the catalog and prices have changed since version {base}, which this change was made from; "
        "look at them as they are now, and make it again"
    )
