import importlib

import pytest

from amazon.operations import OPERATIONS, find


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
def test_the_official_client_has_every_operation_we_call(operation):
    api = getattr(importlib.import_module("spapi"), operation.api)
    assert callable(getattr(api, f"{operation.method}_with_http_info"))


def test_an_operation_we_do_not_call_is_refused_by_name():
    with pytest.raises(ValueError, match=r"'sendEverything'.*operations\.py"):
        find("sendEverything")
