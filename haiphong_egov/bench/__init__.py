"""Measurements: ratios against floors taken in the same run on the same machine (`manage.py bench`)."""
