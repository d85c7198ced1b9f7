"""Bytes leave in order and whole, past Tornado or through it, whatever the reader takes at a time."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest
from tornado.iostream import IOStream, StreamClosedError

from stockwidget_server.outlet import Outlet
from stockwidget_server.websocket import framed


@contextlib.contextmanager
def connected():
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    theirs.setblocking(False)
    stream = IOStream(ours)
    yield stream, theirs
    stream.close()
    theirs.close()


async def read(sock: socket.socket, size: int) -> bytes:
    loop, data = asyncio.get_running_loop(), b""
    while len(data) < size:
        data += await loop.sock_recv(sock, size - len(data))
    return data


async def test_what_the_kernel_takes_is_taken_at_once():
    with connected() as (stream, theirs):
        assert Outlet(stream).write(b"abc") is None
        assert not stream.writing()
        assert await read(theirs, 3) == b"abc"


async def test_what_it_does_not_take_follows_in_order():
    with connected() as (stream, theirs):
        outlet = Outlet(stream)
        pieces = [bytes([n]) * (1 + 7919 * n) for n in range(1, 30)]
        written = [outlet.write(piece) for piece in pieces]
        assert None not in written[5:], "the buffer of the kernel is small"
        whole = b"".join(pieces)
        assert await read(theirs, len(whole)) == whole
        for future in written:
            if future is not None:
                await asyncio.wait_for(future, 5)
        assert outlet.write(b"again") is None


async def test_a_reader_that_has_gone_fails_the_write():
    with connected() as (stream, theirs):
        outlet = Outlet(stream)
        theirs.close()
        failed = outlet.write(b"x")
        assert failed is not None
        with pytest.raises(StreamClosedError):
            await failed
        with pytest.raises(StreamClosedError):
            await outlet.write(b"y")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 70000])
def test_messages_are_framed_as_the_rfc_says(size):
    payload = b"x" * size
    for message in (framed([payload]), framed([payload])):
        assert message[0] == 0x81
        if size < 126:
            assert message[1:] == bytes([size]) + payload
        elif size < 65536:
            assert message[1:] == b"\x7e" + size.to_bytes(2, "big") + payload
        else:
            assert message[1:] == b"\x7f" + size.to_bytes(8, "big") + payload
    assert framed([payload, b"y"]) == framed([payload]) + b"\x81\x01y"
