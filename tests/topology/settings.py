"""The settings of the tests for servers that share a database, with a router that reads from a replica behind ours."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASE_ROUTERS, DATABASES

# Everybody here comes from one address, which would have to wait.
USERS_LOCKOUT_TRUSTED_NETWORKS = ["127.0.0.0/8"]

# As in production: a connection is kept between requests.
for _each in DATABASES.values():
    _each["CONN_MAX_AGE"] = 60
if os.environ.get("TOPOLOGY_ROUTER"):
    DATABASE_ROUTERS += ["tests.topology.routers.PrimaryReplica"]
