"""Thin doors of org: one module per subject."""
