"""What we measure ourselves against: a Django app with the models, and the settings, of other packages."""
