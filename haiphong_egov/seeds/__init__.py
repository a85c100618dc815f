"""Invented people and cases for the demo. Nobody here exists; nothing here is evidence of anything."""
