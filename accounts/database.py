"""The database connection as it is: django-tenants', with schemas. (The stubs know only Django's own.)"""

from typing import Any

from django import db

connection: Any = db.connection
