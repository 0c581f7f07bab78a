"""The page of papers and the sheets it opens: for checkpoints, days and sessions, for each audience, blank and filled."""

import pytest
from flask import Flask

from app.checkin import service
from app.checkin.queries_sheet import occasions_of
from app.registration.models import Registration
from app.shared import clock
from app.shared.codes import canonical
from tests import factories
from tests.databases import statements
from tests.paper.reading import codes_of, pages_of, picture_of, text_of
from tests.personas import People


class Printing:
    """A stage with a session for a group on its first day, one for all on the second, and a checkpoint."""

    def __init__(self, people: People) -> None:
        self.people, self.client = people, people.organiser.client
        self.group = factories.group(people.programme, name="Smart Living")
        self.siti = factories.registration(people.stage, name="Siti Aminah", groups=[self.group])
        self.budi = factories.registration(people.stage, name="Budi Santoso")
        stage = people.stage
        self.lesson = factories.agenda_session(stage, title="Enam dimensi", groups=[self.group])
        self.closing = factories.agenda_session(
            stage,
            title="Penutupan",
            starts_at=factories.at(stage, 10, day=1),
            ends_at=factories.at(stage, 11, day=1),
        )
        speaker = factories.speaker(people.host, name="Nurlaila", position="Dosen", institution="UMRAH")
        factories.session_speaker(self.lesson, speaker)
        self.door = factories.checkpoint(
            stage,
            name="Pintu Utama",
            opens_at=factories.at(stage, 6),
            closes_at=factories.at(stage, 18),
            sessions=[self.lesson],
        )

    @property
    def root(self) -> str:
        return f"/panel/kegiatan/{self.people.stage.slug}/presensi/cetak"

    def sheet(self, query: str, untuk: str = "") -> bytes:
        key = untuk or f"titik-{self.door.id}"
        answer = self.client.request_raw(f"{self.root}/daftar-hadir.pdf?untuk={key}&{query}")
        assert answer.status_code == 200 and answer.mimetype == "application/pdf"
        return answer.data


@pytest.fixture
def printing(app: Flask, people: People) -> Printing:
    return Printing(people)


def names(pdf: bytes) -> set[str]:
    text = text_of(pdf)
    return {name for name in ("Siti Aminah", "Budi Santoso", "Wati Lestari", "Nurlaila") if name in text}


def test_the_page_offers_each_paper(printing: Printing) -> None:
    page = printing.client.get(printing.root)
    options = [option.get("value") for option in page.select("#untuk option")]
    day = printing.people.stage.starts_on.isoformat()
    assert {f"titik-{printing.door.id}", f"hari-{day}", f"sesi-{printing.lesson.id}"} <= set(options)
    assert page.one("#untuk option[selected]").get("value") == f"titik-{printing.door.id}"
    for tab in ("kartu", "rekap", "nonsens"):
        assert printing.client.get(f"{printing.root}?apa={tab}").one("form[target=_blank]").get("action")
    printing.people.viewer.client.get(printing.root, status=403)
    printing.people.outsider.client.get(printing.root, status=404)


def test_a_sheet_for_a_checkpoint_a_day_and_a_session(printing: Printing) -> None:
    stage = printing.people.stage
    first, second = stage.starts_on.isoformat(), stage.ends_on.isoformat()
    assert names(printing.sheet("")) == {"Siti Aminah"}
    assert names(printing.sheet("", f"hari-{first}")) == {"Siti Aminah"}
    assert names(printing.sheet("", f"hari-{second}")) == {"Siti Aminah", "Budi Santoso"}
    of_session = text_of(printing.sheet("", f"sesi-{printing.lesson.id}"))
    assert "Agenda : Enam dimensi" in of_session and "08.00 s.d. 09.30 WIB" in of_session
    assert names(printing.sheet("", f"sesi-{printing.closing.id}")) == {"Siti Aminah", "Budi Santoso"}
    for key in ("", "titik-999999", "hari-x", "sesi-0", f"titik-{printing.door.id}x"):
        printing.client.get(f"{printing.root}/daftar-hadir.pdf?untuk={key}", status=404)


def test_a_row_holds_the_badges_code_and_never_the_tickets(printing: Printing) -> None:
    pdf = printing.sheet("baris=0")
    assert [canonical(code) for code in codes_of(pdf)] == [printing.siti.badge_code]
    assert printing.siti.ticket_code not in text_of(pdf)
    assert codes_of(printing.sheet("kode=tanpa")) == []


def test_a_filled_sheet_tells_when_people_came_and_who_was_excused(printing: Printing) -> None:
    late = factories.registration(printing.people.stage, name="Wati Lestari")
    for hour, person in ((8, printing.budi), (15, late)):
        with clock.frozen(factories.at(printing.people.stage, hour, 30)):
            service.mark_present(person, printing.door, reason="kertas", by=printing.people.organiser.user)
    blank, filled = printing.sheet(""), printing.sheet("isi=terisi")
    assert names(blank) == {"Siti Aminah"} and names(filled) == {"Siti Aminah", "Budi Santoso", "Wati Lestari"}
    assert "Waktu Hadir" in text_of(filled) and "WIB" in text_of(filled).split("Budi Santoso")[1]
    assert names(printing.sheet("isi=terisi", f"sesi-{printing.lesson.id}")) == {"Siti Aminah", "Budi Santoso"}


def test_speakers_and_committee_sign_apart(printing: Printing) -> None:
    speakers = text_of(printing.sheet("siapa=narasumber"))
    assert "DAFTAR HADIR NARASUMBER" in speakers and "Nurlaila Dosen UMRAH Enam dimensi" in speakers
    assert "Siti Aminah" not in speakers
    committee = text_of(printing.sheet("siapa=panitia"))
    assert f"{printing.people.organiser.user.name} Panitia" in committee
    assert printing.people.viewer.user.name not in committee


@pytest.mark.parametrize(
    ("query", "size"),
    [("", (297, 210)), ("arah=tegak", (210, 297)), ("kertas=F4", (330, 215)), ("kertas=F4&arah=tegak", (215, 330))],
)
def test_paper_and_orientation(printing: Printing, query: str, size: tuple[int, int]) -> None:
    picture = picture_of(printing.sheet(query), dpi=100)
    assert [round(side / 100 * 25.4) for side in picture.size] == list(size)


def test_filters_order_blank_rows_and_who_acknowledges(printing: Printing) -> None:
    whole = f"sesi-{printing.closing.id}"
    text = text_of(printing.sheet(f"group={printing.group.id}&baris=3&jabatan=Kepala+Bidang&nama=Rahma", whole))
    assert "Peserta : Smart Living" in text and "Budi Santoso" not in text
    assert "4." in text and "5." not in text
    assert "Mengetahui, Kepala Bidang Rahma" in text
    by_name = text_of(printing.sheet("urut=nama", whole))
    assert by_name.index("Budi Santoso") < by_name.index("Siti Aminah")
    assert "48." not in text_of(printing.sheet("baris=9999", whole))
    assert "10." in text_of(printing.sheet("baris=-1", whole))


def test_each_page_has_the_header_and_few_statements_are_asked(printing: Printing) -> None:
    printing.sheet("")
    with statements() as few:
        printing.sheet("isi=terisi")
    for number in range(40):
        factories.registration(printing.people.stage, name=f"Peserta {number:02}", groups=[printing.group])
    with statements() as many:
        pages = pages_of(printing.sheet("isi=terisi"))
    assert len(pages) > 1 and all("No Nama NIP Jabatan" in page for page in pages)
    assert len(many) == len(few)


def test_a_stage_without_agenda_has_its_days(app: Flask, people: People) -> None:
    person: Registration = people.participant
    assert [one.day for one in occasions_of(people.stage).days] == [people.stage.starts_on, people.stage.ends_on]
    root = f"/panel/kegiatan/{people.stage.slug}/presensi/cetak"
    page = people.organiser.client.get(root)
    key = page.one("#untuk option[selected]").get("value")
    answer = people.organiser.client.request_raw(f"{root}/daftar-hadir.pdf?untuk={key}")
    assert person.full_name in text_of(answer.data)
