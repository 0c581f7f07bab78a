"""axe-core on an open page: what keeps people out, with where it stands."""

from functools import cache
from pathlib import Path
from typing import Any

AXE = Path(__file__).resolve().parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "rules => axe.run(document, {resultTypes: ['violations'], runOnly: rules})"


@cache
def source() -> str:
    return AXE.read_text(encoding="utf-8")


def serious(page: Any) -> list[str]:
    """One line for each place where axe finds something serious or critical."""
    page.evaluate(source())
    found = page.evaluate(RUN, RULES)
    return [
        f"{page.url}: {violation['id']} ({violation['impact']}): {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
