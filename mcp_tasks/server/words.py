"""What the task tools say to people, in Spanish and in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from mcp_tasks.settings import Language
from mcp_tasks.task import TaskStatus


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Texts with braces are filled with `str.format`."""

    titles: Mapping[str, str]
    statuses: Mapping[TaskStatus, str]
    task: str
    ahead: str
    progress: str
    error: str
    retry: str
    asks: str
    answer: str
    poll: str
    page: str
    more: str
    counts: str
    resources: Mapping[str, str]


_SPANISH = Words(
    titles={
        "task_status": "Estado de una tarea",
        "task_answer": "Responder a una tarea",
        "task_list": "Lista de tareas",
        "task_cancel": "Cancelar una tarea",
        "task_retry": "Reintentar una tarea",
        "task_stats": "Estadísticas de la cola",
    },
    statuses={
        TaskStatus.PENDING: "en espera",
        TaskStatus.RUNNING: "en curso",
        TaskStatus.RETRYING: "falló y se reintenta",
        TaskStatus.COMPLETED: "completada",
        TaskStatus.FAILED: "falló",
        TaskStatus.CANCELLED: "cancelada",
    },
    task="Tarea {id}: {status}.",
    ahead="Tareas por delante: {n}.",
    progress="Progreso: {message} ({done:g}/{total}).",
    error="Motivo: {type}: {message}",
    retry="task_retry la pone otra vez en la cola.",
    asks="Pregunta: {text}",
    answer="Para responder: task_answer con task_id y answers {{{fields}}}.",
    poll="Para esperarla: task_status con task_id y wait_seconds 20.",
    page="Tareas: {n}.",
    more="Hay más: task_list con cursor {cursor}.",
    counts="Tareas: {total}. En espera {pending}, en curso {running}, por reintentar {retrying}, "
    "completadas {completed}, con error {failed}, canceladas {cancelled}.",
    resources={"task": "Tarea", "artifact": "Archivo de una tarea"},
)

_ENGLISH = Words(
    titles={
        "task_status": "Status of a task",
        "task_answer": "Answer a task",
        "task_list": "List of tasks",
        "task_cancel": "Cancel a task",
        "task_retry": "Retry a task",
        "task_stats": "Statistics of the queue",
    },
    statuses={
        TaskStatus.PENDING: "waiting",
        TaskStatus.RUNNING: "running",
        TaskStatus.RETRYING: "failed and will be retried",
        TaskStatus.COMPLETED: "completed",
        TaskStatus.FAILED: "failed",
        TaskStatus.CANCELLED: "cancelled",
    },
    task="Task {id}: {status}.",
    ahead="Tasks ahead: {n}.",
    progress="Progress: {message} ({done:g}/{total}).",
    error="Reason: {type}: {message}",
    retry="task_retry puts it back into the queue.",
    asks="Question: {text}",
    answer="To answer: task_answer with task_id and answers {{{fields}}}.",
    poll="To wait for it: task_status with task_id and wait_seconds 20.",
    page="Tasks: {n}.",
    more="There are more: task_list with cursor {cursor}.",
    counts="Tasks: {total}. Waiting {pending}, running {running}, to be retried {retrying}, "
    "completed {completed}, failed {failed}, cancelled {cancelled}.",
    resources={"task": "Task", "artifact": "File of a task"},
)

WORDS: Mapping[Language, Words] = {"es": _SPANISH, "en": _ENGLISH}
