/* Whom a question may ask: the servers of a zone, of the root, or those forwarded to. */

#include "walk.h"

static void add_address(struct dns_walk *self, uint16_t type, struct reed_slice rdata)
{
	struct reed_address address = { .port = 53 };

	if (type == REED_DNS_TYPE_A && rdata.n == 4)
		address.family = REED_FAMILY_IPV4;
	else if (type == REED_DNS_TYPE_AAAA && rdata.n == 16 && !self->resolver->options.only_ipv4)
		address.family = REED_FAMILY_IPV6;
	else
		return;
	memcpy(address.ip, rdata.p, rdata.n);
	for (size_t i = 0; i < self->server_count; i++)
		if (reed_address_eq(&self->servers[i].address, &address))
			return;
	if (self->server_count < SERVERS_MOST)
		self->servers[self->server_count++] = (struct dns_server){ .address = address };
}

static struct dns_entry *find_known(struct dns_walk *self, const struct reed_dns_name *name,
                                    uint16_t type, uint8_t kind)
{
	struct dns_entry *entry = dns_cache_find(self->resolver->cache, name, type, kind);

	return entry && !entry->failed && entry->expires > reed_now(self->co.loop) ? entry : NULL;
}

/* Those in the cache, if there are any. */
static bool add_known(struct dns_walk *self, const struct reed_dns_name *name, uint16_t type)
{
	struct reed_dns_name key = *name;
	struct reed_dns_record record;
	struct reed_dns_message m;
	struct reed_dns_walk walk;
	struct dns_entry *entry;
	size_t before = self->server_count;

	reed_dns_name_lower(&key);
	entry = find_known(self, &key, type, DNS_KEPT_CHECKING);
	entry = entry ? entry : find_known(self, &key, type, 0);
	if (!entry)
		return false;
	dns_entry_message(entry, &m);
	reed_dns_walk(&m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &record))
		if (record.type == type)
			add_address(self, type, reed_slice(m.bytes.p + record.rdata, record.size));
	return self->server_count > before;
}

static void add_server(struct dns_walk *self, const struct reed_dns_name *name, bool has_glue)
{
	bool known = add_known(self, name, REED_DNS_TYPE_A);

	if (!self->resolver->options.only_ipv4)
		known |= add_known(self, name, REED_DNS_TYPE_AAAA);
	if (!known && !has_glue && self->missing_count < LOOKUPS_MOST)
		self->missing[self->missing_count++] = *name;
}

static void forget(struct dns_walk *self)
{
	self->server_count = self->missing_count = self->missing_at = 0;
	self->want_ipv6 = false;
	self->server = NULL;
}

static bool has_glue(struct reed_slice pile, const struct reed_dns_name *name)
{
	struct dns_piece item;

	while (dns_pile_next(&pile, &item))
		if (item.section == REED_DNS_ADDITIONAL && reed_dns_name_eq(&item.owner, name))
			return true;
	return false;
}

void dns_servers_of_referral(struct dns_walk *self, struct reed_slice pile)
{
	struct reed_slice rest = pile;
	struct reed_dns_name name;
	struct dns_piece item;

	forget(self);
	while (dns_pile_next(&rest, &item))
		if (item.section == REED_DNS_ADDITIONAL)
			add_address(self, item.type, item.rdata);
		else if (!reed_dns_rdata_name(item.type, item.rdata, &name))
			add_server(self, &name, has_glue(pile, &name));
}

/* A referral kept is the same as one that has just come. */
static void add_cut(struct dns_walk *self, const struct dns_entry *entry)
{
	struct reed_buf pile = { 0 };
	struct reed_dns_record record;
	struct reed_dns_message m;
	struct reed_dns_walk walk;
	struct dns_piece item;

	dns_entry_message(entry, &m);
	reed_dns_walk(&m, REED_DNS_AUTHORITY, &walk);
	walk.on = true;
	while (reed_dns_next(&walk, &record)) {
		item.section = record.section;
		item.type = record.type;
		item.ttl = record.ttl;
		if (!reed_dns_record_owner(&record, &item.owner) &&
		    !reed_dns_record_rdata(&record, self->resolver->scratch, REED_DNS_RDATA_MAX,
		                           &item.rdata))
			dns_pile_add(&pile, &item);
	}
	dns_servers_of_referral(self, reed_buf_slice(&pile));
	reed_buf_finish(&pile);
}

static void add_roots(struct dns_walk *self)
{
	struct reed_dns_resolver *resolver = self->resolver;

	for (size_t i = 0; i < resolver->root_count && self->server_count < SERVERS_MOST; i++)
		if (resolver->roots[i].family == REED_FAMILY_IPV4 || !resolver->options.only_ipv4)
			self->servers[self->server_count++] =
				(struct dns_server){ .address = resolver->roots[i] };
}

static void add_upstreams(struct dns_walk *self)
{
	struct reed_dns_resolver *resolver = self->resolver;

	for (size_t i = 0; i < resolver->upstream_count && i < SERVERS_MOST; i++)
		self->servers[self->server_count++] =
			(struct dns_server){ .upstream = &resolver->upstreams[i] };
}

void dns_servers_of_cut(struct dns_walk *self)
{
	/* What is delegated from a zone is not in it: DS is above (RFC 4035 3.1.4.1). */
	unsigned labels = self->target.labels;
	struct dns_entry *entry;

	forget(self);
	reed_dns_name_root(&self->cut);
	if (self->resolver->upstream_count) {
		add_upstreams(self);
		return;
	}
	labels -= self->key.type == REED_DNS_TYPE_DS && labels;
	for (; labels; labels--) {
		reed_dns_name_suffix(&self->target, labels, &self->cut);
		reed_dns_name_lower(&self->cut);
		entry = dns_cache_find(self->resolver->cache, &self->cut, REED_DNS_TYPE_NS,
		                       DNS_KEPT_CUT);
		if (!entry || entry->expires <= reed_now(self->co.loop))
			continue;
		add_cut(self, entry);
		if (self->server_count || self->missing_count)
			return;
	}
	reed_dns_name_root(&self->cut);
	add_roots(self);
}

void dns_servers_again(struct dns_walk *self)
{
	for (size_t i = 0; i < self->server_count; i++)
		self->servers[i].tries = 0;
}

struct dns_station *dns_server_station(struct dns_walk *self, const struct dns_server *server)
{
	return server->upstream ? &server->upstream->station
	                        : dns_station_of(self->resolver, &server->address);
}

uint64_t dns_cut_hash(const struct dns_walk *self)
{
	return reed_dns_name_hash(&self->cut, self->resolver->seed);
}

struct dns_server *dns_server_next(struct dns_walk *self)
{
	struct dns_server *best = NULL;
	int64_t best_score = 0;
	uint64_t zone = dns_cut_hash(self);

	for (size_t i = 0; i < self->server_count; i++) {
		struct dns_server *server = &self->servers[i];
		int64_t score;

		if (server->tries >= TRIES_EACH || (best && server->tries > best->tries))
			continue;
		score = dns_station_score(dns_server_station(self, server), zone, self->co.loop);
		if (best && server->tries == best->tries && score >= best_score)
			continue;
		best = server;
		best_score = score;
	}
	if (best)
		best->tries++;
	return best;
}

bool dns_server_missing(struct dns_walk *self)
{
	if (self->depth >= DEPTH_MOST)
		return false;
	if (self->missing_at < self->missing_count)
		return true;
	if (self->want_ipv6 || self->resolver->options.only_ipv4 || !self->missing_count ||
	    self->server_count)
		return false;
	self->want_ipv6 = true;
	self->missing_at = 0;
	return true;
}

void dns_servers_found(struct dns_walk *self)
{
	uint16_t type = self->want_ipv6 ? REED_DNS_TYPE_AAAA : REED_DNS_TYPE_A;
	struct reed_dns_record record;
	struct reed_dns_message m;
	struct reed_dns_walk walk;

	if (!self->found)
		return;
	dns_entry_message(self->found, &m);
	reed_dns_walk(&m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &record))
		if (record.type == type)
			add_address(self, type, reed_slice(m.bytes.p + record.rdata, record.size));
	dns_entry_release(self->found);
	self->found = NULL;
}
