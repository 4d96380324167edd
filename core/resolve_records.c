/* SRV, TXT and PTR: one question each, and what is made of its answer. */

#include "reed/co.h"
#include "reed/random.h"
#include "resolve_private.h"

void reed_targets_finish(struct reed_targets *t)
{
	for (size_t i = 0; i < t->count; i++)
		reed_free(t->list[i].host);
	reed_free(t->list);
	*t = (struct reed_targets){ NULL, 0 };
}

void reed_slices_finish(struct reed_slices *t)
{
	for (size_t i = 0; i < t->count; i++)
		reed_free((void *)(uintptr_t)t->list[i].p);
	reed_free(t->list);
	*t = (struct reed_slices){ NULL, 0 };
}

/* ---- RFC 2782: the order in which to try ---- */

/* A weight of 0 has a chance only when it stands first, so those go first. */
static bool goes_before(const struct reed_target *a, const struct reed_target *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->weight == 0 && b->weight > 0;
}

static void sort(struct reed_target *list, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct reed_target t = list[i];
		size_t at = i;

		for (; at > 0 && goes_before(&t, &list[at - 1]); at--)
			list[at] = list[at - 1];
		list[at] = t;
	}
}

/* Which of the first count is next: the first whose weights so far reach a number drawn. */
static size_t draw(struct reed_loop *loop, const struct reed_target *list, size_t count)
{
	uint64_t sum = 0, drawn;
	size_t i;

	for (i = 0; i < count; i++)
		sum += list[i].weight;
	drawn = reed_random_below(loop, sum + 1);
	sum = 0;
	for (i = 0; i < count - 1; i++) {
		sum += list[i].weight;
		if (sum >= drawn)
			break;
	}
	return i;
}

static void shuffle(struct reed_loop *loop, struct reed_target *list, size_t count)
{
	for (; count > 1; list++, count--) {
		size_t chosen = draw(loop, list, count);
		struct reed_target t = list[chosen];

		for (; chosen > 0; chosen--)
			list[chosen] = list[chosen - 1];
		list[0] = t;
	}
}

static void put_in_order(struct reed_loop *loop, struct reed_targets *t)
{
	size_t from, to;

	sort(t->list, t->count);
	for (from = 0; from < t->count; from = to) {
		to = from + 1;
		while (to < t->count && t->list[to].priority == t->list[from].priority)
			to++;
		shuffle(loop, t->list + from, to - from);
	}
}

/* ---- what is made of an answer ---- */

/* The root as a target says that there is no such service; what no host can be is passed over. */
static void make_targets(struct reed_loop *loop, const struct reed_answer *answer,
                         struct reed_targets *out)
{
	*out = (struct reed_targets){ reed_alloc(answer->count * sizeof(*out->list)), 0 };
	for (size_t i = 0; i < answer->count; i++) {
		const struct reed_record *r = &answer->list[i];

		if (!reed_name_is_host(r->text))
			continue;
		out->list[out->count++] = (struct reed_target){ .host = reed_slice_dup(r->text),
			                                        .port = r->port,
			                                        .priority = r->priority,
			                                        .weight = r->weight };
	}
	put_in_order(loop, out);
}

static void add_text(struct reed_slices *t, struct reed_slice text)
{
	t->list[t->count++] = reed_slice(reed_slice_dup(text), text.n);
}

static void make_texts(const struct reed_answer *answer, bool of_hosts, struct reed_slices *out)
{
	*out = (struct reed_slices){ reed_alloc(answer->count * sizeof(*out->list)), 0 };
	for (size_t i = 0; i < answer->count; i++)
		if (!of_hosts || reed_name_is_host(answer->list[i].text))
			add_text(out, answer->list[i].text);
}

static bool has_host(const struct reed_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		if (reed_name_is_host(answer->list[i].text))
			return true;
	return false;
}

/* ---- asking ---- */

struct records {
	struct reed_co co;
	struct reed_resolver *resolver;
	struct reed_name name;
	enum reed_record_type type;
	struct reed_address address; /* PTR */
	struct reed_known *known;
	struct reed_slices texts, *texts_out;
	struct reed_targets *targets_out;
};

/* Whether the hosts file knows the address. */
static bool find_in_hosts(struct records *self)
{
	const struct reed_hosts *hosts = self->resolver->hosts;
	struct reed_slice name;

	if (self->type != REED_RECORD_PTR || !hosts || !reed_resolver_uses_system(self->resolver))
		return false;
	name = reed_hosts_name(hosts, &self->address, 0);
	if (name.n == 0)
		return false;
	self->texts.list = reed_alloc(REED_RECORDS_MAX * sizeof(*self->texts.list));
	for (size_t n = 1; name.n > 0 && self->texts.count < REED_RECORDS_MAX; n++) {
		add_text(&self->texts, name);
		name = reed_hosts_name(hosts, &self->address, n);
	}
	return true;
}

static bool is_there(const struct records *self)
{
	const struct reed_answer *answer = &self->known->answer;

	return self->type == REED_RECORD_PTR ? has_host(answer) : answer->count > 0;
}

static const char *kind_of(const struct records *self)
{
	if (self->type == REED_RECORD_PTR)
		return "host name";
	return self->type == REED_RECORD_SRV ? "SRV records" : "TXT records";
}

static void records_run(struct reed_co *co)
{
	struct records *self = reed_frame(co, struct records);
	struct reed_resolver *r = self->resolver;

	reed_coroutine (co) {
		while (reed_must_look(r))
			reed_try(co, reed_cell_changed(co->loop, &r->looked, r->looked.count));
		if (find_in_hosts(self))
			break;
		reed_try(co, reed_ask(r, self->name.text, self->type, &self->known));
		if (!is_there(self))
			reed_try(co, reed_failed(co->loop, REED_ENAME, "%s has no %s",
			                         self->name.text, kind_of(self)));
	}
}

static void records_deliver(struct reed_co *co)
{
	struct records *self = reed_frame(co, struct records);

	if (self->targets_out) {
		make_targets(co->loop, &self->known->answer, self->targets_out);
	} else if (self->known) {
		make_texts(&self->known->answer, self->type == REED_RECORD_PTR, self->texts_out);
	} else {
		*self->texts_out = self->texts;
		self->texts = (struct reed_slices){ NULL, 0 };
	}
}

static void records_end(struct reed_co *co)
{
	struct records *self = reed_frame(co, struct records);

	reed_slices_finish(&self->texts);
	reed_known_release(self->known);
}

static const struct reed_co_kind records_kind = {
	.name = "resolve records",
	.size = sizeof(struct records),
	.run = records_run,
	.deliver = records_deliver,
	.end = records_end,
};

static struct records *records_new(struct reed_loop *loop, const struct reed_name *name,
                                   enum reed_record_type type)
{
	struct records *self = reed_co_new(loop, &records_kind);

	self->resolver = reed_resolver_of(loop);
	self->name = *name;
	self->type = type;
	return self;
}

struct reed_future *reed_resolve_srv(struct reed_loop *loop, struct reed_slice name,
                                     struct reed_targets *out)
{
	struct reed_fault *fault = NULL;
	struct records *self;
	struct reed_name read;

	if (reed_name_read(name, &read, &fault))
		return reed_failed_with(loop, fault);
	self = records_new(loop, &read, REED_RECORD_SRV);
	self->targets_out = out;
	return reed_start(&self->co);
}

struct reed_future *reed_resolve_txt(struct reed_loop *loop, struct reed_slice name,
                                     struct reed_slices *out)
{
	struct reed_fault *fault = NULL;
	struct records *self;
	struct reed_name read;

	if (reed_name_read(name, &read, &fault))
		return reed_failed_with(loop, fault);
	self = records_new(loop, &read, REED_RECORD_TXT);
	self->texts_out = out;
	return reed_start(&self->co);
}

/* An address as the hosts file would have it: what is no part of it is zero. */
static struct reed_address bare(const struct reed_address *from)
{
	struct reed_address a = { .family = from->family };

	memcpy(a.ip, from->ip, from->family == REED_FAMILY_IPV4 ? 4 : 16);
	reed_address_unmap(&a);
	return a;
}

struct reed_future *reed_resolve_ptr(struct reed_loop *loop, const struct reed_address *address,
                                     struct reed_slices *out)
{
	struct reed_address a = bare(address);
	struct reed_name name;
	struct records *self;

	if (a.family != REED_FAMILY_IPV4 && a.family != REED_FAMILY_IPV6)
		return reed_failed(loop, REED_EINVAL, "only IP addresses have names");
	reed_name_of_address(&a, &name);
	self = records_new(loop, &name, REED_RECORD_PTR);
	self->address = a;
	self->texts_out = out;
	return reed_start(&self->co);
}
