"""Every room's models, for Alembic and for whoever creates the tables."""

from app.accounts import models as accounts
from app.accounts import models_tokens as accounts_tokens
from app.agenda import models as agenda
from app.audit import models as audit
from app.certificates import models as certificates
from app.checkin import models as checkin
from app.checkin import models_incidents as checkin_incidents
from app.feedback import models as feedback
from app.hosts import models as hosts
from app.institutions import models as institutions
from app.jobs import models as jobs
from app.messages import models as messages
from app.privacy import models as privacy
from app.programmes import models as programmes
from app.registration import models as registration
from app.registration import models_documents as registration_documents
from app.registration import models_duplicates as registration_duplicates
from app.registration import models_imports as registration_imports
from app.registration import models_letters as registration_letters
from app.registration import models_questions as registration_questions
from app.web import models as web

__all__ = [
    "accounts",
    "accounts_tokens",
    "agenda",
    "audit",
    "certificates",
    "checkin",
    "checkin_incidents",
    "feedback",
    "hosts",
    "institutions",
    "jobs",
    "messages",
    "privacy",
    "programmes",
    "registration",
    "registration_documents",
    "registration_duplicates",
    "registration_imports",
    "registration_letters",
    "registration_questions",
    "web",
]
