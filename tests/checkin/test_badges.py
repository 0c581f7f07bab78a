"""Name badges: whole names, the badge's code and never the ticket's, and nobody who is not wanted."""

from dataclasses import replace

import pytest
from flask import Flask

from app.checkin.pdf_badges import Badge, BadgeSet, badges, largest
from app.checkin.rules_paper import BadgeSize
from app.paper.fonts import Face
from app.paper.text import width_of
from app.registration.rules import RegistrationState
from app.shared.codes import canonical
from tests import factories
from tests.paper.reading import codes_of, fonts_of, pages_of, text_of, white_margin
from tests.paper.samples import LONG_INSTITUTION, LONG_NAME, letterhead
from tests.personas import People

SET = BadgeSet(letterhead=letterhead(), event="Bimbingan Teknis Tahap I", dates="8 s.d. 9 Juli 2019")
QR = "HTTPS://BIMTEK.TANJUNGPINANGKOTA.GO.ID/T/7K3M9QXA2BCD5EFG"
BADGE = Badge(name="Drs. H. Raja Ismail, M.T.", role="Peserta", institution="Polres", groups="Smart Living", qr_text=QR)
SIZES = pytest.mark.parametrize("size", list(BadgeSize))


@SIZES
def test_what_stands_on_a_badge(size: BadgeSize) -> None:
    pdf = badges(replace(SET, size=size), [BADGE])
    text = text_of(pdf)
    for words in (
        "Drs. H. Raja Ismail, M.T.",
        "Polres",
        "Smart Living",
        "Bimbingan Teknis Tahap I",
        "8 s.d. 9 Juli 2019",
    ):
        assert words in text
    assert "PESERTA" in text.replace(" ", "")
    assert codes_of(pdf) == [QR]
    assert all(fonts_of(pdf).values())
    assert badges(replace(SET, size=size), [BADGE]) == pdf


@SIZES
def test_long_names_and_institutions_are_whole(size: BadgeSize) -> None:
    long = replace(BADGE, name=LONG_NAME, institution=LONG_INSTITUTION, groups="Smart Governance, Dewan Smart City")
    pdf = badges(replace(SET, size=size), [long])
    text = text_of(pdf)
    assert LONG_NAME in text and LONG_INSTITUTION in text and "Dewan Smart City" in text
    assert codes_of(pdf) == [QR]


@pytest.mark.parametrize("name", ["Budi", BADGE.name, LONG_NAME, "W" * 60])
@pytest.mark.parametrize(("width", "height", "most", "lines"), [(258, 88, 34, 3), (218, 46, 24, 2)])
def test_letters_are_as_large_as_their_room(name: str, width: float, height: float, most: float, lines: int) -> None:
    found = largest(name, Face.BOLD, width=width, height=height, most=most, lines=lines)
    assert "".join(found.lines).replace(" ", "") == name.replace(" ", "")
    assert all(width_of(line, Face.BOLD, found.size) <= width for line in found.lines)
    assert len(found.lines) * found.size <= height


def test_a_name_of_usual_length_is_read_from_two_metres() -> None:
    """Letters of 18 points and more on the small card, 26 on the large one."""
    assert largest(BADGE.name, Face.BOLD, width=218, height=46, most=24, lines=2).size >= 18
    assert largest(BADGE.name, Face.BOLD, width=258, height=88, most=34, lines=3).size >= 26


def test_ten_to_a_sheet_one_to_a_page() -> None:
    people = [replace(BADGE, name=f"Peserta Nomor {number}", qr_text=f"{QR[:-2]}{number:02}") for number in range(11)]
    sheets = badges(replace(SET, size=BadgeSize.TEN_TO_A4), people)
    assert len(pages_of(sheets)) == 2
    assert sorted(codes_of(sheets)) == [one.qr_text for one in people[:10]] and codes_of(sheets, 2) == [
        people[10].qr_text
    ]
    assert white_margin(sheets) >= 10
    assert len(pages_of(badges(SET, people))) == 11


def test_who_is_not_scanned_has_no_code_and_nobody_gives_a_page() -> None:
    speaker = replace(BADGE, role="Narasumber", qr_text="", groups="")
    assert codes_of(badges(SET, [speaker])) == []
    assert "Tidak ada kartu" in text_of(badges(SET, []))


@pytest.fixture
def stage_of_people(people: People) -> People:
    group = factories.group(people.programme, name="Smart Living")
    people.siti = factories.registration(people.stage, name="Siti Aminah", groups=[group])
    people.budi = factories.registration(people.stage, name="Budi Santoso")
    people.gone = factories.registration(people.stage, name="Sudah Batal", state=RegistrationState.CANCELLED)
    people.group = group
    return people


def address(people: People, query: str = "") -> str:
    return f"/panel/kegiatan/{people.stage.slug}/presensi/cetak/kartu.pdf?{query}"


def test_the_badges_of_a_stage_hold_the_badge_code_alone(app: Flask, stage_of_people: People) -> None:
    people = stage_of_people
    answer = people.organiser.client.request_raw(address(people, "ukuran=a4"))
    assert answer.mimetype == "application/pdf" and answer.headers["Content-Disposition"].startswith("inline")
    found = {canonical(code) for code in codes_of(answer.data)}
    assert found == {people.siti.badge_code, people.budi.badge_code}
    text = text_of(answer.data)
    assert people.siti.ticket_code not in text and "Sudah Batal" not in text and "Smart Living" in text


def test_badges_of_a_group_and_of_those_ticked(stage_of_people: People) -> None:
    people, client = stage_of_people, stage_of_people.organiser.client
    of_group = text_of(client.request_raw(address(people, f"group={people.group.id}")).data)
    assert "Siti Aminah" in of_group and "Budi Santoso" not in of_group
    ticked = text_of(client.request_raw(address(people, f"id={people.budi.id}&id={people.gone.id}")).data)
    assert "Budi Santoso" in ticked and "Siti" not in ticked and "Sudah Batal" not in ticked
    nonsense = client.request_raw(address(people, "id=x&group=-1&siapa=semua"))
    assert nonsense.status_code == 200 and "Siti Aminah" in text_of(nonsense.data)


def test_speakers_and_committee_have_badges_without_code(stage_of_people: People) -> None:
    people, client = stage_of_people, stage_of_people.organiser.client
    session = factories.agenda_session(people.stage)
    factories.session_speaker(session, factories.speaker(people.host, name="Nurlaila", institution="UMRAH"))
    speakers = client.request_raw(address(people, "siapa=narasumber")).data
    assert "Nurlaila" in text_of(speakers) and "NARASUMBER" in text_of(speakers).replace(" ", "")
    assert codes_of(speakers) == []
    committee = text_of(client.request_raw(address(people, "siapa=panitia&ukuran=a4")).data)
    assert people.organiser.user.name in committee and people.viewer.user.name not in committee


def test_other_hosts_people_are_never_printed(people: People) -> None:
    strange = factories.registration(people.other_stage, name="Orang Lain")
    pdf = people.organiser.client.request_raw(address(people, f"id={strange.id}")).data
    assert "Orang Lain" not in text_of(pdf)
    people.outsider.client.get(address(people), status=404)
    people.viewer.client.get(address(people), status=403)


def test_badges_of_those_ticked_on_the_list_or_of_all_of_it(stage_of_people: People) -> None:
    people, client = stage_of_people, stage_of_people.organiser.client
    bulk = f"/panel/kegiatan/{people.stage.slug}/peserta/massal?action=badges"

    def printed(query: str) -> str:
        return text_of(client.request_raw(f"{bulk}&{query}").data)

    assert "Budi" in printed(f"id={people.budi.id}") and "Siti" not in printed(f"id={people.budi.id}")
    assert "Siti" in printed("all=1") and "Sudah Batal" not in printed("all=1")
    assert "Siti" in printed("all=1&q=siti") and "Budi" not in printed("all=1&q=siti")
    assert "Tidak ada kartu" in printed("all=1&state=cancelled")
    assert "Siti" in printed("all=1&step=registered")
    assert "/peserta?" in client.request_raw(f"{bulk}&all=1&step=certified").headers["Location"]
