"""What a benchmark answers, and how it is written down."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measurement. `baseline` is the bare thing measured in the same run; `least` or `most` is the target,
    on the ratio to the baseline where there is one, else on the value."""

    what: str
    value: float
    unit: str
    baseline: float | None = None
    least: float | None = None
    most: float | None = None

    @property
    def judged(self) -> float:
        return self.value if self.baseline is None else self.value / self.baseline

    @property
    def holds(self) -> bool:
        return (self.least is None or self.judged >= self.least) and (self.most is None or self.judged <= self.most)

    @property
    def target(self) -> str:
        show = short if self.baseline is None else share
        if self.least is not None:
            return f"≥ {show(self.least)}"
        return f"≤ {show(self.most)}" if self.most is not None else ""

    def row(self) -> str:
        beside = "" if self.baseline is None else short(self.baseline)
        ratio = "" if self.baseline is None else share(self.judged)
        state = "" if not self.target else "yes" if self.holds else "**no**"
        return f"| {self.what} | {short(self.value)} {self.unit} | {beside} | {ratio} | {self.target} | {state} |"


def short(number: float) -> str:
    """Three digits that mean something: 4,830 · 48.3 · 0.483."""
    if abs(number) >= 100 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.3g}"


def share(ratio: float) -> str:
    return f"{ratio:.0%}" if ratio < 2 else f"{short(ratio)} ×"
