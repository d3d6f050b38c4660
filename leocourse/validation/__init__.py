"""An extract held against its schema: keys, types, codes, years, and the Frictionless data package."""
