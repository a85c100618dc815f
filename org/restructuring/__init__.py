"""Restructuring of the organisation as a batch: plan → dry run → approval → applied at midnight → leftovers."""
