"""Mutations: each takes a sound file and returns a damaged one, the same for the same random numbers."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

_HEAD = 4096
_LARGEST = 512 * 1024
_EXTREMES = (b"\x00", b"\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x01")

Mutation: TypeAlias = Callable[[Random, bytes, bytes], bytes]
"""Takes random numbers, the file, and another file of the corpus."""


def mutate(random: Random, corpus: Sequence[bytes]) -> bytes:
    """One to four mutations of one file; most of them hit its first 4 KiB."""
    data = random.choice(corpus)
    for _ in range(random.randint(1, 4)):
        data = random.choice(MUTATIONS)(random, data, random.choice(corpus))
    return data[:_LARGEST]


def _place(random: Random, data: bytes) -> int:
    """Half of the places are among the first 64 bytes, where signatures and sizes stand."""
    near = min(len(data), random.choice((64, _HEAD)))
    return random.randrange(near) if near else 0


def flip_bits(random: Random, data: bytes, _other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(1, 16) if data else 0):
        changed[_place(random, data)] ^= 1 << random.randrange(8)
    return bytes(changed)


def truncate(random: Random, data: bytes, _: bytes) -> bytes:
    return data[: _place(random, data)]


def write_extreme_number(random: Random, data: bytes, _: bytes) -> bytes:
    """Overwrite 1, 2, 4 or 8 bytes, as lengths, counts, offsets and sizes have, with the worst that fits."""
    place = _place(random, data)
    width = random.choice((1, 2, 4, 8))
    number = (random.choice(_EXTREMES) * width)[:width]
    return data[:place] + number + data[place + width :]


def write_own_offset(random: Random, data: bytes, _: bytes) -> bytes:
    """Make a number point at itself or close by, which is how loops are built."""
    place = _place(random, data)
    target = max(0, place - random.choice((0, 2, 4, 8, 12)))
    return data[:place] + target.to_bytes(4, random.choice(("big", "little"))) + data[place + 4 :]


def splice(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: _place(random, data)] + other[_place(random, other) :]


def change_signature(random: Random, data: bytes, other: bytes) -> bytes:
    length = random.choice((2, 4, 8, 12, 16))
    return other[:length] + data[length:]


def repeat_a_part(random: Random, data: bytes, _: bytes) -> bytes:
    start, end = sorted((_place(random, data), _place(random, data)))
    times = random.choice((2, 10, 1000))
    return data[:start] + data[start:end] * times + data[end:]


def cut_out_a_part(random: Random, data: bytes, _: bytes) -> bytes:
    start, end = sorted((_place(random, data), _place(random, data)))
    return data[:start] + data[end:]


def insert_noise(random: Random, data: bytes, _: bytes) -> bytes:
    place = _place(random, data)
    return data[:place] + random.randbytes(random.randint(1, 32)) + data[place:]


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    truncate,
    write_extreme_number,
    write_extreme_number,
    write_own_offset,
    splice,
    change_signature,
    repeat_a_part,
    cut_out_a_part,
    insert_noise,
)
