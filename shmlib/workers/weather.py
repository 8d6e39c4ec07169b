"""The highest temperature that any weather station has reported so far."""


def report(highest, degrees):
    known = highest.value
    warmer = degrees > known
    if warmer:
        highest.value = degrees
