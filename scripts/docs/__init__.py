"""Builds the site: `python -m scripts.docs` does all of it, `make docs` calls that."""
