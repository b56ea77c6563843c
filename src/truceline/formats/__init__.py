"""CODECS, one file a format, bytes to model and back; no network, no clock. ``registry`` is the only table."""
