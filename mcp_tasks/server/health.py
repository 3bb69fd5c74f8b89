"""Whether the process lives, at /healthz, and whether it can be given work, at /readyz."""

from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from mcp_tasks.errors import RequestError, StorageUnavailable
from mcp_tasks.runtime import Runtime
from mcp_tasks.server.views import iso
from mcp_tasks.supervise import Supervised

_ANSWER_SECONDS = 2.0


def health_routes(runtime: Runtime) -> list[Route]:
    """The two routes. 200 means yes, 503 means no; the body says why."""

    async def healthz(request: Request) -> JSONResponse:
        """The children: a fault is shown with its time, and stays when the child runs again."""
        children = runtime.work.children if runtime.work else []
        status = _status(children) if runtime.work else "down"
        body = {"status": status, "children": [_child_view(child) for child in children]}
        return JSONResponse(body, status_code=503 if status == "down" else 200)

    async def readyz(request: Request) -> JSONResponse:
        """Whether the queue answers."""
        try:
            await _ask(runtime)
        except RequestError as error:
            return JSONResponse({"status": "not_ready", "error": error.to_dict()}, status_code=503)
        return JSONResponse({"status": "ready"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def _status(children: list[Supervised]) -> str:
    """`degraded`: one is between a fault and its next start, which is no reason to kill the process."""
    statuses = {child.status for child in children}
    return "down" if "ended" in statuses else "degraded" if "restarting" in statuses else "ok"


def _child_view(child: Supervised) -> dict[str, Any]:
    fault = child.fault
    return {
        "name": child.name,
        "status": child.status,
        "restarts": child.restarts,
        "fault": fault and {"type": fault.type, "message": fault.message, "at": iso(fault.at)},
    }


async def _ask(runtime: Runtime) -> None:
    if runtime.work is None:
        raise StorageUnavailable("the queue is not open")
    with anyio.move_on_after(_ANSWER_SECONDS):
        await runtime.work.queue.check_storage()
        return
    raise StorageUnavailable(f"the queue did not answer within {_ANSWER_SECONDS:g} s")
