"""PROOF: canonical bytes, entries, Merkle tree, signed checkpoints, verification. No files, no SQL."""
