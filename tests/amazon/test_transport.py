import os
import socket
import threading
import time

import pytest

from amazon.settings import Timeouts
from amazon.transport import MayHaveLeft, NeverLeft, Transport

from .conftest import Reply


@pytest.fixture
def transport():
    return Transport(Timeouts(connect=1, read=0.5, total=2), "Test/1")


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_one_connection_serves_one_thread(transport, stub):
    for _ in range(5):
        assert transport.exchange("GET", f"{stub.url}/a?b=c", {}).status == 200
    assert stub.connections == 1
    assert stub.requests[0].query == {"b": ["c"]}
    assert stub.requests[0].headers["user-agent"] == "Test/1"


def test_threads_do_not_share_connections(transport, stub):
    workers = [
        threading.Thread(target=transport.exchange, args=("GET", f"{stub.url}/a", {})) for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert stub.connections == 3


def test_a_child_process_makes_its_own_connection(transport, stub):
    transport.exchange("GET", f"{stub.url}/a", {})
    pid = os.fork()
    if not pid:
        try:
            transport.exchange("GET", f"{stub.url}/child", {})
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert transport.exchange("GET", f"{stub.url}/a", {}).status == 200
    assert stub.calls("/child")
    assert stub.connections == 2


def test_a_connection_the_peer_closed_is_noticed_before_anything_is_sent(transport, stub):
    stub.on("/a", Reply(trouble="close_idle"))
    transport.exchange("GET", f"{stub.url}/a", {})
    time.sleep(0.05)  # the close must have arrived
    assert transport.exchange("POST", f"{stub.url}/b", {}, b"{}").status == 200
    assert len(stub.calls("/b")) == 1


def test_an_idle_connection_is_made_anew(stub):
    transport = Transport(Timeouts(keep_alive=0.0))
    for _ in range(2):
        transport.exchange("GET", f"{stub.url}/a", {})
        time.sleep(0.001)
    assert stub.connections == 2


def test_nothing_left_where_no_connection_could_be_made(transport):
    called = []
    with pytest.raises(NeverLeft):
        transport.exchange("POST", f"http://127.0.0.1:{closed_port()}/", {}, b"x", lambda: called.append(1))
    assert not called


@pytest.mark.parametrize("trouble", ["reset", "hang"])
def test_a_line_that_breaks_after_the_request_leaves_doubt(transport, stub, trouble):
    stub.on("/a", Reply(trouble=trouble), Reply())
    with pytest.raises(MayHaveLeft):
        transport.exchange("POST", f"{stub.url}/a", {}, b"x")
    assert transport.exchange("POST", f"{stub.url}/a", {}, b"x").status == 200


def test_nothing_is_repeated_behind_the_callers_back(transport, stub):
    stub.on("/a", Reply(trouble="reset"))
    with pytest.raises(MayHaveLeft):
        transport.exchange("GET", f"{stub.url}/a", {})
    assert len(stub.calls("/a")) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(transport, stub, status):
    stub.on("/a", Reply(status, {}, {"Location": f"{stub.url}/elsewhere"}))
    assert transport.exchange("POST", f"{stub.url}/a", {}, b"x").status == status
    assert not stub.calls("/elsewhere")


def test_half_an_answer_is_known_as_half(transport, stub):
    stub.on("/a", Reply(201, {"long": "x" * 100}, trouble="truncate"), Reply())
    reply = transport.exchange("GET", f"{stub.url}/a", {})
    assert (reply.status, reply.is_whole) == (201, False)
    assert transport.exchange("GET", f"{stub.url}/a", {}).is_whole


def test_work_before_the_request_comes_after_the_connection_and_may_refuse(transport, stub):
    seen = []

    def refuse():
        seen.append(stub.connections)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        transport.exchange("POST", f"{stub.url}/a", {}, b"x", refuse)
    assert seen == [1] or seen == [0]  # connected; the server may not have counted yet
    assert not stub.requests


def test_a_connection_lost_while_waiting_for_leave_is_made_anew(transport, stub):
    transport.exchange("GET", f"{stub.url}/a", {})
    stub.on("/b", Reply(trouble="close_idle"))

    def dawdle():
        transport.exchange("GET", f"{stub.url}/b", {})
        time.sleep(0.05)

    assert transport.exchange("POST", f"{stub.url}/c", {}, b"x", dawdle).status == 200


def test_an_answer_that_drips_is_cut_off_at_the_deadline():
    server = socket.create_server(("127.0.0.1", 0))

    def drip():
        peer, _ = server.accept()
        peer.recv(4096)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        try:
            while True:
                peer.sendall(b"x")
                time.sleep(0.02)
        except OSError:
            peer.close()

    threading.Thread(target=drip, daemon=True).start()
    transport = Transport(Timeouts(read=1, total=0.2))
    reply = transport.exchange("GET", f"http://127.0.0.1:{server.getsockname()[1]}/", {})
    assert not reply.is_whole
    assert len(reply.body) < 1000
    server.close()


def test_a_stream_comes_in_pieces_and_says_when_it_broke_off(transport, stub):
    stub.on("/file", Reply(200, b"x" * 200_000))
    with transport.stream(f"{stub.url}/file") as stream:
        assert (stream.status, sum(map(len, stream))) == (200, 200_000)
    stub.on("/file", Reply(200, b"x" * 200_000, trouble="truncate"))
    with transport.stream(f"{stub.url}/file") as stream, pytest.raises(MayHaveLeft):
        list(stream)
