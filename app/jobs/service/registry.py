"""What the rooms tell the worker: what it can do, how letters are written, and what every sweep sees to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.jobs.models import Job, OutboxMessage

if TYPE_CHECKING:
    from app.jobs.service.work import Progress

WorkFunction = Callable[["Progress", Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Attachment:
    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """What a mail says, as its renderer writes it."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = field(default=())
    reply_to: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a finished job says, and where to go from there: (label, address) each, the first one first."""

    sentence: str
    links: list[tuple[str, str]]


@dataclass(frozen=True)
class JobPage:
    """How a kind of job is shown to whoever waits for it; `title` and `place`, where it is found again, are lazy text.

    `stage` answers the stage whose menu stands beside it, if whoever looks may see that.
    """

    title: Any
    outcome: Callable[[Job], Outcome]
    place: Any = ""
    stage: Callable[[Job], Any] = lambda _job: None


Renderer = Callable[[OutboxMessage], "Letter | None"]

_work: dict[str, WorkFunction] = {}
_renderers: dict[str, Renderer] = {}
_letter_labels: dict[str, Any] = {}
_pages: dict[str, JobPage] = {}
_wakers: list[Callable[[], None]] = []
_sweepers: list[Callable[[], None]] = []


def register_work(kind: str, function: WorkFunction) -> None:
    """`function(progress, args)` does the jobs of `kind`; it may run twice and must then continue, not repeat."""
    _work[kind] = function


def register_letter(kind: str, renderer: Renderer, *, label: Any = "") -> None:
    """`renderer(message)` writes the letter of mails of `kind`; None when there is nothing to say any more.

    `label` is lazy text by which the outbox is narrowed to the kind.
    """
    _renderers[kind] = renderer
    if label:
        _letter_labels[kind] = label


def letter_labels() -> dict[str, Any]:
    """The kinds of mail that have a name for people, by kind."""
    return dict(_letter_labels)


def renderer_of(kind: str) -> Renderer:
    return _renderers[kind]


def register_page(kind: str, page: JobPage) -> None:
    _pages[kind] = page


def page_of(kind: str) -> JobPage:
    return _pages[kind]


def on_work(waker: Callable[[], None]) -> None:
    """Call `waker` after a commit that left work to do."""
    _wakers[:] = [waker]


def on_sweep(sweeper: Callable[[], None]) -> None:
    """Call `sweeper` with every sweep of the worker, once a minute."""
    if sweeper not in _sweepers:
        _sweepers.append(sweeper)


def sweep() -> None:
    """Let every room clear away what has served its time."""
    for sweeper in _sweepers:
        sweeper()


def _wake() -> None:
    for waker in _wakers:
        waker()
