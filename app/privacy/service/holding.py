"""What a change of everything that is known about a person holds, always first and in the same order."""

from __future__ import annotations

from app.privacy import queries
from app.registration.models import Participant
from app.registration.service import seats


def hold_stages(participant: Participant) -> None:
    """The stages of all of a person's registrations, in the order of ids.

    Before the rows of host, participant, requests and links: whoever registers at one of them holds the stage and then points
    to the host, and whoever merges people holds every stage and then their requests.
    """
    for stage_id in sorted({registration.stage_id for registration in queries.registrations_of(participant)}):
        seats.lock(stage_id)
