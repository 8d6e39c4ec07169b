"""Who comes first? A worker takes the next free place."""


def take_place(next_place):
    with next_place.get_lock():
        place = next_place.value
        next_place.value += 1
    return place
