"""What every stage asks from the start, in the words that its participants read (domain.md, Feedback)."""

from __future__ import annotations

from app.feedback.rules import QuestionKind, QuestionnaireKind

TITLES = {
    QuestionnaireKind.ORGANISATION: "Penyelenggaraan",
    QuestionnaireKind.SUGGESTIONS: "Masukan, saran dan komitmen",
}

# Kind, text, whether it must be answered.
QUESTIONS: dict[QuestionnaireKind, tuple[tuple[QuestionKind, str, bool], ...]] = {
    QuestionnaireKind.ORGANISATION: (
        (QuestionKind.SCALE, "Sarana dan kebersihan tempat kegiatan", True),
        (QuestionKind.SCALE, "Kesesuaian acara dengan kebutuhan tugas", True),
        (QuestionKind.SCALE, "Pelayanan dan administrasi panitia", True),
        (QuestionKind.SCALE, "Bahan kegiatan dan jaringan internet (Wi-Fi)", True),
        (QuestionKind.SCALE, "Konsumsi", True),
        (QuestionKind.TEXT, "Apa yang perlu diperbaiki pada kegiatan berikutnya?", False),
    ),
    QuestionnaireKind.SUGGESTIONS: (
        (QuestionKind.TEXT, "Masukan dan saran untuk program ini", False),
        (
            QuestionKind.COMMITMENT,
            "Bersediakah instansi atau lembaga Bapak/Ibu mendukung program ini sampai tahap akhir?",
            True,
        ),
    ),
    QuestionnaireKind.SPEAKER: (
        (QuestionKind.SCALE, "Penguasaan materi", True),
        (QuestionKind.SCALE, "Cara penyajian dan bahasa", True),
        (QuestionKind.SCALE, "Cara menjawab pertanyaan", True),
        (QuestionKind.SCALE, "Sikap dan motivasi yang diberikan", True),
        (QuestionKind.SCALE, "Ketepatan waktu", True),
        (QuestionKind.TEXT, "Saran untuk narasumber", False),
    ),
}
