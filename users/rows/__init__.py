"""
Connects the project's user model with our rows.

Every user gets a row of `UserFSM`, `is_active` agrees with it, and what code assigns to `is_active` is carried out.
`user_model` says which fields the user model has. `fields` are those of our models that lead to it, and `provisioning`
makes the rows of users found without one.
"""
