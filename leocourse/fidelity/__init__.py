"""Is it true? Published figures, planted effects and their estimands, and the estimators that find them."""
