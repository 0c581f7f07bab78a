"""When a failed mail is tried again, and what says that the server is away."""

from datetime import timedelta

import pytest

from app.jobs.rules import RETRY_AFTER, is_server_down, retry_after


def test_the_wait_grows_and_ends() -> None:
    waits = [retry_after(attempt) for attempt in range(1, len(RETRY_AFTER) + 1)]
    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits, key=lambda wait: wait or timedelta())
    assert retry_after(len(RETRY_AFTER) + 1) is None


@pytest.mark.parametrize(
    ("error", "down"),
    [
        ("ConnectionRefusedError: [Errno 111] Connection refused", True),
        ("TimeoutError: timed out", True),
        ("NoMailServer: MAIL_SERVER is not set", True),
        ("SMTPServerDisconnected: Connection unexpectedly closed", True),
        ("550 No such user", False),
        ("ValueError: no template", False),
        ("", False),
    ],
)
def test_a_server_that_is_away_is_told_from_one_that_refuses(error: str, down: bool) -> None:
    assert is_server_down(error) is down
