/* Having tor publish a service, and hearing how far it has come. */

#include "private.h"
#include "reed/log.h"

enum { EVENTS_WAITING = 256 };

struct publishing {
	struct reed_co co;
	struct publish_options options; /* borrowed */
	struct reed_tor *tor, **out;
	struct reed_tor_onion onion, *onion_out;
	struct reed_tor_reply mode;
	char *phase;
};

static struct reed_future *add_onion(struct publishing *self)
{
	const struct publish_options *options = &self->options;
	struct reed_tor_onion_options o = REED_TOR_ONION_OPTIONS;

	o.key = options->kept->key;
	o.port = options->port;
	o.target = options->target;
	o.clients = (const char *const *)options->kept->clients;
	o.client_count = options->kept->client_count;
	o.single_hop = options->tor->single_hop;
	return reed_tor_add_onion(self->tor, &o, &self->onion);
}

/* Tor takes such a service only if it was told so from its start, and then no other. */
static struct reed_future *ask_mode(struct publishing *self)
{
	return reed_tor_get_conf(self->tor, "HiddenServiceNonAnonymousMode", &self->mode);
}

static bool is_of_that_mode(const struct publishing *self)
{
	struct reed_slice value;

	return reed_tor_reply_value(&self->mode, "HiddenServiceNonAnonymousMode", 0, &value) &&
	       reed_slice_is(value, "1");
}

static struct reed_future *wrong_mode(struct publishing *self)
{
	return reed_failed(self->co.loop, REED_EINVAL,
	                   "this tor hides where its services are; single-hop ones need a tor of "
	                   "their own: launch=yes, or HiddenServiceSingleHopMode 1, "
	                   "HiddenServiceNonAnonymousMode 1 and SocksPort 0 in its torrc");
}

static enum reed_err explain(struct publishing *self)
{
	struct reed_co *co = &self->co;

	if (co->err == REED_EEXIST)
		return reed_because(
			co, co->err,
			"another endpoint or process publishes this onion service; give "
			"each of them a key= of its own");
	return reed_because(co, co->err, "the onion service is not published");
}

void reed_tor_log_progress(struct reed_loop *loop, struct reed_slice line)
{
	char *progress = reed_tor_value(line, "PROGRESS");
	char *summary = reed_tor_value(line, "SUMMARY");
	char *warning = reed_tor_value(line, "WARNING");

	if (progress && warning)
		reed_log(loop, REED_LOG_WARN, "tor does not get on progress=%s summary=%s why=%s",
		         progress, summary ? summary : "", warning);
	else if (progress)
		reed_log(loop, REED_LOG_INFO, "tor connects to its network progress=%s summary=%s",
		         progress, summary ? summary : "");
	reed_free(progress);
	reed_free(summary);
	reed_free(warning);
}

static void publishing_run(struct reed_co *co)
{
	struct publishing *self = reed_frame(co, struct publishing);

	reed_coroutine (co) {
		reed_try(co, reed_tor_connect(co->loop, self->options.tor, &self->tor));
		reed_subscribe(reed_tor_events(self->tor), self->options.events, EVENTS_WAITING);
		reed_try(co, reed_tor_set_events(self->tor, "STATUS_CLIENT HS_DESC"));
		if (self->options.tor->single_hop) {
			reed_try(co, ask_mode(self));
			if (!is_of_that_mode(self))
				reed_try(co, wrong_mode(self));
			reed_log(co->loop, REED_LOG_WARN,
			         "everybody can find out where this onion service is");
		}
		reed_await(co, add_onion(self));
		if (co->err)
			reed_return(co, explain(self));
		reed_try(co, reed_tor_get_info(self->tor, "status/bootstrap-phase", &self->phase));
		reed_log(co->loop, REED_LOG_INFO,
		         "onion service address=%s.onion:%u tor=%s login=%s", self->onion.address,
		         self->options.port, reed_tor_version(self->tor),
		         reed_tor_login(self->tor));
		reed_tor_log_progress(co->loop, reed_slice_of(self->phase));
	}
}

static void publishing_deliver(struct reed_co *co)
{
	struct publishing *self = reed_frame(co, struct publishing);

	*self->out = self->tor;
	self->tor = NULL;
	*self->onion_out = self->onion;
}

static void publishing_end(struct reed_co *co)
{
	struct publishing *self = reed_frame(co, struct publishing);

	if (self->tor)
		reed_unsubscribe(self->options.events);
	reed_tor_close(self->tor);
	reed_tor_reply_finish(&self->mode);
	reed_free(self->phase);
}

static const struct reed_co_kind publishing_kind = {
	.name = "publish an onion service",
	.size = sizeof(struct publishing),
	.run = publishing_run,
	.deliver = publishing_deliver,
	.end = publishing_end,
};

struct reed_future *reed_tor_publish(struct reed_loop *loop, const struct publish_options *options,
                                     struct reed_tor **tor, struct reed_tor_onion *onion)
{
	struct publishing *self = reed_co_new(loop, &publishing_kind);

	self->options = *options;
	self->out = tor;
	self->onion_out = onion;
	return reed_start(&self->co);
}
