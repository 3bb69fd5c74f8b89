"""Files that reach the disk."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Force a file or a folder's list of names to the disk; Windows has no way to do that for folders."""
    if os.name == "nt" and path.is_dir():
        return
    fd = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_tree(folder: Path) -> None:
    """Force all that is in a folder to the disk, and then the folder."""
    for path in folder.iterdir():
        if path.is_dir():
            sync_tree(path)
        else:
            sync(path)
    sync(folder)
