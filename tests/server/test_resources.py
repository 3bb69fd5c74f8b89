"""What can be read: tasks, their files, the catalog, the rules and the prices; and never what something costs us."""

import json
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
from mcp import Client, MCPError
from mcp_types import BlobResourceContents, TextResourceContents

from mcp_tasks import TaskQueue
from tests.server.serving import ERAS, ROOF, ask, in_this_process
from tests.server.slow_server import fail

pytestmark = pytest.mark.anyio

PAGES = {
    "catalog://products",
    "catalog://accessories",
    "rules://systems",
    "rules://calculation",
    "prices://lists",
}
TEMPLATES = {
    "task://{task_id}",
    "artifact://{task_id}/{name}",
    "catalog://products/{family}",
    "catalog://items/{sku}",
    "prices://lists/{list_id}",
}
SECRETS = ("cost", "costo", "margin", "margen", "supplier", "proveedor", "source")


@pytest.fixture(scope="module", params=ERAS)
async def client(
    tmp_path_factory: pytest.TempPathFactory, anyio_backend: str, request: pytest.FixtureRequest
) -> AsyncIterator[Client]:
    """A client of each era, and a folder of its own."""
    async with in_this_process(tmp_path_factory.mktemp("resources"), {"mode": request.param}) as client:
        yield client


async def _read(client: Client, uri: str) -> Any:
    """A page."""
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    assert (content.mime_type, content.uri) == ("application/json", uri)
    return json.loads(content.text)


async def _made(client: Client) -> dict[str, Any]:
    """A quotation."""
    return await ask(client, "submit_quotation", request=ROOF, client={"name": "Ana"}, idempotency_key="one")


async def test_the_list_has_the_pages_and_the_newest_files(client: Client) -> None:
    made = await _made(client)
    listed = {resource.uri: resource for resource in (await client.list_resources()).resources}
    templates = (await client.list_resource_templates()).resource_templates

    assert set(listed) == PAGES | {artifact["uri"] for artifact in made["artifacts"]}
    for artifact in made["artifacts"]:
        resource = listed[artifact["uri"]]
        assert (resource.mime_type, resource.size) == (artifact["media_type"], artifact["bytes"])
    assert {template.uri_template for template in templates} == TEMPLATES
    assert all(place.title and place.description for place in (*templates, *(listed[page] for page in PAGES)))


async def test_a_task_reads_as_its_status(client: Client) -> None:
    made = await _made(client)
    view = await ask(client, "task_status", task_id=made["task_id"])
    (tool,) = [tool for tool in (await client.list_tools()).tools if tool.name == "task_status"]

    read = await _read(client, f"task://{made['task_id']}")

    assert read == view
    jsonschema.validate(read, tool.output_schema or {})


async def test_files_are_blobs_of_their_own_kind(client: Client) -> None:
    made = await _made(client)
    starts = {"application/pdf": b"%PDF", "image/png": b"\x89PNG"}

    for artifact in made["artifacts"]:
        (content,) = (await client.read_resource(artifact["uri"])).contents
        assert isinstance(content, BlobResourceContents)
        assert content.mime_type == artifact["media_type"]
        assert b64decode(content.blob).startswith(starts[artifact["media_type"]])


async def test_the_catalog_tells_what_is_made_in_which_thickness(client: Client) -> None:
    products = await _read(client, "catalog://products")
    isodec = next(p for p in products if p["system"] == "techo_isodec_eps")
    family = await _read(client, "catalog://products/Isodec")

    assert (isodec["family"], isodec["core"], isodec["usage"]) == ("ISODEC", "EPS", "techo")
    assert isodec["thickness_mm"] == [100, 150, 200, 250]
    assert {panel["family"] for panel in family} == {"ISODEC"}
    assert next(p for p in family if p["sku"] == "ISDEC100")["max_span_m"] == "5.5"


async def test_an_item_has_its_price_in_each_list_and_a_list_has_its_items(client: Client) -> None:
    lists = await _read(client, "prices://lists")
    newest = await _read(client, f"prices://lists/{lists[0]['id']}")
    item = await _read(client, "catalog://items/isdec100")

    assert [prices["id"] for prices in lists] == ["bmc-2026-08", "bmc-2026-02"]
    assert newest["items"] == len(newest["rows"]) == lists[0]["items"]
    (row,) = [row for row in newest["rows"] if row["sku"] == "ISDEC100"]
    assert item["prices"]["bmc-2026-08"]["price"] == row["price"] == "41.15"
    assert set(item["prices"]) == {"bmc-2026-08", "bmc-2026-02"}


async def test_the_rules_are_the_numbers_of_the_calculation(client: Client) -> None:
    rules = await _read(client, "rules://calculation")
    systems = await _read(client, "rules://systems")

    assert rules["common"]["min_supports"] == 2
    assert systems["techo_isodec_eps"]["fixing"] == "rod"


async def test_no_page_tells_a_cost_or_where_the_data_comes_from(client: Client) -> None:
    pages = [*PAGES, "catalog://items/ISDEC100", "catalog://items/6838", "prices://lists/bmc-2026-08"]
    pages += [f"catalog://products/{family}" for family in ("ISODEC", "ISOROOF", "ISOPANEL", "ISOWALL", "ISOFRIG")]

    for uri in pages:
        keys = set(_keys(await _read(client, uri)))
        assert not {key for key in keys if any(secret in key.casefold() for secret in SECRETS)}, uri


def _keys(value: object) -> list[str]:
    match value:
        case dict():
            inner = cast(Mapping[str, object], value)
            return [*inner, *(key for child in inner.values() for key in _keys(child))]
        case list():
            return [key for child in cast(list[object], value) for key in _keys(child)]
        case _:
            return []


@pytest.mark.parametrize(
    "uri",
    [
        "task://0",
        "task://..",
        "task://../tasks.db",
        "task://%2E%2E",
        f"task://{'x' * 10_000}",
        "task://",
        "artifact://0/quotation.pdf",
        "artifact://0/../../tasks.db",
        "artifact://0/..%2F..%2Ftasks.db",
        "artifact://0/%00",
        "artifact:///etc/passwd",
        "catalog://products/ISODEK",
        "catalog://products/../rules.json",
        "catalog://items/%2Fetc%2Fpasswd",
        "prices://lists/..",
        "prices://lists/bmc-2026-03",
        "rules://costs",
        "file:///etc/passwd",
        "nonsense",
        "",
    ],
)
async def test_where_nothing_is_the_error_is_that_of_the_revision(client: Client, uri: str) -> None:
    with pytest.raises(MCPError) as refused:
        await client.read_resource(uri)

    assert refused.value.error.code == (-32602 if client.protocol_version == "2026-07-28" else -32002)
    assert refused.value.error.data["uri"] == uri
    assert len(refused.value.error.message) < 400


async def test_a_misspelt_name_is_answered_with_the_nearest(client: Client) -> None:
    with pytest.raises(MCPError, match="did you mean 'ISODEC'") as refused:
        await client.read_resource("catalog://products/ISODEK")

    assert refused.value.error.data["nearest"] == "ISODEC"


async def test_another_owners_task_reads_like_one_that_does_not_exist(folder: Path) -> None:
    async with in_this_process(folder) as client, TaskQueue(folder / "tasks.db") as queue:
        foreign = await queue.enqueue(fail, forgivable=False, owner="somebody else")
        said: list[str] = []
        for task_id in (foreign.id, "0" * len(foreign.id)):
            with pytest.raises(MCPError) as refused:
                await client.read_resource(f"task://{task_id}")
            said.append(str(refused.value.error).replace(task_id, "ID"))

    assert said[0] == said[1]


@pytest.mark.parametrize("method", ["tools", "prompts", "resources", "resource_templates"])
async def test_a_cursor_that_no_list_gave_is_refused(client: Client, method: str) -> None:
    with pytest.raises(MCPError, match="cursor") as refused:
        await getattr(client, f"list_{method}")(cursor="'; --")

    assert refused.value.error.code == -32602


async def test_in_english_titles_are_english(folder: Path) -> None:
    async with in_this_process(folder, language="en") as client:
        titles = {resource.uri: resource.title for resource in (await client.list_resources()).resources}

    assert titles["prices://lists"] == "Price lists"
