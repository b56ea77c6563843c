"""NOUNS: frozen records of what was agreed, what moved, what was said and what was found."""
