"""django-tenants' database connection, which says a search path once instead of before every statement.

django-tenants can remember it too (TENANT_LIMIT_SET_CALLS), but a `SET` inside a transaction is taken back
with it, and a remembered one has read a foreign seller's rows. Here only what was said outside of any
transaction is remembered: it stands until something else is said on this very server connection, and whatever
is said inside a transaction is forgotten at once.
"""

from typing import Any

from django_tenants.postgresql_backend import base


class DatabaseWrapper(base.DatabaseWrapper):
    #: The server connection, and the path that certainly stands on it.
    _standing: tuple[Any, tuple[Any, bool]] | None = None

    def close(self) -> None:
        self._standing = None
        super().close()  # type: ignore[no-untyped-call]

    def _handle_search_path(self, cursor: Any = None) -> None:
        wanted = (self.schema_name, self.include_public_schema)
        if self._standing is not None and self._standing == (self.connection, wanted):
            return
        self._standing = None
        super()._handle_search_path(cursor)  # type: ignore[no-untyped-call]
        if self.search_path_set_schemas and self._stays():
            self._standing = (self.connection, wanted)

    def _stays(self) -> bool:
        """Nothing can take back what was just said: there is no transaction, not even a failed one."""
        return not self.in_atomic_block and self.get_autocommit()
