"""The invented people, named by invited institutions or registered at a stage by themselves."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from app.accounts.models import User
from app.demo.rules import Invented, invent
from app.hosts.queries import notice_in_force
from app.institutions.models import Institution
from app.institutions.queries import institutions_of
from app.programmes.models import Stage
from app.registration import service
from app.registration.models_seats import Invitation
from app.registration.rules import ConsentKind, PersonDetails, RegistrationSource
from app.shared import clock
from app.shared.dates import local_date
from app.shared.text import slugify

SEED = 2019
OPEN_STAGE = "tahap-3"
INVITED = ("OPD",)
INVITED_NOW = ("OPD", "FKPD", "KECAMATAN", "PERGURUAN_TINGGI", "PERBANKAN")
EXAMPLE = "Dinas Kesehatan, Pengendalian Penduduk dan Keluarga Berencana"
EXAMPLE_SEATS = 3
EXAMPLE_TOKEN = "undangan-contoh-untuk-dinas-kesehatan-tahap"
"""The private page that the documentation shows; whoever runs the demo may know it."""
DRAFTED = frozenset({"Bank Mandiri Cabang Tanjungpinang", "Inspektorat"})
SILENT = frozenset({"Dinas Sosial", "Satuan Polisi Pamong Praja"})
DECLINED = "Sekretariat DPRD"
WHY = "Bersamaan dengan rapat paripurna DPRD; kami mohon bahan kegiatan dikirimkan."
CONTACT = "Kepala Subbagian Umum dan Kepegawaian"
LETTER = {
    "place": "Tanjungpinang",
    "attachment": "1 (satu) berkas",
    "signer_position": "Kepala Dinas Komunikasi dan Informatika",
    "signer_name": "Drs. H. Raja Ismail, M.T.",
    "signer_rank": "Pembina Utama Muda (IV/c)",
    "signer_nip": "196907011994031999",
    "copies": "Wali Kota Tanjungpinang (sebagai laporan)\nSekretaris Daerah Kota Tanjungpinang",
}


def register(stage: Stage, *, by: User) -> int:
    """Invite institutions and register about eighty people, most of them the same at every stage; answers how many."""
    directory = {one.name: one for one in institutions_of(stage.host)}
    by_category: dict[str, list[str]] = {}
    for one in directory.values():
        by_category.setdefault(one.category.code, []).append(one.name)
    random = Random(SEED + stage.number)
    absent = DRAFTED | SILENT | {DECLINED} if stage.slug == OPEN_STAGE else frozenset()
    crowd = [person for person in invent(SEED, by_category) if random.random() < 0.97]
    crowd = [person for person in crowd if person.institution not in absent]
    invited = _invite(stage, directory, by=by)
    groups = {group.name: group.id for group in stage.programme.groups}
    notice_id = notice_in_force(stage.host).id
    for place, person in enumerate(crowd):
        invitation = invited.get(person.institution) if person.listed else None
        with clock.frozen(min(stage.registration_opens_at + timedelta(minutes=47 * place), clock.now())):
            if invitation is None or not _nominate(invitation, person, directory, groups, notice_id):
                _register(stage, person, directory, groups, notice_id, random, by=by)
    if stage.slug == OPEN_STAGE:
        _as_they_stand(stage, invited, by=by)
    return len(crowd)


def _invite(stage: Stage, directory: dict[str, Institution], *, by: User) -> dict[str, Invitation]:
    """A seat for each institution of some unsur, until registration closes; answers them by the institution's name."""
    invited = {}
    moment = min(stage.registration_opens_at, clock.now())
    letter_date = local_date(moment, stage.timezone)
    asked = INVITED_NOW if stage.slug == OPEN_STAGE else INVITED
    institutions = [one for one in directory.values() if one.category.code in asked]
    with clock.frozen(moment):
        for number, one in enumerate(institutions, start=1):
            is_example = stage.slug == OPEN_STAGE and one.name == EXAMPLE
            invited[one.name] = service.create_invitation(
                stage,
                one,
                seats_asked=EXAMPLE_SEATS if is_example else 1,
                deadline=stage.registration_closes_at,
                by=by,
                contact_name=CONTACT,
                contact_email=f"umum@{slugify(one.short_name or one.name)}.test",
                contact_phone=f"+62811{7000000 + 137 * number}",
                letter_number=f"005/{100 + number}/4.1.03/{letter_date.year}",
                letter_date=letter_date,
            )
    return invited


def _as_they_stand(stage: Stage, invited: dict[str, Invitation], *, by: User) -> None:
    """Letters that were sent, an invitation that was declined, and the page that the documentation shows."""
    service.save_letter_settings(stage, by=by, **LETTER)
    with clock.frozen(min(stage.registration_opens_at + timedelta(hours=1), clock.now())):
        service.mark_sent(stage, [one.id for name, one in invited.items() if name not in DRAFTED], by=by)
    service.decline(invited[DECLINED], reason=WHY)
    invited[EXAMPLE].token = EXAMPLE_TOKEN


def _nominate(
    invitation: Invitation,
    person: Invented,
    directory: dict[str, Institution],
    groups: dict[str, int],
    notice_id: int,
) -> bool:
    named = service.nominate(
        invitation,
        _details(person, directory),
        notice_id=notice_id,
        group_ids=[groups[name] for name in person.groups],
    )
    return named.reason is None


def _register(
    stage: Stage,
    person: Invented,
    directory: dict[str, Institution],
    groups: dict[str, int],
    notice_id: int,
    random: Random,
    *,
    by: User,
) -> None:
    online = stage.registration_opens_at <= clock.now()
    consents = {kind for kind in ConsentKind if random.random() < 0.6}
    service.register(
        stage,
        _details(person, directory),
        source=RegistrationSource.ONLINE if online else RegistrationSource.STAFF,
        notice_id=notice_id if online else None,
        consents=consents if online else frozenset(),
        group_ids=[groups[name] for name in person.groups],
        by=None if online else by,
    )


def _details(person: Invented, directory: dict[str, Institution]) -> PersonDetails:
    return PersonDetails(
        title_before=person.title_before,
        name=person.name,
        title_after=person.title_after,
        category_code=person.category,
        institution_id=directory[person.institution].id if person.listed else None,
        institution_name=person.institution,
        identity_type=person.identity_type,
        identity_number=person.identity_number,
        rank=person.rank,
        position=person.position,
        email=person.email,
        phone=person.phone,
    )
