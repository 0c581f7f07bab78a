"""What the worker may run for registration, by kind."""

from app.jobs.service import register_letter
from app.registration import emails

register_letter("registration.ticket", emails.ticket)
register_letter("registration.waitlisted", emails.waitlisted)
register_letter("registration.promoted", emails.promoted)
register_letter("registration.cancelled", emails.cancelled)
register_letter("registration.pending", emails.waitlisted)
register_letter("registration.offered", emails.promoted)
register_letter("registration.offer_passed", emails.waitlisted)
register_letter("registration.rejected", emails.cancelled)
register_letter("registration.replaced", emails.cancelled)
