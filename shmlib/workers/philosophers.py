"""Dining philosophers: each eats with two forks, the one to the left and the one to the right."""


def dine(forks, left, right, meals=1):
    for _ in range(meals):
        with forks[left], forks[right]:
            pass


def dine_in_order(forks, left, right):
    first, second = sorted((left, right))
    with forks[first], forks[second]:
        pass


def dine_seated(forks, seats, left, right):
    with seats, forks[left], forks[right]:
        pass
