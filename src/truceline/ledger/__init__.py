"""PROOF: canonical bytes, entries, the Merkle tree, signed checkpoints, and what finds a changed byte. No files, no SQL."""
