"""The product's JSON files become values, or errors that name the file and the place in it."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from mcp_tasks.errors import KnowledgeError
from mcp_tasks.quotation import strict_json

M = TypeVar("M", bound=BaseModel)


def read_model(path: Path, model: type[M]) -> M:
    """The `model` that a file holds; `KnowledgeError` names the file, the path in it and the fault."""
    try:
        return model.model_validate(strict_json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        finding = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in finding["loc"]) or "the file"
        raise KnowledgeError(f"{path}: {place}: {finding['msg'].removeprefix('Value error, ')}") from error
    except ValueError as error:
        raise KnowledgeError(f"{path}: not JSON: {error}") from error
