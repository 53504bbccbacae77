"""What logins cost, and how many guesses of a burst get an answer."""
