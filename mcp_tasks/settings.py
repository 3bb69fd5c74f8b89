"""The one settings model: from flags, environment variables and the configuration file, read once at the start."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from mcp_tasks.config import (
    CleanupHours,
    Concurrency,
    Count,
    HostName,
    LogFormat,
    LogLevel,
    Port,
    ScheduledTask,
    TaskOptions,
    WorkerId,
    read_config,
)
from mcp_tasks.errors import InvalidRequest
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

    config: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None, description="JSON file of settings; what flags and the environment say goes before it"
    )
    data_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=default_data_dir, description="Folder of the queue's file and of the tasks' files"
    )
    storage_path: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None, description="The queue's file; default tasks.db in the data folder"
    )
    knowledge_dir: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None,
        description="Folder of changed catalogs, rules and prices; default knowledge in the data folder",
    )
    price_source_dir: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None, description="Folder whose files new prices may be read from; default prices in the data folder"
    )
    worker_id: WorkerId | None = Field(
        default=None, description="What this process is called in the attempts that it makes; default a random name"
    )
    run_worker: bool = Field(default=True, description="Whether a server runs tasks; another process may, too")
    run_scheduler: bool = Field(default=True, description="Whether this process starts what the clock asks for")
    scheduled_tasks: dict[str, ScheduledTask] = Field(
        default={}, description="When functions run, by their names, in place of what their code says"
    )
    tasks: dict[str, TaskOptions] = Field(
        default={}, description="Priority, retries and time of tasks, by their functions' names"
    )
    max_concurrent_tasks: Concurrency = Field(default=5, description="How many tasks this process runs at once")
    max_processes: Annotated[int, Field(ge=1, le=64)] = Field(
        default=2, description="How many child processes render documents at once"
    )
    max_unfinished: Count | None = Field(
        default=None, description="How many unfinished tasks the queue takes before it refuses more"
    )
    synchronous: Literal["FULL", "NORMAL"] = Field(
        default="FULL", description="NORMAL is faster and loses the last tasks at a power cut"
    )
    host: Annotated[str, Field(min_length=1)] = Field(
        default="127.0.0.1", description="Address on which HTTP and SSE are served"
    )
    port: Port = Field(default=8000, description="Port on which they are served; 0 takes a free one")
    allowed_hosts: tuple[HostName, ...] = Field(
        default=(), description="Names by which clients and web pages may call the server, besides localhost"
    )
    allow_unauthenticated: bool = Field(
        default=False, description="Whether others than this machine may be served, although nobody is authenticated"
    )
    max_body_bytes: Count = Field(default=4 * 1024 * 1024, description="How long the body of an HTTP request may be")
    language: Language = Field(default="es", description="Language of titles and messages for people")
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="America/Montevideo", description="IANA time zone of dates and of the years in quotation numbers"
    )
    company_file: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None, description="JSON file of the company that quotes; default a sample"
    )
    template_file: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None,
        description="Typst file that lays quotations out, or a folder of `template export`; default the packaged one",
    )
    auto_cleanup_enabled: bool = Field(default=True, description="Whether old finished tasks are deleted")
    auto_cleanup_interval_hours: CleanupHours = Field(default=1, description="How often they are looked for")
    keep_finished_hours: Annotated[float, Field(gt=0)] = Field(
        default=24, description="How long completed and cancelled tasks and their files are kept"
    )
    keep_failed_hours: Annotated[float, Field(gt=0)] = Field(
        default=24 * 7, description="How long failed tasks are kept"
    )
    keep_reports_days: Annotated[float, Field(gt=0)] = Field(
        default=90, description="How long the daily reports are kept; the newest stays"
    )
    grace_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        default=1.0,
        description="How long running tasks may go on when the process is told to end, before they are given back",
    )
    log_level: LogLevel = Field(default="WARNING", description="What is logged, on stderr")
    log_format: LogFormat = Field(
        default="%(asctime)s %(levelname)s %(name)s: %(message)s",
        description="A line of the log, as in Python's logging",
    )
    log_file: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None, description="File that gets the log, too; of one process alone"
    )
    log_max_bytes: Count = Field(default=10_000_000, description="How large it grows before a new one is begun")
    log_backup_count: Count = Field(default=5, description="How many old ones are kept")

    @property
    def database(self) -> Path:
        """The queue's file."""
        return self.storage_path or self.data_dir / "tasks.db"

    @property
    def knowledge(self) -> Path:
        """The folder of the versions of catalog, rules and prices."""
        return self.knowledge_dir or self.data_dir / "knowledge"

    @property
    def price_sources(self) -> Path:
        """The folder of files that new prices may be read from."""
        return self.price_source_dir or self.data_dir / "prices"

    @classmethod
    def read(cls, **flags: object) -> Self:
        """The settings from `flags` (None: not given), then the environment, then the file `config`, then the defaults.

        Raises `InvalidRequest`, which names the setting, or the place in the file.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        environment = _environment(cls)
        path = given.get("config", environment.get("config"))
        file = read_config(Path(str(path)).expanduser()) if path else {}
        settings: dict[str, Any] = {}
        for layer in (file, environment, given):
            if "data_dir" in layer:
                settings.pop("storage_path", None)  # another folder: the file in it, not the one named before
            settings |= layer
        try:
            return cls.model_validate(settings)
        except ValidationError as error:
            raise invalid_request(error, fields_of(cls)) from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given: `read` has put the sources together."""
        return (init_settings,)


def _environment(settings: type[BaseSettings]) -> dict[str, Any]:
    try:
        return EnvSettingsSource(settings)()
    except SettingsError as error:
        raise InvalidRequest(f"{error}; write it as JSON") from error
