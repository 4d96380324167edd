/* Through a proxy: a dialogue is held over a stream, within its time. */

#include "reed/tunnel.h"

#include <string.h>

#include "resolve_private.h"
#include "tunnel_private.h"

/* ---- what the dialogues have in common ---- */

static void forget(char *secret)
{
	if (secret)
		reed_wipe(secret, strlen(secret));
	reed_free(secret);
}

enum reed_err reed_talk_init(struct reed_talk *t, const struct reed_talk_ops *ops,
                             const struct reed_tunnel_options *o, struct reed_fault **fault)
{
	struct reed_slice host = reed_slice_of(o->host);
	char digits[REED_ADDRESS_TEXT];
	struct reed_name name;

	*t = (struct reed_talk){ .ops = ops, .port = o->port };
	t->user = reed_strdup(o->user);
	t->password = reed_strdup(o->password);
	if (!reed_address_parse(host, o->port, &t->address)) {
		t->address.scope_id = 0; /* which would be of this machine */
		t->host = reed_strdup(reed_address_host(&t->address, digits));
		return REED_OK;
	}
	if (reed_name_read(host, &name, fault))
		return REED_ESYNTAX;
	t->host = reed_strdup(name.text);
	return REED_OK;
}

void reed_talk_finish(struct reed_talk *t)
{
	forget(t->user);
	forget(t->password);
	if (t->out.p)
		reed_wipe(t->out.p, t->out.size);
	reed_buf_finish(&t->out);
	reed_free(t->host);
}

/* ---- the dialogue ---- */

struct dialogue {
	struct reed_co co;
	struct reed_talk *talk;
	struct reed_stream *stream;
};

static void say(struct dialogue *self)
{
	struct reed_buf *out = &self->talk->out;

	reed_write(self->stream, reed_buf_slice(out));
	if (out->p)
		reed_wipe(out->p, out->size);
	reed_buf_clear(out);
}

static enum reed_err hear(struct dialogue *self, struct reed_fault **fault)
{
	struct reed_talk *t = self->talk;
	size_t n = 0;
	enum reed_err err = t->ops->hear(t, reed_peek(self->stream), &n, fault);

	if (err)
		return err;
	reed_skip(self->stream, n);
	say(self);
	return REED_OK;
}

static void dialogue_run(struct reed_co *co)
{
	struct dialogue *self = reed_frame(co, struct dialogue);
	struct reed_fault *fault = NULL;
	enum reed_err err;

	reed_coroutine (co) {
		if (self->talk->ops->begin(self->talk, &fault))
			reed_try(co, reed_failed_with(co->loop, fault));
		say(self);
		while (!self->talk->done) {
			err = hear(self, &fault);
			if (err == REED_EAGAIN) {
				reed_await(co, reed_more(self->stream));
				if (co->err)
					reed_return(co,
					            reed_because(co, co->err, "it did not answer"));
			} else if (err) {
				reed_try(co, reed_failed_with(co->loop, fault));
			}
		}
		reed_stream_hand_on(self->stream);
	}
}

static const struct reed_co_kind dialogue_kind = {
	.name = "dialogue",
	.size = sizeof(struct dialogue),
	.run = dialogue_run,
};

static struct reed_future *dialogue(struct reed_talk *talk, struct reed_stream *s)
{
	struct dialogue *self = reed_co_new(s->loop, &dialogue_kind);

	self->talk = talk;
	self->stream = s;
	return reed_start(&self->co);
}

/* ---- within its time ---- */

struct tunnel {
	struct reed_co co;
	struct reed_talk talk;
	struct reed_stream *stream;
	int64_t timeout_ms;
	struct reed_fault *fault; /* of the options */
	char proxy[REED_ADDRESS_TEXT];
};

static struct reed_future *hold(struct tunnel *self)
{
	struct reed_future *f = dialogue(&self->talk, self->stream);

	return self->timeout_ms > 0 ? reed_within(self->timeout_ms, f) : f;
}

static void tunnel_run(struct reed_co *co)
{
	struct tunnel *self = reed_frame(co, struct tunnel);
	struct reed_fault *fault = self->fault;

	reed_coroutine (co) {
		self->fault = NULL;
		if (fault)
			reed_try(co, reed_failed_with(co->loop, fault));
		reed_await(co, hold(self));
		if (co->err)
			reed_return(co, reed_because(co, co->err,
			                             "through the %s proxy at %s to %s port %u",
			                             self->talk.ops->name, self->proxy,
			                             self->talk.host, self->talk.port));
	}
}

static void tunnel_end(struct reed_co *co)
{
	struct tunnel *self = reed_frame(co, struct tunnel);

	reed_fault_free(self->fault);
	reed_talk_finish(&self->talk);
}

static const struct reed_co_kind tunnel_kind = {
	.name = "tunnel",
	.size = sizeof(struct tunnel),
	.run = tunnel_run,
	.end = tunnel_end,
};

static struct reed_future *tunnel(struct reed_stream *s, const struct reed_talk_ops *ops,
                                  const struct reed_tunnel_options *given)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_tunnel_options o = REED_TUNNEL_OPTIONS;
	struct tunnel *self = reed_co_new(s->loop, &tunnel_kind);

	memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	reed_talk_init(&self->talk, ops, &o, &self->fault);
	reed_stream_facts(s, &facts);
	reed_address_text(&facts.peer, self->proxy);
	self->stream = s;
	self->timeout_ms = o.timeout_ms;
	return reed_start(&self->co);
}

struct reed_future *reed_socks5(struct reed_stream *s, const struct reed_tunnel_options *options)
{
	return tunnel(s, &reed_socks5_talk, options);
}

struct reed_future *reed_socks4a(struct reed_stream *s, const struct reed_tunnel_options *options)
{
	return tunnel(s, &reed_socks4a_talk, options);
}

struct reed_future *reed_http_connect(struct reed_stream *s,
                                      const struct reed_tunnel_options *options)
{
	return tunnel(s, &reed_connect_talk, options);
}
