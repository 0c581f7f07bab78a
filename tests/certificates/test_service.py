"""Issuing, replacing and revoking: numbers without gaps, snapshots that stay, nothing twice."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.audit.models import AuditEntry
from app.certificates import queries, rules, service
from app.certificates.models import Certificate, CertificateCounter
from app.certificates.rules import AlreadyHeld, CertificateState, DesignIncomplete, NotEarned, NotInForce
from app.extensions import db, transaction
from app.jobs.models import OutboxMessage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from tests import factories
from tests.certificates.scene import Scene, civil_servant, scene

DAY = datetime(2019, 7, 8, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_the_day(app: Flask, frozen_clock: Any) -> None:
    frozen_clock(DAY)


def change(registration: Registration, **values: Any) -> None:
    with transaction():
        for name, value in values.items():
            setattr(registration, name, value)


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.both_databases
def test_a_certificate_is_a_frozen_snapshot_with_number_code_and_hash() -> None:
    place, clerk = scene(), factories.user()
    certificate = service.issue(civil_servant(place), by=clerk)
    assert certificate.number == "893/001/DISKOMINFO/VII/2019"
    assert (certificate.year, certificate.sequence, certificate.version) == (2019, 1, 1)
    assert certificate.snapshot["name"] == "Dra. Hj. Siti Nur'aini, M.Si."
    assert certificate.snapshot["nip"] == "19850312 201001 1 007"
    assert certificate.snapshot["role"] == "PESERTA"
    assert "selama 4 (empat) JP" in certificate.snapshot["body"]
    assert certificate.snapshot["lessons"] == [["Analisis SWOT", "Drs. Raja Ismail", 2], ["Quick win", "", 2]]
    assert certificate.snapshot["qr_text"] == f"HTTP://LOCALHOST/VERIFIKASI/{certificate.code}"
    assert certificate.content_hash == rules.content_hash(certificate.snapshot)
    assert certificate.issued_by_id == clerk.id
    assert "certificate.issued" in actions()


def test_the_code_is_not_the_tickets() -> None:
    registration = scene().present()
    certificate = service.issue(registration, by=None)
    assert certificate.code not in (registration.ticket_code, registration.badge_code)


def test_who_has_not_earned_it_gets_none_and_no_number_is_lost() -> None:
    place = scene()
    with pytest.raises(NotEarned, match="Budi Hartono"):
        service.issue(place.absent(), by=None)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CertificateCounter)) == 0
    assert service.issue(place.present(), by=None).sequence == 1


def test_who_has_cancelled_gets_none_whatever_was_decided() -> None:
    registration = scene().present()
    service.override(registration, earned=True, reason="Hadir", by=None)
    change(registration, state=RegistrationState.CANCELLED)
    with pytest.raises(NotEarned):
        service.issue(registration, by=None)


def test_an_incomplete_design_is_named_before_anything_is_issued() -> None:
    place = scene()
    registration = place.present()
    service.save_design(place.stage.programme, by=None, signer_name="", unit="")
    with pytest.raises(DesignIncomplete):
        service.issue(registration, by=None)
    with pytest.raises(DesignIncomplete):
        service.enqueue_issue(place.stage, by=None)
    assert not db.session.scalars(sa.select(Certificate)).all()


@pytest.mark.both_databases
def test_a_second_issue_answers_the_first() -> None:
    registration = scene().present()
    first = service.issue(registration, by=None)
    assert service.issue(registration, by=None).id == first.id
    assert db.session.scalars(sa.select(CertificateCounter.last)).all() == [1]


@pytest.mark.both_databases
def test_all_are_issued_in_order_of_institution_and_name_without_gaps() -> None:
    place = scene()
    for name, institution in (("Cici", "Dinas B"), ("Ani", "Dinas B"), ("Zaki", "Dinas A")):
        place.present(name, institution_name=institution)
    place.absent()
    assert service.issue_some(place.stage, by=None, most=2) == (2, 1)
    assert service.issue_some(place.stage, by=None, most=2) == (1, 0)
    assert service.issue_some(place.stage, by=None) == (0, 0)
    issued = queries.certificates_of(place.stage)
    assert [(certificate.snapshot["name"], certificate.sequence) for certificate in issued] == [
        ("Zaki", 1),
        ("Ani", 2),
        ("Cici", 3),
    ]


def test_a_failure_gives_its_numbers_back(monkeypatch: pytest.MonkeyPatch) -> None:
    place = scene()
    place.crowd(3)
    calls: list[int] = []

    def fail_at_the_third(*_args: Any, **_values: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise OSError("disk full")

    monkeypatch.setattr(service, "_announce", fail_at_the_third)
    with pytest.raises(OSError, match="disk full"):
        service.issue_some(place.stage, by=None)
    assert not db.session.scalars(sa.select(Certificate)).all()
    monkeypatch.undo()
    service.issue_some(place.stage, by=None)
    assert sorted(db.session.scalars(sa.select(Certificate.sequence))) == [1, 2, 3]


def test_the_count_begins_where_the_register_says_and_anew_each_year(frozen_clock: Any) -> None:
    place = scene()
    service.save_design(place.stage.programme, by=None, first_number=101)
    first, second, third = place.crowd(3)
    assert service.issue(first, by=None).sequence == 101
    service.save_design(place.stage.programme, by=None, first_number=5)
    assert service.issue(second, by=None).sequence == 102
    frozen_clock(datetime(2019, 12, 31, 17, 30, tzinfo=UTC))  # 00.30 WIB of the new year
    certificate = service.issue(third, by=None)
    assert (certificate.year, certificate.sequence) == (2020, 5)
    assert certificate.number == "893/005/DISKOMINFO/I/2020"


def test_a_later_block_of_numbers_is_jumped_to() -> None:
    place = scene()
    first, second = place.crowd(2)
    service.issue(first, by=None)
    service.save_design(place.stage.programme, by=None, first_number=500)
    assert service.issue(second, by=None).sequence == 500


def test_programmes_count_apart_and_stages_of_one_together() -> None:
    one, other = scene(), scene()
    sibling = scene(one.stage.programme)
    assert service.issue(one.present(), by=None).sequence == 1
    assert service.issue(sibling.present(), by=None).sequence == 2
    assert service.issue(other.present(), by=None).sequence == 1


def test_the_snapshot_stays_when_the_registration_is_corrected_afterwards() -> None:
    place = scene()
    registration = civil_servant(place)
    certificate = service.issue(registration, by=None)
    frozen, seal = dict(certificate.snapshot), certificate.content_hash
    change(registration, name="Siti Nuraini", rank="Pembina (IV/a)")
    service.save_design(place.stage.programme, by=None, signer_name="Rina")
    again = db.session.get_one(Certificate, certificate.id)
    assert again.snapshot == frozen
    assert again.content_hash == seal == rules.content_hash(again.snapshot)
    (person,) = queries.people(place.stage)
    assert person.changed == ("name", "rank")


@pytest.mark.both_databases
def test_a_new_version_takes_the_place_of_the_former_under_the_same_number() -> None:
    place = scene()
    registration = place.present("Siti Aminah")
    former = service.issue(registration, by=None)
    change(registration, name="Siti Aminah Binti Ali")
    new = service.reissue(former, by=factories.user(), reason="Nama keliru")
    former = db.session.get_one(Certificate, former.id)
    assert (new.number, new.sequence, new.version) == (former.number, former.sequence, 2)
    assert new.code != former.code
    assert new.supersedes_id == former.id
    assert new.snapshot["name"] == "Siti Aminah Binti Ali"
    assert former.state is CertificateState.SUPERSEDED
    assert former.snapshot["name"] == "Siti Aminah"
    assert queries.successor_of(former) == new
    assert db.session.scalars(sa.select(CertificateCounter.last)).all() == [1]
    with pytest.raises(NotInForce):
        service.reissue(former, by=None, reason="Sekali lagi")
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "certificate.reissued")).one()
    assert entry.reason == "Nama keliru"


def test_revoking_needs_a_reason_and_happens_once() -> None:
    registration = scene().present()
    certificate = service.issue(registration, by=None)
    with pytest.raises(ValueError, match="reason"):
        service.revoke(certificate, reason="  ", by=None)
    service.revoke(certificate, reason="Salah orang", by=factories.user())
    assert certificate.state is CertificateState.REVOKED
    assert queries.certificate_of(registration) is None
    with pytest.raises(NotInForce):
        service.revoke(certificate, reason="Lagi", by=None)
    assert actions().count("certificate.revoked") == 1


def test_what_was_revoked_is_not_issued_again_with_all_but_one_by_one_under_a_new_number() -> None:
    place = scene()
    registration = place.present()
    service.revoke(service.issue(registration, by=None), reason="Salah", by=None)
    assert service.issue_some(place.stage, by=None) == (0, 0)
    assert service.issue(registration, by=None).sequence == 2


def test_a_decision_by_hand_counts_with_its_name_and_can_be_withdrawn() -> None:
    place, clerk = scene(), factories.user(name="Rina")
    registration = place.absent()
    service.override(registration, earned=False, reason="Belum", by=clerk)
    service.override(registration, earned=True, reason="Tugas dinas", by=clerk)
    standing = queries.standing_of(registration)
    assert standing.earned and standing.override
    assert (standing.override.by, standing.override.reason) == ("Rina", "Tugas dinas")
    service.withdraw_override(registration, by=clerk)
    assert not queries.standing_of(registration).earned
    assert actions().count("certificate.left_to_conditions") == 1


def test_who_has_a_mail_address_is_told_once_a_certificate() -> None:
    place = scene()
    service.issue(place.present(email="siti@example.org"), by=None)
    service.issue(place.present("Tanpa Surel", email=None), by=None)
    (message,) = db.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.kind == service.READY))
    assert (message.to_address, message.programme_id) == ("siti@example.org", place.stage.programme_id)


def test_a_design_takes_known_fields_only() -> None:
    programme = factories.programme()
    with pytest.raises(TypeError):
        service.save_design(programme, by=None, background="x")
    with pytest.raises(rules.BadPattern):
        service.save_design(programme, by=None, number_pattern="{nomor}")
    with pytest.raises(rules.BadPattern, match="160"):
        service.save_design(programme, by=None, number_pattern="{urut}" + "{unit}" * 6, unit="U" * 30)
    design = service.save_design(programme, by=None, unit="DISKOMINFO")
    assert (design.unit, design.first_number, design.title) == ("DISKOMINFO", 1, "SERTIFIKAT")
    assert actions() == ["certificate_design.changed"]


def test_the_rank_is_printed_as_it_is_shown_everywhere() -> None:
    certificate = service.issue(civil_servant(scene(), rank="III/a"), by=None)
    assert certificate.snapshot["rank"] == "Penata Muda (III/a)"
    (person,) = queries.people(certificate.stage)
    assert person.changed == ()


def registered_again(place: Scene) -> tuple[Certificate, Registration]:
    """Somebody who got a certificate, cancelled, registered anew and was there."""
    former = place.present()
    certificate = service.issue(former, by=None)
    change(former, state=RegistrationState.CANCELLED)
    anew = place.present(participant=former.participant)
    assert anew.id != former.id
    return certificate, anew


@pytest.mark.both_databases
def test_nobody_holds_two_valid_certificates_of_one_stage() -> None:
    place = scene()
    certificate, anew = registered_again(place)
    with pytest.raises(AlreadyHeld, match=certificate.number):
        service.issue(anew, by=None)
    assert service.issue_some(place.stage, by=None) == (0, 0)
    person = queries.person(place.stage, anew.id)
    assert person is not None
    assert (person.due, person.issuable, person.elsewhere) == (False, False, certificate)
    service.revoke(certificate, reason="Mendaftar ulang", by=None)
    assert service.issue_some(place.stage, by=None) == (1, 0)
    assert queries.certificates_of(place.stage)[0].registration_id == anew.id


@pytest.mark.both_databases
def test_the_database_itself_refuses_the_second(app: Flask) -> None:
    certificate, anew = registered_again(scene())
    columns = [column.key for column in Certificate.__table__.columns if column.key != "id"]
    second = {key: getattr(certificate, key) for key in columns}
    second |= {"registration_id": anew.id, "sequence": 2, "code": "0" * 16}
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.insert(Certificate).values(second))


def test_issuing_a_chunk_weighs_that_chunk_alone_while_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the lock nobody but those of the chunk is looked at, and nobody's sheet is put together but theirs."""
    place = scene()
    crowd = place.crowd(6)
    service.issue(crowd[5], by=None)
    weighed: list[int] = []
    tally, sheet = queries.jp_tally, service.snapshot

    def noted(stage: Any, registration_ids: Any = None) -> Any:
        if db.session().info.get("writing"):
            weighed.extend(registration_ids if registration_ids is not None else [-1])
        return tally(stage, registration_ids)

    sheets: list[int] = []
    monkeypatch.setattr(queries, "jp_tally", noted)
    monkeypatch.setattr(service, "snapshot", lambda person, **rest: sheets.append(person.id) or sheet(person, **rest))
    ids = [one.id for one in crowd]
    assert service.issue_some(place.stage, by=None, most=2) == (2, 3)
    assert sorted(weighed) == ids[:2]
    assert sheets == ids[:2]


@pytest.mark.both_databases
def test_whoever_lost_the_right_while_the_lock_was_awaited_gets_none() -> None:
    place = scene()
    stays, leaves = place.crowd(2)
    due = queries.due_ids(place.stage)
    change(leaves, state=RegistrationState.CANCELLED)
    assert service.issue_to(place.stage, due, by=None) == 1
    assert service.issue_to(place.stage, due, by=None) == 0
    assert [one.registration_id for one in queries.certificates_of(place.stage)] == [stays.id]
