"""The writing end of a connection that Tornado has handed over."""

from __future__ import annotations

import asyncio

from tornado.iostream import IOStream, StreamClosedError


class Outlet:
    """Writes to a stream, as a rule without Tornado's part in it.

    ``IOStream.write`` makes a future and a callback of the loop for each write, which takes longer
    than the write itself. While nothing waits in its buffer and nothing encrypts, the socket may as
    well be asked directly; only what the kernel does not take goes into the buffer.
    """

    __slots__ = ("_plain", "_stream")

    def __init__(self, stream: IOStream) -> None:
        self._stream = stream
        self._plain = type(stream) is IOStream

    def write(self, data: bytes) -> asyncio.Future[None] | None:
        """Write; ``None`` if all was taken at once, else see ``Transport.send``."""
        stream = self._stream
        if self._plain and not stream.writing() and not stream.closed():
            try:
                taken = stream.socket.send(data)
            except OSError:
                taken = 0  # Tornado will meet the same, and knows what to do then.
            if taken == len(data):
                return None
            data = data[taken:]
        try:
            return stream.write(data)
        except StreamClosedError as error:
            gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            gone.set_exception(error)
            return gone
