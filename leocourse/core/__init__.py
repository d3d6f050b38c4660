"""What a submission's box and a browser need too: the connection to an extract, errors, paths, safe files."""
