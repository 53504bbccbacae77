"""How drf-spectacular describes the API, as OpenAPI 3.1."""
