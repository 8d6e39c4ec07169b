"""Workers that go on together: nobody begins the next phase before all have ended this one."""


def add_up(numbers, me):
    numbers[me] = me + 1
    return sum(numbers)


def add_up_together(numbers, all_here, me):
    numbers[me] = me + 1
    all_here.wait()
    return sum(numbers)


def grow(numbers, all_here, me, rounds):
    for _ in range(rounds):
        neighbour = numbers[1 - me]
        all_here.wait()
        numbers[me] += neighbour
        all_here.wait()


def grow_hastily(numbers, all_here, me, rounds):
    for _ in range(rounds):
        neighbour = numbers[1 - me]
        all_here.wait()
        numbers[me] += neighbour
