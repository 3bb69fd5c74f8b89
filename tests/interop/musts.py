"""Every MUST and MUST NOT of the tasks extension (SEP-2663, revision 2026-07-28), and the tests that prove it.

In our words, in the order of the specification. `proofs` are tests of ours, as pytest names them; `scenario` is the
official suite's, which `make interop` runs as well.
"""

from typing import Literal, NamedTuple

Side = Literal["server", "client"]

_CALLS = "tests/protocol/test_calls_become_tasks.py::"
_ASKS = "tests/protocol/test_tasks_that_ask.py::"
_LISTENING = "tests/protocol/test_listening.py::"
_HTTP = "tests/protocol/test_over_http.py::"
_RESTARTS = "tests/protocol/test_surviving_restarts.py::"
_TABLE = "tests/protocol/test_the_table.py::"
_WIRE = "tests/interop/test_the_wire.py::"


class Must(NamedTuple):
    """One demand."""

    id: str
    side: Side
    demand: str
    proofs: tuple[str, ...]
    scenario: str | None = None


MUSTS = (
    # --- negotiation ---
    Must(
        "declared-on-the-request",
        "server",
        "A request whose own capabilities lack the extension gets no task, whatever was declared before.",
        (f"{_WIRE}test_a_declaration_counts_for_its_own_request_and_for_no_other",),
        "tasks-capability-negotiation",
    ),
    Must(
        "either-result",
        "client",
        "Who declares the extension copes with a task and with a plain result, call by call.",
        (f"{_CALLS}test_a_client_with_our_extension_notices_nothing",),
    ),
    Must(
        "only-where-supported",
        "client",
        "A task in answer to a request that cannot become one is an invalid response.",
        (f"{_WIRE}test_our_client_refuses_a_task_where_none_may_be",),
    ),
    Must(
        "task-required",
        "server",
        "What can only be answered with a task is refused with -32021 and the extension's name to others.",
        (f"{_CALLS}test_a_client_that_knows_no_tasks_gets_the_result_unless_the_tool_requires_them",),
        "tasks-required-task-error",
    ),
    # --- results ---
    Must(
        "type-task",
        "server",
        "The answer that creates a task has the result type task.",
        (f"{_WIRE}test_only_a_created_task_has_that_type_and_all_other_results_are_complete",),
        "tasks-wire-fields",
    ),
    Must(
        "type-task-nowhere-else",
        "server",
        "No other result has that type.",
        (f"{_WIRE}test_only_a_created_task_has_that_type_and_all_other_results_are_complete",),
        "tasks-dispatch-and-envelope",
    ),
    Must(
        "failed-is-protocol",
        "server",
        "The status failed is kept for errors of JSON-RPC.",
        (
            f"{_CALLS}test_an_error_of_the_tool_completes_the_task_and_an_error_of_the_protocol_fails_it",
            f"{_TABLE}test_each_status_has_its_word_in_each_era_and_its_payload",
        ),
        "tasks-lifecycle",
    ),
    # --- creation ---
    Must(
        "durable-first",
        "server",
        "A task is answered only when it is stored for good, so that asking for it finds it.",
        (f"{_RESTARTS}test_a_task_goes_on_when_the_server_is_killed_between_any_two_requests",),
        "tasks-lifecycle",
    ),
    Must(
        "consistent-first",
        "server",
        "Where stores lag behind each other, the answer waits until they agree.",
        (f"{_WIRE}test_a_task_is_found_by_every_process_on_its_file_at_once",),
    ),
    # --- tasks/get ---
    Must(
        "get-working",
        "server",
        "A task at work is told as working.",
        (f"{_CALLS}test_the_call_is_answered_at_once_with_a_task_that_tells_about_itself",),
        "tasks-lifecycle",
    ),
    Must(
        "get-input-required",
        "server",
        "A task that asks is told as input_required, with what it asks.",
        (f"{_ASKS}test_what_a_tool_asks_is_shown_answered_and_the_tool_goes_on",),
        "tasks-mrtr-input",
    ),
    Must(
        "get-all-requests",
        "server",
        "What it asks is all that is open, and nothing that is answered.",
        (f"{_ASKS}test_answers_may_come_one_by_one_and_those_to_nothing_are_ignored",),
        "tasks-mrtr-input",
    ),
    Must(
        "get-completed",
        "server",
        "A completed task is told with its result.",
        (f"{_CALLS}test_the_call_is_answered_at_once_with_a_task_that_tells_about_itself",),
        "tasks-lifecycle",
    ),
    Must(
        "get-cancelled",
        "server",
        "A cancelled task is told as cancelled.",
        (f"{_CALLS}test_a_cancelled_task_ends_cancelled_and_a_second_cancel_is_none_the_worse",),
        "tasks-lifecycle",
    ),
    Must(
        "get-failed",
        "server",
        "A failed task is told as failed, with its error.",
        (f"{_CALLS}test_an_error_of_the_tool_completes_the_task_and_an_error_of_the_protocol_fails_it",),
        "tasks-lifecycle",
    ),
    Must(
        "get-complete",
        "server",
        "The result type of tasks/get is complete.",
        (f"{_WIRE}test_only_a_created_task_has_that_type_and_all_other_results_are_complete",),
        "tasks-dispatch-and-envelope",
    ),
    # --- tasks/update ---
    Must(
        "same-trust",
        "client",
        "What a task asks is put to the user as the same request would be outside a task.",
        (f"{_ASKS}test_our_client_answers_through_its_callback",),
    ),
    Must(
        "keys-unique",
        "server",
        "A key of what is asked is unique in the life of its task.",
        (f"{_TABLE}test_a_key_is_never_used_twice_in_a_tasks_life",),
    ),
    Must(
        "keys-not-reused",
        "server",
        "A key that was answered is not used again.",
        (f"{_ASKS}test_a_tool_may_elicit_through_its_context_as_in_any_request",),
    ),
    Must(
        "keys-not-shared",
        "server",
        "Two requests of a task never have the same key.",
        (
            f"{_ASKS}test_a_tool_may_elicit_through_its_context_as_in_any_request",
            f"{_ASKS}test_answers_may_come_one_by_one_and_those_to_nothing_are_ignored",
        ),
        "tasks-mrtr-input",
    ),
    Must(
        "answers-have-open-keys",
        "client",
        "Answers are sent under the keys that are open.",
        (f"{_ASKS}test_our_client_answers_through_its_callback",),
    ),
    Must(
        "update-acknowledged",
        "server",
        "tasks/update is acknowledged with an empty result.",
        (f"{_WIRE}test_only_a_created_task_has_that_type_and_all_other_results_are_complete",),
        "tasks-mrtr-input",
    ),
    Must(
        "update-complete",
        "server",
        "Its result type is complete.",
        (f"{_WIRE}test_only_a_created_task_has_that_type_and_all_other_results_are_complete",),
        "tasks-dispatch-and-envelope",
    ),
    # --- tasks/cancel ---
    Must(
        "cancel-by-its-method",
        "client",
        "A task is cancelled with tasks/cancel, never with notifications/cancelled.",
        (
            f"{_WIRE}test_who_gives_up_waiting_cancels_nothing",
            f"{_ASKS}test_a_task_can_be_cancelled_while_it_asks",
        ),
    ),
    Must(
        "cancel-acknowledged",
        "server",
        "tasks/cancel is acknowledged with an empty result.",
        (f"{_WIRE}test_only_a_created_task_has_that_type_and_all_other_results_are_complete",),
        "tasks-lifecycle",
    ),
    Must(
        "cancel-complete",
        "server",
        "Its result type is complete.",
        (f"{_WIRE}test_only_a_created_task_has_that_type_and_all_other_results_are_complete",),
        "tasks-dispatch-and-envelope",
    ),
    # --- notifications ---
    Must(
        "listen-declared",
        "server",
        "Who did not declare the extension cannot listen to tasks: -32021.",
        (f"{_LISTENING}test_who_did_not_declare_the_extension_cannot_listen_to_tasks",),
    ),
    Must(
        "listen-tasks-only",
        "server",
        "A subscription to tasks carries no progress and no log messages.",
        (f"{_WIRE}test_on_a_subscription_there_is_nothing_but_the_tasks",),
    ),
    # --- HTTP ---
    Must(
        "routing-header",
        "client",
        "Over HTTP, requests about a task carry its id in Mcp-Name.",
        (f"{_WIRE}test_our_client_names_the_task_in_the_routing_header",),
    ),
    Must(
        "routing-header-true",
        "server",
        "An Mcp-Name that is not the id in the body is refused with -32020 (SEP-2243).",
        (f"{_HTTP}test_a_routing_header_must_say_what_the_body_says_but_may_be_missing",),
        "tasks-request-headers",
    ),
    # --- errors ---
    Must(
        "unknown-task",
        "server",
        "tasks/get of a task that there is not: -32602.",
        (f"{_CALLS}test_an_unknown_task_is_refused",),
        "tasks-lifecycle",
    ),
    Must(
        "internal-error",
        "server",
        "A fault of the server: -32603.",
        (f"{_WIRE}test_a_store_that_cannot_be_read_is_an_internal_error",),
    ),
    Must(
        "methods-declared",
        "server",
        "tasks/get, tasks/update and tasks/cancel of who did not declare the extension: -32021.",
        (f"{_CALLS}test_a_client_that_did_not_declare_the_extension_cannot_ask_for_tasks",),
        "tasks-capability-negotiation",
    ),
    Must(
        "failed-has-error",
        "server",
        "A failed task tells the very error of JSON-RPC.",
        (f"{_CALLS}test_an_error_of_the_tool_completes_the_task_and_an_error_of_the_protocol_fails_it",),
        "tasks-lifecycle",
    ),
    Must(
        "tool-error-completes",
        "server",
        "A tool's error completes its task, and is in the result.",
        (f"{_CALLS}test_an_error_of_the_tool_completes_the_task_and_an_error_of_the_protocol_fails_it",),
        "tasks-lifecycle",
    ),
    Must(
        "result-as-called",
        "server",
        "A completed task tells what the call would have answered.",
        (
            f"{_CALLS}test_a_plain_function_is_a_task_too_and_its_answer_is_that_of_a_plain_call",
            "tests/server/test_protocol_tasks.py::test_the_tasks_result_is_what_the_tool_answers_those_who_wait",
        ),
    ),
    # --- security ---
    Must(
        "ids-unguessable",
        "server",
        "Ids have so much chance in them that nobody can guess or count through them.",
        (f"{_WIRE}test_ids_cannot_be_guessed",),
    ),
    Must(
        "authorised-each-time",
        "server",
        "Each request about a task is checked for whether its caller may see the task.",
        (
            f"{_HTTP}test_anothers_task_is_refused_in_the_words_for_one_that_does_not_exist",
            f"{_HTTP}test_two_users_of_one_client_are_two_owners_and_one_user_is_one_across_eras",
        ),
    ),
    Must(
        "no-higher-trust",
        "client",
        "A task is no more trusted than a direct request: without a callback nothing is answered.",
        (f"{_ASKS}test_our_client_says_when_a_task_waits_for_an_answer_that_it_has_not",),
    ),
)
