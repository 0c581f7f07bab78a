"""Scanning that never stops: incidents, enrolment by QR, excuses; what rosters need to know of changes.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

SOURCES = ("camera", "wedge", "typed", "search", "photo", "paper")
REASONS = (
    *("unknown", "cancelled", "not_confirmed", "other_stage", "too_early", "too_late"),
    *("wrong_group", "malformed", "revoked_device"),
)


def _allow(sources: tuple[str, ...], reasons: tuple[str, ...]) -> None:
    with op.batch_alter_table("scan", schema=None) as batch_op:
        for column, name, values in (("source", "scansource", sources), ("reason", "reason", reasons)):
            batch_op.drop_constraint(batch_op.f(f"ck_scan_{name}"), type_="check")
            allowed = ", ".join(f"'{value}'" for value in values)
            batch_op.create_check_constraint(batch_op.f(f"ck_scan_{name}"), f"{column} IN ({allowed})")


def upgrade() -> None:
    op.create_table('device_enrolment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('stage_id', sa.Integer(), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_device_enrolment_created_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['device_id'], ['scanner_device.id'], name=op.f('fk_device_enrolment_device_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['stage_id'], ['stage.id'], name=op.f('fk_device_enrolment_stage_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device_enrolment')),
    sa.UniqueConstraint('code_hash', name=op.f('uq_device_enrolment_code_hash'))
    )
    with op.batch_alter_table('device_enrolment', schema=None) as batch_op:
        batch_op.create_index('ix_device_enrolment_stage', ['stage_id'], unique=False)

    op.create_table('excuse',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('checkpoint_id', sa.Integer(), nullable=False),
    sa.Column('with_jp', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('given_by_id', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_excuse_has_reason')),
    sa.ForeignKeyConstraint(['checkpoint_id'], ['checkpoint.id'], name=op.f('fk_excuse_checkpoint_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['given_by_id'], ['user.id'], name=op.f('fk_excuse_given_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_excuse_registration_id')),
    sa.ForeignKeyConstraint(['withdrawn_by_id'], ['user.id'], name=op.f('fk_excuse_withdrawn_by_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_excuse'))
    )
    with op.batch_alter_table('excuse', schema=None) as batch_op:
        batch_op.create_index('ix_excuse_registration', ['registration_id'], unique=False)
        batch_op.create_index('uq_excuse_in_force', ['checkpoint_id', 'registration_id'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))

    op.create_table('scan_incident',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('checkpoint_id', sa.Integer(), nullable=False),
    sa.Column('scan_id', sa.Integer(), nullable=False),
    sa.Column('counted_id', sa.Integer(), nullable=True),
    sa.Column('registration_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.Enum('two_doors', 'parked', 'let_in', 'quarantine', 'walk_in', name='incidentkind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('person', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settlement', sa.Enum('present', 'dismissed', name='settlement', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.CheckConstraint('(settled_at IS NULL) = (settlement IS NULL)', name=op.f('ck_scan_incident_settled_as')),
    sa.ForeignKeyConstraint(['checkpoint_id'], ['checkpoint.id'], name=op.f('fk_scan_incident_checkpoint_id')),
    sa.ForeignKeyConstraint(['counted_id'], ['scan.id'], name=op.f('fk_scan_incident_counted_id')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_scan_incident_registration_id')),
    sa.ForeignKeyConstraint(['scan_id'], ['scan.id'], name=op.f('fk_scan_incident_scan_id')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['user.id'], name=op.f('fk_scan_incident_settled_by_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scan_incident')),
    sa.UniqueConstraint('scan_id', name=op.f('uq_scan_incident_scan_id'))
    )
    with op.batch_alter_table('scan_incident', schema=None) as batch_op:
        batch_op.create_index('ix_scan_incident_checkpoint', ['checkpoint_id', 'settled_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_scan_incident_registration_id'), ['registration_id'], unique=False)

    with op.batch_alter_table('attendance', schema=None) as batch_op:
        batch_op.add_column(sa.Column('correction', sa.Enum('paper', 'device_lost', 'settled', 'other', name='correctionkind', native_enum=False, create_constraint=True, length=24), nullable=True))
        batch_op.add_column(sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.add_column(sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('scanner_device', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.Enum('scanner', 'phone', name='devicekind', native_enum=False, create_constraint=True, length=24), server_default='scanner', nullable=False))
        batch_op.add_column(sa.Column('unsent', sa.Integer(), server_default='0', nullable=False))
        batch_op.create_index('uq_scanner_device_phone', ['stage_id', 'user_id'], unique=True, sqlite_where=sa.text("kind = 'phone' AND revoked_at IS NULL"), postgresql_where=sa.text("kind = 'phone' AND revoked_at IS NULL"))

    op.execute("UPDATE attendance SET correction = 'other' WHERE scan_id IS NULL")
    _allow((*SOURCES, "walk_in"), (*REASONS, "no_seat"))


def downgrade() -> None:
    op.execute("UPDATE scan SET source = 'typed' WHERE source = 'walk_in'")
    op.execute("UPDATE scan SET reason = NULL WHERE reason = 'no_seat'")
    _allow(SOURCES, REASONS)
    with op.batch_alter_table('scanner_device', schema=None) as batch_op:
        batch_op.drop_index('uq_scanner_device_phone', sqlite_where=sa.text("kind = 'phone' AND revoked_at IS NULL"), postgresql_where=sa.text("kind = 'phone' AND revoked_at IS NULL"))
        batch_op.drop_constraint(batch_op.f('ck_scanner_device_devicekind'), type_='check')
        batch_op.drop_column('unsent')
        batch_op.drop_column('kind')

    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.drop_column('changed_at')

    with op.batch_alter_table('attendance', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_attendance_correctionkind'), type_='check')
        batch_op.drop_column('changed_at')
        batch_op.drop_column('correction')

    with op.batch_alter_table('scan_incident', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scan_incident_registration_id'))
        batch_op.drop_index('ix_scan_incident_checkpoint')

    op.drop_table('scan_incident')
    with op.batch_alter_table('excuse', schema=None) as batch_op:
        batch_op.drop_index('uq_excuse_in_force', sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
        batch_op.drop_index('ix_excuse_registration')

    op.drop_table('excuse')
    with op.batch_alter_table('device_enrolment', schema=None) as batch_op:
        batch_op.drop_index('ix_device_enrolment_stage')

    op.drop_table('device_enrolment')
