"""PICTURES AND TABLES: results as data, rows, maps, charts and a report. No HTTP, no SQL."""
