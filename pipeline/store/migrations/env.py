"""Alembic's entry: runs the steps in the transaction that `pipeline.store.ledger_database` opened."""

from __future__ import annotations

from alembic import context

from pipeline.store.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
