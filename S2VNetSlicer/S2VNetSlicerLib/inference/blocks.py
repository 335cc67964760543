"""Memory that processes share.

It has no name (on Windows one that goes with its last user), so that nothing is left behind by
processes that are killed; ``multiprocessing.shared_memory`` leaves that to a process of its own,
which Python inside 3D Slicer cannot start. A new process can be given it as well.
"""

from __future__ import annotations

import mmap
import os
import pickle
import sys
import tempfile
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

LEAST = 2**14
"""Bytes from which on an array is worth a block."""
_ALIGNED = 64
_filler = ThreadPoolExecutor(1, thread_name_prefix="S2VNet copies")


class Block(mmap.mmap):
    """Memory that can be handed to another process: by its descriptor ``fd``, or by its ``name``.

    OSError where there is no room for it.
    """

    fd: int = -1
    name: str = ""
    _filling: Future[None] | None = None

    @classmethod
    def of(cls, parts: Sequence[memoryview], later: bool = False) -> Block:
        """A new one that holds ``parts``, each at a multiple of 64 bytes.

        ``later``: a thread fills it, and nobody may read it before it is :meth:`filled`.
        """
        block = cls._empty(sum(_padded(len(part)) for part in parts))
        if later:
            block._filling = _filler.submit(block._fill, parts)
        else:
            block._fill(parts)
        return block

    @classmethod
    def _empty(cls, size: int) -> Block:
        if sys.platform == "win32":
            return cls.named(f"s2vnet-{uuid.uuid4().hex}", size)
        fd = _anonymous()
        try:
            os.truncate(fd, size)
            block = cls(fd, size)
        except BaseException:
            os.close(fd)
            raise
        block.fd = fd
        return block

    def _fill(self, parts: Sequence[memoryview]) -> None:
        for part, start in zip(parts, _starts(parts), strict=True):
            if self.fd < 0:
                self[start : start + len(part)] = part
                continue
            while part:  # not through the map: where there is no room that would end us
                written = os.pwrite(self.fd, part, start)
                part, start = part[written:], start + written

    def filled(self, wait: bool = False) -> bool:
        """Whether everything is in it; OSError where that could not be done."""
        if self._filling is not None:
            if not (wait or self._filling.done()):
                return False
            self._filling.result()
        return True

    @classmethod
    def named(cls, name: str, size: int) -> Block:
        """That of another process, or a new one, on Windows."""
        block = cls(-1, size, tagname=name)  # type: ignore[call-arg, unused-ignore]
        block.name = name
        return block

    def __del__(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)


def _anonymous() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("s2vnet")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


def _starts(parts: Sequence[memoryview]) -> list[int]:
    ends = np.cumsum([0, *(_padded(len(part)) for part in parts)])
    return [int(end) for end in ends[:-1]]


def shared(array: np.ndarray, later: bool = False) -> np.ndarray:
    """A copy of ``array`` that messages carry without copying it again.

    ``later``: a thread makes it, and a message that carries it goes when it is complete; ``array``
    must stay as it is until then.
    """
    plain = np.ascontiguousarray(array)
    if not plain.nbytes:
        return plain.copy()
    block = Block.of([plain.data.cast("B")], later)
    return np.frombuffer(block, plain.dtype, plain.size).reshape(plain.shape)


def wait_for(array: np.ndarray) -> None:
    """Until an array that :func:`shared` copies is complete; OSError where it never is."""
    block = _block_of(array.data.cast("B")) if array.nbytes else None
    if block is not None:
        block.filled(wait=True)


def _block_of(raw: memoryview) -> Block | None:
    """The block whose beginning ``raw`` is."""
    base: Any = raw.obj
    while isinstance(base, np.ndarray):
        base = base.base
    base = base.obj if isinstance(base, memoryview) else base
    if not isinstance(base, Block):
        return None
    begins = np.frombuffer(base, np.uint8).ctypes.data == np.frombuffer(raw, np.uint8).ctypes.data
    return base if begins else None


def packed(message: Any, share: bool = True) -> tuple[bytes, list[Block]]:
    """``message`` pickled, and the blocks in which its arrays are; ``share``: else in the bytes."""
    blocks: list[Block] = []
    loose: list[memoryview] = []
    places: list[tuple[int, int, int]] = []

    def put(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if not share or len(raw) < LEAST:
            return True
        block = _block_of(raw)
        if block is None:
            loose.append(raw)
            places.append((-1, len(loose) - 1, len(raw)))
        else:
            blocks.append(block)
            places.append((len(blocks) - 1, 0, len(raw)))
        return False

    data = pickle.dumps(message, protocol=5, buffer_callback=put)
    if loose:
        starts = _starts(loose)
        places = [(b, starts[s] if b < 0 else s, size) for b, s, size in places]
        blocks.append(Block.of(loose))  # the last one: its number is -1
    needed = [(len(block), block.name) for block in blocks]
    return pickle.dumps((data, places, needed)), blocks


def unpacked(data: bytes, attach: Callable[[int, str], mmap.mmap]) -> Any:
    """What :func:`packed` made of a message; ``attach`` opens its blocks, by size and name."""
    inside, places, needed = pickle.loads(data)
    blocks = [attach(size, name) for size, name in needed]
    parts = [memoryview(blocks[b])[start : start + size] for b, start, size in places]
    return pickle.loads(inside, buffers=parts)
