import re

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import AuditEntry, Installation, Membership, Seller
from accounts.roles import Role
from accounts.services import laggards, provisioning, schemas, template_schema
from tests.accounts.makers import make_user

pytestmark = pytest.mark.django_db

_CATALOGS = {
    "columns": """SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
                         pg_get_expr(adbin, adrelid)
                  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
                       LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
                  WHERE relnamespace = %s::regnamespace AND attnum > 0 AND NOT attisdropped
                         AND relkind IN ('r', 'p', 'v', 'S')""",
    "constraints": """SELECT conname, contype, convalidated, pg_get_constraintdef(oid) FROM pg_constraint
                      WHERE connamespace = %s::regnamespace""",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = %s",
    "sequences": "SELECT sequencename, data_type::text, start_value, increment_by FROM pg_sequences WHERE schemaname = %s",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = %s::regnamespace",
    "triggers": """SELECT tgname, pg_get_triggerdef(pg_trigger.oid) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                   WHERE relnamespace = %s::regnamespace AND NOT tgisinternal""",
}


def _normal(text: str) -> str:
    """PostgreSQL prints `IN (...)` with its casts in other places once it has read its own print; they mean
    the same."""
    return re.sub(r"::character varying|::text(\[\])?|[()]", "", text)


def catalog_of(schema: str) -> dict[str, list[tuple]]:
    """Everything that makes a schema what it is, with the schema's own name taken out."""
    found = {}
    with connection.cursor() as cursor:
        for name, query in _CATALOGS.items():
            cursor.execute(query, [schema])
            rows = cursor.fetchall()
            found[name] = sorted(
                tuple(_normal(str(value).replace(schema, "<schema>")) for value in row) for row in rows
            )
        cursor.execute(f'SELECT app, name FROM "{schema}".django_migrations')
        found["migrations"] = sorted(cursor.fetchall())
    return found


def test_a_replayed_schema_is_what_the_migrations_make():
    replayed = provisioning.create_seller("Replayed", "replayed")
    schemas.create("seller_migrated")
    schemas.migrate("seller_migrated")
    assert catalog_of(replayed.schema_name) == catalog_of("seller_migrated")
    assert catalog_of(replayed.schema_name)["columns"]


def test_a_new_seller_leaves_nothing_to_migrate():
    made = provisioning.create_seller("Fresh", "fresh")
    assert schemas.laggards([made.schema_name]) == []


def test_a_new_seller_is_ready_and_its_owner_is_in():
    owner = make_user()
    made = provisioning.create_seller("  Lamp Shop ", "lamp-shop", timezone="Europe/Berlin", owner=owner)
    assert (made.name, made.state, made.step) == ("Lamp Shop", Seller.State.READY, "")
    assert Membership.objects.get(seller=made).role == Role.SELLER_OWNER
    assert AuditEntry.objects.get(action="seller.created", seller=made).actor == owner


def test_without_a_template_the_migrations_run(monkeypatch):
    monkeypatch.setattr(template_schema, "statements", lambda: "")
    made = provisioning.create_seller("Slow", "slow")
    assert made.state == Seller.State.READY
    assert schemas.laggards([made.schema_name]) == []


def test_progress_is_readable_while_the_migrations_run(monkeypatch):
    monkeypatch.setattr(template_schema, "statements", lambda: "")
    steps = []
    real = provisioning._note
    monkeypatch.setattr(provisioning, "_note", lambda seller, step: (steps.append(step), real(seller, step)))
    made = provisioning.reserve("Slow", "slow", None, "UTC", None)
    assert made.state == Seller.State.PREPARING
    provisioning.resume(made)
    assert "orders: 0001_initial" in steps


def test_a_preparation_cut_short_is_finished_later(monkeypatch):
    def crash(schema, sql):
        raise RuntimeError("the machine went away")

    with monkeypatch.context() as patch:
        patch.setattr(template_schema, "replay", crash)
        with pytest.raises(RuntimeError):
            provisioning.create_seller("Halfway", "halfway")
    half = Seller.objects.get(slug="halfway")
    assert half.state == Seller.State.PREPARING
    schemas.create(half.schema_name)  # what an attempt without a transaction may have left
    assert provisioning.resume_unfinished() == 1
    half.refresh_from_db()
    assert half.state == Seller.State.READY
    assert schemas.laggards([half.schema_name]) == []


def test_finishing_twice_changes_nothing():
    made = provisioning.create_seller("Twice", "twice")
    before = catalog_of(made.schema_name)
    with schemas.inside(made.schema_name), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id int)")
    provisioning.resume(made)
    assert catalog_of(made.schema_name)["columns"] != before["columns"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "", "slug": "x"}, "name"),
        ({"name": "X", "slug": "Not A Slug"}, "slug"),
        ({"name": "X", "slug": "-x"}, "slug"),
        ({"name": "X", "slug": "acme"}, "slug"),
        ({"name": "X", "slug": "x", "timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_bad_values_are_refused_by_field_and_leave_nothing(values, field):
    before = Seller.objects.count()
    with pytest.raises(ValidationError) as refusal:
        provisioning.create_seller(**values)
    assert field in refusal.value.message_dict
    assert Seller.objects.count() == before


def test_a_template_of_other_migrations_is_not_used():
    assert template_schema._stored()
    Installation.objects.update(template_schema_hash="of older migrations")
    assert template_schema.statements() == ""  # within a transaction it can not be made anew


def test_the_template_changes_no_setting_of_the_session():
    sql = template_schema._stored()
    assert "search_path" not in sql
    assert not [line for line in sql.splitlines() if line.startswith(("SET ", "\\", "--"))]


def test_a_laggard_is_found_and_migrated_and_nobody_else_is_touched(monkeypatch):
    behind = provisioning.create_seller("Behind", "behind")
    with schemas.inside(behind.schema_name), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'campaigns'")
        cursor.execute(
            "SELECT string_agg(format('%%I', tablename), ', ') FROM pg_tables WHERE schemaname = %s"
            " AND tablename LIKE 'campaigns%%'",
            [behind.schema_name],
        )
        cursor.execute(f"DROP TABLE {cursor.fetchone()[0]} CASCADE")
    migrated = []
    real = schemas.migrate
    monkeypatch.setattr(
        schemas, "migrate", lambda schema, **kw: (migrated.append(schema), real(schema, **kw))
    )
    result = laggards.migrate_laggards()
    assert (result.done, result.failed, migrated) == (["behind"], {}, [behind.schema_name])
    assert schemas.laggards([behind.schema_name]) == []


def test_when_the_first_laggard_fails_nobody_else_is_touched(monkeypatch):
    made = [provisioning.create_seller(slug, slug) for slug in ("canary", "second")]
    monkeypatch.setattr(schemas, "laggards", lambda names: [seller.schema_name for seller in made])
    tried = []

    def fail(schema, **kwargs):
        tried.append(schema)
        raise RuntimeError("no")

    monkeypatch.setattr(schemas, "migrate", fail)
    result = laggards.migrate_laggards()
    assert tried == [made[0].schema_name]
    assert result.failed == {"canary": "RuntimeError: no"}


def test_a_closed_seller_has_nothing_due():
    from django.utils import timezone

    from accounts import due

    made = provisioning.create_seller("Shut", "shut")
    due.lower(made.pk, "any", timezone.now())
    provisioning.close_seller(made)
    assert not made.due.exists()
