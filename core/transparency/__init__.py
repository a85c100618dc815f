"""The log that nobody can rewrite: leaves, numbering, Merkle batches, signatures, holders outside, verification."""
