"""How a VAE of a table does beside simple models: log p(x), and holes filled."""
