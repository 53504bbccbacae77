"""Lists and exports of a year's history: in the admin, by the API, as CSV."""
