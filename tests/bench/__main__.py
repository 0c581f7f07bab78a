"""Run every bench_*.py of this folder and write docs/performance.md.

    python -m tests.bench            # all, full counts
    python -m tests.bench --quick scans   # a first look at one of them; nothing is written

A module is called `bench_<subject>`, has one sentence as its docstring's first line, and `run(quick: bool) -> list[Figure]`.
Figures are ratios to something bare that is measured in the same run, so that they mean the same on any machine.
"""

import argparse
import importlib
import os
import platform
import sys
from pathlib import Path

from tests.bench.figures import Figure

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "performance.md"
HEAD = """\
# Performance

Measured by `make bench` with Python {python} on {cores} cores. Figures of one run are compared with a bare baseline of
the same run; on another machine the ratios stay near, the rates do not. Nothing here is asserted by a test.
"""
COLUMNS = "| what | measured | bare | ratio | target | met |\n| --- | ---: | ---: | ---: | ---: | --- |"


def subjects(wanted: list[str]) -> list[str]:
    found = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    return [subject for subject in found if not wanted or subject in wanted]


def section(subject: str, *, quick: bool) -> tuple[str, list[Figure]]:
    module = importlib.import_module(f"tests.bench.bench_{subject}")
    figures: list[Figure] = module.run(quick=quick)
    sentence = (module.__doc__ or "").strip().partition("\n")[0]
    return f"## {subject.replace('_', ' ').capitalize()}\n\n{sentence}\n\n{COLUMNS}\n" + "\n".join(
        map(Figure.row, figures)
    ), figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small counts, print only")
    parser.add_argument("subject", nargs="*", help="those alone, print only")
    arguments = parser.parse_args()
    parts = [HEAD.format(python=platform.python_version(), cores=len(os.sched_getaffinity(0)))]
    missed = []
    for subject in subjects(arguments.subject):
        print(f"{subject} …", file=sys.stderr, flush=True)
        text, figures = section(subject, quick=arguments.quick)
        parts.append(text)
        missed += [figure for figure in figures if not figure.holds]
    report = "\n".join(part.rstrip() + "\n" for part in parts)
    print(report)
    if not (arguments.quick or arguments.subject):
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(report, encoding="utf-8")
    for figure in missed:
        print(f"target missed: {figure.what}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
