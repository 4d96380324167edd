/*
 * What is known, and what is being asked.
 *
 * Both are found in one table by name and type, so that whoever asks what is
 * being asked already waits for the same answer.  A question that nobody waits
 * for any more is dropped.  Nothing is thrown away because it is old before
 * somebody asks for it or the memory is needed: no timer keeps a loop awake.
 */

#include "resolve_private.h"

enum {
	UNDER_WAY_MAX = 4096,
	FAILURE_S = 1, /* RFC 9520 3.2: so long at least */
	TOLD_MAX = 2 * REED_ADDRESSES_MAX,
};

struct asking {
	struct reed_future future;
	struct reed_list link;    /* among the askings of what it asks for */
	struct reed_known *known; /* held; NULL: handed over, or never got */
	struct reed_known **out;
};

static struct asking *asking_of(struct reed_future *f)
{
	return reed_container_of(f, struct asking, future);
}

static struct reed_known *known_of(struct reed_list *link)
{
	return reed_container_of(link, struct reed_known, link);
}

/* ---- the table ---- */

static struct reed_list *bucket_of(struct reed_resolver *r, const char *name,
                                   enum reed_record_type type)
{
	uint64_t hash = reed_slice_hash(reed_slice_of(name), r->seed + (uint64_t)type);

	return &r->buckets[hash % REED_RESOLVE_BUCKETS];
}

static size_t bytes_of(const struct reed_known *k)
{
	return sizeof(*k) + strlen(k->name) + 1 + k->answer.room * sizeof(*k->answer.list) +
	       k->answer.texts.used;
}

static void known_free(struct reed_known *k)
{
	reed_answer_finish(&k->answer);
	reed_fault_free(k->fault);
	reed_free(k);
}

/* No more to be found; it goes with its last holder. */
static void unkeep(struct reed_known *k)
{
	struct reed_resolver *r = k->resolver;

	r->kept--;
	r->kept_bytes -= bytes_of(k);
	reed_list_remove(&k->link);
	reed_list_remove(&k->bucket);
	if (k->holders == 0)
		known_free(k);
}

static void keep(struct reed_known *k, int64_t ttl)
{
	struct reed_resolver *r = k->resolver;

	k->until = reed_now(r->loop) + REED_S(ttl);
	r->kept++;
	r->kept_bytes += bytes_of(k);
	reed_list_append(&r->used, &k->link);
	while (r->kept_bytes > r->options.cache_bytes && !reed_list_empty(&r->used))
		unkeep(known_of(r->used.next));
}

static struct reed_known *find(struct reed_resolver *r, const char *name,
                               enum reed_record_type type)
{
	struct reed_list *bucket = bucket_of(r, name, type);

	reed_list_each (link, bucket) {
		struct reed_known *k = reed_container_of(link, struct reed_known, bucket);

		if (k->type != type || strcmp(k->name, name) != 0)
			continue;
		if (k->asked || reed_now(r->loop) < k->until)
			return k;
		unkeep(k);
		return NULL;
	}
	return NULL;
}

/* ---- those who ask ---- */

static void tell(struct asking *self)
{
	const struct reed_known *k = self->known;

	if (k->fault)
		reed_fail_with(&self->future, reed_fault_copy(k->fault));
	else
		reed_settle(&self->future, k->err);
}

static void asking_cancel(struct reed_future *f)
{
	reed_list_unlink(&asking_of(f)->link);
}

static void asking_deliver(struct reed_future *f)
{
	if (f->err)
		return;
	*asking_of(f)->out = asking_of(f)->known;
	asking_of(f)->known = NULL;
}

static void asking_free(struct reed_future *f)
{
	reed_list_unlink(&asking_of(f)->link);
	reed_known_release(asking_of(f)->known);
	reed_free(asking_of(f));
}

static const struct reed_future_kind asking_kind = {
	.name = "ask",
	.cancel = asking_cancel,
	.deliver = asking_deliver,
	.free = asking_free,
};

/* ---- the end of a question ---- */

static int64_t ttl_of(const struct reed_known *k)
{
	const struct reed_resolver_options *o = &k->resolver->options;
	uint32_t most = k->answer.count > 0 ? o->ttl_max_s : o->negative_max_s;

	if (k->err)
		return k->err == REED_ECANCELED ? 0 : FAILURE_S;
	return k->answer.ttl < most ? k->answer.ttl : most;
}

static void no_longer_asked(struct reed_known *k)
{
	k->asked = false;
	k->resolver->under_way--;
	reed_list_remove(&k->link);
}

/* What must not be kept is found no more: the next one asks anew. */
static void conclude(struct reed_known *k, enum reed_err err, struct reed_fault *fault)
{
	struct reed_list *link;
	int64_t ttl;

	k->err = err;
	k->fault = fault;
	k->holders++; /* it may be too large to be kept at all */
	no_longer_asked(k);
	ttl = ttl_of(k);
	if (!reed_linked(&k->bucket))
		ttl = 0;
	else if (ttl == 0)
		reed_list_remove(&k->bucket);
	if (ttl > 0)
		keep(k, ttl);
	while ((link = reed_list_take(&k->askings)))
		tell(reed_container_of(link, struct asking, link));
	reed_known_release(k);
}

static void question_ended(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	conclude(reed_container_of(w, struct reed_known, waiter), err, fault);
}

void reed_known_release(struct reed_known *k)
{
	if (!k || --k->holders > 0)
		return;
	if (k->asked) {
		no_longer_asked(k);
		reed_list_unlink(&k->bucket);
		reed_unwait(k->resolver->loop, &k->waiter);
		known_free(k);
	} else if (!reed_linked(&k->link)) {
		known_free(k);
	}
}

/* ---- the beginning ---- */

/* RFC 6761 6.4, RFC 7686 2: the DNS is not asked for what it cannot have, or must not hear of. */
static bool is_nowhere(const char *name)
{
	return reed_name_is_in(name, "invalid") || reed_name_is_in(name, "onion");
}

static enum reed_err ask_driver(struct reed_known *k)
{
	struct reed_driver *d = k->resolver->loop->driver;
	struct reed_address told[TOLD_MAX];
	size_t count = TOLD_MAX;
	enum reed_err err = d->net->lookup(d, reed_slice_of(k->name), told, &count);
	enum reed_family family = k->type == REED_RECORD_A ? REED_FAMILY_IPV4 : REED_FAMILY_IPV6;

	k->answer.no_name = err == REED_ENAME;
	if (err)
		return err == REED_ENAME ? REED_OK : err;
	for (size_t i = 0; i < count && !err; i++) {
		struct reed_record record = { .address = told[i], .text = REED_STR("") };

		if (told[i].family == family)
			err = reed_answer_add(&k->answer, &record);
	}
	return err;
}

static void ask_system(struct reed_known *k)
{
	struct reed_resolver *r = k->resolver;

	if (is_nowhere(k->name)) {
		k->answer.no_name = true;
		conclude(k, REED_OK, NULL);
	} else if (r->dns) {
		reed_wait(reed_dns_ask(r->dns, k->name, k->type, &k->answer), &k->waiter);
	} else if (r->trouble) {
		conclude(k, r->trouble->err, reed_fault_copy(r->trouble));
	} else {
		conclude(k, REED_ECANCELED,
		         reed_fault(REED_ECANCELED, NULL, "the resolver was set up anew"));
	}
}

static void ask_somebody(struct reed_known *k)
{
	struct reed_resolver *r = k->resolver;
	struct reed_resolver_source *source = r->source;

	r->questions++;
	if (source)
		reed_wait(source->ops->ask(source, r->loop, reed_slice_of(k->name), k->type,
		                           &k->answer),
		          &k->waiter);
	else if (reed_resolver_uses_system(r))
		ask_system(k);
	else if (k->type == REED_RECORD_A || k->type == REED_RECORD_AAAA)
		conclude(k, ask_driver(k), NULL);
	else
		conclude(k, REED_OK, NULL);
}

static struct reed_known *known_new(struct reed_resolver *r, const char *name,
                                    enum reed_record_type type)
{
	size_t n = strlen(name) + 1;
	struct reed_known *k = reed_alloc(sizeof(*k) + n);

	k->resolver = r;
	k->type = type;
	k->asked = true;
	k->waiter.wake = question_ended;
	memcpy(k->name, name, n);
	reed_list_init(&k->askings);
	reed_list_append(bucket_of(r, name, type), &k->bucket);
	reed_list_append(&r->asked, &k->link);
	r->under_way++;
	return k;
}

/* The asking holds it before it is asked for, as the answer may be there at once. */
static void begin(struct asking *self, struct reed_resolver *r, const char *name,
                  enum reed_record_type type)
{
	struct reed_known *k = known_new(r, name, type);

	self->known = k;
	k->holders++;
	reed_list_append(&k->askings, &self->link);
	ask_somebody(k);
}

static void join(struct asking *self, struct reed_known *k)
{
	struct reed_resolver *r = k->resolver;

	self->known = k;
	k->holders++;
	if (k->asked) {
		r->shared++;
		reed_list_append(&k->askings, &self->link);
		return;
	}
	r->hits++;
	reed_list_remove(&k->link);
	reed_list_append(&r->used, &k->link);
	tell(self);
}

struct reed_future *reed_ask(struct reed_resolver *r, const char *name, enum reed_record_type type,
                             struct reed_known **known)
{
	struct asking *self = reed_alloc(sizeof(*self));
	struct reed_known *k = find(r, name, type);

	reed_future_init(&self->future, r->loop, &asking_kind);
	self->out = known;
	if (k)
		join(self, k);
	else if (r->under_way < UNDER_WAY_MAX)
		begin(self, r, name, type);
	else
		reed_fail(&self->future, REED_ETOOBIG, "%zu names are being looked up already",
		          r->under_way);
	return &self->future;
}

/* ---- all of it ---- */

void reed_cache_init(struct reed_resolver *r)
{
	for (int i = 0; i < REED_RESOLVE_BUCKETS; i++)
		reed_list_init(&r->buckets[i]);
	reed_list_init(&r->used);
	reed_list_init(&r->asked);
}

/* What is under way may be of the old kind too: nobody else is to find it. */
void reed_cache_forget(struct reed_resolver *r)
{
	while (!reed_list_empty(&r->used))
		unkeep(known_of(r->used.next));
	reed_list_each (link, &r->asked)
		reed_list_unlink(&known_of(link)->bucket);
}

void reed_cache_cancel(struct reed_resolver *r)
{
	while (!reed_list_empty(&r->asked)) {
		struct reed_known *k = known_of(r->asked.next);

		reed_unwait(r->loop, &k->waiter);
		conclude(k, REED_ECANCELED,
		         reed_fault(REED_ECANCELED, NULL, "the resolver was set up anew"));
	}
}
