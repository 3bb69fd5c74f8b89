"""A fault in a child is shown with its time, mended by a restart, and never takes the server down."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from mcp_tasks.sqlite.connection import open_writer
from tests.server.http_server import HttpServer, serving
from tests.server.serving import ROOF, ask

pytestmark = pytest.mark.anyio

_BREAK = "UPDATE schedules SET trigger = 'every now and then' WHERE name = 'cleanup_old_tasks'"
_MEND = """UPDATE schedules SET trigger = '{"every": 3600}' WHERE name = 'cleanup_old_tasks'"""


async def _until(server: HttpServer, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Ask /healthz until it shows that; what it showed. It must always say that the process is to live."""
    async with server.web() as web:
        with anyio.fail_after(20):
            while True:
                answer = await web.get("/healthz")
                assert answer.status_code == 200
                if reached(answer.json()):
                    return answer.json()


def _child(health: dict[str, Any], name: str) -> dict[str, Any]:
    return next(child for child in health["children"] if child["name"] == name)


async def test_a_healthy_server_is_alive_and_ready(folder: Path) -> None:
    async with serving(folder) as server, server.web() as web:
        health, ready = await web.get("/healthz"), await web.get("/readyz")

    children = [{"name": name, "status": "running", "restarts": 0, "fault": None} for name in ("worker", "scheduler")]
    assert (health.status_code, health.json()) == (200, {"status": "ok", "children": children})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_a_server_without_children_has_none_to_lose(folder: Path) -> None:
    async with serving(folder, run_worker=False, run_scheduler=False) as server, server.web() as web:
        assert (await web.get("/healthz")).json() == {"status": "ok", "children": []}


async def test_a_fault_of_the_scheduler_is_shown_and_the_server_goes_on_until_it_is_mended(folder: Path) -> None:
    begun = datetime.now(UTC)
    async with serving(folder) as server, server.client() as client:
        await ask(client, "submit_bom", request=ROOF)
        with anyio.fail_after(10):
            while not (await ask(client, "task_stats"))["schedules"]:
                pass
        _change(folder, _BREAK)
        broken = await _until(server, lambda health: health["status"] == "degraded")
        assert (await ask(client, "submit_bom", request=ROOF))["status"] == "completed"
        _change(folder, _MEND)
        mended = await _until(
            server, lambda health: health["status"] == "ok" and _child(health, "scheduler")["restarts"] > 0
        )

        server.process.terminate()
        await server.ended(3)

    assert _child(broken, "worker")["status"] == "running"
    fault = _child(broken, "scheduler")["fault"]
    assert fault["type"] == "JSONDecodeError"
    assert begun <= datetime.fromisoformat(fault["at"]) <= datetime.now(UTC)
    assert _child(mended, "scheduler")["fault"] is not None
    assert "the scheduler stopped and starts again in 0.5 s" in server.log


def _change(folder: Path, sql: str) -> None:
    writer = open_writer(folder / "tasks.db", "FULL")
    writer.execute(sql)
    writer.close()


async def test_a_fault_of_the_worker_is_shown_and_the_queue_is_ready_once_it_is_mended(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder", encoding="utf-8")
    async with serving(in_the_way / "data") as server, server.web() as web:
        broken = await _until(server, lambda health: _child(health, "worker")["status"] == "restarting")
        unready = await web.get("/readyz")
        in_the_way.unlink()
        mended = await _until(server, lambda health: health["status"] == "ok")
        ready = await web.get("/readyz")

    assert broken["status"] == "degraded"
    assert _child(broken, "worker")["fault"]["type"] == "StorageUnavailable"
    assert (unready.status_code, unready.json()["status"]) == (503, "not_ready")
    assert unready.json()["error"]["code"] == "storage_unavailable"
    assert _child(mended, "worker")["restarts"] > 0
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
