"""What is written about marks: the gradebook, records, feedback, reports and files for other systems."""
