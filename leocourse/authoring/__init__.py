"""What knows answers: questions, their keys, the catalogue of misconceptions, and the release."""
