"""A video of a QR code, for a browser that takes a file for its camera."""

from pathlib import Path

from app.paper import qr

SIDE = 320
PER_SECOND = 5
QUIET = 4
DARK, LIGHT, TABLE = b"\x10", b"\xeb", b"\x80"


def write_y4m(path: Path, *texts: str, shown: float, gone: float = 0) -> None:
    """Show the code of each text for some seconds and an empty table for some more; the browser plays it again and again."""
    table = [TABLE * SIDE * SIDE] * round(gone * PER_SECOND)
    frames = [frame for text in texts for frame in [_code(text)] * round(shown * PER_SECOND) + table]
    colour = b"\x80" * (SIDE * SIDE // 2)
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{SIDE} H{SIDE} F{PER_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            out.write(b"FRAME\n" + frame + colour)


def write_rows(path: Path, *texts: str) -> None:
    """Show the codes of three rows of a sheet, the second in the middle of the picture."""
    rows = [_small(text) for text in texts]
    blank = TABLE * SIDE
    lines = [line for row in rows for line in row]
    above = (SIDE - len(lines)) // 2
    picture = b"".join([blank] * above + lines).ljust(SIDE * SIDE, TABLE)
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{SIDE} H{SIDE} F{PER_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for _ in range(PER_SECOND):
            out.write(b"FRAME\n" + picture + b"\x80" * (SIDE * SIDE // 2))


def _small(text: str) -> list[bytes]:
    """The lines of a code of a third of the picture's height."""
    modules = qr.matrix(text)
    scale = SIDE // 3 // (len(modules) + 2 * QUIET)
    size = (len(modules) + 2 * QUIET) * scale
    edge = TABLE * ((SIDE - size) // 2)
    paper = [LIGHT * size] * QUIET
    rows = [b"".join((DARK if dark else LIGHT) * scale for dark in row) for row in modules]
    rows = [*paper, *(LIGHT * QUIET * scale + row + LIGHT * QUIET * scale for row in rows), *paper]
    return [(edge + row).ljust(SIDE, TABLE) for row in rows for _ in range(scale)]


def _code(text: str) -> bytes:
    """The brightness of each pixel: the code on white paper on a grey table."""
    modules = qr.matrix(text)
    size = len(modules) + 2 * QUIET
    scale = SIDE * 9 // 10 // size
    edge = TABLE * ((SIDE - size * scale) // 2)
    paper = [[False] * size] * QUIET
    rows = [*paper, *([False] * QUIET + list(row) + [False] * QUIET for row in modules), *paper]
    lines = [(edge + b"".join((DARK if dark else LIGHT) * scale for dark in row)).ljust(SIDE, TABLE) for row in rows]
    above = TABLE * SIDE * ((SIDE - size * scale) // 2)
    return (above + b"".join(line * scale for line in lines)).ljust(SIDE * SIDE, TABLE)
