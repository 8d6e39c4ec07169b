"""Arrays that processes fill, read and add up."""


def fill(numbers, start, stop, value):
    for place in range(start, stop):
        numbers[place] = value


def add_to_each(numbers, start, stop, amount):
    for place in range(start, stop):
        numbers[place] += amount


def add_up(numbers):
    return sum(numbers)


def add_up_slice(numbers):
    return sum(numbers[:])


def set_name(name, text):
    name.value = text


def invert(pixels, start, stop):
    pixels[start:stop] = [255 - value for value in pixels[start:stop]]


def set_done(flags, place):
    flags[place] = 1


def hold_and_double(numbers):
    with numbers.get_lock():
        numbers[0] *= 2


def go_past(numbers, value):
    numbers.get_obj()[0] = value


def shift(numbers, *_, amount):
    with numbers.get_lock():
        numbers[0] -= amount
        numbers[-1] += amount


def try_view(numbers, make_view):
    """Say what a function makes of an Array, and write into it: is it a view, or a copy?"""
    try:
        view = make_view(numbers)
    except Exception as error:
        return {"raised": f"{type(error).__name__}: {error}"}
    kind = type(view)
    if f"{kind.__module__}.{kind.__name__}" != "numpy.ndarray":
        return {"kind": kind.__name__}
    items = view.tolist()
    if view.size and view.flags.writeable:
        view[-1] = 99
    return {"kind": "ndarray", "items": items, "dtype": view.dtype.name}
