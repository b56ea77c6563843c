"""Position data that cannot be: one module for each kind of doubt, joined in rules/movement/plausibility.py."""
