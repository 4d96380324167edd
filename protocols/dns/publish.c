/* Records of programs: which zones they are of, and how they get there. */

#include "publish.h"

#include "reed/co.h"
#include "reed/dns/build.h"

/* ---- changes in memory ---- */

void dns_changes_add(struct dns_changes *changes, enum dns_change_kind kind,
                     const struct reed_dns_name *owner, uint16_t type, uint32_t ttl,
                     struct reed_slice rdata)
{
	struct dns_item item = { reed_dns_name_wire(owner), type, ttl, rdata };

	if (!changes->count++)
		changes->first = *owner;
	reed_buf_add_char(&changes->bytes, (char)kind);
	dns_item_add(&changes->bytes, &item);
}

bool dns_changes_next(struct reed_slice *rest, enum dns_change_kind *kind, struct dns_item *item)
{
	if (!rest->n)
		return false;
	*kind = (enum dns_change_kind)rest->p[0];
	*rest = reed_slice_from(*rest, 1);
	return dns_item_next(rest, item);
}

/* ---- by the keeper of the zone, as an update (RFC 2136 2.5) ---- */

static void build_change(struct reed_dns_builder *b, enum dns_change_kind kind,
                         const struct dns_item *item)
{
	static const uint16_t classes[] = { [DNS_CHANGE_ADD] = REED_DNS_CLASS_IN,
		                            [DNS_CHANGE_REMOVE] = REED_DNS_CLASS_NONE,
		                            [DNS_CHANGE_CLEAR] = REED_DNS_CLASS_ANY };
	struct reed_slice none = { NULL, 0 };
	struct reed_dns_name owner;

	reed_dns_name_take(item->owner, &owner);
	reed_dns_build_record(b, REED_DNS_AUTHORITY, &owner, item->type, classes[kind],
	                      kind == DNS_CHANGE_ADD ? item->ttl : 0,
	                      kind == DNS_CHANGE_CLEAR ? none : item->rdata);
}

enum reed_err dns_changes_build(struct reed_slice changes, const struct reed_dns_name *zone,
                                uint16_t id, uint8_t *into, struct reed_slice *message)
{
	enum dns_change_kind kind;
	struct reed_dns_builder b;
	struct dns_item item;

	reed_dns_build(&b, into, REED_DNS_MESSAGE_MAX);
	reed_dns_build_header(&b, id, REED_DNS_OPCODE_UPDATE << 11);
	reed_dns_build_question(&b, zone, REED_DNS_TYPE_SOA, REED_DNS_CLASS_IN);
	while (dns_changes_next(&changes, &kind, &item))
		build_change(&b, kind, &item);
	return b.truncated ? REED_ETOOBIG : reed_dns_build_end(&b, message);
}

struct updating {
	struct reed_co co;
	struct reed_future *future;
	unsigned rcode;
};

enum reed_err dns_update_meaning(unsigned rcode)
{
	switch (rcode) {
	case REED_DNS_RCODE_NOERROR:
		return REED_OK;
	case REED_DNS_RCODE_REFUSED:
		return REED_EACCES;
	case REED_DNS_RCODE_NOTAUTH:
		return REED_ENOTSUP;
	case REED_DNS_RCODE_SERVFAIL:
		return REED_EBUSY;
	default:
		return REED_EINVAL;
	}
}

static void updating_run(struct reed_co *co)
{
	struct updating *self = reed_frame(co, struct updating);

	reed_coroutine (co) {
		if (self->future)
			reed_try(co, self->future);
		if (self->rcode)
			reed_return(co, reed_because(co, dns_update_meaning(self->rcode),
			                             "the zone cannot have it: a secondary is "
			                             "asked, or it is frozen, not read, or would "
			                             "break a rule"));
	}
}

static const struct reed_co_kind updating_kind = {
	.name = "dns publish",
	.size = sizeof(struct updating),
	.run = updating_run,
};

static struct reed_future *update(struct reed_dns_server *self, const struct dns_served *served,
                                  const struct dns_changes *changes)
{
	uint8_t *room = reed_alloc_raw(REED_DNS_MESSAGE_MAX);
	struct updating *updating;
	struct reed_slice message;
	enum reed_err err = dns_changes_build(reed_buf_slice(&changes->bytes), &served->name, 0,
	                                      room, &message);

	if (err) {
		reed_free(room);
		return reed_ready(self->loop, err);
	}
	updating = reed_co_new(self->loop, &updating_kind);
	updating->future = served->hooks->change(served->hooks_arg, message, &updating->rcode);
	reed_free(room);
	return reed_start(&updating->co);
}

/* ---- zone by zone ---- */

static struct dns_served *zone_of(const struct reed_dns_server *self,
                                  const struct reed_dns_name *owner)
{
	struct reed_dns_name name = *owner;
	struct dns_served *served;

	for (;; reed_dns_name_suffix(&name, name.labels - 1, &name)) {
		served = dns_served_exact(self, &name);
		if (served && (served->zone || served->held))
			return served;
		if (!name.labels)
			return NULL;
	}
}

static struct reed_future *publish_in(struct reed_dns_server *self, struct dns_served *served,
                                      const struct dns_changes *changes)
{
	if (served->hooks && served->hooks->change)
		return update(self, served, changes);
	if (served->hooks || !served->zone)
		return reed_ready(self->loop, REED_ENOTSUP);
	return reed_ready(self->loop, dns_overlay_change(served, changes));
}

/* Those of the zone of the first; the rest stays. */
static void split(const struct reed_dns_server *self, const struct dns_served *served,
                  struct dns_changes *changes, struct dns_changes *part)
{
	struct reed_slice rest = reed_buf_slice(&changes->bytes);
	struct dns_changes others = { 0 };
	enum dns_change_kind kind;
	struct dns_item item;

	while (dns_changes_next(&rest, &kind, &item)) {
		struct reed_dns_name owner;
		bool is_here;

		reed_dns_name_take(item.owner, &owner);
		is_here = zone_of(self, &owner) == served;
		dns_changes_add(is_here ? part : &others, kind, &owner, item.type, item.ttl,
		                item.rdata);
	}
	reed_buf_finish(&changes->bytes);
	*changes = others;
}

struct publishing {
	struct reed_co co;
	struct reed_dns_server *server;
	struct dns_changes rest;
};

static struct reed_future *next_zone(struct publishing *self)
{
	struct dns_served *served = zone_of(self->server, &self->rest.first);
	struct dns_changes part = { 0 };
	struct reed_future *f;

	if (!served)
		return reed_ready(self->co.loop, REED_ENOENT);
	split(self->server, served, &self->rest, &part);
	f = publish_in(self->server, served, &part);
	reed_buf_finish(&part.bytes);
	return f;
}

static enum reed_err explain(struct reed_co *co)
{
	if (co->err == REED_ENOENT)
		return reed_because(co, co->err, "no zone here has the name");
	if (co->err == REED_ENOTSUP)
		return reed_because(co, co->err,
		                    "the zone is a secondary's, or signed by somebody else");
	return co->err;
}

static void publishing_run(struct reed_co *co)
{
	struct publishing *self = reed_frame(co, struct publishing);

	reed_coroutine (co) {
		while (self->rest.count) {
			reed_await(co, next_zone(self));
			if (co->err)
				reed_return(co, explain(co));
		}
	}
}

static void publishing_end(struct reed_co *co)
{
	reed_buf_finish(&reed_frame(co, struct publishing)->rest.bytes);
}

static const struct reed_co_kind publishing_kind = {
	.name = "dns publish",
	.size = sizeof(struct publishing),
	.run = publishing_run,
	.end = publishing_end,
};

struct reed_future *dns_publish(struct reed_dns_server *self, struct dns_changes *changes)
{
	struct publishing *publishing = reed_co_new(self->loop, &publishing_kind);

	publishing->server = self;
	publishing->rest = *changes;
	*changes = (struct dns_changes){ 0 };
	return reed_start(&publishing->co);
}

/* ---- single records ---- */

struct reed_future *reed_dns_publish(struct reed_dns_server *self,
                                     const struct reed_dns_name *owner, uint16_t type, uint32_t ttl,
                                     struct reed_slice rdata)
{
	struct dns_changes changes = { 0 };

	if (reed_dns_type_is_meta(type) || reed_dns_rdata_check(type, rdata))
		return reed_ready(self->loop, REED_ESYNTAX);
	dns_changes_add(&changes, DNS_CHANGE_ADD, owner, type, ttl, rdata);
	return dns_publish(self, &changes);
}

struct reed_future *reed_dns_withdraw(struct reed_dns_server *self,
                                      const struct reed_dns_name *owner, uint16_t type,
                                      struct reed_slice rdata)
{
	struct dns_changes changes = { 0 };

	if (reed_dns_type_is_meta(type) || (rdata.n && reed_dns_rdata_check(type, rdata)))
		return reed_ready(self->loop, REED_ESYNTAX);
	dns_changes_add(&changes, rdata.n ? DNS_CHANGE_REMOVE : DNS_CHANGE_CLEAR, owner, type, 0,
	                rdata);
	return dns_publish(self, &changes);
}
