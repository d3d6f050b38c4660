"""What every stage draws on: random numbers, dates, codes, keys, and columns of rows."""
