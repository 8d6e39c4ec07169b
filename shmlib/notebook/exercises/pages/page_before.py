"""The five questions, before the course."""

from ....workers import dying
from .questions import Numbers, five

EXERCISES = five(
    Numbers(
        page="before",
        balance=1000,
        spent=300,
        items=(1, 2, 3),
        place=0,
        item=9,
        start=0,
        processes=2,
        times=2,
        account=15,
        price=10,
        ends=("the operating system kills it.", "a line raises a `ValueError`."),
        how=(dying.be_killed, dying.fail),
    )
)
