"""The one settings model: from environment variables and flags, read once, when a program starts."""

from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from mcp_tasks.repair import fields_of, invalid_request

PREFIX = "MCP_TASKS_"

Language: TypeAlias = Literal["es", "en"]


def default_data_dir() -> Path:
    """Where this machine keeps a user's data."""
    from platformdirs import user_data_path

    return user_data_path("mcp-tasks", appauthor=False)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}; write an IANA name such as America/Montevideo") from error
    return name


class Settings(BaseSettings):
    """What a person can set. Every field is also an environment variable: MCP_TASKS_DATA_DIR, and so on."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=default_data_dir, description="Folder of the queue's file and of the tasks' files"
    )
    max_concurrent_tasks: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=5, description="How many tasks this process runs at once"
    )
    max_processes: Annotated[int, Field(ge=1, le=64)] = Field(
        default=2, description="How many child processes render documents at once"
    )
    max_unfinished: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="How many unfinished tasks the queue takes before it refuses more"
    )
    synchronous: Literal["FULL", "NORMAL"] = Field(
        default="FULL", description="NORMAL is faster and loses the last tasks at a power cut"
    )
    language: Language = Field(default="es", description="Language of titles and messages for people")
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="America/Montevideo", description="IANA time zone of dates and of the years in quotation numbers"
    )
    company_file: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None, description="JSON file of the company that quotes; default a sample"
    )
    template_file: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None, description="Typst file that lays the quotation out; default the packaged one"
    )
    keep_finished_hours: Annotated[float, Field(gt=0)] = Field(
        default=24, description="How long completed and cancelled tasks and their files are kept"
    )
    keep_failed_hours: Annotated[float, Field(gt=0)] = Field(
        default=24 * 7, description="How long failed tasks are kept"
    )
    grace_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        default=1.0,
        description="How long running tasks may go on when the process is told to end, before they are given back",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="What is written to stderr"
    )

    @property
    def database(self) -> Path:
        """The queue's file."""
        return self.data_dir / "tasks.db"

    @classmethod
    def read(cls, **flags: object) -> Self:
        """The settings from `flags` (None: not given), then the environment, then the defaults.

        Raises `InvalidRequest`, which names the setting.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise invalid_request(error, fields_of(cls)) from error
