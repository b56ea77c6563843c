"""MEMORY: entries, records and checkpoints in SQLite, originals as files. The only room with SQL."""
