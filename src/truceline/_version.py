"""The version, in one place; `truceline --version`, reports and ledger entries quote it."""

__version__ = "0.1.0"
