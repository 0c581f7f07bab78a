"""What the worker may run for people's own data, by kind."""

from app.jobs.service import on_sweep, register_letter, register_work
from app.privacy import emails, service

register_work(service.FIND_PEOPLE, service.find_people)
register_letter("person.link", emails.link)
register_letter("person.address", emails.address)
register_letter("privacy.address_changed", emails.address_changed)
register_letter("privacy.received", emails.received)
register_letter("privacy.to_settle", emails.to_settle)
register_letter("privacy.done", emails.done)
register_letter("privacy.refused", emails.refused)
on_sweep(service.forget_old_links)
on_sweep(service.forget_addresses_of_erased)
