"""After a new key was put in front of SEALING_KEYS: every sealed value goes under it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from accounts import sealing
from accounts.models import Connection, Seller
from accounts.services import schemas
from accounts.tenancy import seller_context

_BATCH = 500


@dataclass(frozen=True)
class Column:
    """A column of sealed values and the cell each row's value is bound to."""

    model: type[models.Model]
    field: str

    def cell(self, pk: object) -> str:
        return f"{self.model._meta.db_table}.{self.field}.{pk}"


def token_cell(connection_id: int) -> str:
    return Column(Connection, "refresh_token_sealed").cell(connection_id)


def columns() -> list[Column]:
    """Every text column whose name ends in `_sealed`: the name is the promise that the cell is
    `table.column.pk`."""
    return [
        Column(model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.TextField) and field.name.endswith("_sealed")
    ]


def reseal_all(tell: Callable[[str], None] = lambda line: None) -> int:
    """The number of values put under the newest key. May be interrupted and run again.

    Raises SealingError naming the cell at the first value that does not open."""
    shared = [column for column in columns() if column.model._meta.app_label not in schemas.tenant_labels()]
    per_seller = [column for column in columns() if column not in shared]
    count = sum(_reseal_shared(column) for column in shared)
    for seller in Seller.objects.filter(state=Seller.State.READY).iterator():
        with seller_context(seller):
            count += sum(
                _reseal(column, column.model._default_manager.all(), seller) for column in per_seller
            )
        tell(f"{seller.slug}: done")
    return count


def _reseal_shared(column: Column) -> int:
    owners = Seller.objects.filter(pk__in=column.model._default_manager.values("seller"))
    rows = column.model._default_manager
    return sum(_reseal(column, rows.filter(seller=owner), owner) for owner in owners)


def _reseal(column: Column, rows: models.QuerySet[models.Model], seller: Seller) -> int:
    count = 0
    for pk, value in _outdated(column, rows):
        fresh = sealing.reseal(value, column.cell(pk), seller)
        # Only over the value we read: a token written meanwhile stays.
        count += rows.filter(pk=pk, **{column.field: value}).update(**{column.field: fresh})
    return count


def _outdated(column: Column, rows: models.QuerySet[models.Model]) -> Iterator[tuple[object, str]]:
    newest = f"s1.{sealing.ring()[0].id}."
    found = rows.exclude(**{column.field: ""}).exclude(**{f"{column.field}__startswith": newest})
    yield from found.order_by("pk").values_list("pk", column.field).iterator(chunk_size=_BATCH)
