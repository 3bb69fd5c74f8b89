"""Where the process says what happens: on stderr, and in a file when the settings name one."""

import logging
from pathlib import Path

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.settings import Settings


def start_logging(settings: Settings) -> None:
    """To stderr, for stdout belongs to the protocol. Raises `InvalidRequest` when the file cannot be written."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if settings.log_file:
        handlers.append(_log_file(settings, settings.log_file))
    logging.basicConfig(handlers=handlers, level=settings.log_level, format=settings.log_format)


def _log_file(settings: Settings, path: Path) -> logging.Handler:
    from logging.handlers import RotatingFileHandler

    try:
        return RotatingFileHandler(
            path, maxBytes=settings.log_max_bytes, backupCount=settings.log_backup_count, encoding="utf-8"
        )
    except OSError as error:
        raise InvalidRequest(
            f"the log file {path} cannot be written: {error.strerror}; name another",
            field="log_file",
            received=str(path),
        ) from error
