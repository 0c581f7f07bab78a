"""The standard texts: what is sent until a programme words it in its own way. Letters are Indonesian, so these are data.

A line whose placeholders are all empty is left out. `Label: {tautan_…}` alone in its paragraph becomes a button.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.messages.rules import TemplateKind as Kind


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


_DEAR = "Yth. {nama},\n\n"
_CALENDAR = (
    "\n\nTiket (PDF) dan agenda untuk kalender terlampir. Apabila berhalangan hadir, mohon batalkan di halaman tiket agar "
    "kursi dapat diberikan kepada peserta lain."
)
_TICKET = "\n\n{rincian}\n\nKode tiket: {kode_tiket}\n\nBuka tiket: {tautan_tiket}"
_FORWARD = "\n\nTeruskan lewat WhatsApp: {tautan_whatsapp}"
_QUESTIONS = "\n\nLengkapi pertanyaan dari panitia: {tautan_pertanyaan}"
_STANDING = "\n\n{rincian}\n\nLihat status pendaftaran: {tautan_tiket}"
_NAMING = "\n\n{rincian}\n\nIsi nama peserta: {tautan_undangan}"
_PRIVATE = (
    "\n\nTautan tersebut hanya untuk instansi Bapak/Ibu. Di sana surat tugas dapat diunggah, peserta dapat diganti, dan "
    "ketidakhadiran dapat disampaikan."
)

STANDARD: dict[Kind, Text] = {
    Kind.CONFIRMATION: Text(
        "Tiket Bapak/Ibu: {tahap}",
        _DEAR + "Pendaftaran Bapak/Ibu telah dikonfirmasi. Tunjukkan kode QR pada tiket di pintu masuk, dari ponsel atau "
        "dalam bentuk cetak." + _TICKET + _QUESTIONS + _FORWARD + _CALENDAR,
    ),
    Kind.PENDING: Text(
        "Pendaftaran diterima: {tahap}",
        _DEAR + "Pendaftaran Bapak/Ibu telah kami terima dan menunggu persetujuan panitia. Hasilnya dikirim ke alamat surel "
        "ini." + _STANDING + _QUESTIONS,
    ),
    Kind.WAITLISTED: Text(
        "Daftar tunggu: {tahap}",
        _DEAR + "Saat ini semua kursi telah terisi. Nomor Bapak/Ibu dalam daftar tunggu: {urutan}. Begitu ada kursi "
        "kosong, kami menawarkannya lewat alamat surel ini." + _STANDING + "\n\nApabila tidak lagi ingin hadir, mohon "
        "batalkan di halaman tersebut.",
    ),
    Kind.OFFER: Text(
        "Tempat ditawarkan kepada Bapak/Ibu: {tahap}",
        _DEAR + "Ada kursi kosong untuk Bapak/Ibu. Mohon menerimanya sebelum {batas_waktu}; setelah itu kursi ditawarkan "
        "kepada pendaftar berikutnya.\n\n{rincian}\n\nTerima kursi ini: {tautan_tiket}" + _FORWARD,
    ),
    Kind.OFFER_PASSED: Text(
        "Batas waktu tawaran telah lewat: {tahap}",
        _DEAR + "Tempat yang kami tawarkan belum diterima sampai batas waktunya, sehingga diteruskan kepada pendaftar "
        "berikutnya. Apabila masih ingin hadir, sampaikan lewat halaman tiket; Bapak/Ibu kembali masuk daftar tunggu."
        + _STANDING,
    ),
    Kind.REJECTED: Text(
        "Pendaftaran belum dapat diterima: {tahap}",
        _DEAR + "Mohon maaf, pendaftaran Bapak/Ibu belum dapat kami terima.\nAlasan: {alasan}\n\n{rincian}\n\nPertanyaan "
        "dapat disampaikan dengan membalas surel ini.",
    ),
    Kind.CANCELLED: Text(
        "Pendaftaran dibatalkan: {tahap}",
        _DEAR + "Pendaftaran Bapak/Ibu telah dibatalkan; tiketnya tidak berlaku lagi.\nAlasan: {alasan}\n\n{rincian}\n\n"
        "Apabila ingin hadir, silakan mendaftar kembali selama pendaftaran dibuka.\n\nDaftar kembali: {tautan_daftar}",
    ),
    Kind.REPLACED: Text(
        "Tempat Bapak/Ibu digantikan: {tahap}",
        _DEAR + "Tempat Bapak/Ibu diteruskan kepada {pengganti}; tiket Bapak/Ibu tidak berlaku lagi.\n\n{rincian}\n\nApabila "
        "hal ini keliru, hubungi panitia dengan membalas surel ini.",
    ),
    Kind.INVITATION: Text(
        "Undangan: {tahap}",
        "Yth. {kontak}\n{instansi}\n\nDengan hormat, bersama ini kami sampaikan undangan kegiatan berikut. Mohon menugaskan "
        "{jumlah_kursi} orang dan mengisikan nama mereka paling lambat {batas_waktu}." + _NAMING + _FORWARD + _PRIVATE
        + "\n\nSurat undangan terlampir.\nNomor surat: {nomor_surat}\nTanggal surat: {tanggal_surat}",
    ),
    Kind.INVITATION_REMINDER: Text(
        "Pengingat undangan: {tahap}",
        "Yth. {kontak}\n{instansi}\n\nKami mengingatkan undangan kegiatan berikut. Nama {jumlah_kursi} orang yang ditugaskan "
        "mohon diisikan paling lambat {batas_waktu}; setelah itu kursi yang belum terisi diberikan kepada instansi lain."
        + _NAMING + _FORWARD + "\n\nSurat undangan terlampir kembali.",
    ),
    Kind.REMINDER: Text(
        "Pengingat: {tahap}, {tanggal}",
        _DEAR + "Kami menantikan kehadiran Bapak/Ibu pada kegiatan berikut. Mohon siapkan tiket agar antrean di pintu masuk "
        "berjalan lancar." + _TICKET + _QUESTIONS + _FORWARD + "\n\nApabila berhalangan hadir, mohon batalkan di halaman tiket.",
    ),
    Kind.AGENDA_CHANGED: Text(
        "Perubahan agenda: {tahap}",
        _DEAR + "Ada perubahan pada jadwal kegiatan berikut. Waktu di bawah ini adalah yang terbaru; agenda lengkap ada di "
        "halaman tiket.\n\n{rincian}\n\nBuka tiket: {tautan_tiket}" + _FORWARD,
    ),
    Kind.THANKS: Text(
        "Terima kasih atas kehadiran Bapak/Ibu: {tahap}",
        _DEAR + "Terima kasih telah mengikuti {tahap} pada {tanggal}. Masukan Bapak/Ibu membantu kami memperbaiki kegiatan "
        "berikutnya.\n\nIsi kuesioner, sekitar dua menit: {tautan_umpan_balik}\n\nKehadiran dan sertifikat dapat dilihat di "
        "halaman tiket.\n\nBuka tiket: {tautan_tiket}" + _FORWARD,
    ),
    Kind.CERTIFICATE_READY: Text(
        "Sertifikat Bapak/Ibu: {tahap}",
        _DEAR + "Sertifikat Bapak/Ibu untuk {tahap} telah terbit dan dapat diunduh di halaman tiket.\n\nNomor sertifikat: "
        "{nomor_sertifikat}\n\nBuka sertifikat: {tautan_tiket}" + _FORWARD + "\n\nKeasliannya dapat diperiksa siapa pun di "
        "{tautan_verifikasi} dengan kode yang tercetak di sana.\n\nApabila penulisan nama atau gelar belum benar, balas surel "
        "ini agar sertifikat diterbitkan kembali.\n\nIsi kuesioner, sekitar dua menit: {tautan_umpan_balik}",
    ),
}  # fmt: skip
EMPTY = Text("", _DEAR)
"""What a message in free words begins with."""
