"""Reed inside asyncio: streams, futures both ways, errors, cancellation, idleness, parting."""

import asyncio
import gc
import inspect
import os
import signal
import sys
import threading
import time
import warnings

import reed

HERE = "interface=127.0.0.1"


def open_descriptors():
    return len(os.listdir("/proc/self/fd"))


async def raises(kind, awaitable, *words):
    try:
        await awaitable
    except kind as error:
        for word in words:
            assert word in str(error), error
        return error
    raise AssertionError(f"no {kind.__name__}")


async def echo(stream):
    async for line in stream:
        stream.write(line + b"\r\n")
        await stream.drain()


class Server:
    """async with: an echo server; .endpoint to dial."""

    def __init__(self, handler=echo):
        self.handler = handler

    async def __aenter__(self):
        listener = await reed.listen(f"tcp:0:{HERE}")
        assert listener.address == f"127.0.0.1:{listener.port}"
        self.endpoint = f"tcp:127.0.0.1:{listener.port}"
        self.task = asyncio.create_task(listener.serve(self.handler))
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *exc):
        self.task.cancel()
        await asyncio.wait({self.task})


# ---- streams ----


async def lines_go_both_ways():
    async with Server() as server, await reed.dial(server.endpoint) as s:
        s.write("grüße\r\n")
        s.write(b"second\nhalf")
        assert await s.read_line() == "grüße".encode()
        assert await s.read_line() == b"second"
        s.write(bytearray(b" a line\n"))
        assert await s.read_exactly(4) == b"half"
        assert await s.read(3) == b" a "
        assert await s.read() == b"line\r\n"
        assert s.facts.peer == server.endpoint[4:] and not s.facts.is_secure


async def the_end_is_told():
    async def farewell(stream):
        stream.write("bye")

    async with Server(farewell) as server:
        async with await reed.dial(server.endpoint) as s:
            await raises(reed.EndOfStream, s.read_line())
            assert await s.read() == b"bye"
            assert await s.read() == b""
            await raises(EOFError, s.read_exactly(1))
            assert [line async for line in s] == []
        await raises(reed.Closed, s.read(), "closed here")


async def a_megabyte_goes_through_with_back_pressure():
    sent = os.urandom(1 << 20).replace(b"\n", b" ").replace(b"\r", b" ")

    async def swallow(stream):
        got = b""
        while len(got) < len(sent):
            got += await stream.read()
        stream.write(b"same\n" if got == sent else b"other\n")

    async with Server(swallow) as server, await reed.dial(server.endpoint) as s:
        for i in range(0, len(sent), 10000):
            s.write(sent[i:i + 10000])
            await s.drain()
        await s.flush()
        assert await s.read_line() == b"same"


async def one_reads_at_a_time():
    async with Server() as server, await reed.dial(server.endpoint) as s:
        first = asyncio.create_task(s.read_line())
        await asyncio.sleep(0)
        await raises(RuntimeError, s.read())
        s.write("x\n")
        assert await first == b"x"


async def a_close_under_a_reader_cancels_it():
    async with Server() as server:
        s = await reed.dial(server.endpoint)
        reader = asyncio.create_task(s.read_line())
        await asyncio.sleep(0.01)
        s.close()
        await asyncio.wait({reader}, timeout=10)
        assert reader.cancelled()


async def a_session_that_fails_stops_nobody_else():
    told = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))

    async def picky(stream):
        if await stream.read_line() == b"die":
            raise ValueError("I was told to")
        stream.write("alive\n")

    async with Server(picky) as server:
        async with await reed.dial(server.endpoint) as s:
            s.write("die\n")
            assert await s.read() == b""
        async with await reed.dial(server.endpoint) as s:
            s.write("live\n")
            assert await s.read_line() == b"alive"
    assert len(told) == 1 and isinstance(told[0]["exception"], ValueError), told


async def a_thousand_connections():
    async with Server() as server:
        limit = asyncio.Semaphore(200)

        async def talk(i):
            async with limit, await reed.dial(server.endpoint) as s:
                for j in range(3):
                    s.write(f"{i} {j}\n")
                    assert await s.read_line() == f"{i} {j}".encode()

        await asyncio.gather(*[talk(i) for i in range(1000)])


# ---- errors ----


async def errors_are_exceptions_with_the_sentence():
    error = await raises(ConnectionRefusedError, reed.dial("tcp:127.0.0.1:1"), "127.0.0.1:1")
    assert isinstance(error, reed.Error) and error.name == "REED_EREFUSED" and error.errno == 111
    error = await raises(ValueError, reed.dial("tcp:127.0.0.1"), "write tcp:HOST:PORT")
    assert error.name == "REED_ESYNTAX" and error.errno is None
    await raises(reed.Error, reed.listen("carrier-pigeon:1"), "carrier-pigeon")
    await raises(TimeoutError, reed.within(0.01, reed.sleep(60)), "timed out")


async def a_python_error_goes_through_and_comes_back():
    async def fails():
        raise LookupError("no such thing")

    error = await raises(reed.Error, reed.within(10, reed.all_of(reed.sleep(60), fails())),
                         "LookupError: no such thing")
    assert isinstance(error.__cause__, LookupError)


# ---- futures both ways ----


async def awaitables_are_futures():
    assert await reed.future_of(asyncio.sleep(0, "x")) == "x"
    assert await reed.first_of(reed.sleep(60), asyncio.sleep(0.01, "y")) == (1, "y")
    assert await reed.all_of(reed.sleep(0.01), asyncio.sleep(0, "z")) == [None, "z"]
    async with Server() as server:
        index, s = await reed.first_of(asyncio.sleep(60), reed.within(10, reed.dial(server.endpoint)))
        assert index == 1
        s.close()


async def a_loser_is_cancelled():
    ended = []

    async def slow():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("slow")

    await reed.first_of(reed.sleep(0.01), slow())
    await asyncio.sleep(0)
    assert ended == ["slow"]


async def an_interrupt_waits_for_goodbyes_and_a_drop_does_not():
    ended = []

    async def polite():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)
            ended.append("goodbye")
            raise

    future = reed.future_of(polite())
    await asyncio.sleep(0)
    future.interrupt()
    await raises(asyncio.CancelledError, future)
    assert ended == ["goodbye"]
    future = reed.future_of(polite())
    await asyncio.sleep(0)
    future.drop()
    assert ended == ["goodbye"]
    await asyncio.sleep(0.05)
    assert ended == ["goodbye"] * 2


async def a_future_is_awaited_once():
    future = reed.sleep(0)
    await future
    await raises(RuntimeError, future, "once")


# ---- cancellation ----


async def a_cancelled_read_has_read_nothing():
    async with Server() as server, await reed.dial(server.endpoint) as s:
        for round in range(30):
            reader = asyncio.create_task(s.read_line())
            s.write(f"{round}\n")
            for _ in range(round):  # at every moment on the way
                await asyncio.sleep(0)
            reader.cancel()
            await asyncio.wait({reader})
            if reader.cancelled():
                async with asyncio.timeout(10):
                    assert await s.read_line() == str(round).encode()
            else:
                assert reader.result() == str(round).encode()


async def a_cancelled_dial_leaves_no_stream():
    async with Server() as server:
        (await reed.dial(server.endpoint)).close()
        for round in range(30):
            dialler = asyncio.create_task(_dial(server.endpoint))
            for _ in range(round):
                await asyncio.sleep(0)
            dialler.cancel()
            await asyncio.wait({dialler})
            if not dialler.cancelled():
                dialler.result().close()


async def _dial(endpoint):
    return await reed.dial(endpoint)


async def what_is_not_awaited_is_told():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        reed.sleep(60)
        gc.collect()
    assert [w for w in told if "never awaited" in str(w.message)], told
    async with Server() as server:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            s = await reed.dial(server.endpoint)
            del s
            await asyncio.sleep(0)  # what woke us holds it
            gc.collect()
        assert [w for w in told if "unclosed" in str(w.message)], told


# ---- the loops ----


async def an_idle_loop_wakes_nobody():
    async with Server() as server, await reed.dial(server.endpoint) as s:
        s.write("x\n")
        await s.read_line()
        await asyncio.sleep(0.2)
        before = reed.loop().stats()["turns"]
        await asyncio.sleep(2)
        waits_below = isinstance(asyncio.get_running_loop(), reed.EventLoop)
        turns = reed.loop().stats()["turns"] - before
        assert turns <= (2 if waits_below else 0), turns  # it ends the sleep


async def a_signal_is_handled_while_both_wait():
    aio, told = asyncio.get_running_loop(), asyncio.Event()
    reed.loop()
    before = signal.signal(signal.SIGALRM, lambda *_: aio.call_soon_threadsafe(told.set))
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    await told.wait()
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


async def what_a_callback_of_reed_schedules_is_not_waited_for():
    aio, called, fds = asyncio.get_running_loop(), asyncio.Event(), os.pipe()

    async def schedule():
        aio.call_later(0.01, os.write, fds[1], b"x")
        aio.add_reader(fds[0], called.set)

    await reed.within(10, schedule())
    async with asyncio.timeout(10):
        await called.wait()
    aio.remove_reader(fds[0])
    for fd in fds:
        os.close(fd)


async def timers_of_both_go_together():
    start, ticks = time.monotonic(), []

    async def tick(name, sleep, seconds, times):
        for _ in range(times):
            await sleep(seconds)
        ticks.append((name, time.monotonic() - start))

    await asyncio.gather(tick("reed", reed.sleep, 0.003, 50), tick("asyncio", asyncio.sleep, 0.01, 20),
                         tick("long", reed.sleep, 0.25, 1))
    for name, took in ticks:
        assert took >= {"reed": 0.15, "asyncio": 0.2, "long": 0.25}[name] - 0.002, ticks


async def who_never_rests_does_not_starve_the_other():
    counts = {"reed": 0, "asyncio": 0}
    stop = asyncio.Event()

    async def spin(name, yielding):
        while not stop.is_set():
            await yielding(0)
            counts[name] += 1

    tasks = [asyncio.create_task(spin("reed", reed.sleep)) for _ in range(20)]
    tasks += [asyncio.create_task(spin("asyncio", asyncio.sleep)) for _ in range(20)]
    for _ in range(20):
        await asyncio.sleep(0.005)
    stop.set()
    await asyncio.wait(tasks)
    assert min(counts.values()) > 20, counts


async def they_part_and_meet_again():
    for _ in range(20):
        async with Server() as server:
            s = await reed.dial(server.endpoint)
            s.write("x\n")
            assert await s.read_line() == b"x"
            waiting = asyncio.create_task(s.read_line())
            await asyncio.sleep(0)
            reed.loop().close()
            await asyncio.wait({waiting})
            assert waiting.cancelled() and s.is_closed
    closed = reed.loop()
    closed.close()
    closed.close()
    assert closed.is_closed and reed.loop() is not closed


async def a_close_at_any_moment_of_a_dialogue():
    for round in range(25):
        async with Server() as server:
            async def talk():
                async with await reed.dial(server.endpoint) as s:
                    while True:
                        s.write("x\n")
                        await s.read_line()
            talker = asyncio.create_task(talk())
            for _ in range(round):
                await asyncio.sleep(0)
            reed.loop().close()
            await asyncio.wait({talker}, timeout=10)
            assert talker.done()
            if not talker.cancelled():
                assert isinstance(talker.exception(), (RuntimeError, reed.Error)), talker


def each_thread_has_its_own(run):
    def other(results):
        results.append(run(asyncio.wait_for(_seconds(), 10)))

    async def _seconds():
        async with Server() as server, await reed.dial(server.endpoint) as s:
            s.write("thread\n")
            return await s.read_line()

    results = []
    threads = [threading.Thread(target=other, args=(results,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [b"thread"] * 4


def main(run):
    tests = [(name, f) for name, f in globals().items()
             if inspect.iscoroutinefunction(f) and not name.startswith("_")
             and not inspect.signature(f).parameters]
    assert len(tests) > 20
    for name, test in tests:
        before = open_descriptors()
        run(asyncio.wait_for(test(), 60))
        gc.collect()
        assert open_descriptors() == before, f"{name} left descriptors open"
        print("ok", name, flush=True)
    each_thread_has_its_own(run)


main({"guest": asyncio.run, "below": reed.run}[sys.argv[1]])
