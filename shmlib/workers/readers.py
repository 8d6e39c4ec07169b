"""Readers and writers: many may read at once, a writer is alone.

The first reader who comes in closes the room for writers, the last one who leaves opens it.
"""


def read(book, inside, door, room):
    with door:
        inside.value += 1
        if inside.value == 1:
            room.acquire()
    seen = book[0], book[1]
    with door:
        inside.value -= 1
        if inside.value == 0:
            room.release()
    return seen


def write(book, inside, door, room):
    with room:
        book[0] += 1
        book[1] += 1
