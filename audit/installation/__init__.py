"""What comes into a database beside our tables and leaves it with them, and databases of before the labels of today."""
