/* Which upstream is asked, and how it has fared. */

#include "relay.h"

#include "reed/log.h"

/* ---- how it has fared ---- */

bool upstream_rests(const struct upstream *u)
{
	const struct reed_http_proxy *p = u->proxy;

	return u->in_a_row >= p->options.failures &&
	       (u->tried || reed_now(p->loop) < u->rests_until);
}

void upstream_well(struct upstream *u)
{
	u->in_a_row = 0;
	u->tried = false;
}

void upstream_failed(struct upstream *u, enum upstream_failure how)
{
	const struct reed_http_proxy *p = u->proxy;

	u->failures++;
	upstream_broke(u, how);
	u->tried = false;
	if (++u->in_a_row < p->options.failures)
		return;
	if (u->in_a_row == p->options.failures)
		reed_log(p->loop, REED_LOG_ERROR,
		         "an upstream is left alone for a while upstream=%s", u->shown);
	u->in_a_row = p->options.failures;
	u->rests_until = reed_now(p->loop) + REED_MS((int64_t)p->options.rest_ms);
}

void upstream_left(struct upstream *u)
{
	u->tried = false;
}

/* ---- which ---- */

static bool is_fit(const struct reed_http_proxy *p, unsigned i, uint64_t tried)
{
	return !(tried >> i & 1) && !p->upstreams[i].ill && !upstream_rests(&p->upstreams[i]);
}

static struct upstream *in_turn(struct reed_http_proxy *p, uint64_t tried)
{
	for (unsigned n = 0; n < p->count; n++) {
		unsigned i = (p->next + n) % p->count;

		if (!is_fit(p, i, tried))
			continue;
		p->next = i + 1;
		return &p->upstreams[i];
	}
	return NULL;
}

static struct upstream *least(struct reed_http_proxy *p, uint64_t tried)
{
	struct upstream *best = in_turn(p, tried);

	for (unsigned i = 0; best && i < p->count; i++)
		if (is_fit(p, i, tried) && p->upstreams[i].active < best->active)
			best = &p->upstreams[i];
	return best;
}

/* The highest of all hashes: when one goes, only its own clients move. */
static struct upstream *by_hash(struct reed_http_proxy *p, struct reed_http_request *r,
                                uint64_t tried)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char text[REED_ADDRESS_TEXT];
	struct upstream *best = NULL;
	struct reed_slice key;
	uint64_t highest = 0;

	reed_http_facts(r, &facts);
	key = reed_slice_of(reed_address_host(&facts.peer, text));
	for (unsigned i = 0; i < p->count; i++) {
		uint64_t hash = reed_slice_hash(key, p->upstreams[i].seed);

		if (!is_fit(p, i, tried) || (best && hash <= highest))
			continue;
		best = &p->upstreams[i];
		highest = hash;
	}
	return best;
}

/* ---- cookies (RFC 6265 4.2) ---- */

static struct reed_slice cookie_of(const struct reed_http_request *r, const char *name)
{
	struct reed_slice rest = reed_http_header(r, "cookie");

	while (rest.n > 0) {
		struct reed_slice value = reed_slice_trim(reed_slice_cut(&rest, ';'));

		if (reed_slice_is(reed_slice_cut(&value, '='), name))
			return value;
	}
	return REED_STR("");
}

static struct upstream *by_cookie(struct reed_http_proxy *p, const struct reed_http_request *r,
                                  uint64_t tried)
{
	struct reed_slice id = cookie_of(r, p->cookie);

	for (unsigned i = 0; i < p->count; i++)
		if (reed_slice_is(id, p->upstreams[i].id))
			return is_fit(p, i, tried) ? &p->upstreams[i] : NULL;
	return NULL;
}

void upstream_cookie(const struct upstream *u, struct reed_http_request *r)
{
	const struct reed_http_proxy *p = u->proxy;
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	if (p->options.balance != REED_HTTP_STICKY || reed_slice_is(cookie_of(r, p->cookie), u->id))
		return;
	reed_http_facts(r, &facts);
	reed_http_addf(r, "Set-Cookie", "%s=%s; Path=/; HttpOnly; SameSite=Lax%s", p->cookie, u->id,
	               facts.secure ? "; Secure" : "");
}

static struct upstream *by_balance(struct reed_http_proxy *p, struct reed_http_request *r,
                                   uint64_t tried)
{
	struct upstream *u;

	switch (p->options.balance) {
	case REED_HTTP_LEAST:
		return least(p, tried);
	case REED_HTTP_HASH:
		return by_hash(p, r, tried);
	case REED_HTTP_STICKY:
		u = by_cookie(p, r, tried);
		return u ? u : least(p, tried);
	case REED_HTTP_ROUND_ROBIN:
		break;
	}
	return in_turn(p, tried);
}

struct upstream *upstream_choose(struct reed_http_proxy *p, struct reed_http_request *r,
                                 uint64_t tried)
{
	struct upstream *u = by_balance(p, r, tried);

	if (u && u->in_a_row >= p->options.failures)
		u->tried = true; /* by this one request; others wait for how it fares */
	return u;
}
