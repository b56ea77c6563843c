"""Run by Alembic: the connection is handed in, so a migration happens inside the store's own transaction."""

from alembic import context

from truceline.store.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
