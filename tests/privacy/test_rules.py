"""What is the person's to change, what the clerk's; and where the clock of a request stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.privacy import rules
from app.registration.rules import PersonDetails
from app.shared.identity import IdentityType

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
SITI = PersonDetails(
    name="Siti Aminah",
    title_after="S.Kom.",
    category_code="OPD",
    institution_id=3,
    institution_name="Dinas Kesehatan",
    identity_type=IdentityType.NIP,
    identity_number="198504122010011003",
    rank="III/c",
    position="Analis",
    email="siti@example.org",
    phone="+6281234567890",
)


class TestSplit:
    def test_without_a_certificate_the_name_holds_at_once(self) -> None:
        parts = rules.split(SITI, replace(SITI, name="Siti Aminah Putri"), certified=False, has_coming=True)
        assert (parts.now, parts.asked, parts.address) == ({"name": "Siti Aminah Putri"}, {}, None)

    @pytest.mark.parametrize("field", ["title_before", "name", "title_after"])
    def test_what_a_certificate_prints_is_asked_for(self, field: str) -> None:
        after = replace(SITI, **{field: "Lain", "phone": "+6281200000000"})
        parts = rules.split(SITI, after, certified=True, has_coming=True)
        assert parts.asked == {field: "Lain"} and parts.now == {"phone": "+6281200000000"}

    def test_a_number_is_always_asked_for_with_its_kind(self) -> None:
        after = replace(SITI, identity_number="197001011995031001")
        parts = rules.split(SITI, after, certified=False, has_coming=True)
        assert parts.asked == {"identity_type": IdentityType.NIP, "identity_number": "197001011995031001"}
        assert not parts.now

    def test_an_institution_comes_whole(self) -> None:
        after = replace(SITI, institution_id=None, institution_name="Dinas Lain")
        parts = rules.split(SITI, after, certified=False, has_coming=True)
        assert parts.now == {"category_code": "OPD", "institution_id": None, "institution_name": "Dinas Lain"}

    def test_without_a_coming_event_the_office_is_a_record(self) -> None:
        parts = rules.split(SITI, replace(SITI, position="Kepala"), certified=False, has_coming=False)
        assert parts.asked == {"position": "Kepala"} and not parts.now

    def test_an_address_is_to_be_confirmed(self) -> None:
        parts = rules.split(SITI, replace(SITI, email="baru@example.org"), certified=False, has_coming=True)
        assert parts.address == "baru@example.org" and not parts.now and not parts.asked


def test_changes_survive_being_kept() -> None:
    changed = {"identity_type": IdentityType.NIP, "identity_number": "197001011995031001", "institution_id": None}
    kept = rules.stored(changed)
    assert kept["identity_type"] == "NIP" and rules.restored(kept) == changed


def test_an_event_that_is_over_keeps_the_office_of_its_time() -> None:
    changed = {"name": "Siti", "position": "Kepala"}
    assert rules.applied(SITI, changed, is_over=True) == replace(SITI, name="Siti")
    assert rules.applied(SITI, changed, is_over=False) == replace(SITI, name="Siti", position="Kepala")


@pytest.mark.parametrize(
    ("passed", "hours", "overdue", "soon"),
    [
        (timedelta(0), 72, False, False),
        (timedelta(hours=47, minutes=59), 24, False, False),
        (timedelta(hours=48), 24, False, True),
        (timedelta(hours=71, minutes=30), 0, False, True),
        (timedelta(hours=72), 0, True, False),
        (timedelta(hours=80), 8, True, False),
    ],
)
def test_the_clock_runs_for_72_hours(passed: timedelta, hours: int, overdue: bool, soon: bool) -> None:
    at = rules.clock_of(NOW + rules.TO_SETTLE, NOW + passed)
    assert (at.hours, at.overdue, at.soon) == (hours, overdue, soon)


def test_a_manager_settles_only_what_lies_within_her_programmes() -> None:
    assert rules.decides({1, 2}, of_programmes={1, 2, 3}, administers=False)
    assert not rules.decides({1, 4}, of_programmes={1, 2, 3}, administers=False)
    assert not rules.decides(set(), of_programmes={1}, administers=False)
    assert rules.decides({4}, of_programmes=set(), administers=True)


@pytest.mark.parametrize(("attended", "certified", "kept"), [(0, 0, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)])
def test_archives_keep_the_name(attended: int, certified: int, kept: int) -> None:
    assert rules.keeps_name(attended=bool(attended), certified=bool(certified)) is bool(kept)


def test_labels_are_said_once() -> None:
    assert len(rules.labels_of(["institution_id", "institution_name", "category_code"])) == 2
