"""Everything that mcp_tasks raises on purpose.

::

    McpTasksError
    ├── RequestError              the caller can repair it; `to_dict()` is the answer of every face
    │   ├── InvalidRequest            invalid_request
    │   ├── SystemNotSupported        system_not_supported
    │   ├── ThicknessNotAvailable     thickness_not_available
    │   ├── UnknownPriceList          unknown_price_list
    │   ├── TaskNotFound              task_not_found
    │   ├── TaskAlreadyFinished       task_already_finished
    │   ├── TaskNotRetryable          task_not_retryable
    │   ├── QueueFull                 queue_full
    │   ├── IdempotencyConflict       idempotency_conflict
    │   └── StorageUnavailable        storage_unavailable
    │       └── QueueClosed               storage_unavailable
    ├── PermanentError            raised by a task function: fail now, do not retry
    │   ├── KnowledgeError            a file of the product (catalog, rules, prices, template) is not usable
    │   └── VersionConflict           the knowledge was changed by somebody else meanwhile; nothing was published
    ├── KnowledgeBusy             another process is changing the knowledge just now; a task is retried
    └── ClaimLost                 this attempt is no longer ours; nothing was changed
"""

from collections.abc import Sequence
from typing import Any, ClassVar


class McpTasksError(Exception):
    """The root of the tree."""


class RequestError(McpTasksError):
    """A request that was refused, with what the caller needs to repair it.

    `field` is a dotted path into the request ("request.thickness_mm"), `allowed` the values that
    would have been taken, `nearest` the one that was probably meant, `example` a value to copy.
    Nothing was stored.
    """

    code: ClassVar[str] = "invalid_request"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        received: Any = None,
        allowed: Sequence[Any] | None = None,
        nearest: Any = None,
        example: Any = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.received = received
        self.allowed = None if allowed is None else list(allowed)
        self.nearest = nearest
        self.example = example
        self.details = details

    def to_dict(self) -> dict[str, Any]:
        """The structured error of the tool contract: `code`, `message` and the facts that are known."""
        facts = {
            "field": self.field,
            "received": self.received,
            "allowed": self.allowed,
            "nearest": self.nearest,
            "example": self.example,
            **self.details,
        }
        return {"code": self.code, "message": self.message} | {k: v for k, v in facts.items() if v is not None}


class InvalidRequest(RequestError):
    """A field is missing, unknown, out of bounds or of the wrong type."""


class SystemNotSupported(RequestError):
    """The product family is not made for that use; `allowed` lists the valid pairs."""

    code = "system_not_supported"


class ThicknessNotAvailable(RequestError):
    """The family is not made in that thickness; `available_mm` lists those that are."""

    code = "thickness_not_available"


class UnknownPriceList(RequestError):
    """No price list has that id; `allowed` lists the ids."""

    code = "unknown_price_list"


class TaskNotFound(RequestError):
    """No such task, or it belongs to another owner: the words are the same for both."""

    code = "task_not_found"


class TaskAlreadyFinished(RequestError):
    """A finished task cannot be cancelled or answered."""

    code = "task_already_finished"


class TaskNotRetryable(RequestError):
    """Only failed and cancelled tasks can be retried."""

    code = "task_not_retryable"


class QueueFull(RequestError):
    """The queue holds as many unfinished tasks as it may."""

    code = "queue_full"


class IdempotencyConflict(RequestError):
    """The idempotency key was used before, with other parameters."""

    code = "idempotency_conflict"


class StorageUnavailable(RequestError):
    """The store cannot be opened, read or written: no space, no permission, not a database, too new."""

    code = "storage_unavailable"


class QueueClosed(StorageUnavailable):
    """The queue was closed by who opened it: this does not pass, as other faults of the store may."""


class PermanentError(McpTasksError):
    """Raise it in a task function when a retry cannot help: the task fails at once."""


class ClaimLost(McpTasksError):
    """The attempt was reclaimed: its lease expired, or its process was taken for dead. Nothing was changed."""


class KnowledgeError(PermanentError):
    """A file of the product cannot be used; the message names the file, the place in it and the fault."""


class VersionConflict(PermanentError):
    """The knowledge has a newer version than the one that a change was made from. Nothing was published."""


class KnowledgeBusy(McpTasksError):
    """Another process publishes knowledge and has not come to an end. Nothing was published; it may pass."""
