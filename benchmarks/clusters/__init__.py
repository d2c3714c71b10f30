"""Which strength, width and schedule serve `mappings.Clusters`: over seeds, on validation data."""
