"""Messages between two processes over a socket. Neither side ever waits for the other.

``multiprocessing.connection`` would wait in the middle of a message whose sender is stopped.
"""

from __future__ import annotations

import mmap
import os
import selectors
import socket
import struct
import sys
from collections import deque
from typing import Any

from .blocks import Block, packed, unpacked

_HEAD = struct.Struct("<Q")
"""The length of a message."""
_CHUNK = 2**18
_DESCRIPTORS = 16


class Channel:
    """One end. Where the other is gone :attr:`closed` is true, and what is sent is forgotten."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._came = bytearray()
        self._descriptors: deque[int] = deque()
        self._going: deque[tuple[memoryview, list[int], list[Block]]] = deque()
        self.closed = False
        self.reason = "the other end is closed"
        """Why it is closed."""

    def send(self, message: Any, share: bool = False) -> list[Block]:
        """Send as soon as the other end takes it. ``share``: large arrays in blocks, which are
        returned and have to be kept until the other end has answered."""
        body, blocks = packed(message, share)
        descriptors = [os.dup(block.fd) for block in blocks if block.fd >= 0]
        self._going.append((memoryview(_HEAD.pack(len(body)) + body), descriptors, blocks))
        self.flush()
        return blocks

    def flush(self) -> None:
        """Send what can be sent at once."""
        while self._going and not self.closed:
            data, descriptors, blocks = self._going[0]
            try:
                if not all(block.filled() for block in blocks):
                    return
                if descriptors:
                    sent = socket.send_fds(self._socket, [data[:_CHUNK]], descriptors)
                else:
                    sent = self._socket.send(data[:_CHUNK])
            except BlockingIOError:
                return
            except OSError as error:
                self.close(str(error))
                return
            _close(descriptors)
            self._going.popleft()
            if sent < len(data):
                self._going.appendleft((data[sent:], [], []))

    def receive(self) -> list[Any]:
        """The messages that have come."""
        self._fill()
        found = []
        while len(self._came) >= _HEAD.size:
            end = _HEAD.size + _HEAD.unpack_from(self._came)[0]
            if len(self._came) < end:
                break
            body = bytes(memoryview(self._came)[_HEAD.size : end])
            del self._came[:end]
            found.append(unpacked(body, self._attached))
        return found

    def _fill(self) -> None:
        while not self.closed:
            try:
                data = self._take()
            except BlockingIOError:
                return
            except OSError as error:
                self.close(str(error))
                return
            self._came += data
            if not data:
                self.close()

    def _take(self) -> bytes:
        if sys.platform == "win32":
            return self._socket.recv(_CHUNK)
        data, descriptors, _flags, _from = socket.recv_fds(self._socket, _CHUNK, _DESCRIPTORS)
        self._descriptors.extend(descriptors)
        return data

    def _attached(self, size: int, name: str) -> mmap.mmap:
        """Whoever gets an array may write into it: the sender does not see that."""
        if name:
            return Block.named(name, size)
        descriptor = self._descriptors.popleft()
        try:
            return mmap.mmap(descriptor, size, access=mmap.ACCESS_COPY)
        finally:
            os.close(descriptor)

    def wait(self, seconds: float | None = None) -> None:
        """Until something comes, or what is left can be sent."""
        if self.closed:
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._going else 0)
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, events)
            selector.select(seconds)

    def close(self, reason: str = "") -> None:
        """No more of it, in either direction."""
        self.closed, self.reason = True, reason or self.reason
        self._socket.close()
        for _data, descriptors, _blocks in self._going:
            _close(descriptors)
        self._going.clear()


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
    descriptors.clear()
