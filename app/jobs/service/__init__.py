"""Putting work and mail into the rows that the worker reads, and telling how it goes.

The rows are committed with the business change; the queue only wakes the worker (app/jobs/tasks.py).
"""

from app.jobs.service.addresses import clear_bad, mark_bad
from app.jobs.service.outbox import Posting, post, post_all, rows_of, send_again, unpost, unpost_all, withhold
from app.jobs.service.registry import (
    Attachment,
    JobPage,
    Letter,
    Outcome,
    Renderer,
    WorkFunction,
    letter_labels,
    on_sweep,
    on_work,
    page_of,
    register_letter,
    register_page,
    register_work,
    renderer_of,
    sweep,
)
from app.jobs.service.work import (
    Claim,
    Progress,
    TakenOver,
    claim_job,
    enqueue,
    find_job,
    latest_job,
    run_job,
)

__all__ = [
    "Attachment",
    "Claim",
    "JobPage",
    "Letter",
    "Outcome",
    "Posting",
    "Progress",
    "Renderer",
    "TakenOver",
    "WorkFunction",
    "claim_job",
    "clear_bad",
    "enqueue",
    "find_job",
    "latest_job",
    "letter_labels",
    "mark_bad",
    "on_sweep",
    "on_work",
    "page_of",
    "post",
    "post_all",
    "register_letter",
    "register_page",
    "register_work",
    "renderer_of",
    "rows_of",
    "run_job",
    "send_again",
    "sweep",
    "unpost",
    "unpost_all",
    "withhold",
]
