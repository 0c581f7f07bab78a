"""Registration in depth: invitations with links and seats, quotas, offers, questions, files, imports, letters, requests, tokens.

Invitations that were plain numbers become ended ones: they reserved nothing, and a new deadline opens each again.

Revision ID: 0002
Revises: 0001
"""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INVITATION = (
    "id",
    "category_id",
    "deadline",
    "reserved",
    "used",
    "state",
    "token",
    "contact_name",
    "letter_number",
    "decline_reason",
    "ended_at",
)


def upgrade() -> None:
    op.create_table(
        "bad_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_bad_address_host_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bad_address")),
        sa.UniqueConstraint("host_id", "address", name=op.f("uq_bad_address_host_id_address")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("ending", sa.String(length=4), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_api_token_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_api_token_host_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_api_token_programme_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index("ix_api_token_host", ["host_id"], unique=False)

    op.create_table(
        "data_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("correction", "deletion", name="requestkind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open", "done", "refused", name="requeststate", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("proposed", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name=op.f("ck_data_request_settled_at")),
        sa.CheckConstraint("state <> 'refused' OR answer <> ''", name=op.f("ck_data_request_refused_with_reason")),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_data_request_host_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_data_request_participant_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["user.id"], name=op.f("fk_data_request_settled_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
    )
    with op.batch_alter_table("data_request", schema=None) as batch_op:
        batch_op.create_index("ix_data_request_host", ["host_id", "state", "due_at"], unique=False)
        batch_op.create_index("ix_data_request_participant", ["participant_id"], unique=False)
        batch_op.create_index(
            "uq_data_request_open",
            ["participant_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "distinct_pair",
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_distinct_pair_in_order")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_distinct_pair_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["first_id"], ["participant.id"], name=op.f("fk_distinct_pair_first_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["participant.id"], name=op.f("fk_distinct_pair_second_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_distinct_pair")),
    )
    with op.batch_alter_table("distinct_pair", schema=None) as batch_op:
        batch_op.create_index("ix_distinct_pair_second", ["second_id"], unique=False)

    op.create_table(
        "message_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "confirmation",
                "pending",
                "waitlisted",
                "offer",
                "offer_passed",
                "rejected",
                "cancelled",
                "replaced",
                "invitation",
                "invitation_reminder",
                "reminder",
                "agenda_changed",
                "thanks",
                "certificate_ready",
                name="templatekind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_message_template_programme_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_message_template_updated_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template")),
        sa.UniqueConstraint("programme_id", "kind", name=op.f("uq_message_template_programme_id_kind")),
    )
    op.create_table(
        "person_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("enter", "address", name="linkpurpose", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("nonce", sa.String(length=43), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_person_link_participant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_person_link_token_hash")),
    )
    with op.batch_alter_table("person_link", schema=None) as batch_op:
        batch_op.create_index("ix_person_link_email", ["email"], unique=False)
        batch_op.create_index("ix_person_link_expires", ["expires_at"], unique=False)
        batch_op.create_index("ix_person_link_participant", ["participant_id"], unique=False)

    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "confirmation",
                "pending",
                "waitlisted",
                "offer",
                "offer_passed",
                "rejected",
                "cancelled",
                "replaced",
                "invitation",
                "invitation_reminder",
                "reminder",
                "agenda_changed",
                "thanks",
                "certificate_ready",
                name="templatekind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("segment", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "scheduled",
                "sending",
                "sent",
                "cancelled",
                name="campaignstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "timing",
            sa.Enum(
                "now", "before", "after", "at", name="timing", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("clock", sa.String(length=5), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("without_address", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('scheduled', 'sending', 'sent') OR due_at IS NOT NULL", name=op.f("ck_campaign_due")
        ),
        sa.CheckConstraint(
            "timing NOT IN ('before', 'after') OR (days IS NOT NULL AND clock <> '')", name=op.f("ck_campaign_relative")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_campaign_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_campaign_stage_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_due", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_campaign_stage", ["stage_id", "id"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("response", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_token.id"], name=op.f("fk_idempotency_key_token_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("token_id", "key", name=op.f("uq_idempotency_key_token_id_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index("ix_idempotency_key_created", ["created_at"], unique=False)

    op.create_table(
        "letter_settings",
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column(
            "paper",
            sa.Enum("A4", "F4", "A5", name="paper", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("attachment", sa.String(length=60), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("copies", sa.Text(), nullable=False),
        sa.Column("signer_capacity", sa.String(length=120), nullable=False),
        sa.Column("signer_position", sa.String(length=160), nullable=False),
        sa.Column("signer_name", sa.String(length=200), nullable=False),
        sa.Column("signer_rank", sa.String(length=60), nullable=False),
        sa.Column("signer_nip", sa.String(length=18), nullable=False),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stage.id"], name=op.f("fk_letter_settings_stage_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stage_id", name=op.f("pk_letter_settings")),
    )
    op.create_table(
        "quota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("seats_taken", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN category_id IS NULL THEN 0 ELSE 1 END + CASE WHEN institution_id IS NULL THEN 0 ELSE 1 END + CASE WHEN group_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_quota_one_target"),
        ),
        sa.CheckConstraint("seats_taken BETWEEN 0 AND capacity", name=op.f("ck_quota_seats_within_capacity")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["institution_category.id"], name=op.f("fk_quota_category_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["group_id"], ["participant_group.id"], name=op.f("fk_quota_group_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_quota_institution_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_quota_stage_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint("stage_id", "category_id", name=op.f("uq_quota_stage_id_category_id")),
        sa.UniqueConstraint("stage_id", "group_id", name=op.f("uq_quota_stage_id_group_id")),
        sa.UniqueConstraint("stage_id", "institution_id", name=op.f("uq_quota_stage_id_institution_id")),
    )
    op.create_table(
        "registration_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "short_text",
                "long_text",
                "number",
                "date",
                "yes_no",
                "one_choice",
                "several_choices",
                "file",
                "statement",
                name="answerkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("help", sa.String(length=500), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("options", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("least", sa.String(length=24), nullable=False),
        sa.Column("most", sa.String(length=24), nullable=False),
        sa.Column("categories", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("depends_on_id", sa.Integer(), nullable=True),
        sa.Column("depends_value", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(depends_on_id IS NULL) = (depends_value = '')", name=op.f("ck_registration_question_dependence_whole")
        ),
        sa.CheckConstraint(
            "depends_on_id IS NULL OR depends_on_id <> id", name=op.f("ck_registration_question_depends_on_another")
        ),
        sa.ForeignKeyConstraint(
            ["depends_on_id"], ["registration_question.id"], name=op.f("fk_registration_question_depends_on_id")
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stage.id"], name=op.f("fk_registration_question_stage_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_question")),
    )
    with op.batch_alter_table("registration_question", schema=None) as batch_op:
        batch_op.create_index("ix_registration_question_depends", ["depends_on_id"], unique=False)
        batch_op.create_index("ix_registration_question_stage", ["stage_id", "position"], unique=False)

    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("header", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("warnings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("columns", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("category", sa.String(length=30), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "uploaded",
                "checking",
                "checked",
                "running",
                "done",
                name="importstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "mode",
            sa.Enum("all", "good", name="importmode", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_import_run_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_import_run_job_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_import_run_stage_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index("ix_import_run_created", ["created_at"], unique=False)
        batch_op.create_index("ix_import_run_job", ["job_id"], unique=False)
        batch_op.create_index("ix_import_run_stage", ["stage_id", "id"], unique=False)

    op.create_table(
        "campaign_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_recipient_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_campaign_recipient_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_recipient")),
        sa.UniqueConstraint(
            "campaign_id", "registration_id", name=op.f("uq_campaign_recipient_campaign_id_registration_id")
        ),
    )
    with op.batch_alter_table("campaign_recipient", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_recipient_registration", ["registration_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=160), nullable=False),
        sa.Column("stored_name", sa.String(length=48), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "question_id IS NULL OR registration_id IS NOT NULL", name=op.f("ck_document_answer_of_registration")
        ),
        sa.CheckConstraint("registration_id IS NOT NULL OR invitation_id IS NOT NULL", name=op.f("ck_document_owned")),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_size")),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_document_host_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_document_invitation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["registration_question.id"], name=op.f("fk_document_question_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_document_registration_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_document_stage_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_document_stored_name")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index("ix_document_host", ["host_id"], unique=False)
        batch_op.create_index("ix_document_invitation", ["invitation_id"], unique=False)
        batch_op.create_index("ix_document_question", ["question_id"], unique=False)
        batch_op.create_index("ix_document_registration", ["registration_id"], unique=False)
        batch_op.create_index("ix_document_stage", ["stage_id"], unique=False)

    op.create_table(
        "import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "new",
                "waitlisted",
                "already",
                "refused",
                "wrong",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("problems", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("notes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_import_row_registration_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_row_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_import_row_run_id_number")),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index("ix_import_row_registration", ["registration_id"], unique=False)
        batch_op.create_index("ix_import_row_verdict", ["run_id", "verdict", "number"], unique=False)

    op.create_table(
        "registration_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value <> ''", name=op.f("ck_registration_answer_answered")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["registration_question.id"], name=op.f("fk_registration_answer_question_id")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_answer_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_answer")),
        sa.UniqueConstraint(
            "registration_id", "question_id", name=op.f("uq_registration_answer_registration_id_question_id")
        ),
    )
    with op.batch_alter_table("registration_answer", schema=None) as batch_op:
        batch_op.create_index("ix_registration_answer_question", ["question_id"], unique=False)

    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_consent_registration_id_kind"), type_="unique")
        batch_op.create_index("ix_consent_registration", ["registration_id"], unique=False)
        batch_op.create_index(
            "uq_consent_in_force",
            ["registration_id", "kind"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    with op.batch_alter_table("host", schema=None) as batch_op:
        batch_op.add_column(sa.Column("offer_version", sa.String(length=22), server_default="", nullable=False))

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("category_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reserved", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("used", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "state",
                sa.Enum(
                    "drafted",
                    "sent",
                    "answered",
                    "declined",
                    "expired",
                    "withdrawn",
                    name="invitationstate",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("token", sa.String(length=43), nullable=True))
        batch_op.add_column(sa.Column("contact_name", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("contact_email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("contact_phone", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("letter_number", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("letter_date", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("deadline", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("decline_reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))

    _end_plain_invitations()
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.alter_column("category_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("reserved", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("used", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column(
            "state",
            existing_type=sa.Enum(
                "drafted",
                "sent",
                "answered",
                "declined",
                "expired",
                "withdrawn",
                name="invitationstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        )
        batch_op.alter_column("token", existing_type=sa.String(length=43), nullable=False)
        batch_op.alter_column("contact_name", existing_type=sa.String(length=120), nullable=False)
        batch_op.alter_column("letter_number", existing_type=sa.String(length=80), nullable=False)
        batch_op.alter_column("deadline", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.alter_column("decline_reason", existing_type=sa.Text(), nullable=False)
        batch_op.create_index("ix_invitation_deadline", ["state", "deadline"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_invitation_token"), ["token"])
        batch_op.create_foreign_key(
            batch_op.f("fk_invitation_category_id"), "institution_category", ["category_id"], ["id"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_invitation_used_of_reserved"), "0 <= used AND used <= reserved AND reserved <= seats"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_invitation_open_reserves_all"),
            "state NOT IN ('drafted', 'sent', 'answered') OR reserved = seats",
        )

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_participant_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_participant_merged_into_id"), "participant", ["merged_into_id"], ["id"]
        )

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("invitation_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("passed_on_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("undo_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_registration_invitation_id"), ["invitation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_registration_replaces_id"), ["replaces_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_registration_merged_into_id"), "registration", ["merged_into_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_registration_invitation_id"), "invitation", ["invitation_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_registration_replaces_id"), "registration", ["replaces_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_registration_offer_has_deadline"), "(state = 'offered') = (offer_until IS NOT NULL)"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_registration_waits_since"), "(state = 'waitlisted') = (waiting_since IS NOT NULL)"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_registration_passed_on_waits"), "passed_on_at IS NULL OR state = 'waitlisted'"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_registration_undo_of_decision"), "undo_until IS NULL OR state IN ('confirmed', 'rejected')"
        )

    with op.batch_alter_table("stage", schema=None) as batch_op:
        batch_op.add_column(sa.Column("approval_required", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("offer_hours", sa.Integer(), server_default="24", nullable=False))
        batch_op.create_check_constraint(batch_op.f("ck_stage_offer"), "offer_hours BETWEEN 1 AND 336")

    op.execute("UPDATE outbox_message SET kind = 'registration.ticket' WHERE kind = 'registration.promoted'")


def _end_plain_invitations() -> None:
    connection = op.get_bind()
    now = datetime.now(UTC)
    invitation = sa.table("invitation", *(sa.column(name) for name in _INVITATION))
    others = sa.text(
        "SELECT invitation.id, institution.category_id, stage.registration_closes_at AS deadline FROM invitation "
        "JOIN institution ON institution.id = invitation.institution_id JOIN stage ON stage.id = invitation.stage_id"
    ).columns(deadline=sa.DateTime(timezone=True))
    for one in connection.execute(others).all():
        values = {
            "category_id": one.category_id,
            "deadline": one.deadline,
            "reserved": 0,
            "used": 0,
            "state": "expired",
            "token": secrets.token_urlsafe(32),
            "contact_name": "",
            "letter_number": "",
            "decline_reason": "",
            "ended_at": now,
        }
        connection.execute(sa.update(invitation).where(invitation.c.id == one.id).values(values))


def downgrade() -> None:
    with op.batch_alter_table("stage", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_stage_offer"), type_="check")
        batch_op.drop_column("offer_hours")
        batch_op.drop_column("approval_required")

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_registration_offer_has_deadline"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_registration_waits_since"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_registration_passed_on_waits"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_registration_undo_of_decision"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_registration_replaces_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_registration_invitation_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_registration_merged_into_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_registration_replaces_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_registration_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_registration_invitation_id"))
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("undo_until")
        batch_op.drop_column("offer_until")
        batch_op.drop_column("passed_on_at")
        batch_op.drop_column("replaces_id")
        batch_op.drop_column("invitation_id")

    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_participant_merged_into_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_participant_merged_into_id"))
        batch_op.drop_column("merged_into_id")

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_column("failing_since")

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_invitation_open_reserves_all"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_invitation_used_of_reserved"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_invitation_invitationstate"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_invitation_category_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_invitation_token"), type_="unique")
        batch_op.drop_index("ix_invitation_deadline")
        batch_op.drop_column("ended_at")
        batch_op.drop_column("answered_at")
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("sent_at")
        batch_op.drop_column("decline_reason")
        batch_op.drop_column("deadline")
        batch_op.drop_column("letter_date")
        batch_op.drop_column("letter_number")
        batch_op.drop_column("contact_phone")
        batch_op.drop_column("contact_email")
        batch_op.drop_column("contact_name")
        batch_op.drop_column("token")
        batch_op.drop_column("state")
        batch_op.drop_column("used")
        batch_op.drop_column("reserved")
        batch_op.drop_column("category_id")

    with op.batch_alter_table("host", schema=None) as batch_op:
        batch_op.drop_column("offer_version")

    op.execute("DELETE FROM consent WHERE id NOT IN (SELECT max(id) FROM consent GROUP BY registration_id, kind)")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_consent_in_force",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index("ix_consent_registration")
        batch_op.create_unique_constraint(batch_op.f("uq_consent_registration_id_kind"), ["registration_id", "kind"])

    with op.batch_alter_table("registration_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_registration_answer_question")

    op.drop_table("registration_answer")
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index("ix_import_row_verdict")
        batch_op.drop_index("ix_import_row_registration")

    op.drop_table("import_row")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_stage")
        batch_op.drop_index("ix_document_registration")
        batch_op.drop_index("ix_document_question")
        batch_op.drop_index("ix_document_invitation")
        batch_op.drop_index("ix_document_host")

    op.drop_table("document")
    with op.batch_alter_table("campaign_recipient", schema=None) as batch_op:
        batch_op.drop_index("ix_campaign_recipient_registration")

    op.drop_table("campaign_recipient")
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_index("ix_import_run_stage")
        batch_op.drop_index("ix_import_run_job")
        batch_op.drop_index("ix_import_run_created")

    op.drop_table("import_run")
    with op.batch_alter_table("registration_question", schema=None) as batch_op:
        batch_op.drop_index("ix_registration_question_stage")
        batch_op.drop_index("ix_registration_question_depends")

    op.drop_table("registration_question")
    op.drop_table("quota")
    op.drop_table("letter_settings")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index("ix_idempotency_key_created")

    op.drop_table("idempotency_key")
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_index("ix_campaign_stage")
        batch_op.drop_index("ix_campaign_due")

    op.drop_table("campaign")
    with op.batch_alter_table("person_link", schema=None) as batch_op:
        batch_op.drop_index("ix_person_link_participant")
        batch_op.drop_index("ix_person_link_expires")
        batch_op.drop_index("ix_person_link_email")

    op.drop_table("person_link")
    op.drop_table("message_template")
    with op.batch_alter_table("distinct_pair", schema=None) as batch_op:
        batch_op.drop_index("ix_distinct_pair_second")

    op.drop_table("distinct_pair")
    with op.batch_alter_table("data_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_data_request_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index("ix_data_request_participant")
        batch_op.drop_index("ix_data_request_host")

    op.drop_table("data_request")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index("ix_api_token_host")

    op.drop_table("api_token")
    op.drop_table("bad_address")
