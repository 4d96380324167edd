#include "seal.h"

#include "reed/alloc.h"

enum { RING_FILE = 64 << 10 };

struct dns_seal *dns_seal_new(const char *keys, const char *source)
{
	struct dns_seal *seal = reed_alloc(sizeof(*seal));

	seal->path = reed_strdup(keys);
	seal->source = reed_strdup(source);
	return seal;
}

void dns_seal_free(struct dns_seal *seal)
{
	if (!seal)
		return;
	dns_ring_finish(&seal->ring);
	reed_free(seal->path);
	reed_free(seal->source);
	reed_free(seal);
}

/* ---- the keys on disk ---- */

static enum reed_err key_fault(const struct dns_seal *seal, enum reed_err err, const char *what,
                               struct reed_fault **fault)
{
	if (err)
		*fault = reed_fault(err, NULL, "cannot %s the keys %s: %s", what, seal->path,
		                    reed_strerror(err));
	return err;
}

static int64_t now_of(const struct dns_chore *c)
{
	return c->wall / 1000000000;
}

static enum reed_err load_ring(struct dns_chore *c, const struct reed_dns_zone *served,
                               struct reed_fault **fault)
{
	struct dns_seal *seal = c->shelf->seal;
	struct reed_buf text = { .limit = RING_FILE };
	struct reed_file_stamp stamp;
	enum reed_err err;

	seal->policy = c->policy;
	if (seal->loaded)
		return REED_OK;
	err = reed_file_read(seal->path, &text, &stamp);
	if (err == REED_ENOENT) {
		seal->ring = (struct dns_ring){ 0 };
		memcpy(&seal->ring.seed, c->entropy.bytes, sizeof(seal->ring.seed));
		c->entropy.used = REED_DNS_SEED_SIZE;
		err = REED_OK;
	} else if (!err) {
		err = dns_ring_parse(&seal->ring, reed_buf_slice(&text));
	}
	if (text.p)
		reed_wipe(text.p, text.size);
	reed_buf_finish(&text);
	if (!err)
		dns_ring_reconcile(&seal->ring, served, now_of(c));
	seal->loaded = !err;
	return key_fault(seal, err, "read", fault);
}

static enum reed_err save_ring(struct dns_seal *seal, struct reed_fault **fault)
{
	struct reed_buf text = { 0 };
	struct reed_file_stamp stamp;
	enum reed_err err;

	dns_ring_print(&seal->ring, &text);
	err = text.err ? text.err : reed_file_replace(seal->path, reed_buf_slice(&text), &stamp);
	if (text.p)
		reed_wipe(text.p, text.size);
	reed_buf_finish(&text);
	if (err)
		seal->loaded = false; /* what the disk has counts */
	return key_fault(seal, err, "write", fault);
}

/* On disk before anything is signed with what is new. */
static enum reed_err step(struct dns_chore *c, struct reed_fault **fault)
{
	struct dns_seal *seal = c->shelf->seal;
	bool changed = c->roll || c->ds_seen;

	if (c->roll)
		dns_ring_roll(&seal->ring, c->roll);
	if (c->ds_seen)
		dns_ring_seen(&seal->ring, now_of(c));
	changed |= dns_ring_step(&seal->ring, &seal->policy, now_of(c), &c->entropy);
	return changed ? save_ring(seal, fault) : REED_OK;
}

/* ---- signing ---- */

static enum reed_err sign(struct dns_chore *c, const struct reed_dns_zone *base,
                          const struct reed_dns_zone *before, uint32_t serial,
                          struct reed_dns_zone **out, struct reed_dns_signed *facts,
                          struct reed_fault **fault)
{
	struct dns_seal *seal = c->shelf->seal;
	const struct reed_dns_policy *p = &seal->policy;
	struct reed_dns_signing_key keys[RING_KEYS];
	struct reed_dns_signing how = {
		REED_DNS_SIGNING,
		.keys = keys,
		.count = dns_ring_signing(&seal->ring, keys),
		.serial = serial,
		.now = (uint32_t)now_of(c),
		.lifetime = p->lifetime,
		.refresh = p->refresh,
		.jitter = p->jitter,
		.dnskey_ttl = p->dnskey_ttl,
		.seed = seal->ring.seed,
		.nsec3 = p->nsec3 || p->opt_out,
		.opt_out = p->opt_out,
		.unsign = p->unsign,
	};

	facts->size = sizeof(*facts);
	return reed_dns_zone_sign(base, before, &how, out, facts, fault);
}

/* An hour at least between two times, so that what expires one after another goes together. */
static void note_due(struct dns_chore *c, const struct reed_dns_signed *facts)
{
	struct dns_seal *seal = c->shelf->seal;
	int64_t now = now_of(c), refresh = now + (int32_t)(facts->refresh - (uint32_t)now);
	int64_t due;

	if (facts->ttl_most > seal->ring.ttl_most)
		seal->ring.ttl_most = facts->ttl_most;
	due = dns_ring_due(&seal->ring, &seal->policy);
	refresh = refresh < now + 3600 ? now + 3600 : refresh;
	c->result.sign_at = due < refresh ? due : refresh;
}

enum reed_err dns_seal_result(struct dns_chore *c, struct reed_fault **fault)
{
	struct reed_dns_signed facts;
	struct reed_dns_zone *made = NULL;
	enum reed_err err;

	if (!c->shelf->seal)
		return REED_OK;
	err = load_ring(c, c->zone, fault);
	if (!err)
		err = step(c, fault);
	if (!err)
		err = sign(c, c->result.zone, c->zone, c->result.zone->serial, &made, &facts,
		           fault);
	if (err)
		return err;
	note_due(c, &facts);
	reed_dns_zone_release(c->result.zone);
	c->result.zone = made;
	dns_history_forget(&c->result.changes, c->result.changes.n);
	dns_history_add(&c->result.changes, dns_delta_between(c->zone, made));
	return REED_OK;
}

/* ---- again ---- */

struct sealing {
	struct dns_chore *chore;
	const struct reed_dns_zone *served; /* may be NULL */
	struct reed_dns_zone *source;       /* NULL: as it was */
	struct reed_file_stamp stamp;
	struct reed_dns_zone *made;
};

static enum reed_err read_source(struct sealing *s, struct reed_fault **fault)
{
	struct dns_seal *seal = s->chore->shelf->seal;
	enum reed_err err = reed_file_look(seal->source, &s->stamp);

	if (!err && s->served && reed_file_same(&s->stamp, &seal->ring.source))
		return REED_OK;
	return reed_dns_zone_load(seal->source, &s->chore->shelf->name, &s->source, fault);
}

static uint32_t next_serial(const struct sealing *s)
{
	const struct dns_chore *c = s->chore;
	uint32_t wanted;

	if (!s->served)
		return s->source->serial;
	wanted = s->source ? s->source->serial : s->served->serial;
	return reed_dns_serial_newer(wanted, s->served->serial)
	               ? wanted
	               : dns_serial_after(s->served->serial, c->serial, (uint64_t)now_of(c));
}

/* First under the serial it has: if nothing has to be signed, nothing has changed. */
static enum reed_err make(struct sealing *s, struct reed_fault **fault)
{
	const struct reed_dns_zone *base = s->source ? s->source : s->served;
	uint32_t serial = s->served ? s->served->serial : base->serial;
	struct reed_dns_signed facts;
	struct reed_dns_zone *first = NULL;
	enum reed_err err = sign(s->chore, base, s->served, serial, &first, &facts, fault);

	if (err)
		return err;
	note_due(s->chore, &facts);
	if (s->served && !facts.made && first->records == s->served->records) {
		reed_dns_zone_release(first);
		return REED_OK;
	}
	err = sign(s->chore, base, first, next_serial(s), &s->made, &facts, fault);
	reed_dns_zone_release(first);
	return err;
}

static enum reed_err keep(struct sealing *s, struct reed_fault **fault)
{
	struct dns_chore *c = s->chore;
	struct dns_history fresh = { 0 };
	enum reed_err err;

	if (!s->served)
		return dns_shelf_write(c->shelf, s->made, fault);
	dns_history_add(&fresh, dns_delta_between(s->served, s->made));
	err = dns_chore_commit(c, s->made, &fresh, fault);
	if (!err)
		dns_history_add(&c->result.changes, dns_delta_share(fresh.all[0]));
	dns_history_finish(&fresh);
	return err;
}

static enum reed_err finish(struct sealing *s, struct reed_fault **fault)
{
	struct dns_chore *c = s->chore;
	struct dns_seal *seal = c->shelf->seal;
	enum reed_err err = s->made ? keep(s, fault) : REED_OK;

	if (!err && s->made) {
		reed_dns_zone_release(c->result.zone);
		c->result.zone = s->made;
		s->made = NULL;
	}
	if (!err && s->source) {
		seal->ring.source = s->stamp;
		err = save_ring(seal, fault);
	}
	c->result.file_serial = c->shelf->file_serial;
	return err;
}

enum reed_err dns_seal_again(struct dns_chore *c, const struct reed_dns_zone *served,
                             struct reed_fault **fault)
{
	struct sealing s = { .chore = c, .served = served };
	enum reed_err err = load_ring(c, served, fault);

	if (!err)
		err = read_source(&s, fault);
	if (!err)
		err = step(c, fault);
	if (!err)
		err = make(&s, fault);
	if (!err)
		err = finish(&s, fault);
	reed_dns_zone_release(s.source);
	reed_dns_zone_release(s.made);
	return err;
}

enum reed_err dns_chore_sign(struct dns_chore *c, struct reed_fault **fault)
{
	return dns_seal_again(c, c->zone, fault);
}
