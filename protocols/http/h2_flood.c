/*
 * Frames that cost the sender less than us: so many of a kind are taken in ten
 * seconds, then the connection ends.  CVE-2023-44487, CVE-2019-9512 and others.
 */

#include "h2.h"

#include "reed/log.h"

static const char *const names[] = {
#define X(name, text) text,
	H2_NOISES(X)
#undef X
};

void h2_log(struct h2 *self, const char *what, const char *why)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char peer[REED_ADDRESS_TEXT];

	if (self->protocol->stream)
		reed_stream_facts(self->protocol->stream, &facts);
	reed_log(self->server->loop, REED_LOG_WARN, "%s peer=%s why=%s", what,
	         facts.peer.family ? reed_address_host(&facts.peer, peer) : "-", why);
}

void h2_endure(struct h2 *self, enum h2_noise what)
{
	int64_t now = reed_now(self->server->loop);

	if (self->over || self->mux.failed)
		return;
	if (now - self->noise_from > REED_MS(H2_NOISE_MS)) {
		memset(self->noises, 0, sizeof(self->noises));
		self->noise_from = now;
	}
	if (++self->noises[what] <= self->server->limits.noise)
		return;
	self->server->stats.refused++;
	h2_log(self, "a flood of HTTP/2 frames", names[what]);
	h2_mux_fail(&self->mux, H2_ENHANCE_YOUR_CALM, NULL);
}
