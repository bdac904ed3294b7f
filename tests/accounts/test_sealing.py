import base64

import pytest

from accounts import sealing

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
CELL = "accounts_connection.refresh_token_sealed.7"


@pytest.fixture(autouse=True)
def _ring(settings):
    settings.SEALING_KEYS = OLD


def test_what_was_sealed_opens_again_in_its_cell(seller):
    assert sealing.open_sealed(sealing.seal("Atzr|ünïcode", CELL), CELL) == "Atzr|ünïcode"


def test_the_same_text_never_looks_the_same_twice(seller):
    assert sealing.seal("x", CELL) != sealing.seal("x", CELL)


def test_another_cell_does_not_open_it(seller):
    value = sealing.seal("secret", CELL)
    with pytest.raises(sealing.Tampered):
        sealing.open_sealed(value, CELL.replace("7", "8"))


def test_another_seller_does_not_open_it(seller, rival):
    value = sealing.seal("secret", CELL)
    with pytest.raises(sealing.Tampered):
        sealing.open_sealed(value, CELL, rival)


@pytest.mark.parametrize("at", [0, 5, 12, -1])
def test_one_changed_bit_is_noticed(seller, at):
    head, _, body = sealing.seal("secret", CELL).rpartition(".")
    blob = bytearray(base64.urlsafe_b64decode(body))
    blob[at] ^= 1
    with pytest.raises(sealing.Tampered):
        sealing.open_sealed(f"{head}.{base64.urlsafe_b64encode(blob).decode()}", CELL)


def test_a_key_that_is_gone_is_named(seller, settings):
    value = sealing.seal("secret", CELL)
    settings.SEALING_KEYS = NEW
    with pytest.raises(sealing.MissingKey, match="'old'"):
        sealing.open_sealed(value, CELL)


def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key(seller, settings):
    value = sealing.seal("secret", CELL)
    settings.SEALING_KEYS = f"{NEW},{OLD}"
    assert sealing.open_sealed(value, CELL) == "secret"
    assert not sealing.is_current(value)
    fresh = sealing.reseal(value, CELL)
    assert sealing.is_current(fresh)
    assert sealing.open_sealed(fresh, CELL) == "secret"


@pytest.mark.parametrize("text", ["", "secret", "s1.old", "s1.old.", "s1.old.!!", "s2.old.AAAA"])
def test_a_text_that_is_not_sealed_is_not_taken_for_one(seller, text):
    with pytest.raises(sealing.NotSealed):
        sealing.open_sealed(text, CELL)


def test_hashes_tell_equal_from_different_and_outlive_a_rotation(settings):
    before = sealing.keyed_hash("a@example.com", "suppression")
    settings.SEALING_KEYS = f"{NEW},{OLD}"
    assert sealing.keyed_hash("a@example.com", "suppression") == before
    assert sealing.keyed_hash("b@example.com", "suppression") != before
    assert sealing.keyed_hash("a@example.com", "invitation") != before


@pytest.mark.parametrize(
    ("ring", "complaint"),
    [
        ("", "empty"),
        ("a:%%%", "not base64"),
        ("a:AAAA", "32 bytes"),
        (f"{OLD},{OLD}", "twice"),
        (":" + "A" * 43 + "=", "name"),
    ],
)
def test_a_ring_that_can_not_be_read_says_what_is_wrong(ring, complaint):
    with pytest.raises(sealing.BadKeyRing, match=complaint):
        sealing.parse_ring(ring)
