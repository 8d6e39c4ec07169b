"""The five questions, after the course."""

from ....workers import dying
from .questions import Numbers, five

EXERCISES = five(
    Numbers(
        page="after",
        balance=500,
        spent=120,
        items=(4, 6, 8),
        place=2,
        item=5,
        start=10,
        processes=3,
        times=1,
        account=30,
        price=20,
        ends=("somebody ends it with `process.kill()`.", "it calls `sys.exit()`."),
        how=(dying.be_killed, dying.leave),
    )
)
