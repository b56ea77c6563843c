"""CODECS, one file a format, bytes to model; no network, no clock. ``registry`` is the only table."""
