"""One module for each section of the claims: `run(job)` trains on less, and scores on validation data."""
