"""What the worker may run for people's own data, by kind."""

from flask_babel import lazy_gettext as _l

from app.jobs.service import on_sweep, register_letter, register_work
from app.privacy import emails, service

register_work(service.FIND_PEOPLE, service.find_people)
register_letter("person.link", emails.link, label=_l("Link to one's own data"))
register_letter("person.address", emails.address, label=_l("Confirmation of a new address"))
register_letter("privacy.address_changed", emails.address_changed, label=_l("Address changed"))
register_letter("privacy.address_corrected", emails.address_corrected, label=_l("Address changed by the organiser"))
register_letter("privacy.received", emails.received, label=_l("Data request received"))
register_letter("privacy.to_settle", emails.to_settle, label=_l("Data request to settle"))
register_letter("privacy.done", emails.done, label=_l("Data request done"))
register_letter("privacy.refused", emails.refused, label=_l("Data request turned down"))
on_sweep(service.forget_old_links)
on_sweep(service.forget_addresses_of_erased)
