"""The configuration file: JSON in sections, each key of which is a setting.

What is left out, or null, stays as the environment or the default has it. Paths are relative to the file.
"""

import logging
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.repair import fields_of, invalid_request
from mcp_tasks.schedule import Trigger, trigger_from


def _known_fields(format_: str) -> str:
    try:
        logging.Formatter(format_).format(logging.makeLogRecord({}))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{error}; write fields as in %(asctime)s %(levelname)s %(name)s: %(message)s") from error
    return format_


Count: TypeAlias = Annotated[int, Field(ge=1)]
Concurrency: TypeAlias = Annotated[int, Field(ge=1, le=1000)]
CleanupHours: TypeAlias = Annotated[float, Field(ge=0.01, le=8760)]
WorkerId: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$")]
Port: TypeAlias = Annotated[int, Field(ge=0, le=65_535)]
HostName: TypeAlias = Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]*]+)(:\d+)?$")]
"""With or without a port; without one it stands for all. An IPv6 address in brackets."""
LogLevel: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat: TypeAlias = Annotated[str, AfterValidator(_known_fields)]


class Section(BaseModel):
    """Unknown keys are refused. A serialization alias is the name of the setting, where that is another."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TaskOptions(Section):
    """Other defaults for the tasks of one function; None: the function's own."""

    priority: Literal["low", "normal", "high", "critical"] | None = None
    max_retries: Annotated[int, Field(ge=0, le=100)] | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=7 * 86_400)] | None = None


class ScheduledTask(Section):
    """When a function runs: one of an interval, a daily time (hour, minute) and a cron expression; or not at all."""

    enabled: bool = True
    interval_seconds: float | None = None
    daily_at: tuple[int, int] | None = None
    cron: str | None = None
    timezone: str | None = None

    def trigger(self, timezone: str) -> Trigger | None:
        """What starts it, in that time zone unless it names its own; None when it is not enabled."""
        if not self.enabled:
            return None
        return trigger_from(self.interval_seconds, self.daily_at, self.cron, self.timezone or timezone)

    @model_validator(mode="after")
    def _can_be_planned(self) -> Self:
        try:
            self.trigger("UTC")
        except InvalidRequest as error:
            raise ValueError(str(error)) from error
        return self


class QueueSection(Section):
    """Where tasks are kept, how many, and for how long."""

    storage_path: Path | None = None
    auto_cleanup_enabled: bool | None = None
    auto_cleanup_interval_hours: CleanupHours | None = None
    max_queue_size: Annotated[Count | None, Field(serialization_alias="max_unfinished")] = None


class WorkerSection(Section):
    """What runs tasks in this process."""

    worker_id: WorkerId | None = None
    max_concurrent_tasks: Concurrency | None = None
    enable_on_startup: Annotated[bool | None, Field(serialization_alias="run_worker")] = None


class SchedulerSection(Section):
    """What the clock starts."""

    enable_on_startup: Annotated[bool | None, Field(serialization_alias="run_scheduler")] = None
    scheduled_tasks: dict[str, ScheduledTask] | None = None


class ServerSection(Section):
    """Where HTTP and SSE are served, and to whom."""

    host: str | None = None
    port: Port | None = None
    allowed_hosts: tuple[HostName, ...] | None = None
    allow_unauthenticated: bool | None = None
    max_body_bytes: Count | None = None


class LoggingSection(Section):
    """What is said where: always on stderr, and in a file when one is named."""

    level: Annotated[LogLevel | None, Field(serialization_alias="log_level")] = None
    format: Annotated[LogFormat | None, Field(serialization_alias="log_format")] = None
    file: Annotated[Path | None, Field(serialization_alias="log_file")] = None
    max_bytes: Annotated[Count | None, Field(serialization_alias="log_max_bytes")] = None
    backup_count: Annotated[Count | None, Field(serialization_alias="log_backup_count")] = None


class ConfigFile(Section):
    """The whole file. `tasks` and `scheduled_tasks` go by the names of task functions."""

    version: Literal["1.0.0"] = "1.0.0"
    queue: QueueSection = QueueSection()
    worker: WorkerSection = WorkerSection()
    scheduler: SchedulerSection = SchedulerSection()
    tasks: dict[str, TaskOptions] = {}
    server: ServerSection = ServerSection()
    logging: LoggingSection = LoggingSection()


def read_config(path: Path) -> dict[str, Any]:
    """The settings that the file gives, by their names. `InvalidRequest` names the file, the place in it, the fault."""
    try:
        config = ConfigFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InvalidRequest(
            f"the configuration file {path} cannot be read: {error.strerror}; name another with --config",
            field="config",
            received=str(path),
        ) from error
    except ValidationError as error:
        found = invalid_request(error, fields_of(ConfigFile))
        raise InvalidRequest(
            f"{path}: {found.message}",
            field=found.field,
            received=found.received,
            allowed=found.allowed,
            nearest=found.nearest,
        ) from error
    settings: dict[str, Any] = {"tasks": config.tasks}
    for section in (config.queue, config.worker, config.scheduler, config.server, config.logging):
        settings |= section.model_dump(by_alias=True, exclude_none=True)
    return {k: path.parent / v.expanduser() if isinstance(v, Path) else v for k, v in settings.items()}
