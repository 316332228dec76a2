"""Runs migrations as the owner of the database, never as the application role."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, text

LOCK = 7_243_001  # any number of our own: two deployments don't migrate at once

settings = current_app.extensions["quantong"].settings
engine = create_engine(settings.owner_url)
with engine.connect() as connection:
    if settings.database_spread:  # a transaction that has changed one part of a table may go on with another
        connection.execute(text("SET citus.multi_shard_modify_mode = 'sequential'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
    connection.commit()
engine.dispose()
