"""Answers on their way to a task, whichever way they came: refused here when the task would not take them."""

from collections.abc import Mapping
from typing import Any

from mcp_tasks.queue import TaskQueue
from mcp_tasks.repair import unknown_field
from mcp_tasks.task import Task
from mcp_tasks.toolspec import CheckAnswers


class Answering:
    """Gives answers to tasks. `checks` are, by the names of task functions, what refuses a wrong answer at once."""

    def __init__(self, checks: Mapping[str, CheckAnswers]) -> None:
        self._checks = checks

    async def answer(self, queue: TaskQueue, task_id: str, answers: Mapping[str, Any], owner: str | None) -> Task:
        """Answer open questions; when none is left the task runs again.

        Raises `TaskNotFound`, `TaskAlreadyFinished`, or `InvalidRequest` that names `answers.<field>`; then nothing
        is stored.
        """
        task = await queue.get_task(task_id, owner=owner)
        fields = [question.field for question in task.questions]
        # The store refuses other fields, too, without the path into the call: that is what the loser of a race reads.
        # Here it comes before the check, which knows only the fields that the task can ask for.
        for field in answers:
            if fields and field not in fields:
                raise unknown_field(f"answers.{field}", fields)
        check = self._checks.get(task.name)
        if check and fields:
            check(task.params, answers)
        return await queue.answer(task_id, answers, owner=owner)
