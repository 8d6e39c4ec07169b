"""What goes through a queue."""


def put(queue, size):
    queue.put(bytes(size))
