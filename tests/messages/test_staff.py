"""The pages of letters and messages, by role, and what they refuse."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.extensions import db, transaction
from app.messages.models import Campaign, MessageTemplate
from app.messages.rules import KIND_SLUGS, TemplateKind
from app.messages.rules_segments import CampaignState, Timing
from app.registration.models import Consent
from app.registration.rules import ConsentKind
from app.shared import clock
from tests import factories
from tests.databases import statements
from tests.mailbox import Mailbox
from tests.messages import scene
from tests.pages import Page
from tests.personas import People

FORM = "main form[data-draft]"


def letters(people: People) -> str:
    return f"/panel/program/{people.programme.slug}/pesan"


def messages(people: People) -> str:
    return f"/panel/kegiatan/{people.stage.slug}/pesan"


def written(people: People, client: Any = None, **values: Any) -> Page:
    """A message by the form, from the template for reminders."""
    page = (client or people.organiser.client).get(f"{messages(people)}/tulis?jenis=pengingat")
    return page.submit(FORM, **values)


def campaign() -> Campaign:
    return db.session.scalars(sa.select(Campaign)).one()


def test_only_managers_word_letters_and_only_who_edits_people_writes(people: People) -> None:
    for role, of_letters, of_messages in (
        ("administrator", 200, 200),
        ("manager", 200, 200),
        ("organiser", 403, 200),
        ("facilitator", 403, 403),
        ("certifier", 403, 403),
        ("viewer", 403, 403),
        ("outsider", 404, 404),
    ):
        client = people.staff[role].client
        client.get(letters(people), status=of_letters)
        client.get(f"{letters(people)}/konfirmasi", status=of_letters)
        client.get(messages(people), status=of_messages)
        client.get(f"{messages(people)}/tulis", status=of_messages)


@pytest.mark.parametrize("kind", list(TemplateKind), ids=lambda kind: kind.value)
def test_every_letter_opens_with_its_standard_text_and_a_preview(people: People, kind: TemplateKind) -> None:
    factories.registration(people.stage, name="Siti Aminah")
    scene.invitation(people.stage)
    page = people.manager.client.get(f"{letters(people)}/{KIND_SLUGS[kind]}")
    assert page.one("iframe").get("sandbox") == ""
    shown = people.manager.client.request_raw(page.one("iframe").get("src"))
    assert shown.status_code == 200
    name = "Raja Ismail" if kind in (TemplateKind.INVITATION, TemplateKind.INVITATION_REMINDER) else "Siti Aminah"
    assert name in shown.text and name in page.one(".letter-text").text_content()


def test_the_letter_is_shown_under_a_policy_of_its_own(people: People) -> None:
    factories.registration(people.stage)
    answer = people.manager.client.request_raw(f"{letters(people)}/konfirmasi/surat")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "frame-ancestors 'self'" in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_programmes_own_text_holds_until_it_is_dropped(people: People, smtp: Mailbox) -> None:
    client = people.manager.client
    page = client.get(f"{letters(people)}/pengingat").submit(
        FORM, subject="Jangan lupa, {nama}", body="Yth. {nama},\n\nSampai jumpa di {tempat}."
    )
    assert "disimpan" in page.text and "Teks sendiri" in client.get(letters(people)).text
    assert client.get(f"{messages(people)}/tulis?jenis=pengingat").values(FORM)["subject"] == "Jangan lupa, {nama}"
    page = client.get(f"{letters(people)}/pengingat").submit("details.confirm form")
    assert "Teks baku berlaku kembali" in page.text
    assert db.session.scalar(sa.select(MessageTemplate)) is None


def test_own_texts_are_of_one_programme(people: People) -> None:
    people.manager.client.get(f"{letters(people)}/konfirmasi").submit(FORM, subject="Hanya di sini")
    other = f"/panel/program/{people.other_stage.programme.slug}/pesan/konfirmasi"
    assert people.outsider.client.get(other).values(FORM)["subject"] == "Tiket Bapak/Ibu: {tahap}"


def test_a_wrong_placeholder_is_named_and_what_was_typed_stays(people: People) -> None:
    page = people.manager.client.get(f"{letters(people)}/konfirmasi").submit(
        FORM, status=422, subject="Tiket {tahap}", body="Yth. {nma}"
    )
    assert "Penanda {nma} tidak dikenal. Mungkin maksudnya {nama}?" in page.text
    assert page.values(FORM)["body"].strip() == "Yth. {nma}"
    assert db.session.scalar(sa.select(MessageTemplate)) is None


def test_unknown_kinds_people_and_stages_are_not_found_or_passed_over(people: People) -> None:
    client = people.manager.client
    client.get(f"{letters(people)}/surat-cinta", status=404)
    factories.registration(people.other_stage, name="Orang Lain")
    factories.registration(people.stage, name="Orang Sendiri")
    stranger = client.get(f"{letters(people)}/konfirmasi?tahap={people.other_stage.slug}&orang=999999")
    assert "Orang Sendiri" in stranger.text and "Orang Lain" not in stranger.text


def test_without_anybody_the_preview_says_so(people: People) -> None:
    assert "Belum ada yang terdaftar" in people.manager.client.get(f"{letters(people)}/konfirmasi").text


def test_a_message_is_written_checked_and_sent(people: People, smtp: Mailbox, work: Any) -> None:
    factories.registration(people.stage, name="Siti Aminah", email="siti@kota.test")
    factories.registration(people.stage, name="Tanpa Surel", email=None)
    page = written(people)
    assert campaign().state is CampaignState.DRAFT
    assert "Siti Aminah" in page.text and "tanpa alamat" in page.text
    page = page.submit("form[action$='/kirim']")
    assert "sedang dikirim" in page.text
    work()
    [mail] = smtp.messages
    assert mail["Subject"].startswith(f"Pengingat: {people.stage.name}") and "siti@kota.test" in mail["To"]
    page = people.organiser.client.get(f"{messages(people)}/{campaign().id}")
    assert "1 orang" in page.text and "1 tanpa alamat surel" in page.text
    assert not page.select("form[action$='/kirim']") and not page.select("a[href$='/ubah']")
    people.organiser.client.get(f"{messages(people)}/{campaign().id}/ubah")  # leads back


def test_a_message_is_scheduled_changed_and_cancelled(people: People) -> None:
    factories.registration(people.stage)
    page = written(people, timing="after", days="1", clock="08:30")
    assert "H+1" in page.text
    page = page.submit("form[action$='/kirim']")
    assert "menunggu waktunya" in page.text and campaign().state is CampaignState.SCHEDULED
    assert campaign().due_at == factories.at(people.stage, 8, 30, day=2)
    changed = people.organiser.client.get(f"{messages(people)}/{campaign().id}/ubah")
    assert changed.values(FORM)["days"] == "1" and changed.values(FORM)["clock"] == "08:30"
    changed.submit(FORM, days="2", subject="Lain")
    assert (campaign().subject, campaign().due_at) == ("Lain", factories.at(people.stage, 8, 30, day=3))
    listed = people.organiser.client.get(messages(people))
    assert "Terjadwal" in listed.text and "H+2" in listed.text
    page = people.organiser.client.get(f"{messages(people)}/{campaign().id}").submit("form[action$='/batal']")
    assert campaign().state is CampaignState.CANCELLED and "dibatalkan" in page.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"timing": "before", "days": ""}, "0 sampai 60"),
        ({"timing": "before", "days": "3", "clock": ""}, "Pilih pukul"),
        ({"timing": "at", "moment": ""}, "Pilih tanggal dan waktu"),
        ({"timing": "at", "moment": "2019-07-08T08:00"}, "telah lewat"),
        ({"timing": "before", "days": "9", "clock": "08:00"}, "telah lewat"),
        ({"body": ""}, "wajib diisi"),
        ({"body": "{batas_waktu}"}, "tidak tersedia dalam surat ini"),
    ],
)
def test_what_cannot_be_sent_is_said_at_its_field(people: People, values: dict[str, str], said: str) -> None:
    page = written(people)
    form = people.organiser.client.get(f"{messages(people)}/tulis?jenis=pengingat")
    page = form.submit(FORM, status=422, **values)
    assert said in page.text


def test_a_segment_chosen_by_the_form_is_described(people: People) -> None:
    group = factories.group(people.programme, name="Smart Living")
    door = factories.checkpoint(people.stage, name="Hari 1")
    questionnaire = factories.questionnaire(people.stage, title="Penyelenggaraan")
    factories.registration(people.stage, name="Siti", groups=[group])
    page = written(
        people, group=str(group.id), attendance=f"no-{door.id}", feedback=f"no-{questionnaire.id}", answering="open"
    )
    for part in (
        "Smart Living",
        "tidak hadir: Hari 1",
        "Belum mengisi: Penyelenggaraan",
        "Pertanyaan tahap: Belum lengkap",
    ):
        assert part in page.text
    kept = campaign().wanted
    assert (kept.checkpoint, kept.present, kept.questionnaire, kept.answered) == (
        door.id,
        False,
        questionnaire.id,
        False,
    )


def test_things_of_another_stage_cannot_be_chosen(people: People) -> None:
    door = factories.checkpoint(people.other_stage)
    client, address = people.organiser.client, f"{messages(people)}/tulis?jenis=pengingat"
    typed = client.get(address).values(FORM)
    for forged in ({"attendance": f"yes-{door.id}"}, {"institution": "999999"}):
        assert "Pilih salah satu dari daftar" in client.post(address, data=typed | forged, status=422).text
    assert db.session.scalar(sa.select(Campaign)) is None


def test_messages_of_another_stage_are_not_found(people: People) -> None:
    other = factories.stage(people.programme)
    written(people)
    for path in ("", "/ubah", "/surat", "/whatsapp"):
        people.organiser.client.get(f"/panel/kegiatan/{other.slug}/pesan/{campaign().id}{path}", status=404)
        people.outsider.client.get(f"{messages(people)}/{campaign().id}{path}", status=404)


def test_buttons_need_a_token(people: People) -> None:
    written(people)
    for path in ("kirim", "tarik", "batal"):
        people.organiser.client.post(f"{messages(people)}/{campaign().id}/{path}", status=400)
    assert campaign().state is CampaignState.DRAFT and campaign().timing is Timing.NOW


def test_the_whatsapp_list_offers_only_who_has_agreed(people: People) -> None:
    agreed = factories.registration(people.stage, name="Siti Aminah", phone="+6281234567890")
    factories.registration(people.stage, name="Budi Santoso", phone="+6281234567891")
    factories.registration(people.stage, name="Raja Ismail", phone=None)
    with transaction():
        db.session.add(
            Consent(registration_id=agreed.id, kind=ConsentKind.WHATSAPP, wording="Ya", given_at=clock.now())
        )
    written(people)
    page = people.organiser.client.get(f"{messages(people)}/{campaign().id}/whatsapp")
    [link] = [one.get("href") for one in page.select("a[href^='https://wa.me/']")]
    assert link.startswith("https://wa.me/6281234567890?text=") and agreed.ticket_code in link
    whole, own = (button.get("data-copy") for button in page.select("[data-copy]"))
    assert whole == "Siti Aminah\t0812-3456-7890"
    assert own.startswith("*Pengingat:") and "Yth. Siti Aminah," in own and "WhatsApp" not in own
    assert page.text.count("Tidak menyetujui") == 2 and "Tanpa nomor HP" in page.text


def test_lists_take_as_many_statements_for_many_as_for_few(people: People) -> None:
    factories.registration(people.stage)
    written(people)
    address = f"{messages(people)}/{campaign().id}"
    client = people.organiser.client

    def seen(path: str) -> int:
        with statements() as run:
            client.get(path)
        return len(run)

    paths = (address, f"{address}/whatsapp", messages(people))
    few = [seen(path) for path in paths]
    for _number in range(12):
        factories.registration(people.stage)
    assert [seen(path) for path in paths] == few


def test_a_changed_agenda_leads_to_a_message_and_sends_nothing(people: People, work: Any, smtp: Mailbox) -> None:
    factories.registration(people.stage)
    session = factories.agenda_session(people.stage)
    page = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}/agenda/{session.id}").submit(
        "main form.form", title="Lain"
    )
    assert page.select(f"a[href='{messages(people)}/tulis?jenis=perubahan-agenda']")
    work()
    assert smtp.messages == []


def test_a_list_of_people_leads_to_a_message_to_them(people: People) -> None:
    group = factories.group(people.programme)
    client = people.organiser.client
    values = client.get(f"{messages(people)}/tulis?kepada=daftar&state=waitlisted&group={group.id}&category=X").values(
        FORM
    )
    assert values["states"] in ("waitlisted", ["waitlisted"]) and values["group"] == str(group.id)
    everybody = client.get(f"{messages(people)}/tulis?kepada=daftar&state=nonsense").values(FORM)
    assert not everybody.get("states")


def test_a_subject_is_found_again_with_the_names_of_its_stage(people: People) -> None:
    factories.registration(people.stage)
    written(people, subject="{nama}, ingat {tahap}")
    assert f"…, ingat {people.stage.name}" in people.organiser.client.get(messages(people)).text


def test_who_gave_no_address_is_shown_alone_for_whatsapp(people: People) -> None:
    factories.registration(people.stage, name="Siti Aminah")
    factories.registration(people.stage, name="Tanpa Surel", email=None)
    page = written(people)
    alone = page.follow("a[href*='surel=tanpa']")
    assert "Tanpa Surel" in alone.text and "Siti Aminah" not in alone.text
    everybody = alone.follow("main nav a[href$='/whatsapp']")
    assert "Tanpa Surel" in everybody.text and "Siti Aminah" in everybody.text


def test_what_became_of_the_mails_is_told(people: People, smtp: Mailbox, work: Any) -> None:
    factories.registration(people.stage, email="siti@kota.test")
    factories.registration(people.stage, email="budi@kota.test")
    written(people).submit("form[action$='/kirim']")
    address = f"{messages(people)}/{campaign().id}"
    smtp.refuse_with = "550 No such user"
    work()
    assert "Gagal: 2" in people.organiser.client.get(address).text
