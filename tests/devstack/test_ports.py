import socket

import pytest

from devstack import ports


@pytest.fixture
def taken_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_picked_port_is_free_and_below_the_ephemeral_range():
    port = ports.pick()
    assert ports.is_free(port)
    assert port < 32_768


def test_port_with_a_listener_is_not_free(taken_port):
    assert not ports.is_free(taken_port)


def test_ports_stay_the_same_from_start_to_start(tmp_path):
    first = ports.kept(tmp_path / "ports.json", {"web": None, "sandbox": None})
    assert ports.kept(tmp_path / "ports.json", {"web": None, "sandbox": None}) == first


def test_wanted_port_is_taken_at_the_first_start(tmp_path):
    wanted = ports.pick()
    assert ports.kept(tmp_path / "ports.json", {"web": wanted}) == {"web": wanted}


def test_port_that_another_program_took_meanwhile_is_replaced(tmp_path, taken_port):
    (tmp_path / "ports.json").write_text(f'{{"web": {taken_port}}}')
    assert ports.kept(tmp_path / "ports.json", {"web": None})["web"] != taken_port
