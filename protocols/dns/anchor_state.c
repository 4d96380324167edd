/* The states of RFC 5011 4, for each key that has been seen. */

#include "reed/dns/anchor.h"

#include "trust.h"

#include "reed/alloc.h"

#include "field.h"

enum {
	KEYS_MOST = 16,
	KEY_ROOM = 2048,
	FLAGS = 2,
	HOUR = 3600,
	DAY = 86400,
	HOLD_DOWN = 30 * DAY, /* RFC 5011 2.4.1 */
	QUERY_MOST = 15 * DAY,
	TRIES = 64, /* signatures tried for one set of keys */
};

enum state {
	PENDING, /* it is new, and has been there since */
	VALID,
	MISSING, /* it was valid, and is still, but it is not there */
	REVOKED, /* for ever */
};

static const char *const words[] = { "pending", "valid", "missing", "revoked" };

struct held {
	enum state state;
	int64_t since; /* s since 1970 */
	bool seen;     /* in this set */
	size_t n;
	uint8_t rdata[KEY_ROOM]; /* of DNSKEY; with the flag when it is revoked */
};

struct reed_dns_anchors {
	struct reed_dns_name zone;
	struct reed_buf initial; /* lines */
	struct reed_dns_validator *reader;
	struct held *all;
	size_t count;
};

/* ---- a life ---- */

static struct reed_future *ask_nobody(void *arg, const struct reed_dns_name *name, uint16_t type,
                                      struct reed_buf *message)
{
	(void)arg;
	(void)name;
	(void)type;
	(void)message;
	return NULL;
}

struct reed_dns_anchors *reed_dns_anchors_new(const struct reed_dns_name *zone,
                                              struct reed_slice initial)
{
	struct reed_dns_validator_options o = { REED_DNS_VALIDATOR_OPTIONS, .ask = ask_nobody };
	struct reed_dns_anchors *self = reed_alloc(sizeof(*self));

	self->zone = *zone;
	self->all = reed_alloc(KEYS_MOST * sizeof(*self->all));
	self->reader = reed_dns_validator_new(NULL, &o);
	reed_buf_add(&self->initial, initial);
	reed_dns_validator_trust_text(self->reader, initial, NULL);
	return self;
}

void reed_dns_anchors_free(struct reed_dns_anchors *self)
{
	if (!self)
		return;
	reed_dns_validator_free(self->reader);
	reed_buf_finish(&self->initial);
	reed_free(self->all);
	reed_free(self);
}

/* ---- which key is which ---- */

static struct reed_slice rdata_of(const struct held *k)
{
	return reed_slice(k->rdata, k->n);
}

/* The flags are no part of it: one that is revoked is the same key (RFC 5011 2.1). */
static struct held *find(struct reed_dns_anchors *self, struct reed_slice rdata)
{
	for (size_t i = 0; i < self->count; i++)
		if (reed_slice_eq(reed_slice_from(rdata_of(&self->all[i]), FLAGS),
		                  reed_slice_from(rdata, FLAGS)))
			return &self->all[i];
	return NULL;
}

static void forget(struct reed_dns_anchors *self, struct held *k)
{
	*k = self->all[--self->count];
}

/* Who makes many keys does so in place of others of his that were not trusted yet. */
static struct held *add(struct reed_dns_anchors *self, struct reed_slice rdata, enum state state,
                        int64_t now)
{
	struct held *k;

	if (self->count == KEYS_MOST || rdata.n > KEY_ROOM)
		return NULL;
	k = &self->all[self->count++];
	*k = (struct held){ .state = state, .since = now, .seen = true, .n = rdata.n };
	memcpy(k->rdata, rdata.p, rdata.n);
	return k;
}

static bool is_trusted(const struct held *k)
{
	return k->state == VALID || k->state == MISSING;
}

static unsigned flags_of(struct reed_slice rdata)
{
	return rdata.n > 4 ? dns_get16((const uint8_t *)rdata.p) : 0;
}

/* ---- is it signed by one that is trusted? ---- */

static bool is_good(const struct reed_dns_anchors *self, const struct dns_reply *reply,
                    const struct reed_slice *ds, size_t n, bool are_keys, int64_t now)
{
	struct dns_budget budget = { .verifies = TRIES, .failures = TRIES, .same_tag = 4 };
	struct reed_dns_verdict ignored = { 0 };
	struct dns_trusted *t =
		dns_keys_judge(reply, &self->zone, ds, n, are_keys, &budget, now, &ignored);
	bool good = t->security == REED_DNS_SECURE;

	dns_trusted_release(t);
	return good;
}

static bool is_good_by_state(const struct reed_dns_anchors *self, const struct dns_reply *reply,
                             int64_t now)
{
	struct reed_slice keys[KEYS_MOST];
	size_t n = 0;

	for (size_t i = 0; i < self->count; i++)
		if (is_trusted(&self->all[i]))
			keys[n++] = rdata_of(&self->all[i]);
	return n && is_good(self, reply, keys, n, true, now);
}

/* As it was before it was revoked: into has as many bytes. */
static struct reed_slice unrevoked(struct reed_slice rdata, uint8_t into[KEY_ROOM])
{
	memcpy(into, rdata.p, rdata.n);
	into[1] &= (uint8_t)~REED_DNS_KEY_REVOKED;
	return reed_slice(into, rdata.n);
}

static bool is_revoked(const struct reed_dns_anchors *self, const struct dns_anchor *a)
{
	struct reed_slice rdata = reed_slice(a->rdata, a->n);
	uint8_t room[KEY_ROOM];

	for (size_t i = 0; i < self->count; i++) {
		struct reed_slice key;

		if (self->all[i].state != REVOKED)
			continue;
		key = unrevoked(rdata_of(&self->all[i]), room);
		if (a->type == REED_DNS_TYPE_DS ? reed_dns_ds_is_of(rdata, &self->zone, key)
		                                : reed_slice_eq(rdata, key))
			return true;
	}
	return false;
}

/* What it began with counts but for what is revoked, of one type at a time. */
static size_t initial_of(const struct reed_dns_anchors *self, uint16_t type,
                         struct reed_slice *into)
{
	size_t n = 0;

	for (const struct dns_anchor *a = self->reader->anchors; a && n < KEYS_MOST; a = a->next)
		if (a->type == type && reed_dns_name_eq(&a->zone, &self->zone) &&
		    !is_revoked(self, a))
			into[n++] = reed_slice(a->rdata, a->n);
	return n;
}

static bool is_initial(const struct reed_dns_anchors *self, struct reed_slice key)
{
	struct reed_slice all[KEYS_MOST];
	size_t n = initial_of(self, REED_DNS_TYPE_DNSKEY, all);

	for (size_t i = 0; i < n; i++)
		if (reed_slice_eq(all[i], key))
			return true;
	n = initial_of(self, REED_DNS_TYPE_DS, all);
	for (size_t i = 0; i < n; i++)
		if (reed_dns_ds_is_of(all[i], &self->zone, key))
			return true;
	return false;
}

static bool is_good_by_initial(const struct reed_dns_anchors *self, const struct dns_reply *reply,
                               int64_t now)
{
	struct reed_slice all[KEYS_MOST];
	size_t n = initial_of(self, REED_DNS_TYPE_DNSKEY, all);

	if (n && is_good(self, reply, all, n, true, now))
		return true;
	n = initial_of(self, REED_DNS_TYPE_DS, all);
	return n && is_good(self, reply, all, n, false, now);
}

/* ---- one key ---- */

static bool has_signed(const struct dns_reply_set *set, struct reed_slice rdata, int64_t now)
{
	struct reed_dns_zone_key *key;
	struct reed_dns_rrsig sig;
	bool good = false;

	if (reed_dns_zone_key_read(rdata, &key))
		return false;
	for (size_t i = 0; i < set->sig_count && !good; i++)
		good = !reed_dns_rrsig_read(set->sigs[i], &sig) &&
		       sig.tag == reed_dns_zone_key_tag(key) &&
		       reed_dns_rrsig_in_time(&sig, (uint32_t)now) &&
		       !reed_dns_rrset_verify(&set->set, &sig, key);
	reed_dns_zone_key_free(key);
	return good;
}

static void become(struct held *k, enum state state, int64_t now,
                   struct reed_dns_anchors_news *news)
{
	bool before = is_trusted(k);

	if (k->state == state)
		return;
	k->state = state;
	k->since = now;
	news->state = true;
	news->trust |= is_trusted(k) != before;
}

/* RFC 5011 2.1: it revokes itself by signing, so nobody else can. */
static void take_revoked(struct reed_dns_anchors *self, const struct dns_reply_set *set,
                         struct reed_slice rdata, int64_t now, struct reed_dns_anchors_news *news)
{
	struct held *k = find(self, rdata);
	uint8_t plain[KEY_ROOM];

	if (!k && rdata.n <= KEY_ROOM) {
		/* one that was trusted before the first set was seen */
		if (is_initial(self, unrevoked(rdata, plain)))
			k = add(self, rdata, PENDING, now);
	}
	if (!k)
		return;
	k->seen = true;
	if (k->state != REVOKED && has_signed(set, rdata, now)) {
		become(k, REVOKED, now, news);
		memcpy(k->rdata, rdata.p, FLAGS);
	}
}

static void take_key(struct reed_dns_anchors *self, struct reed_slice rdata, int64_t hold_down,
                     bool begins, int64_t now, struct reed_dns_anchors_news *news)
{
	struct held *k = find(self, rdata);

	if (!k) {
		k = add(self, rdata, PENDING, now);
		news->state |= k != NULL;
	}
	if (!k)
		return;
	k->seen = true;
	if ((begins && k->state != REVOKED && is_initial(self, rdata)) || k->state == MISSING ||
	    (k->state == PENDING && now - k->since >= hold_down))
		become(k, VALID, now, news);
}

/* Those that are not there: RFC 5011 4.2, KeyRem and RevBit. */
static void miss_keys(struct reed_dns_anchors *self, int64_t now,
                      struct reed_dns_anchors_news *news)
{
	for (size_t i = self->count; i-- > 0;) {
		struct held *k = &self->all[i];

		if (k->seen || k->state == REVOKED)
			continue;
		if (k->state == PENDING) {
			forget(self, k);
			news->state = true;
		} else {
			become(k, MISSING, now, news);
		}
	}
}

/* ---- a set of them ---- */

static int64_t within(int64_t s, int64_t least, int64_t most)
{
	return s < least ? least : s > most ? most : s;
}

/* RFC 5011 2.3 */
static int64_t next_of(const struct dns_reply_set *set, int64_t now)
{
	int64_t half = set->set.ttl / 2;
	struct reed_dns_rrsig sig;

	for (size_t i = 0; i < set->sig_count; i++)
		if (!reed_dns_rrsig_read(set->sigs[i], &sig) &&
		    (int32_t)(sig.expiration - (uint32_t)now) > 0 &&
		    (sig.expiration - (uint32_t)now) / 2 < half)
			half = (sig.expiration - (uint32_t)now) / 2;
	return within(half, HOUR, QUERY_MOST);
}

static void take_set(struct reed_dns_anchors *self, const struct dns_reply_set *set, bool begins,
                     int64_t now, struct reed_dns_anchors_news *news)
{
	int64_t hold_down = set->set.ttl > HOLD_DOWN ? set->set.ttl : HOLD_DOWN;

	for (size_t i = 0; i < self->count; i++)
		self->all[i].seen = false;
	for (size_t i = 0; i < set->set.count; i++) {
		struct reed_slice rdata = set->set.rdata[i];
		unsigned flags = flags_of(rdata);

		if (!(flags & REED_DNS_KEY_SEP) || !(flags & REED_DNS_KEY_ZONE))
			continue;
		if (flags & REED_DNS_KEY_REVOKED)
			take_revoked(self, set, rdata, now, news);
		else
			take_key(self, rdata, hold_down, begins, now, news);
	}
	miss_keys(self, now, news);
	news->next = next_of(set, now);
}

static enum reed_err take(struct reed_dns_anchors *self, const struct dns_reply *reply, int64_t now,
                          struct reed_dns_anchors_news *news)
{
	const struct dns_reply_set *set =
		dns_reply_find(reply, REED_DNS_ANSWER, &self->zone, REED_DNS_TYPE_DNSKEY);
	bool begins;

	if (!set || !set->set.count)
		return REED_EPROTO;
	begins = !is_good_by_state(self, reply, now);
	if (begins && !is_good_by_initial(self, reply, now))
		return REED_EAUTH;
	take_set(self, set, begins, now, news);
	return REED_OK;
}

enum reed_err reed_dns_anchors_take(struct reed_dns_anchors *self, struct reed_slice message,
                                    int64_t now, struct reed_dns_anchors_news *news)
{
	struct dns_reply reply = { 0 };
	enum reed_err err = dns_reply_read(&reply, message);

	*news = (struct reed_dns_anchors_news){ .next = HOUR };
	if (!err)
		err = take(self, &reply, now, news);
	else
		err = REED_EPROTO;
	dns_reply_finish(&reply);
	return err;
}

void reed_dns_anchors_trusted(const struct reed_dns_anchors *self, struct reed_buf *out)
{
	for (size_t i = 0; i < self->count; i++)
		if (is_trusted(&self->all[i])) {
			reed_dns_print_record(&self->zone, HOUR, REED_DNS_CLASS_IN,
			                      REED_DNS_TYPE_DNSKEY, rdata_of(&self->all[i]), out);
			reed_buf_add_char(out, '\n');
		}
}

/* ---- as text: "valid 1767225600 257 3 8 AwEA..." ---- */

static uint64_t mark_of(const struct reed_dns_anchors *self)
{
	return reed_slice_hash(reed_buf_slice(&self->initial), 0);
}

void reed_dns_anchors_write(const struct reed_dns_anchors *self, struct reed_buf *out)
{
	reed_buf_printf(out, "anchors %ju\n", (uintmax_t)mark_of(self));
	for (size_t i = 0; i < self->count; i++) {
		const struct held *k = &self->all[i];

		reed_buf_printf(out, "%s %jd ", words[k->state], (intmax_t)k->since);
		reed_dns_rdata_print(REED_DNS_TYPE_DNSKEY, rdata_of(k), out);
		reed_buf_add_char(out, '\n');
	}
}

static bool read_state(struct reed_slice word, enum state *state)
{
	for (size_t i = 0; i < REED_COUNT(words); i++)
		if (reed_slice_eq(word, reed_slice_of(words[i]))) {
			*state = (enum state)i;
			return true;
		}
	return false;
}

static enum reed_err read_line(struct reed_slice line, struct held *k)
{
	struct reed_slice rdata;
	uint64_t since;

	if (!read_state(reed_slice_cut(&line, ' '), &k->state) ||
	    reed_slice_u64(reed_slice_cut(&line, ' '), INT64_MAX, &since) ||
	    reed_dns_rdata_parse(REED_DNS_TYPE_DNSKEY, line, NULL, k->rdata, sizeof(k->rdata),
	                         &rdata, NULL) ||
	    rdata.n <= 4)
		return REED_ESYNTAX;
	k->since = (int64_t)since;
	k->n = rdata.n;
	return REED_OK;
}

enum reed_err reed_dns_anchors_read(struct reed_dns_anchors *self, struct reed_slice text)
{
	struct reed_slice line = reed_slice_cut(&text, '\n');
	struct held *all = reed_alloc(KEYS_MOST * sizeof(*all));
	enum reed_err err = REED_OK;
	uint64_t mark;
	size_t n = 0;

	if (!reed_slice_eq(reed_slice_cut(&line, ' '), REED_STR("anchors")) ||
	    reed_slice_u64(line, UINT64_MAX, &mark))
		err = REED_ESYNTAX;
	else if (mark != mark_of(self))
		err = REED_ENOENT;
	while (!err && text.n) {
		line = reed_slice_cut(&text, '\n');
		err = n < KEYS_MOST ? read_line(line, &all[n++]) : REED_ESYNTAX;
	}
	if (err) {
		reed_free(all);
		return err;
	}
	reed_free(self->all);
	self->all = all;
	self->count = n;
	return REED_OK;
}
