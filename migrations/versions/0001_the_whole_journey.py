"""the whole journey

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('host',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('parent_name', sa.String(length=200), nullable=False),
    sa.Column('city', sa.String(length=100), nullable=False),
    sa.Column('address', sa.String(length=300), nullable=False),
    sa.Column('phone', sa.String(length=60), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('website', sa.String(length=200), nullable=False),
    sa.Column('timezone', sa.String(length=40), nullable=False),
    sa.Column('emblem', sa.String(length=80), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_host')),
    sa.UniqueConstraint('slug', name=op.f('uq_host_slug'))
    )
    op.create_table('throttle_counter',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('target_hash', sa.String(length=64), nullable=False),
    sa.Column('window_start', sa.DateTime(timezone=True), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.CheckConstraint('count > 0', name=op.f('ck_throttle_counter_count_is_positive')),
    sa.PrimaryKeyConstraint('kind', 'target_hash', 'window_start', name=op.f('pk_throttle_counter'))
    )
    with op.batch_alter_table('throttle_counter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_throttle_counter_window_start'), ['window_start'], unique=False)

    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('session_version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('email', name=op.f('uq_user_email'))
    )
    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('subject_type', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('host_id', sa.Integer(), nullable=True),
    sa.Column('fields', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_audit_entry_actor_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_audit_entry_host_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_host_id'), ['host_id'], unique=False)
        batch_op.create_index('ix_audit_entry_subject', ['subject_type', 'subject_id'], unique=False)

    op.create_table('institution_category',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=30), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('identity_types', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('identity_required', sa.Boolean(), nullable=False),
    sa.Column('institution_required', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_institution_category_host_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_institution_category')),
    sa.UniqueConstraint('host_id', 'code', name=op.f('uq_institution_category_host_id_code'))
    )
    op.create_table('participant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('identity_type', sa.Enum('NIP', 'NRP', 'NIDN', 'NUPTK', 'NIM', 'COMPANY', 'NONE', name='identitytype', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('identity_number', sa.String(length=24), nullable=True),
    sa.Column('identity_scope', sa.String(length=200), server_default='', nullable=False),
    sa.Column('title_before', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('title_after', sa.String(length=80), nullable=False),
    sa.Column('name_key', sa.String(length=120), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('phone', sa.String(length=20), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_participant_host_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_participant'))
    )
    with op.batch_alter_table('participant', schema=None) as batch_op:
        batch_op.create_index('ix_participant_name', ['host_id', 'name_key'], unique=False)
        batch_op.create_index('uq_participant_identity', ['host_id', 'identity_number', 'identity_scope'], unique=True, sqlite_where=sa.text('identity_number IS NOT NULL'), postgresql_where=sa.text('identity_number IS NOT NULL'))
        batch_op.create_index('uq_participant_name_email', ['host_id', 'name_key', 'email'], unique=True, sqlite_where=sa.text('identity_number IS NULL'), postgresql_where=sa.text('identity_number IS NULL'))
        batch_op.create_index('uq_participant_name_phone', ['host_id', 'name_key', 'phone'], unique=True, sqlite_where=sa.text('identity_number IS NULL'), postgresql_where=sa.text('identity_number IS NULL'))

    op.create_table('privacy_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_privacy_notice_host_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_privacy_notice')),
    sa.UniqueConstraint('host_id', 'version', name=op.f('uq_privacy_notice_host_id_version'))
    )
    op.create_table('programme',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('published', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_programme_host_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme')),
    sa.UniqueConstraint('slug', name=op.f('uq_programme_slug'))
    )
    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.create_index('ix_programme_host', ['host_id'], unique=False)

    op.create_table('speaker',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('title_before', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('title_after', sa.String(length=80), nullable=False),
    sa.Column('position', sa.String(length=160), nullable=False),
    sa.Column('institution', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_speaker_host_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_speaker_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_speaker'))
    )
    with op.batch_alter_table('speaker', schema=None) as batch_op:
        batch_op.create_index('ix_speaker_host', ['host_id'], unique=False)

    op.create_table('certificate_counter',
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_certificate_counter_programme_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('programme_id', 'year', name=op.f('pk_certificate_counter'))
    )
    op.create_table('certificate_design',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('paper', sa.String(length=4), nullable=False),
    sa.Column('number_pattern', sa.String(length=120), nullable=False),
    sa.Column('classification', sa.String(length=30), nullable=False),
    sa.Column('unit', sa.String(length=30), nullable=False),
    sa.Column('first_number', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('signer_capacity', sa.String(length=40), nullable=False),
    sa.Column('signer_position', sa.String(length=160), nullable=False),
    sa.Column('signer_title_before', sa.String(length=60), nullable=False),
    sa.Column('signer_name', sa.String(length=120), nullable=False),
    sa.Column('signer_title_after', sa.String(length=80), nullable=False),
    sa.Column('signer_rank', sa.String(length=60), nullable=False),
    sa.Column('signer_nip', sa.String(length=18), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_certificate_design_programme_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_design')),
    sa.UniqueConstraint('programme_id', name=op.f('uq_certificate_design_programme_id'))
    )
    op.create_table('institution',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('short_name', sa.String(length=60), nullable=False),
    sa.Column('retired', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['institution_category.id'], name=op.f('fk_institution_category_id')),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_institution_host_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_institution')),
    sa.UniqueConstraint('host_id', 'category_id', 'name', name=op.f('uq_institution_host_id_category_id_name'))
    )
    with op.batch_alter_table('institution', schema=None) as batch_op:
        batch_op.create_index('ix_institution_category', ['category_id'], unique=False)

    op.create_table('membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.Enum('administrator', 'manager', 'organiser', 'facilitator', 'certifier', 'viewer', name='role', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(role = 'administrator') = (programme_id IS NULL)", name=op.f('ck_membership_administrator_is_of_host')),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_membership_host_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_membership_programme_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_membership_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')),
    sa.UniqueConstraint('user_id', 'programme_id', 'role', name=op.f('uq_membership_user_id_programme_id_role'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index('ix_membership_host', ['host_id'], unique=False)
        batch_op.create_index('ix_membership_programme', ['programme_id'], unique=False)
        batch_op.create_index('uq_membership_host', ['user_id', 'host_id'], unique=True, sqlite_where=sa.text('programme_id IS NULL'), postgresql_where=sa.text('programme_id IS NULL'))

    op.create_table('outbox_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.String(length=120), nullable=False),
    sa.Column('dedupe_key', sa.String(length=120), nullable=True),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('to_address', sa.String(length=254), nullable=False),
    sa.Column('to_name', sa.String(length=200), nullable=False),
    sa.Column('subject', sa.String(length=250), nullable=False),
    sa.Column('state', sa.Enum('queued', 'sending', 'sent', 'dropped', 'failed', name='messagestate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_outbox_message_host_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_outbox_message_programme_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_message')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_outbox_message_dedupe_key')),
    sa.UniqueConstraint('message_id', name=op.f('uq_outbox_message_message_id'))
    )
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_message_due', ['state', 'next_attempt_at'], unique=False)
        batch_op.create_index('ix_outbox_message_host', ['host_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_message_programme_id'), ['programme_id'], unique=False)

    op.create_table('participant_group',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_participant_group_programme_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_participant_group')),
    sa.UniqueConstraint('programme_id', 'name', name=op.f('uq_participant_group_programme_id_name'))
    )
    op.create_table('stage',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('result', sa.String(length=300), nullable=False),
    sa.Column('venue', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=300), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('registration_opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('registration_closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('seats_taken', sa.Integer(), server_default='0', nullable=False),
    sa.Column('prerequisite_id', sa.Integer(), nullable=True),
    sa.Column('late_tolerance_minutes', sa.Integer(), nullable=False),
    sa.Column('min_jp_percent', sa.Integer(), nullable=True),
    sa.Column('feedback_required', sa.Boolean(), nullable=False),
    sa.Column('published', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('capacity IS NULL OR (capacity > 0 AND seats_taken <= capacity)', name=op.f('ck_stage_seats_within_capacity')),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_stage_ends_after_start')),
    sa.CheckConstraint('late_tolerance_minutes BETWEEN 0 AND 1440', name=op.f('ck_stage_tolerance')),
    sa.CheckConstraint('min_jp_percent IS NULL OR min_jp_percent BETWEEN 1 AND 100', name=op.f('ck_stage_percent')),
    sa.CheckConstraint('registration_closes_at > registration_opens_at', name=op.f('ck_stage_window_in_order')),
    sa.CheckConstraint('seats_taken >= 0', name=op.f('ck_stage_seats_not_negative')),
    sa.ForeignKeyConstraint(['prerequisite_id'], ['stage.id'], name=op.f('fk_stage_prerequisite_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_stage_programme_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stage')),
    sa.UniqueConstraint('programme_id', 'number', name=op.f('uq_stage_programme_id_number')),
    sa.UniqueConstraint('slug', name=op.f('uq_stage_slug'))
    )
    op.create_table('agenda_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('stage_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('registration', 'ceremony', 'lesson', 'discussion', 'break', 'closing', name='sessionkind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('room', sa.String(length=120), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('jp_override', sa.Integer(), nullable=True),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_agenda_session_ends_after_start')),
    sa.CheckConstraint('jp_override IS NULL OR jp_override BETWEEN 0 AND 24', name=op.f('ck_agenda_session_jp')),
    sa.ForeignKeyConstraint(['stage_id'], ['stage.id'], name=op.f('fk_agenda_session_stage_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agenda_session'))
    )
    with op.batch_alter_table('agenda_session', schema=None) as batch_op:
        batch_op.create_index('ix_agenda_session_stage', ['stage_id', 'starts_at'], unique=False)

    op.create_table('checkpoint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('stage_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('day_number', sa.Integer(), nullable=True),
    sa.CheckConstraint('closes_at > opens_at', name=op.f('ck_checkpoint_window_in_order')),
    sa.CheckConstraint('day_number IS NULL OR day_number > 0', name=op.f('ck_checkpoint_day_number')),
    sa.ForeignKeyConstraint(['stage_id'], ['stage.id'], name=op.f('fk_checkpoint_stage_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkpoint')),
    sa.UniqueConstraint('stage_id', 'day_number', name=op.f('uq_checkpoint_stage_id_day_number'))
    )
    with op.batch_alter_table('checkpoint', schema=None) as batch_op:
        batch_op.create_index('ix_checkpoint_stage', ['stage_id', 'opens_at'], unique=False)

    op.create_table('invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('stage_id', sa.Integer(), nullable=False),
    sa.Column('institution_id', sa.Integer(), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('seats > 0', name=op.f('ck_invitation_seats')),
    sa.ForeignKeyConstraint(['institution_id'], ['institution.id'], name=op.f('fk_invitation_institution_id')),
    sa.ForeignKeyConstraint(['stage_id'], ['stage.id'], name=op.f('fk_invitation_stage_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('stage_id', 'institution_id', name=op.f('uq_invitation_stage_id_institution_id'))
    )
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.create_index('ix_invitation_institution', ['institution_id'], unique=False)

    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=43), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('args', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=True),
    sa.Column('stage_id', sa.Integer(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('queued', 'running', 'done', 'failed', name='jobstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('result', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_job_created_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_job_host_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stage_id'], ['stage.id'], name=op.f('fk_job_stage_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('token', name=op.f('uq_job_token'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_state', ['state', 'lease_until'], unique=False)
        batch_op.create_index('ix_job_subject', ['kind', 'stage_id'], unique=False)

    op.create_table('registration',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('stage_id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('pending', 'confirmed', 'offered', 'waitlisted', 'rejected', 'cancelled', name='registrationstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('source', sa.Enum('online', 'invitation', 'import', 'staff', 'walk-in', name='registrationsource', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('title_before', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('title_after', sa.String(length=80), nullable=False),
    sa.Column('sort_name', sa.String(length=120), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('institution_id', sa.Integer(), nullable=True),
    sa.Column('institution_name', sa.String(length=200), nullable=False),
    sa.Column('identity_type', sa.Enum('NIP', 'NRP', 'NIDN', 'NUPTK', 'NIM', 'COMPANY', 'NONE', name='identitytype', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('identity_number', sa.String(length=24), nullable=True),
    sa.Column('rank', sa.String(length=60), nullable=False),
    sa.Column('position', sa.String(length=160), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('phone', sa.String(length=20), nullable=True),
    sa.Column('ticket_code', sa.String(length=16), nullable=False),
    sa.Column('ticket_hash', sa.String(length=64), nullable=False),
    sa.Column('badge_code', sa.String(length=16), nullable=False),
    sa.Column('badge_hash', sa.String(length=64), nullable=False),
    sa.Column('submission_key', sa.String(length=43), nullable=True),
    sa.Column('notice_id', sa.Integer(), nullable=True),
    sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancel_reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['category_id'], ['institution_category.id'], name=op.f('fk_registration_category_id')),
    sa.ForeignKeyConstraint(['institution_id'], ['institution.id'], name=op.f('fk_registration_institution_id')),
    sa.ForeignKeyConstraint(['notice_id'], ['privacy_notice.id'], name=op.f('fk_registration_notice_id')),
    sa.ForeignKeyConstraint(['participant_id'], ['participant.id'], name=op.f('fk_registration_participant_id')),
    sa.ForeignKeyConstraint(['stage_id'], ['stage.id'], name=op.f('fk_registration_stage_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registration')),
    sa.UniqueConstraint('badge_code', name=op.f('uq_registration_badge_code')),
    sa.UniqueConstraint('badge_hash', name=op.f('uq_registration_badge_hash')),
    sa.UniqueConstraint('submission_key', name=op.f('uq_registration_submission_key')),
    sa.UniqueConstraint('ticket_code', name=op.f('uq_registration_ticket_code')),
    sa.UniqueConstraint('ticket_hash', name=op.f('uq_registration_ticket_hash'))
    )
    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_registration_identity_number'), ['identity_number'], unique=False)
        batch_op.create_index('ix_registration_institution', ['institution_id'], unique=False)
        batch_op.create_index('ix_registration_name', ['stage_id', 'sort_name'], unique=False)
        batch_op.create_index('ix_registration_participant', ['participant_id'], unique=False)
        batch_op.create_index('ix_registration_state', ['stage_id', 'state'], unique=False)
        batch_op.create_index('uq_registration_active', ['stage_id', 'participant_id'], unique=True, sqlite_where=sa.text("state NOT IN ('cancelled', 'rejected')"), postgresql_where=sa.text("state NOT IN ('cancelled', 'rejected')"))

    op.create_table('scanner_device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('stage_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['stage_id'], ['stage.id'], name=op.f('fk_scanner_device_stage_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_scanner_device_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scanner_device')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_scanner_device_token_hash'))
    )
    with op.batch_alter_table('scanner_device', schema=None) as batch_op:
        batch_op.create_index('ix_scanner_device_stage', ['stage_id'], unique=False)

    op.create_table('attendance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('checkpoint_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('scan_id', sa.String(length=36), nullable=True),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('annulled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('annulled_by_id', sa.Integer(), nullable=True),
    sa.Column('annulled_device_id', sa.Integer(), nullable=True),
    sa.Column('annul_reason', sa.Text(), nullable=False),
    sa.CheckConstraint("(annulled_at IS NULL) OR (annul_reason <> '')", name=op.f('ck_attendance_annulled_with_reason')),
    sa.ForeignKeyConstraint(['annulled_by_id'], ['user.id'], name=op.f('fk_attendance_annulled_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['annulled_device_id'], ['scanner_device.id'], name=op.f('fk_attendance_annulled_device_id')),
    sa.ForeignKeyConstraint(['checkpoint_id'], ['checkpoint.id'], name=op.f('fk_attendance_checkpoint_id')),
    sa.ForeignKeyConstraint(['device_id'], ['scanner_device.id'], name=op.f('fk_attendance_device_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], name=op.f('fk_attendance_recorded_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_attendance_registration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendance'))
    )
    with op.batch_alter_table('attendance', schema=None) as batch_op:
        batch_op.create_index('ix_attendance_registration', ['registration_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attendance_scan_id'), ['scan_id'], unique=False)
        batch_op.create_index('uq_attendance_in_force', ['checkpoint_id', 'registration_id'], unique=True, sqlite_where=sa.text('annulled_at IS NULL'), postgresql_where=sa.text('annulled_at IS NULL'))

    op.create_table('certificate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('stage_id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=160), nullable=False),
    sa.Column('dated', sa.Date(), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('state', sa.Enum('valid', 'superseded', 'revoked', name='certificatestate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('snapshot', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by_id', sa.Integer(), nullable=True),
    sa.Column('supersedes_id', sa.Integer(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by_id', sa.Integer(), nullable=True),
    sa.Column('revoke_reason', sa.Text(), nullable=False),
    sa.CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name=op.f('ck_certificate_revoked_at')),
    sa.CheckConstraint("state <> 'revoked' OR revoke_reason <> ''", name=op.f('ck_certificate_revoked_with_reason')),
    sa.ForeignKeyConstraint(['issued_by_id'], ['user.id'], name=op.f('fk_certificate_issued_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['participant_id'], ['participant.id'], name=op.f('fk_certificate_participant_id')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_certificate_programme_id')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_certificate_registration_id')),
    sa.ForeignKeyConstraint(['revoked_by_id'], ['user.id'], name=op.f('fk_certificate_revoked_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['stage_id'], ['stage.id'], name=op.f('fk_certificate_stage_id')),
    sa.ForeignKeyConstraint(['supersedes_id'], ['certificate.id'], name=op.f('fk_certificate_supersedes_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    sa.UniqueConstraint('code', name=op.f('uq_certificate_code')),
    sa.UniqueConstraint('programme_id', 'year', 'sequence', 'version', name=op.f('uq_certificate_programme_id_year_sequence_version'))
    )
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.create_index('ix_certificate_registration', ['registration_id'], unique=False)
        batch_op.create_index('ix_certificate_stage', ['stage_id', 'state'], unique=False)
        batch_op.create_index('uq_certificate_valid', ['registration_id'], unique=True, sqlite_where=sa.text("state = 'valid'"), postgresql_where=sa.text("state = 'valid'"))
        batch_op.create_index('uq_certificate_valid_participant', ['stage_id', 'participant_id'], unique=True, sqlite_where=sa.text("state = 'valid'"), postgresql_where=sa.text("state = 'valid'"))

    op.create_table('checkpoint_session',
    sa.Column('checkpoint_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['checkpoint_id'], ['checkpoint.id'], name=op.f('fk_checkpoint_session_checkpoint_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['agenda_session.id'], name=op.f('fk_checkpoint_session_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('checkpoint_id', 'session_id', name=op.f('pk_checkpoint_session'))
    )
    with op.batch_alter_table('checkpoint_session', schema=None) as batch_op:
        batch_op.create_index('ix_checkpoint_session_session', ['session_id'], unique=False)

    op.create_table('consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('photo', 'whatsapp', name='consentkind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_consent_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent')),
    sa.UniqueConstraint('registration_id', 'kind', name=op.f('uq_consent_registration_id_kind'))
    )
    op.create_table('eligibility_override',
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('earned', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_eligibility_override_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_eligibility_override_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('registration_id', name=op.f('pk_eligibility_override'))
    )
    op.create_table('questionnaire',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('stage_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('speaker_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.Enum('organisation', 'speaker', 'suggestions', name='questionnairekind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('token', sa.String(length=16), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answers_seen', sa.Integer(), server_default='0', nullable=False),
    sa.CheckConstraint("(kind = 'speaker') = (session_id IS NOT NULL AND speaker_id IS NOT NULL)", name=op.f('ck_questionnaire_speaker_of_session')),
    sa.CheckConstraint('closed_at IS NULL OR opened_at IS NOT NULL', name=op.f('ck_questionnaire_closed_after_opened')),
    sa.ForeignKeyConstraint(['session_id'], ['agenda_session.id'], name=op.f('fk_questionnaire_session_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['speaker_id'], ['speaker.id'], name=op.f('fk_questionnaire_speaker_id')),
    sa.ForeignKeyConstraint(['stage_id'], ['stage.id'], name=op.f('fk_questionnaire_stage_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questionnaire')),
    sa.UniqueConstraint('session_id', 'speaker_id', name=op.f('uq_questionnaire_session_id_speaker_id')),
    sa.UniqueConstraint('token', name=op.f('uq_questionnaire_token'))
    )
    with op.batch_alter_table('questionnaire', schema=None) as batch_op:
        batch_op.create_index('ix_questionnaire_speaker', ['speaker_id'], unique=False)
        batch_op.create_index('ix_questionnaire_stage', ['stage_id', 'position'], unique=False)

    op.create_table('registration_group',
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['participant_group.id'], name=op.f('fk_registration_group_group_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_registration_group_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('registration_id', 'group_id', name=op.f('pk_registration_group'))
    )
    with op.batch_alter_table('registration_group', schema=None) as batch_op:
        batch_op.create_index('ix_registration_group_group', ['group_id'], unique=False)

    op.create_table('scan',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scan_id', sa.String(length=36), nullable=False),
    sa.Column('checkpoint_id', sa.Integer(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=True),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('source', sa.Enum('camera', 'wedge', 'typed', 'search', 'photo', 'paper', name='scansource', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('decision', sa.Enum('admitted', 'repeat', 'refused', 'parked', name='decision', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('reason', sa.Enum('unknown', 'cancelled', 'not_confirmed', 'other_stage', 'too_early', 'too_late', 'wrong_group', 'malformed', 'revoked_device', name='reason', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('offline_decision', sa.Enum('admitted', 'repeat', 'refused', 'parked', name='offline_decision', native_enum=False, create_constraint=False, length=24), nullable=True),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('first_by', sa.String(length=120), nullable=False),
    sa.Column('device_time', sa.DateTime(timezone=True), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['checkpoint_id'], ['checkpoint.id'], name=op.f('fk_scan_checkpoint_id')),
    sa.ForeignKeyConstraint(['device_id'], ['scanner_device.id'], name=op.f('fk_scan_device_id')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_scan_registration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scan')),
    sa.UniqueConstraint('scan_id', name=op.f('uq_scan_scan_id'))
    )
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.create_index('ix_scan_checkpoint', ['checkpoint_id', 'received_at'], unique=False)
        batch_op.create_index('ix_scan_registration', ['registration_id'], unique=False)

    op.create_table('session_group',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['participant_group.id'], name=op.f('fk_session_group_group_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['agenda_session.id'], name=op.f('fk_session_group_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'group_id', name=op.f('pk_session_group'))
    )
    with op.batch_alter_table('session_group', schema=None) as batch_op:
        batch_op.create_index('ix_session_group_group', ['group_id'], unique=False)

    op.create_table('session_speaker',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('speaker_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.Enum('speaker', 'moderator', 'facilitator', name='speakerpart', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['agenda_session.id'], name=op.f('fk_session_speaker_session_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['speaker_id'], ['speaker.id'], name=op.f('fk_session_speaker_speaker_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_speaker')),
    sa.UniqueConstraint('session_id', 'speaker_id', 'part', name=op.f('uq_session_speaker_session_id_speaker_id_part'))
    )
    with op.batch_alter_table('session_speaker', schema=None) as batch_op:
        batch_op.create_index('ix_session_speaker_speaker', ['speaker_id'], unique=False)

    op.create_table('feedback_receipt',
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('questionnaire_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['questionnaire_id'], ['questionnaire.id'], name=op.f('fk_feedback_receipt_questionnaire_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_feedback_receipt_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('registration_id', 'questionnaire_id', name=op.f('pk_feedback_receipt')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('feedback_receipt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feedback_receipt_questionnaire_id'), ['questionnaire_id'], unique=False)

    op.create_table('feedback_response',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('questionnaire_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['questionnaire_id'], ['questionnaire.id'], name=op.f('fk_feedback_response_questionnaire_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback_response')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('feedback_response', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feedback_response_questionnaire_id'), ['questionnaire_id'], unique=False)

    op.create_table('question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('questionnaire_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('scale', 'text', 'commitment', name='questionkind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('retired', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['questionnaire_id'], ['questionnaire.id'], name=op.f('fk_question_questionnaire_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question'))
    )
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.create_index('ix_question_questionnaire', ['questionnaire_id', 'position'], unique=False)

    op.create_table('feedback_answer',
    sa.Column('response_id', sa.String(length=32), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_feedback_answer_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['response_id'], ['feedback_response.id'], name=op.f('fk_feedback_answer_response_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('response_id', 'question_id', name=op.f('pk_feedback_answer')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('feedback_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feedback_answer_question_id'), ['question_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('feedback_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feedback_answer_question_id'))

    op.drop_table('feedback_answer')
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.drop_index('ix_question_questionnaire')

    op.drop_table('question')
    with op.batch_alter_table('feedback_response', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feedback_response_questionnaire_id'))

    op.drop_table('feedback_response')
    with op.batch_alter_table('feedback_receipt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feedback_receipt_questionnaire_id'))

    op.drop_table('feedback_receipt')
    with op.batch_alter_table('session_speaker', schema=None) as batch_op:
        batch_op.drop_index('ix_session_speaker_speaker')

    op.drop_table('session_speaker')
    with op.batch_alter_table('session_group', schema=None) as batch_op:
        batch_op.drop_index('ix_session_group_group')

    op.drop_table('session_group')
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.drop_index('ix_scan_registration')
        batch_op.drop_index('ix_scan_checkpoint')

    op.drop_table('scan')
    with op.batch_alter_table('registration_group', schema=None) as batch_op:
        batch_op.drop_index('ix_registration_group_group')

    op.drop_table('registration_group')
    with op.batch_alter_table('questionnaire', schema=None) as batch_op:
        batch_op.drop_index('ix_questionnaire_stage')
        batch_op.drop_index('ix_questionnaire_speaker')

    op.drop_table('questionnaire')
    op.drop_table('eligibility_override')
    op.drop_table('consent')
    with op.batch_alter_table('checkpoint_session', schema=None) as batch_op:
        batch_op.drop_index('ix_checkpoint_session_session')

    op.drop_table('checkpoint_session')
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.drop_index('uq_certificate_valid_participant', sqlite_where=sa.text("state = 'valid'"), postgresql_where=sa.text("state = 'valid'"))
        batch_op.drop_index('uq_certificate_valid', sqlite_where=sa.text("state = 'valid'"), postgresql_where=sa.text("state = 'valid'"))
        batch_op.drop_index('ix_certificate_stage')
        batch_op.drop_index('ix_certificate_registration')

    op.drop_table('certificate')
    with op.batch_alter_table('attendance', schema=None) as batch_op:
        batch_op.drop_index('uq_attendance_in_force', sqlite_where=sa.text('annulled_at IS NULL'), postgresql_where=sa.text('annulled_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_attendance_scan_id'))
        batch_op.drop_index('ix_attendance_registration')

    op.drop_table('attendance')
    with op.batch_alter_table('scanner_device', schema=None) as batch_op:
        batch_op.drop_index('ix_scanner_device_stage')

    op.drop_table('scanner_device')
    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.drop_index('uq_registration_active', sqlite_where=sa.text("state NOT IN ('cancelled', 'rejected')"), postgresql_where=sa.text("state NOT IN ('cancelled', 'rejected')"))
        batch_op.drop_index('ix_registration_state')
        batch_op.drop_index('ix_registration_participant')
        batch_op.drop_index('ix_registration_name')
        batch_op.drop_index('ix_registration_institution')
        batch_op.drop_index(batch_op.f('ix_registration_identity_number'))

    op.drop_table('registration')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('ix_job_subject')
        batch_op.drop_index('ix_job_state')

    op.drop_table('job')
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.drop_index('ix_invitation_institution')

    op.drop_table('invitation')
    with op.batch_alter_table('checkpoint', schema=None) as batch_op:
        batch_op.drop_index('ix_checkpoint_stage')

    op.drop_table('checkpoint')
    with op.batch_alter_table('agenda_session', schema=None) as batch_op:
        batch_op.drop_index('ix_agenda_session_stage')

    op.drop_table('agenda_session')
    op.drop_table('stage')
    op.drop_table('participant_group')
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_message_programme_id'))
        batch_op.drop_index('ix_outbox_message_host')
        batch_op.drop_index('ix_outbox_message_due')

    op.drop_table('outbox_message')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index('uq_membership_host', sqlite_where=sa.text('programme_id IS NULL'), postgresql_where=sa.text('programme_id IS NULL'))
        batch_op.drop_index('ix_membership_programme')
        batch_op.drop_index('ix_membership_host')

    op.drop_table('membership')
    with op.batch_alter_table('institution', schema=None) as batch_op:
        batch_op.drop_index('ix_institution_category')

    op.drop_table('institution')
    op.drop_table('certificate_design')
    op.drop_table('certificate_counter')
    with op.batch_alter_table('speaker', schema=None) as batch_op:
        batch_op.drop_index('ix_speaker_host')

    op.drop_table('speaker')
    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.drop_index('ix_programme_host')

    op.drop_table('programme')
    op.drop_table('privacy_notice')
    with op.batch_alter_table('participant', schema=None) as batch_op:
        batch_op.drop_index('uq_participant_name_phone', sqlite_where=sa.text('identity_number IS NULL'), postgresql_where=sa.text('identity_number IS NULL'))
        batch_op.drop_index('uq_participant_name_email', sqlite_where=sa.text('identity_number IS NULL'), postgresql_where=sa.text('identity_number IS NULL'))
        batch_op.drop_index('uq_participant_identity', sqlite_where=sa.text('identity_number IS NOT NULL'), postgresql_where=sa.text('identity_number IS NOT NULL'))
        batch_op.drop_index('ix_participant_name')

    op.drop_table('participant')
    op.drop_table('institution_category')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entry_subject')
        batch_op.drop_index(batch_op.f('ix_audit_entry_host_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_at'))

    op.drop_table('audit_entry')
    op.drop_table('user')
    with op.batch_alter_table('throttle_counter', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_throttle_counter_window_start'))

    op.drop_table('throttle_counter')
    op.drop_table('host')
