"""A table of people on its way into a stage, kept for some days between its steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.jobs.models import Job
from app.programmes.models import Stage
from app.registration.rules_import import ImportMode, ImportState, Verdict
from app.shared.columns import JSON, UtcDateTime, enum_column


class ImportRun(db.Model):
    """`header`: the names of the table's columns; `columns`: which of them (from 0) holds what (rules_import).

    `category`: the code of the unsur of rows that name none. `job_id`: the work that checks or imports it.
    """

    __tablename__ = "import_run"
    __table_args__ = (
        sa.Index("ix_import_run_stage", "stage_id", "id"),
        sa.Index("ix_import_run_created", "created_at"),
        sa.Index("ix_import_run_job", "job_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("job.id", ondelete="SET NULL"))
    file_name: Mapped[str] = mapped_column(sa.String(120), default="")
    header: Mapped[list[str]] = mapped_column(JSON)
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    columns: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    category: Mapped[str] = mapped_column(sa.String(30), default="")
    state: Mapped[ImportState] = mapped_column(enum_column(ImportState))
    mode: Mapped[ImportMode] = mapped_column(enum_column(ImportMode), default=ImportMode.ALL)
    mailed: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    stage: Mapped[Stage] = relationship()
    job: Mapped[Job | None] = relationship()


class ImportRow(db.Model):
    """A row as it was handed in, and what becomes of it; `settled` once the import itself has dealt with it.

    `cells`: [text, problem, whether it is a date] each. `problems`: [key of the cell or "", sentence] each.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "number"),
        sa.Index("ix_import_row_verdict", "run_id", "verdict", "number"),
        sa.Index("ix_import_row_registration", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_run.id", ondelete="CASCADE"))
    number: Mapped[int]
    cells: Mapped[list[Any]] = mapped_column(JSON)
    verdict: Mapped[Verdict | None] = mapped_column(enum_column(Verdict))
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    notes: Mapped[list[str]] = mapped_column(JSON, default=list)
    settled: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    registration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("registration.id", ondelete="SET NULL"))
