"""Certificates on paper: one, a sample of the design, or all of a stage in one file made by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.accounts.models import User
from app.certificates import pdf, pictures, rules, service
from app.certificates.models import Certificate
from app.certificates.snapshot import snapshot
from app.hosts.queries import emblem_bytes
from app.jobs.models import Job
from app.programmes.models import Stage
from app.registration.models import Registration
from app.shared import codes
from app.shared.identity import IdentityType
from app.shared.text import slugify
from app.web.places import upload_folder

PRINT = "certificates.print"
PRINTS = "prints"


def enqueue_print(stage: Stage, *, by: User | None) -> Job:
    """Let the worker print all valid certificates of a stage into one file."""
    return service.enqueue(PRINT, stage, by=by)


def printed(certificate: Certificate) -> bytes:
    """One certificate as PDF, as it was frozen."""
    images = pictures.load([certificate.snapshot])
    return pdf.certificate(paper_of(certificate.snapshot, images), images=images)


def file_name(certificate: Certificate) -> str:
    """Under which a certificate is kept: the person's name, or the number where the name has no Latin letters."""
    return f"sertifikat-{slugify(certificate.registration.name) or certificate.sequence}.pdf"


def paper_of(frozen: Mapping[str, Any], images: Mapping[str, bytes]) -> pdf.CertificatePaper:
    """What is printed of a snapshot, with such pictures of it as are there."""
    return pdf.CertificatePaper.from_snapshot(pictures.named(frozen, images))


def sample(stage: Stage) -> bytes:
    """How an invented person's certificate looks with the stored design, as PDF; its code leads nowhere.

    Nothing is stored for it. Raises rules.BadPattern.
    """
    emblem = emblem_bytes(stage.host)
    images = {pictures.key_of(emblem): emblem} if emblem else {}
    press = service.press_of(stage, emblem="".join(images))
    number = rules.number_by(press.design, press.design.first_number, press.today)
    seal = service.seal_on(press, number, press.today, "0" * codes.CODE_LENGTH)
    frozen = snapshot(_invented(), stage=stage, design=press.design, sessions=press.sessions, seal=seal)
    return pdf.certificate(paper_of(frozen, images), images=images)


def print_file(job: Job) -> Path | None:
    """The finished file of a print job, while it is kept."""
    name = job.result.get("file", "")
    path = upload_folder(PRINTS) / Path(name).name
    return path if name and path.is_file() else None


def _invented() -> Registration:
    return Registration(
        title_before="Dra. Hj.",
        name="Contoh Nama Peserta",
        title_after="M.Si.",
        identity_type=IdentityType.NIP,
        identity_number="198001012005012999",
        rank="Penata Tingkat I (III/d)",
        position="Analis Kebijakan Ahli Muda",
        institution_name="Dinas Contoh Kota Tanjungpinang",
        groups=[],
    )
