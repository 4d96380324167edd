/* PROXY headers of streams: read, written, and made part of what is known of them. */

#include <string.h>

#include "private.h"
#include "proxy_private.h"

/* ---- what was told ---- */

struct told {
	struct reed_rider rider;
	struct reed_proxy_facts facts;
	char tlvs[]; /* what the slices point into */
};

/* Of a chain of two ways the weaker one counts; users and certificates are the proxy's own. */
static void told_facts(struct reed_rider *rider, struct reed_stream_facts *facts)
{
	struct told *self = reed_container_of(rider, struct told, rider);

	self->facts.via = facts->peer;
	facts->proxy = &self->facts;
	if (self->facts.local)
		return;
	if (self->facts.source.family != REED_FAMILY_NONE) {
		facts->peer = self->facts.source;
		facts->local = self->facts.destination;
	}
	facts->secure &= self->facts.tls;
	facts->has_credentials = false;
	facts->tls = NULL;
}

static void told_gone(struct reed_rider *rider)
{
	reed_free(reed_container_of(rider, struct told, rider));
}

static const struct reed_rider_ops told_ops = {
	.name = "proxy",
	.facts = told_facts,
	.gone = told_gone,
};

static void move(struct reed_slice *word, struct reed_slice from, const char *to)
{
	if (word->n > 0)
		word->p = to + (word->p - from.p);
}

void reed_proxy_tell(struct reed_stream *s, const struct reed_proxy_facts *told)
{
	struct told *self = reed_alloc(sizeof(*self) + told->tlvs.n);
	struct reed_slice from = told->tlvs;
	struct reed_proxy_facts *f = &self->facts;
	struct reed_slice *words[] = { &f->alpn,       &f->authority,     &f->unique_id,
		                       &f->netns,      &f->tls_version,   &f->tls_name,
		                       &f->tls_cipher, &f->tls_signature, &f->tls_key,
		                       &f->tlvs };

	*f = *told;
	if (from.n > 0)
		memcpy(self->tlvs, from.p, from.n);
	for (size_t i = 0; i < REED_COUNT(words); i++)
		move(words[i], from, self->tlvs);
	self->rider.ops = &told_ops;
	reed_stream_carry(s, &self->rider);
}

/* ---- reading ---- */

struct reading {
	struct reed_co co;
	struct reed_stream *stream;
};

/* REED_EAGAIN: more has to come. */
static enum reed_err take_header(struct reed_stream *s, struct reed_fault **fault)
{
	struct reed_proxy_facts told;
	size_t n;
	enum reed_err err = reed_proxy_parse(reed_peek(s), &told, &n, fault);

	if (err)
		return err;
	reed_proxy_tell(s, &told);
	reed_skip(s, n);
	reed_stream_hand_on(s);
	return REED_OK;
}

static void reading_run(struct reed_co *co)
{
	struct reading *self = reed_frame(co, struct reading);
	struct reed_fault *fault = NULL;
	enum reed_err err;

	reed_coroutine (co) {
		while ((err = take_header(self->stream, &fault)) == REED_EAGAIN) {
			reed_await(co, reed_more(self->stream));
			if (co->err)
				reed_return(co, reed_because(co, co->err,
				                             "the PROXY header did not come"));
		}
		if (err)
			reed_try(co, reed_failed_with(co->loop, fault));
	}
}

static const struct reed_co_kind reading_kind = {
	.name = "proxy header",
	.size = sizeof(struct reading),
	.run = reading_run,
};

struct reed_future *reed_proxy_read(struct reed_stream *s)
{
	struct reading *self = reed_co_new(s->loop, &reading_kind);

	self->stream = s;
	return reed_start(&self->co);
}

/* ---- writing ---- */

enum reed_err reed_proxy_write(struct reed_stream *s, const struct reed_proxy_facts *given)
{
	struct reed_stream_facts own = { .size = sizeof(own) };
	struct reed_proxy_facts told = REED_PROXY_FACTS;
	struct reed_buf header;
	enum reed_err err;

	if (given) {
		memcpy(&told, given, given->size < sizeof(told) ? given->size : sizeof(told));
	} else {
		reed_stream_facts(s, &own);
		told.source = own.local;
		told.destination = own.peer;
	}
	reed_buf_init(&header, REED_PROXY_LENGTH);
	err = reed_proxy_format(&told, &header);
	if (!err)
		reed_write(s, reed_buf_slice(&header));
	reed_buf_finish(&header);
	return err;
}
