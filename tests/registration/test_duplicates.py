"""Who may be one person entered twice, and the pages that say so."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.extensions import db
from app.registration.models import Participant
from app.registration.models_duplicates import DistinctPair
from app.registration.queries_duplicates import suspects_of
from app.registration.rules import RegistrationState
from app.registration.rules_duplicates import (
    ALIKE,
    OF_AN_OFFICE,
    Candidate,
    Clue,
    clues_of,
    goes_on,
    likeness,
    slipped,
    suspicions,
    usual_kept,
)
from app.registration.service.merging import tell_apart
from app.shared.identity import IdentityType
from tests import factories
from tests.databases import statements
from tests.personas import People

NIP = "198507202010011999"
digits = st.text("0123456789", min_size=2, max_size=18)
names = st.text("abcde ", max_size=24)
HOME = frozenset({"dinaskesehatan"})


def person(id_: int, name: str = "dewi lestari", **values: object) -> Candidate:
    known = {"kind": IdentityType.NIP if "number" in values else IdentityType.NONE}
    return Candidate(**{"id": id_, "name": name} | known | values)


class TestRules:
    @given(digits, st.data())
    def test_one_wrong_digit_is_a_slip(self, number: str, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(number) - 1))
        other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
        assert slipped(number, number[:place] + other + number[place + 1 :])

    @given(digits, st.data())
    def test_neighbours_exchanged_are_a_slip(self, number: str, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(number) - 2))
        turned = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert slipped(number, turned) == (turned != number)

    @given(digits, digits)
    def test_a_slip_is_one_either_way_and_never_the_same_number(self, one: str, other: str) -> None:
        assert slipped(one, other) == slipped(other, one)
        assert not slipped(one, one)

    @pytest.mark.parametrize("other", [None, "", "19850720201001199", "198507202010011990"[::-1], "188507202010011998"])
    def test_other_numbers_are_none(self, other: str | None) -> None:
        assert not slipped(NIP, other)

    @given(names, names)
    def test_likeness_is_mutual_and_whole_for_oneself(self, one: str, other: str) -> None:
        assert likeness(one, other) == likeness(other, one)
        assert 0 <= likeness(one, other) <= 1
        assert likeness(one, one) == (1 if one.split() else 0)

    @given(names, names)
    def test_the_short_cut_never_hides_who_is_alike(self, one: str, other: str) -> None:
        whole = likeness(one, other)
        assert likeness(one, other, least=ALIKE) == whole or whole < ALIKE

    @pytest.mark.parametrize(
        ("one", "other", "alike"),
        [
            ("dewi lestari", "dewi lestary", True),
            ("raja ismail", "ismail raja", True),
            ("muhammad ridwan", "m ridwan", True),
            ("moh ridwan", "mohammad ridwan", True),
            ("siti a rahma", "siti aminah rahma", True),
            ("budi santoso", "budi susanto", False),
            ("ahmad fauzi", "ahmad rizki", False),
            ("a b", "ani budi", False),
        ],
    )
    def test_names(self, one: str, other: str, alike: bool) -> None:
        assert (likeness(one, other) >= ALIKE) is alike

    def test_a_similar_name_counts_within_an_institution_alone(self) -> None:
        one, other = person(1, institutions=HOME), person(2, "dewi lestary", institutions=HOME)
        assert clues_of(one, other) == (Clue.NAME,)
        assert not clues_of(one, person(2, "dewi lestary", institutions=frozenset({"bank"})))

    def test_two_sound_numbers_outweigh_a_similar_name(self) -> None:
        one = person(1, institutions=HOME, number=NIP)
        assert not clues_of(one, person(2, institutions=HOME, number="197001012000032001"))
        assert clues_of(one, person(2, institutions=HOME)) == (Clue.NAME,)

    def test_a_slip_needs_a_name_that_is_not_another(self) -> None:
        one = person(1, number=NIP)
        assert clues_of(one, person(2, "dewi lestary", number=NIP[:-1] + "8")) == (Clue.SLIP,)
        assert not clues_of(one, person(2, "bambang", number=NIP[:-1] + "8"))

    def test_a_phone_is_one_persons_until_it_is_an_offices(self) -> None:
        crowd = [person(n, f"orang{n * 37}", phone="+628121") for n in range(1, OF_AN_OFFICE + 1)]
        assert len(suspicions(crowd)) == OF_AN_OFFICE * (OF_AN_OFFICE - 1) // 2
        assert not suspicions([crowd[0], person(99, "lain", phone="+628122")])
        many = [*crowd, person(98, "zulkifli", phone="+628121")]
        assert not [one for one in suspicions(many) if 98 in one.ids]

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["dewi lestari", "dewi lestary", "m ridwan", "muhammad ridwan", "budi"]),
                st.sampled_from([None, NIP, NIP[:-1] + "8", NIP[:7] + "21" + NIP[9:]]),
                st.sampled_from([None, "+628121", "+628122"]),
                st.frozensets(st.sampled_from(["a", "b"]), max_size=2),
            ),
            max_size=7,
        )
    )
    def test_what_is_found_is_what_comparing_everybody_finds(self, drawn: list[tuple]) -> None:
        people = [
            Candidate(n, name, IdentityType.NIP if number else IdentityType.NONE, number, "", phone, places)
            for n, (name, number, phone, places) in enumerate(drawn)
        ]
        phones = [one.phone for one in people if one.phone]
        crowded = {phone for phone in phones if phones.count(phone) > OF_AN_OFFICE}
        expected = {
            (one.id, other.id): clues
            for one in people
            for other in people
            if one.id < other.id and (clues := clues_of(one, other, crowded=crowded))
        }
        found = suspicions(reversed(people))
        assert {one.ids: one.clues for one in found} == expected
        if found:
            assert len(suspicions(people, settled={found[0].ids})) == len(found) - 1

    def test_who_stays(self) -> None:
        early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=1)
        waits, confirmed = RegistrationState.WAITLISTED, RegistrationState.CONFIRMED
        assert goes_on([(1, waits, early), (2, confirmed, late)]) == 2
        assert goes_on([(1, confirmed, late), (2, confirmed, early)]) == 2
        assert usual_kept((1, False, 9), (2, True, 0)) == 2
        assert usual_kept((1, True, 1), (2, True, 3)) == 2
        assert usual_kept((1, True, 1), (2, True, 1)) == 1


@pytest.fixture
def pair(people: People) -> tuple[Participant, Participant]:
    """The same phone, nearly the same number and name, in one institution."""
    place = factories.institution(people.host)
    made = []
    for name, number in (("Dewi Lestari", NIP), ("Dewi Lestary", NIP[:-1] + "8")):
        one = factories.participant(
            people.host, name=name, phone="+6281234567", identity_type=IdentityType.NIP, identity_number=number
        )
        factories.registration(people.stage, participant=one, institution=place, position="Analis")
        made.append(one)
    return made[0], made[1]


def address(people: People, pair: tuple[Participant, Participant] | None = None) -> str:
    rest = "".join(f"/{one.id}" for one in pair or ())
    return f"/panel/penyelenggara/{people.host.slug}/peserta-ganda{rest}"


class TestPages:
    def test_a_pair_is_shown_side_by_side(self, people: People, pair: tuple[Participant, Participant]) -> None:
        page = people.administrator.client.get(address(people))
        assert page.texts(".pair-table tr.differs th")[0].startswith("Nama")
        assert len(page.select("main section .badge")) == 3
        assert people.stage.name in page.words()

    def test_told_apart_they_are_not_shown_again(self, people: People, pair: tuple[Participant, Participant]) -> None:
        page = people.administrator.client.get(address(people))
        page = page.submit(f"form[action='{address(people, pair)}/beda']")
        assert page.select(".empty") and not page.select(".pair-table")
        kept = db.session.scalars(db.select(DistinctPair)).one()
        assert (kept.first_id, kept.second_id) == (pair[0].id, pair[1].id)
        assert kept.by_id == people.administrator.user.id

    @pytest.mark.both_databases
    def test_telling_apart_twice_is_remembered_once(
        self, people: People, pair: tuple[Participant, Participant]
    ) -> None:
        ids = [one.id for one in pair]
        for order in (ids, ids[::-1]):
            assert tell_apart(people.host, order, by=people.administrator.user)
        assert not tell_apart(people.host, [ids[0], ids[0]], by=people.administrator.user)
        assert len(db.session.scalars(db.select(DistinctPair)).all()) == 1
        assert not suspects_of(people.host)

    def test_administrators_alone_decide(self, people: People, pair: tuple[Participant, Participant]) -> None:
        for role in ("manager", "organiser", "certifier", "viewer"):
            people.staff[role].client.get(address(people), status=404)
            people.staff[role].client.get(address(people, pair), status=404)
        people.outsider.client.get(address(people), status=404)
        people.administrator.client.get(address(people, (pair[0], pair[0])), status=404)
        elsewhere = factories.participant(people.other_host)
        people.administrator.client.get(address(people, (pair[0], elsewhere)), status=404)

    def test_as_many_questions_for_many_pairs_as_for_one(
        self, people: People, pair: tuple[Participant, Participant]
    ) -> None:
        client = people.administrator.client

        def ask() -> int:
            with statements() as seen:
                client.get(address(people))
            return len(seen)

        few = ask()
        for number in range(30):
            one = factories.participant(people.host, name=f"Orang {number}", phone=f"+62813{number // 2:06}")
            factories.registration(people.stage, participant=one)
        assert ask() == few
        assert len(client.get(address(people)).select(".pair-table")) == 10
