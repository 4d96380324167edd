/*
 * A listener behind proxies: it yields the streams of the one below, each when
 * its header has come.  They are waited for side by side, so that a silent one
 * keeps nobody waiting but itself.
 */

#include <string.h>

#include "private.h"
#include "proxy_private.h"
#include "reed/log.h"
#include "reed/metric.h"

struct proxy_listener {
	struct reed_listener listener;
	struct reed_listener *below;
	struct reed_proxy_options options;
	struct reed_proxy_trust trust;
	struct reed_waiter waiter; /* of an accept below */
	struct reed_stream *arrived;
	struct reed_list greetings, done;
	size_t count; /* in both */
	bool wanted;
	enum reed_err err; /* of the listener below */
	struct reed_counter *refused;
};

/* Somebody whose header is awaited, or has come. */
struct greeting {
	struct reed_list link;
	struct proxy_listener *listener;
	struct reed_stream *stream;
	struct reed_waiter waiter;
};

static struct proxy_listener *listener_of(struct reed_listener *l)
{
	return reed_container_of(l, struct proxy_listener, listener);
}

static void ask_below(struct proxy_listener *self)
{
	if (self->wanted && !self->waiter.future && !self->err &&
	    self->count < self->options.waiting)
		reed_wait(reed_accept(self->below, &self->arrived), &self->waiter);
}

static void greeting_free(struct greeting *g)
{
	reed_list_remove(&g->link);
	g->listener->count--;
	reed_unwait(g->listener->listener.loop, &g->waiter);
	reed_free(g);
}

static void tell_refusal(struct proxy_listener *self, struct reed_stream *s, const char *why)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char peer[REED_ADDRESS_TEXT];

	self->refused->value++;
	reed_stream_facts(s, &facts);
	reed_log(self->listener.loop, REED_LOG_WARN,
	         "a connection behind a proxy is refused peer=%s why=%s",
	         reed_address_text(&facts.peer, peer), why);
}

static void tell_above(struct proxy_listener *self)
{
	self->listener.more = true;
	reed_listener_ready(&self->listener);
}

static void greeted(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct greeting *g = reed_container_of(w, struct greeting, waiter);
	struct proxy_listener *self = g->listener;

	if (err) {
		if (err == REED_ETIMEDOUT)
			fault = reed_fault(err, fault, "the PROXY header did not come");
		/* whoever connects and goes again without a word is a probe */
		if (err != REED_EEOF || reed_peek(g->stream).n > 0)
			tell_refusal(self, g->stream, reed_fault_why(fault, err));
		reed_fault_free(fault);
		reed_abort(g->stream);
		greeting_free(g);
		ask_below(self);
		if (self->err && self->count == 0)
			tell_above(self);
		return;
	}
	reed_list_remove(&g->link);
	reed_list_append(&self->done, &g->link);
	tell_above(self);
}

static void greet(struct proxy_listener *self, struct reed_stream *s)
{
	struct greeting *g = reed_alloc(sizeof(*g));

	g->listener = self;
	g->stream = s;
	g->waiter.wake = greeted;
	reed_list_append(&self->greetings, &g->link);
	self->count++;
	reed_wait(reed_within(self->options.deadline_ms, reed_proxy_read(s)), &g->waiter);
}

static bool may_send(struct proxy_listener *self, struct reed_stream *s)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char peer[REED_ADDRESS_TEXT], why[REED_ADDRESS_TEXT * 2 + 128];

	reed_stream_facts(s, &facts);
	if (reed_proxy_trusts(&self->trust, &facts.peer))
		return true;
	reed_address_unmap(&facts.peer);
	reed_address_host(&facts.peer, peer);
	snprintf(why, sizeof(why),
	         "%s is not trusted to send PROXY headers; if it is the proxy, say trust=%s", peer,
	         facts.peer.family == REED_FAMILY_UNIX ? "unix" : peer);
	tell_refusal(self, s, why);
	return false;
}

static void arrived(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct proxy_listener *self = reed_container_of(w, struct proxy_listener, waiter);
	struct reed_stream *s = self->arrived;

	self->arrived = NULL;
	self->err = err;
	if (err) {
		if (!self->listener.fault)
			self->listener.fault = reed_fault_copy(fault);
		reed_fault_free(fault);
		tell_above(self);
		return;
	}
	if (may_send(self, s))
		greet(self, s);
	else
		reed_abort(s);
	ask_below(self);
}

/* Those who were here go before the end of the listener is told. */
static enum reed_err proxy_accept(struct reed_listener *l, struct reed_stream **stream)
{
	struct proxy_listener *self = listener_of(l);
	struct greeting *g;

	if (!reed_list_empty(&self->done)) {
		g = reed_container_of(self->done.next, struct greeting, link);
		*stream = g->stream;
		greeting_free(g);
		ask_below(self);
		return REED_OK;
	}
	if (self->err && self->count == 0)
		return self->err;
	ask_below(self);
	return REED_EAGAIN;
}

static void proxy_want(struct reed_listener *l, bool wanted)
{
	struct proxy_listener *self = listener_of(l);

	self->wanted = wanted;
	if (wanted)
		ask_below(self);
	else
		reed_unwait(l->loop, &self->waiter);
}

static void close_all(struct reed_list *list)
{
	while (!reed_list_empty(list)) {
		struct greeting *g = reed_container_of(list->next, struct greeting, link);
		struct reed_stream *s = g->stream;

		greeting_free(g);
		reed_abort(s);
	}
}

static void proxy_close(struct reed_listener *l)
{
	struct proxy_listener *self = listener_of(l);

	reed_unwait(l->loop, &self->waiter);
	reed_listener_close(self->below);
	reed_abort(self->arrived);
	close_all(&self->greetings);
	close_all(&self->done);
	reed_proxy_trust_finish(&self->trust);
}

static const struct reed_listener_ops proxy_ops = {
	.name = "proxy",
	.accept = proxy_accept,
	.want = proxy_want,
	.close = proxy_close,
};

enum reed_err reed_proxy_listener(struct reed_listener *below,
                                  const struct reed_proxy_options *given,
                                  struct reed_listener **listener, struct reed_fault **fault)
{
	struct reed_proxy_options options = REED_PROXY_OPTIONS;
	struct reed_proxy_trust trust;
	struct proxy_listener *self;

	if (given)
		memcpy(&options, given,
		       given->size < sizeof(options) ? given->size : sizeof(options));
	if (reed_proxy_trust_parse(options.trust, &trust, fault))
		return REED_ESYNTAX;
	self = reed_alloc(sizeof(*self));
	reed_listener_init(&self->listener, below->loop, &proxy_ops);
	self->listener.address = below->address;
	self->listener.below = below;
	self->below = below;
	self->options = options;
	self->options.trust = NULL;
	self->trust = trust;
	self->waiter.wake = arrived;
	reed_list_init(&self->greetings);
	reed_list_init(&self->done);
	self->refused = reed_counter(below->loop, "reed_proxy_refused",
	                             "Connections behind a proxy without a good header.", NULL);
	*listener = &self->listener;
	return REED_OK;
}
