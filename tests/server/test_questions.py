"""A task that lacks something asks for it, waits without a worker, and goes on with the answer."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp_types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult, ErrorData

from tests.server.http_server import over_http, over_sse
from tests.server.serving import ERAS, ROOF, ask, connected, in_this_process, opened, refused, text_of, until
from tests.server.slow_server import ask_for_a_colour, ask_for_a_person

pytestmark = pytest.mark.anyio

ASKING = ROOF | {"ask_missing": True}
WALL = {"product_family": "ISOPANEL", "thickness_mm": 100, "usage": "pared", "length_m": 3, "width_m": 10}


@pytest.fixture(params=ERAS)
async def client(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """A client of each era that cannot ask a person."""
    async with in_this_process(folder, {"mode": request.param}) as client:
        yield client


def _asked(view: Mapping[str, Any]) -> list[str]:
    return [question["field"] for question in view["questions"]]


async def test_a_roof_that_lacks_span_and_structure_is_calculated_when_both_are_answered(client: Client) -> None:
    answer = await client.call_tool("submit_bom", {"request": ASKING})
    asking = answer.structured_content
    assert asking is not None
    assert (answer.is_error, asking["status"], asking["poll_after_seconds"]) == (False, "pending", None)
    assert _asked(asking) == ["span_m", "structure"]
    assert "hasta 5,5 m" in text_of(answer)
    assert "task_answer" in text_of(answer)
    assert len(text_of(answer)) < 1_200  # about 400 tokens of Spanish

    half = await ask(client, "task_answer", task_id=asking["task_id"], answers={"span_m": "5,1"})
    assert (half["status"], _asked(half)) == ("pending", ["structure"])
    done = await ask(client, "task_answer", task_id=asking["task_id"], answers={"structure": " Hormigón "})

    given = await ask(client, "submit_bom", request=ROOF | {"span_m": "5.1", "structure": "hormigon"})
    assert (done["status"], done["questions"]) == ("completed", [])
    assert done["result"] == given["result"]
    history = await ask(client, "task_status", task_id=done["task_id"], include_attempts=True)
    assert [attempt["outcome"] for attempt in history["attempts"]] == ["asked", "completed"]
    assert history["failures"] == 0


async def test_a_quotation_asks_before_it_is_made(client: Client) -> None:
    asking = await ask(client, "submit_quotation", request=ASKING, client={"name": "Ana"})
    answers = {"span_m": 4.5, "structure": "metal"}
    done = await ask(client, "task_answer", task_id=asking["task_id"], answers=answers)

    assert _asked(asking) == ["span_m", "structure"]
    assert done["result"]["bom"]["span"]["span_m"] == "4.5"
    assert {artifact["name"] for artifact in done["artifacts"]} == {"quotation.pdf", "preview.png"}


async def test_only_what_is_missing_is_asked(client: Client) -> None:
    complete = await ask(client, "submit_bom", request=ASKING | {"span_m": 4, "structure": "metal"})
    roof = await ask(client, "submit_bom", request=ASKING | {"structure": "metal"})
    wall = await ask(client, "submit_bom", request=WALL | {"ask_missing": True})

    assert (complete["status"], _asked(complete)) == ("completed", [])
    assert (_asked(roof), _asked(wall)) == (["span_m"], ["structure"])


async def test_without_ask_missing_it_is_assumed_as_before(client: Client) -> None:
    view = await ask(client, "submit_bom", request=ROOF)

    assert {"span_m", "structure"} <= {assumption["field"] for assumption in view["result"]["assumptions"]}


@pytest.mark.parametrize(
    ("answers", "facts"),
    [
        ({"structure": "metall"}, {"field": "answers.structure", "received": "metall", "nearest": "metal"}),
        ({"structure": None}, {"field": "answers.structure"}),
        ({"structure": ["metal"]}, {"field": "answers.structure"}),
        ({"span_m": 0}, {"field": "answers.span_m", "received": 0}),
        ({"span_m": "5 m"}, {"field": "answers.span_m", "received": "5 m"}),
        ({"span_m": 4, "structures": "metal"}, {"field": "answers.structures", "nearest": "structure"}),
        ({"thickness_mm": 150}, {"field": "answers.thickness_mm", "allowed": ["span_m", "structure"]}),
        ({}, {"field": "answers"}),
    ],
)
async def test_a_wrong_answer_is_refused_and_the_questions_stay(
    client: Client, answers: dict[str, Any], facts: dict[str, Any]
) -> None:
    asking = await ask(client, "submit_bom", request=ASKING)
    error = await refused(client, "task_answer", task_id=asking["task_id"], answers=answers)
    after = await ask(client, "task_status", task_id=asking["task_id"])

    assert error | facts | {"code": "invalid_request"} == error
    assert after == asking


async def test_who_asks_nothing_cannot_be_answered(client: Client) -> None:
    done = await ask(client, "submit_bom", request=ROOF)
    waiting = await ask(client, "submit_bom", request=ROOF, delay_seconds=600)
    answer = {"answers": {"structure": "metal"}}

    assert (await refused(client, "task_answer", task_id=done["task_id"], **answer))["code"] == "task_already_finished"
    assert (await refused(client, "task_answer", task_id=waiting["task_id"], **answer))["code"] == "invalid_request"


async def test_another_owners_task_is_answered_like_one_that_does_not_exist(client: Client, folder: Path) -> None:
    async with opened(folder) as queue:
        foreign = await queue.enqueue(ask_for_a_colour, owner="somebody else")
    answers = {"colour": "red"}
    theirs = await refused(client, "task_answer", task_id=foreign.id, answers=answers)
    nobodys = await refused(client, "task_answer", task_id="0", answers=answers)

    assert theirs["code"] == "task_not_found"
    assert {name: str(said).replace(foreign.id, "0") for name, said in theirs.items()} == nobodys


async def test_a_task_with_a_bad_answer_in_it_asks_again_and_says_what_was_wrong(client: Client, folder: Path) -> None:
    asking = await ask(client, "submit_bom", request=ASKING)
    async with opened(folder) as queue:  # as a face that does not check
        await queue.answer(asking["task_id"], {"span_m": "wide", "structure": "metal"})
    again = await ask(client, "task_status", task_id=asking["task_id"], wait_seconds=10)
    done = await ask(client, "task_answer", task_id=asking["task_id"], answers={"span_m": 4})

    assert (again["status"], _asked(again)) == ("pending", ["span_m"])
    assert "«wide»" in again["questions"][0]["text"]
    assert (done["status"], done["result"]["span"]["span_m"]) == ("completed", "4")


async def test_in_english_it_asks_in_english(folder: Path) -> None:
    async with in_this_process(folder, language="en") as client:
        answer = await client.call_tool("submit_bom", {"request": ASKING})

    assert "up to 5.5 m" in text_of(answer)
    assert "To answer: task_answer" in text_of(answer)


# --- elicitation --------------------------------------------------------------------------------------------------


class Person:
    """Sits at the client and answers its forms, in this order; remembers what was shown."""

    def __init__(self, *replies: ElicitResult | ErrorData) -> None:
        self.replies = list(replies)
        self.shown: list[ElicitRequestFormParams] = []
        self.asked = anyio.Event()

    async def __call__(self, context: ClientRequestContext, form: ElicitRequestParams) -> ElicitResult | ErrorData:
        assert isinstance(form, ElicitRequestFormParams)
        self.shown.append(form)
        self.asked.set()
        if not self.replies:
            await anyio.sleep_forever()
        return self.replies.pop(0)

    @property
    def options(self) -> dict[str, Any]:
        """Those of a client with this person."""
        return {"mode": "legacy", "elicitation_callback": self}


def _says(**content: str | float | bool) -> ElicitResult:
    return ElicitResult(action="accept", content=dict(content))


@pytest.mark.parametrize("connect", [connected, over_http, over_sse])
async def test_a_person_who_can_be_asked_is_asked_and_the_call_goes_on(
    folder: Path, connect: Callable[..., AbstractAsyncContextManager[Client]]
) -> None:
    person = Person(_says(span_m=4.5, structure="metal"))
    async with connect(folder, person.options) as client:
        view = await ask(client, "submit_quotation", request=ASKING, client={"name": "Ana"})

    assert view["status"] == "completed"
    assert view["result"]["bom"]["span"]["span_m"] == "4.5"
    (form,) = person.shown
    assert "luz" in form.message
    assert form.requested_schema["required"] == ["span_m", "structure"]
    fields = form.requested_schema["properties"]
    assert (fields["span_m"]["type"], fields["span_m"]["maximum"]) == ("number", 100)
    assert fields["structure"]["enum"] == ["metal", "hormigon", "madera"]


async def test_what_a_person_answers_wrong_is_asked_again(folder: Path) -> None:
    person = Person(_says(span_m=4.5, structure="paja"), _says(span_m=4.5, structure="Madera"))
    async with in_this_process(folder, person.options) as client:
        view = await ask(client, "submit_bom", request=ASKING)

    assert view["status"] == "completed"
    assert "answers.structure" in person.shown[1].message


@pytest.mark.parametrize(
    "reply",
    [ElicitResult(action="decline"), ElicitResult(action="cancel"), ErrorData(code=-32603, message="no form here")],
)
async def test_a_person_who_declines_leaves_the_task_with_its_questions(
    folder: Path, reply: ElicitResult | ErrorData
) -> None:
    person = Person(reply)
    async with in_this_process(folder, person.options) as client:
        asking = await ask(client, "submit_bom", request=ASKING)
        done = await ask(client, "task_answer", task_id=asking["task_id"], answers={"span_m": 4, "structure": "metal"})

    assert (asking["status"], _asked(asking)) == ("pending", ["span_m", "structure"])
    assert done["status"] == "completed"
    assert len(person.shown) == 1


async def test_a_call_that_does_not_wait_asks_nobody(folder: Path) -> None:
    person = Person()
    async with in_this_process(folder, person.options) as client, opened(folder) as queue:
        task_id = (await ask(client, "submit_bom", request=ASKING, wait_seconds=0))["task_id"]
        with anyio.fail_after(10):
            await until(queue, [task_id], lambda task: bool(task.questions))
        await ask(client, "task_status", task_id=task_id)

    assert person.shown == []


async def test_a_form_is_withdrawn_when_somebody_else_answers(folder: Path) -> None:
    person = Person()
    views: list[dict[str, Any]] = []
    async with connected(folder, person.options) as client, opened(folder) as queue:
        task_id = (await ask(client, "submit_bom", request=ASKING, wait_seconds=0))["task_id"]

        async def wait() -> None:
            views.append(await ask(client, "task_status", task_id=task_id, wait_seconds=30))

        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                group.start_soon(wait)
                await person.asked.wait()
                await queue.answer(task_id, {"span_m": 4, "structure": "metal"})

    assert views[0]["status"] == "completed"


async def test_a_question_in_words_is_a_form_with_one_text(folder: Path) -> None:
    person = Person(_says(colour="green"), _says(colour="red"))
    async with connected(folder, person.options) as client, opened(folder) as queue:
        task = await queue.enqueue(ask_for_a_colour)
        view = await ask(client, "task_status", task_id=task.id, wait_seconds=30)

    assert (view["status"], view["result"]) == ("completed", "red")
    assert [form.message for form in person.shown] == ["Which colour?", "Which colour, not green?"]


async def test_what_no_form_can_hold_is_left_to_whoever_can_answer_it(folder: Path) -> None:
    person = Person()
    async with connected(folder, person.options) as client, opened(folder) as queue:
        task = await queue.enqueue(ask_for_a_person)
        view = await ask(client, "task_status", task_id=task.id, wait_seconds=30)
        done = await ask(client, "task_answer", task_id=task.id, answers={"person": {"name": "Ana"}})

    assert (_asked(view), person.shown) == (["person"], [])
    assert done["result"] == "asked"


async def test_a_waiting_question_holds_no_worker(folder: Path) -> None:
    async with in_this_process(folder, max_concurrent_tasks=1) as client:
        for _ in range(3):
            await ask(client, "submit_bom", request=ASKING)
        assert (await ask(client, "submit_bom", request=ROOF))["status"] == "completed"
