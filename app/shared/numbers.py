"""Numbers as Indonesian documents write them."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

Number = int | float | Decimal | Fraction


_UNITS = (
    "nol",
    "satu",
    "dua",
    "tiga",
    "empat",
    "lima",
    "enam",
    "tujuh",
    "delapan",
    "sembilan",
    "sepuluh",
    "sebelas",
)
_ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


def in_words(n: int) -> str:
    """Return the number in Indonesian words (terbilang): 16 → "enam belas". Raises ValueError outside 0..999,999."""
    if not 0 <= n <= 999_999:
        raise ValueError(f"in_words takes 0 to 999,999, not {n}")
    if n < 12:
        return _UNITS[n]
    if n < 20:
        return f"{_UNITS[n - 10]} belas"
    if n < 100:
        return _with_rest(f"{_UNITS[n // 10]} puluh", n % 10)
    if n < 200:
        return _with_rest("seratus", n % 100)
    if n < 1000:
        return _with_rest(f"{_UNITS[n // 100]} ratus", n % 100)
    if n < 2000:
        return _with_rest("seribu", n % 1000)
    return _with_rest(f"{in_words(n // 1000)} ribu", n % 1000)


def decimal(x: Number, places: int = 2) -> str:
    """Return the number rounded half up, with a comma for decimals and dots between thousands: 1.234,50."""
    rounded = _exact(x).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if rounded.is_zero():
        rounded = abs(rounded)
    return f"{rounded:,f}".translate(str.maketrans(",.", ".,"))


def roman(n: int) -> str:
    """Return the Roman numeral of 1..3999. Raises ValueError outside."""
    if not 1 <= n <= 3999:
        raise ValueError(f"roman takes 1 to 3999, not {n}")
    letters = []
    for value, numeral in _ROMAN:
        count, n = divmod(n, value)
        letters.append(numeral * count)
    return "".join(letters)


def _with_rest(head: str, rest: int) -> str:
    return f"{head} {in_words(rest)}" if rest else head


def _exact(x: Number) -> Decimal:
    if isinstance(x, Fraction):
        return Decimal(x.numerator) / Decimal(x.denominator)
    # Through str, so that 0.145 rounds as it is written and not as its binary neighbour.
    return x if isinstance(x, Decimal) else Decimal(str(x))
