"""Every user has a row of `UserFSM`, and `is_active` agrees with it: provisioning, the key, and the door of `save()`."""
