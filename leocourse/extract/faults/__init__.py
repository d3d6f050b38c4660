"""The faults: what goes wrong between a life and its record, and the ledger of every row that it struck."""
