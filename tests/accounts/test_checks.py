from datetime import timedelta

import pytest

from accounts import due
from config import checks


def ids(found):
    return [message.id for message in found]


def test_this_installation_passes():
    for check in (
        checks.an_app_with_data_is_shared_or_per_seller,
        checks.search_path_is_set_every_time,
        checks.leases_outlive_tasks,
        checks.tasks_end_before_redelivery,
        checks.sealing_keys_parse,
    ):
        assert ids(check(None)) == []


def test_an_app_with_data_in_both_lists_is_refused(settings):
    settings.TENANT_APPS = [*settings.TENANT_APPS, "accounts"]
    (found,) = checks.an_app_with_data_is_shared_or_per_seller(None)
    assert "accounts is in SHARED_APPS and TENANT_APPS" in found.msg


def test_a_cached_search_path_is_refused(settings):
    settings.TENANT_LIMIT_SET_CALLS = True
    assert ids(checks.search_path_is_set_every_time(None)) == ["permitted.E002"]


def test_a_lease_shorter_than_the_time_limit_is_refused(monkeypatch):
    monkeypatch.setattr(due, "_kinds", {"x": due.Kind("x", "tests.x", timedelta(seconds=540), 1)})
    assert ids(checks.leases_outlive_tasks(None)) == ["permitted.E003"]


def test_a_task_with_a_shorter_limit_of_its_own_may_be_leased_for_less(monkeypatch):
    class Short:
        time_limit = 60

    monkeypatch.setattr(due, "_kinds", {"x": due.Kind("x", "tests.x", timedelta(seconds=90), 1)})
    monkeypatch.setitem(checks.current_app.tasks, "tests.x", Short())
    assert ids(checks.leases_outlive_tasks(None)) == []


@pytest.mark.parametrize(("soft", "hard"), [(500, 400), (400, 3000)])
def test_time_limits_out_of_order_are_refused(settings, soft, hard):
    settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT = soft, hard
    assert ids(checks.tasks_end_before_redelivery(None)) == ["permitted.E004"]


def test_keys_that_do_not_parse_are_refused(settings):
    settings.SEALING_KEYS = "k:short"
    assert ids(checks.sealing_keys_parse(None)) == ["permitted.E005"]


def test_outside_debugging_addresses_are_https(settings):
    settings.DEBUG = False
    settings.SITE_URL, settings.AMAZON_BASE_URL, settings.AMAZON_CONSENT_URL = (
        "http://permitted.example",
        "",
        "",
    )
    settings.SANDBOX_URL = ""
    assert [found.msg for found in checks.addresses_are_https(None)] == ["SITE_URL must be https."]
    settings.SITE_URL = "https://permitted.example"
    assert checks.addresses_are_https(None) == []
