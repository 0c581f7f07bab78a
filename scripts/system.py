#!/usr/bin/env python3
"""See that the programs which only the tests need are there: Chromium, PostgreSQL, Redis, poppler.

On Debian and its kin they are installed, as root or through sudo without a password; elsewhere the missing ones are named.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def has_postgresql() -> bool:
    return bool(shutil.which("initdb") or next(Path("/usr/lib/postgresql").glob("*/bin/initdb"), None))


def missing() -> dict[str, str]:
    """Debian's package for each program that is not there, with what it is."""
    there = {
        "chromium": ("Chromium", any(map(shutil.which, CHROMIUM))),
        "postgresql": ("the PostgreSQL server (initdb, postgres)", has_postgresql()),
        "redis-server": ("redis-server", bool(shutil.which("redis-server"))),
        "poppler-utils": ("poppler's pdftoppm", bool(shutil.which("pdftoppm"))),
    }
    return {package: name for package, (name, found) in there.items() if not found}


def apt(arguments: list[str]) -> bool:
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 0


def may_install() -> bool:
    if not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        return True
    return (
        bool(shutil.which("sudo"))
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    )


def install(packages: list[str]) -> None:
    print(f"Installing for the tests: {', '.join(packages)} …", flush=True)
    # Debian would start a cluster of its own at once; the tests start theirs
    os.environ.setdefault("PG_CREATE_MAIN", "false")
    apt(["-o", "Acquire::Retries=3", "update"])
    apt(["-o", "Acquire::Retries=3", "install", "--no-install-recommends", *packages])


def main() -> None:
    lacking = missing()
    if lacking and may_install():
        install(list(lacking))
        lacking = missing()
    if lacking:
        print("The tests need programs that are not there:", file=sys.stderr)
        for package, name in lacking.items():
            print(f"  {name} (Debian: apt-get install {package})", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
