"""Marking: collect submissions, run them apart from key and gradebook, compare, record, give feedback."""
