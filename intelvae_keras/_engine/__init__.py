"""Keras', TensorFlow's and the file system's business: nobody needs it to understand the method."""
