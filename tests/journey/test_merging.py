"""Two people become one, with what every room keeps of them."""

import re
from dataclasses import replace

import pytest

import app.models
from app.audit.models import AuditEntry
from app.certificates import service as certificates
from app.certificates.models import Certificate, EligibilityOverride
from app.certificates.rules import CertificateState
from app.checkin.models import Attendance, Excuse
from app.checkin.service import give_excuse
from app.extensions import db, transaction
from app.feedback.models import FeedbackReceipt
from app.programmes.models import Stage
from app.registration import service as registration
from app.registration.models import Participant, Registration
from app.registration.models_duplicates import DistinctPair
from app.registration.models_questions import RegistrationAnswer, RegistrationQuestion
from app.registration.queries import details_of, find_by_ticket
from app.registration.rules import ConsentKind, PersonDetails, RegistrationSource, RegistrationState
from app.registration.rules_answers import AnswerKind
from app.registration.service import merging as service
from app.registration.service.consents import give_consent
from app.shared import clock
from app.shared.identity import IdentityType
from tests import factories
from tests.journey import scene as scenes
from tests.journey.merging import NIP, SLIP, entered, merge, rows
from tests.personas import People

assert app.models.__all__

# What becomes of every row that points to a person or a registration; a new table must be thought of here and in its room.
MOVES = {
    "attendance.registration_id",
    "campaign_recipient.registration_id",
    "certificate.participant_id",
    "certificate.registration_id",
    "consent.registration_id",
    "data_request.participant_id",
    "distinct_pair.first_id",
    "distinct_pair.second_id",
    "document.registration_id",
    "eligibility_override.registration_id",
    "excuse.registration_id",
    "feedback_receipt.registration_id",
    "participant.merged_into_id",
    "person_link.participant_id",
    "registration.merged_into_id",
    "registration.participant_id",
    "registration_answer.registration_id",
    "registration_group.registration_id",
    "scan_incident.registration_id",
}
STAYS = {
    "import_row.registration_id",  # which row of a file made it
    "registration.replaces_id",  # whose seat it took over then
    "scan.registration_id",  # append-only: the code that was held up
}


@pytest.fixture
def scene(people: People) -> scenes.Scene:
    return scenes.lay(people.stage)


@pytest.fixture
def two(people: People, scene: scenes.Scene) -> tuple[Registration, Registration]:
    """The same person twice at the stage; the first came and is in a group, the second has answered and a certificate."""
    kept = entered(people, scene, "Dewi Lestari", NIP, groups=[scene.group])
    lost = entered(people, scene, "Dewi Lestary", SLIP)
    factories.attendance(kept, scene.door)
    scenes.answer(scene.questionnaire, lost)
    scenes.certify(lost)
    return kept, lost


def test_every_table_that_points_to_a_person_is_thought_of() -> None:
    found = {
        f"{table.name}.{key.parent.name}"
        for table in db.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in ("participant", "registration")
    }
    assert found == MOVES | STAYS


@pytest.mark.both_databases
def test_everything_of_both_is_one_persons(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    registration.cancel(scene.people["waiting"])
    kept, lost = two
    ids, lost_person = (kept.id, lost.id), lost.participant_id
    taken = db.session.get_one(Stage, scene.stage.id).seats_taken
    with transaction():
        give_consent(lost, ConsentKind.PHOTO)
    merge(people, kept, lost)
    kept, lost = (db.session.get_one(Registration, one) for one in ids)
    assert kept.participant_id == lost.participant_id
    assert (kept.state, lost.state) == (RegistrationState.CONFIRMED, RegistrationState.CANCELLED)
    assert lost.merged_into_id == kept.id and lost.cancel_reason
    assert db.session.get_one(Participant, lost_person).merged_into_id == kept.participant_id
    assert [one.registration_id for one in rows(Attendance, checkpoint_id=scene.door.id)].count(kept.id) == 1
    assert rows(FeedbackReceipt, registration_id=kept.id) and not rows(FeedbackReceipt, registration_id=lost.id)
    (certificate,) = rows(Certificate, participant_id=kept.participant_id)
    assert (certificate.registration_id, certificate.state) == (kept.id, CertificateState.VALID)
    assert kept.consents_to(ConsentKind.PHOTO)
    assert [group.id for group in kept.groups] == [scene.group.id]
    assert db.session.get_one(Stage, scene.stage.id).seats_taken == taken - 1
    (entry,) = rows(AuditEntry, action="participant.merged")
    assert entry.fields == [f"participant:{lost_person}", f"registration:{ids[1]}>{ids[0]}"]
    assert "Dewi" not in entry.reason and entry.actor_id == people.administrator.user.id


@pytest.mark.both_databases
def test_at_a_checkpoint_where_both_were_the_earlier_counts(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept, lost = two
    earlier = factories.attendance(lost, scene.door, at=clock.now().replace(year=2020))
    other = factories.checkpoint(scene.stage)
    first = factories.attendance(kept, other, at=clock.now().replace(year=2020))
    late = factories.attendance(lost, other)
    ids, kept_id = (earlier.id, first.id, late.id), kept.id
    merge(people, kept, lost)
    earlier, first, late = (db.session.get_one(Attendance, one) for one in ids)
    assert earlier.registration_id == first.registration_id == kept_id
    assert late.registration_id != kept_id and late.annulled_at and late.annul_reason
    in_force = [one.id for one in rows(Attendance, registration_id=kept_id) if one.annulled_at is None]
    assert sorted(in_force) == sorted(ids[:2])
    assert all(one.annul_reason for one in rows(Attendance, registration_id=kept_id) if one.annulled_at)


@pytest.mark.both_databases
def test_excuses_move_where_the_other_has_none(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept, lost = two
    other = factories.checkpoint(scene.stage)
    for who, where, reason in ((kept, scene.door, "Dinas luar"), (lost, scene.door, "Sakit"), (lost, other, "Sakit")):
        give_excuse(who, where, with_jp=True, reason=reason, by=None)
    ids, places = (kept.id, lost.id), (scene.door.id, other.id)
    merge(people, kept, lost)
    assert sorted((one.checkpoint_id, one.reason) for one in rows(Excuse, registration_id=ids[0])) == [
        (places[0], "Dinas luar"),
        (places[1], "Sakit"),
    ]
    assert [one.checkpoint_id for one in rows(Excuse, registration_id=ids[1])] == [places[0]]


@pytest.mark.both_databases
def test_with_two_valid_certificates_the_officer_decides_first(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept, lost = two
    own = scenes.certify(kept)
    number, ids = own.number, (kept.id, lost.id)
    with pytest.raises(service.MergeRefused, match=re.escape(number)):
        merge(people, kept, lost)
    assert db.session.get_one(Registration, ids[1]).merged_into_id is None
    kept, lost = (db.session.get_one(Registration, one) for one in ids)
    certificates.revoke(own, reason="Tercetak dua kali", by=None)
    kept, lost = (db.session.get_one(Registration, one) for one in ids)
    merge(people, kept, lost)
    found = rows(Certificate, registration_id=ids[0])
    assert {one.state for one in found} == {CertificateState.VALID, CertificateState.REVOKED}
    assert len({one.participant_id for one in found}) == 1


@pytest.mark.both_databases
def test_the_other_registration_can_be_the_one_that_goes_on(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept, lost = two
    certificates.override(kept, earned=True, reason="Tugas luar", by=None)
    ids, person = (kept.id, lost.id), kept.participant_id
    kept, lost = (db.session.get_one(Registration, one) for one in ids)
    merge(people, kept, lost, staying=[lost.id])
    kept, lost = (db.session.get_one(Registration, one) for one in ids)
    assert (lost.state, kept.merged_into_id) == (RegistrationState.CONFIRMED, lost.id)
    assert lost.participant_id == kept.participant_id == person
    assert [group.id for group in lost.groups] == [scene.group.id]
    assert rows(EligibilityOverride, registration_id=lost.id)


@pytest.mark.both_databases
def test_a_seat_that_is_free_now_is_offered(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    with transaction():
        stage = db.session.get_one(Stage, scene.stage.id)
        stage.capacity = stage.seats_taken
    waiting = scene.people["waiting"].id
    merge(people, *two)
    assert db.session.get_one(Registration, waiting).state is RegistrationState.OFFERED
    stage = db.session.get_one(Stage, scene.stage.id)
    assert stage.seats_taken == stage.capacity


@pytest.mark.both_databases
def test_answers_move_where_the_other_gave_none(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept, lost = two
    with transaction():
        asked = [
            RegistrationQuestion(
                stage_id=scene.stage.id, kind=AnswerKind.SHORT_TEXT, text=text, position=n, created_at=clock.now()
            )
            for n, text in enumerate(("Ukuran kaus", "Alergi"))
        ]
        db.session.add_all(asked)
        db.session.flush()
        for of, question, value in ((kept, 0, "L"), (lost, 0, "XL"), (lost, 1, "Udang")):
            answer = RegistrationAnswer(registration_id=of.id, question_id=asked[question].id, value=value)
            answer.answered_at = clock.now()
            db.session.add(answer)
    ids = (kept.id, lost.id)
    merge(people, kept, lost)
    assert {one.value for one in rows(RegistrationAnswer, registration_id=ids[0])} == {"L", "Udang"}
    assert {one.value for one in rows(RegistrationAnswer, registration_id=ids[1])} == {"XL"}


@pytest.mark.both_databases
def test_whoever_is_entered_so_again_is_found(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept, lost = two
    other = factories.stage(people.programme, prerequisite_id=None)
    details = PersonDetails(
        name="Dewi Lestary",
        category_code="OPD",
        institution_id=scene.opd.id,
        institution_name=scene.opd.name,
        identity_type=IdentityType.NIP,
        identity_number=SLIP,
        phone="+6281200099",
    )
    kept_id = kept.participant_id
    merge(people, kept, lost)
    made = registration.register(other, details, source=RegistrationSource.STAFF, by=people.manager.user)
    assert made.registration.participant_id == kept_id
    again = registration.register(scene.stage, details, source=RegistrationSource.STAFF, by=people.manager.user)
    assert again.registration.participant_id == kept_id and again.registration.merged_into_id is None


@pytest.mark.both_databases
def test_the_number_of_the_other_entry_can_become_the_right_one(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept = two[0].id
    merge(people, *two)
    one = db.session.get_one(Registration, kept)
    right = replace(details_of(one), identity_number=SLIP)
    assert registration.correct(one, right, by=people.manager.user) is None
    assert db.session.get_one(Registration, kept).participant.identity_number == SLIP


@pytest.mark.both_databases
def test_a_number_is_taken_over_by_who_has_none(people: People, scene: scenes.Scene) -> None:
    kept, lost = entered(people, scene, "Dewi", None), entered(people, scene, "Dewi L", NIP)
    assert merge(people, kept, lost).identity_number == NIP


@pytest.mark.both_databases
def test_three_entries_of_one_person(people: People, scene: scenes.Scene) -> None:
    third = "198507202010012999"
    one, two, three = (
        entered(people, scene, f"Dewi {n}", number) for n, number in enumerate((NIP, SLIP, third), start=1)
    )
    stranger = scene.people["banker"].participant_id
    service.tell_apart(people.host, (three.participant_id, stranger), by=people.administrator.user)
    ids, persons = (one.id, two.id, three.id), (one.participant_id, two.participant_id, three.participant_id)
    merge(people, db.session.get_one(Registration, ids[1]), db.session.get_one(Registration, ids[2]))
    merge(people, db.session.get_one(Registration, ids[0]), db.session.get_one(Registration, ids[1]))
    assert [db.session.get_one(Registration, one).merged_into_id for one in ids] == [None, ids[0], ids[0]]
    assert [db.session.get_one(Participant, one).merged_into_id for one in persons] == [None, persons[0], persons[0]]
    (apart,) = rows(DistinctPair)
    assert {apart.first_id, apart.second_id} == {persons[0], stranger}
    code = db.session.get_one(Registration, ids[2]).ticket_code
    assert find_by_ticket(code).id == ids[0]
