"""What may leave a secure setting: check a table or a figure, and prepare a table for release."""
