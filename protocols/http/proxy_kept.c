/*
 * Connections to an upstream that nobody uses: each is listened to meanwhile,
 * so that one that the upstream closes, or says something on, is not used again.
 */

#include "client_h2.h"
#include "relay.h"

struct kept {
	struct reed_list link;
	struct reed_waiter waiter;
	struct upstream *of;
	struct reed_stream *stream;
};

static void forget(struct kept *kept)
{
	reed_list_remove(&kept->link);
	kept->of->idle_count--;
	reed_free(kept);
}

/* Closed, too old, or an answer that nobody has asked for: good for nothing. */
static void stirred(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct kept *kept = reed_container_of(w, struct kept, waiter);

	(void)err;
	reed_fault_free(fault);
	reed_close(kept->stream);
	forget(kept);
}

static struct reed_stream *pull_out(struct kept *kept)
{
	struct reed_stream *stream = kept->stream;

	reed_unwait(stream->loop, &kept->waiter);
	forget(kept);
	return stream;
}

struct reed_stream *upstream_take(struct upstream *u)
{
	if (reed_list_empty(&u->idle))
		return NULL;
	return pull_out(reed_container_of(u->idle.next, struct kept, link));
}

void upstream_put(struct upstream *u, struct reed_stream *stream)
{
	const struct reed_http_proxy_options *o = &u->proxy->options;
	struct kept *kept = reed_alloc(sizeof(*kept));

	kept->of = u;
	kept->stream = stream;
	kept->waiter.wake = stirred;
	reed_list_prepend(&u->idle, &kept->link);
	reed_wait(reed_within(o->idle_ms, reed_more(stream)), &kept->waiter);
	if (++u->idle_count > o->kept)
		reed_close(pull_out(reed_container_of(u->idle.prev, struct kept, link)));
}

void upstream_forget(struct upstream *u)
{
	struct reed_stream *stream;

	while ((stream = upstream_take(u)))
		reed_close(stream);
}

void upstream_finish(struct upstream *u)
{
	upstream_forget(u);
	upstream_count_no_more(u);
	gate_leave(u->gate);
	reed_free(u->dialled);
	reed_free(u->announced);
	reed_free(u->shown);
}
