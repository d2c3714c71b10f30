"""What is measured: claims, speed, studies."""

import intelvae_keras  # noqa: F401  first: it imports TensorFlow without its notices
