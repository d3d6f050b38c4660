"""Records: what each collection would have written down of the lives."""
