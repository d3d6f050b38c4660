"""Pages of the book that a program writes."""
