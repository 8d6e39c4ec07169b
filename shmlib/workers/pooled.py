"""What a process of a pool does, as a worker that can be run step by step."""


def work(account, keep, task, amounts):
    keep(account)  # the initializer
    return [task(amount) for amount in amounts]
