"""SQL cells and questions that run in the page."""
