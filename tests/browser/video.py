"""A video of a QR code, for a browser that takes a file for its camera."""

from pathlib import Path

from app.paper import qr

SIDE = 320
PER_SECOND = 5
QUIET = 4
DARK, LIGHT, TABLE = b"\x10", b"\xeb", b"\x80"


def write_y4m(path: Path, text: str, *, shown: float, gone: float = 0) -> None:
    """Show the code of `text` for some seconds and an empty table for some more; the browser plays it again and again."""
    frames = [_code(text)] * round(shown * PER_SECOND) + [TABLE * SIDE * SIDE] * round(gone * PER_SECOND)
    colour = b"\x80" * (SIDE * SIDE // 2)
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{SIDE} H{SIDE} F{PER_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            out.write(b"FRAME\n" + frame + colour)


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
