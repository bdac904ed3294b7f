"""A restriction by Amazon is in sight wherever a seller looks for the reason of a silence, until somebody ends it."""

import pytest

SAID = "Your own texts rest until you say that it is over"


@pytest.mark.parametrize("page", ["home", "connection"])
def test_a_restriction_is_said_where_the_seller_looks_and_gone_when_it_is_over(owner, page):
    assert SAID not in owner.get(page).text
    owner.post("restriction", {"note": "For 30 days."})
    assert SAID in owner.get(page).text
    owner.post("restriction", {"end": "1"})
    assert SAID not in owner.get(page).text
