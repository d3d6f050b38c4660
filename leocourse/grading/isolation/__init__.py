"""How the boxes are kept apart from everything else, and the proof that they are."""
