"""Workers that wait for each other: a rendezvous, a barrier of turnstiles, flags."""


def meet(places, arrived, me):
    other = 1 - me
    places[me] = 1
    arrived[me].release()
    arrived[other].acquire()
    return places[other]


def meet_waiting_first(places, arrived, me):
    other = 1 - me
    places[me] = 1
    arrived[other].acquire()
    arrived[me].release()
    return places[other]


def go_round(count, lock, entrance, leaving, workers, rounds):
    for _ in range(rounds):
        with lock:
            count.value += 1
            if count.value == workers:
                leaving.acquire()
                entrance.release()
        with entrance:
            pass
        with lock:
            count.value -= 1
            if count.value == 0:
                entrance.acquire()
                leaving.release()
        with leaving:
            pass


def start_when_told(start, number):
    start.wait()
    return number.value


def tell(start, number):
    number.value = 7
    start.set()


def tell_too_early(start, number):
    start.set()
    number.value = 7


def tell_for_a_moment(start, number):
    number.value = 7
    start.set()
    start.clear()


def work_until_stopped(stop, done):
    while not stop.is_set():
        pass
    return done.value


def stop_work(stop, done):
    done.value = 1
    stop.set()


def wait_for_news(news, number):
    with news:
        news.wait()
        return number.value


def wait_until_there_is_news(news, number):
    with news:
        while not number.value:
            news.wait()
        return number.value


def bring_news(news, number):
    with news:
        number.value = 7
        news.notify()
