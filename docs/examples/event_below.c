/* Reed over libevent: a timer of libevent's, while Reed's loop waits for a sleep of its own. */

#include <event2/event.h>
#include <reed/future.h>
#include <reed/libevent.h>
#include <stdio.h>

static void tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	puts("tick");
}

int main(void)
{
	struct event_base *base = event_base_new();
	struct timeval soon = { .tv_usec = 10000 };
	struct event *timer = evtimer_new(base, tick, NULL);
	struct reed_loop *loop;

	if (reed_libevent_loop_new(NULL, base, &loop))
		return 1;
	evtimer_add(timer, &soon);
	reed_loop_run_until(loop, reed_sleep(loop, 100), NULL);
	puts("slept");
	reed_loop_free(loop);
	event_free(timer);
	event_base_free(base);
	return 0;
}
