/*
 * The addresses of a name, of both families at once.
 *
 * Each name of the search list is asked for in turn, AAAA and A together, until
 * one has an address; so what is found is of one name.  A server that cannot
 * tell about one of them is no reason not to try the next, as with the resolver
 * of the C library, but silence is.
 */

#include "reed/co.h"
#include "reed/scope.h"
#include "resolve_private.h"

struct seek {
	struct reed_co co;
	struct reed_resolver *resolver;
	struct reed_found *found;
	struct reed_scope legs;
	struct reed_name name, candidate;
	uint16_t port;
	unsigned families;
	int tries;
	bool told[REED_FAMILIES]; /* about this candidate */
	enum reed_err err;        /* of the first question that failed */
};

struct leg {
	struct reed_co co;
	struct seek *seek;
	int family;
	struct reed_known *known;
};

void reed_found_finish(struct reed_found *found)
{
	for (int i = 0; i < REED_FAMILIES; i++)
		reed_addresses_finish(&found->of[i]);
	reed_fault_free(found->fault);
	found->fault = NULL;
}

static bool found_any(const struct reed_found *found)
{
	return found->of[REED_V6].count > 0 || found->of[REED_V4].count > 0;
}

/* ---- one question ---- */

static void add(struct seek *self, int family, const struct reed_answer *answer)
{
	struct reed_addresses *to = &self->found->of[family];

	for (size_t i = 0; i < answer->count && to->count < REED_ADDRESSES_MAX; i++) {
		struct reed_address a = answer->list[i].address;

		a.port = self->port;
		reed_addresses_add(to, &a);
	}
	reed_addresses_sort(self->co.loop, to);
}

/* A family of which there is nothing is known only when this candidate is the one. */
static void tell(struct seek *self, int family)
{
	self->told[family] = true;
	if (!found_any(self->found))
		return;
	for (int i = 0; i < REED_FAMILIES; i++)
		self->found->known[i] = self->told[i];
	reed_cell_touch(&self->found->news);
}

static void leg_run(struct reed_co *co)
{
	struct leg *self = reed_frame(co, struct leg);
	struct seek *seek = self->seek;

	reed_coroutine (co) {
		reed_await(co, reed_ask(seek->resolver, seek->candidate.text,
		                        self->family == REED_V6 ? REED_RECORD_AAAA : REED_RECORD_A,
		                        &self->known));
		if (!co->err) {
			add(seek, self->family, &self->known->answer);
		} else if (!seek->err) {
			seek->err = co->err;
			seek->found->fault = reed_co_take_fault(co);
		}
		tell(seek, self->family);
	}
}

static void leg_end(struct reed_co *co)
{
	reed_known_release(reed_frame(co, struct leg)->known);
}

static const struct reed_co_kind leg_kind = {
	.name = "resolve leg",
	.size = sizeof(struct leg),
	.run = leg_run,
	.end = leg_end,
};

static void begin_legs(struct seek *self)
{
	for (int i = 0; i < REED_FAMILIES; i++) {
		struct leg *leg;

		self->told[i] = !(self->families & 1u << i);
		if (self->told[i])
			continue;
		leg = reed_co_new(self->co.loop, &leg_kind);
		leg->seek = self;
		leg->family = i;
		reed_scope_add(&self->legs, reed_start(&leg->co));
	}
}

/* ---- what needs no question ---- */

static void add_one(struct reed_found *found, struct reed_address a, uint16_t port,
                    unsigned families)
{
	int family = a.family == REED_FAMILY_IPV6 ? REED_V6 : REED_V4;

	a.port = port;
	if (families & 1u << family)
		reed_addresses_add(&found->of[family], &a);
}

/* RFC 6761 6.3 */
static void add_loopback(struct reed_found *found, uint16_t port, unsigned families)
{
	const struct reed_address v6 = { .family = REED_FAMILY_IPV6, .ip = { [15] = 1 } };
	const struct reed_address v4 = { .family = REED_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } };

	add_one(found, v6, port, families);
	add_one(found, v4, port, families);
}

static void all_known(struct reed_found *found)
{
	for (int i = 0; i < REED_FAMILIES; i++)
		found->known[i] = true;
	reed_cell_touch(&found->news);
}

static bool find_in_hosts(struct seek *self)
{
	const struct reed_hosts *hosts = self->resolver->hosts;
	struct reed_addresses got = { NULL, 0 };
	bool found = false;

	if (!reed_resolver_uses_system(self->resolver) || !hosts)
		return false;
	found = reed_hosts_addresses(hosts, self->name.text, REED_FAMILY_IPV6, &got);
	reed_hosts_addresses(hosts, self->name.text, REED_FAMILY_IPV4, &got);
	for (size_t i = 0; i < got.count; i++)
		add_one(self->found, got.list[i], self->port, self->families);
	reed_addresses_finish(&got);
	for (int i = 0; i < REED_FAMILIES; i++)
		reed_addresses_sort(self->co.loop, &self->found->of[i]);
	return found;
}

/* ---- the whole ---- */

static bool next_candidate(struct seek *self)
{
	const struct reed_resolver *r = self->resolver;
	const struct reed_search *search = NULL;

	if (found_any(self->found) || (self->err && self->err != REED_EIO))
		return false;
	if (reed_resolver_uses_system(r) && r->dns)
		search = reed_dns_search(r->dns);
	return reed_name_candidate(&self->name, search, self->tries++, &self->candidate);
}

static enum reed_err verdict(struct seek *self, struct reed_co *co)
{
	if (found_any(self->found))
		return REED_OK;
	co->err = self->err ? self->err : REED_ENAME;
	if (self->err)
		co->fault = reed_fault_copy(self->found->fault);
	else
		co->fault =
			reed_fault(REED_ENAME, NULL, "there is no host called %s", self->name.text);
	return co->err;
}

static void seek_run(struct reed_co *co)
{
	struct seek *self = reed_frame(co, struct seek);
	struct reed_resolver *r = self->resolver;

	reed_coroutine (co) {
		while (reed_must_look(r))
			reed_try(co, reed_cell_changed(co->loop, &r->looked, r->looked.count));
		if (find_in_hosts(self)) {
			all_known(self->found);
			reed_return(co, verdict(self, co));
		}
		while (next_candidate(self)) {
			begin_legs(self);
			reed_try(co, reed_scope_wait(&self->legs));
		}
		reed_return(co, verdict(self, co));
	}
}

static void seek_end(struct reed_co *co)
{
	struct seek *self = reed_frame(co, struct seek);

	reed_scope_finish(&self->legs);
}

static const struct reed_co_kind seek_kind = {
	.name = "resolve seek",
	.size = sizeof(struct seek),
	.run = seek_run,
	.end = seek_end,
};

static struct reed_future *start(struct reed_loop *loop, const struct reed_name *name,
                                 uint16_t port, unsigned families, struct reed_found *found)
{
	struct seek *self = reed_co_new(loop, &seek_kind);

	reed_scope_init(&self->legs, loop, NULL, "resolve");
	self->legs.policy = REED_SCOPE_IGNORE;
	self->resolver = reed_resolver_of(loop);
	self->name = *name;
	self->port = port;
	self->families = families;
	self->found = found;
	return reed_start(&self->co);
}

struct reed_future *reed_seek(struct reed_loop *loop, struct reed_slice host, uint16_t port,
                              unsigned families, struct reed_found *found)
{
	struct reed_fault *fault = NULL;
	struct reed_address digits;
	struct reed_name name;

	if (!reed_address_parse(host, port, &digits)) {
		add_one(found, digits, port, families);
	} else if (reed_name_read(host, &name, &fault)) {
		return reed_failed_with(loop, fault);
	} else if (!reed_address_parse(reed_slice_of(name.text), port, &digits)) {
		add_one(found, digits, port, families); /* they were full-width */
	} else if (reed_name_is_in(name.text, "localhost")) {
		add_loopback(found, port, families);
	} else {
		return start(loop, &name, port, families, found);
	}
	all_known(found);
	if (found_any(found))
		return reed_ready(loop, REED_OK);
	return reed_failed(loop, REED_ENAME, REED_FMT " is of the other family", REED_ARG(host));
}
