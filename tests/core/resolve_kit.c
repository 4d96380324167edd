#include "tests/core/resolve_kit.h"

#include "reed/stream.h"

/* ---- answers in words ---- */

static uint16_t number(struct reed_slice *rest)
{
	uint64_t x = 0;

	check_int(reed_slice_u64(reed_slice_cut(rest, ' '), 65535, &x), REED_OK);
	return (uint16_t)x;
}

static void add_one(struct reed_answer *a, enum reed_record_type type, struct reed_slice word)
{
	struct reed_record record = { .text = word };

	if (type == REED_RECORD_A || type == REED_RECORD_AAAA) {
		check_int(reed_address_parse(word, 0, &record.address), REED_OK);
		record.text = REED_STR("");
	}
	if (type == REED_RECORD_SRV) {
		record.priority = number(&word);
		record.weight = number(&word);
		record.port = number(&word);
		record.text = word;
	}
	check_int(reed_answer_add(a, &record), REED_OK);
}

static void add_all(struct reed_answer *a, const struct kit_answer *from)
{
	struct reed_slice rest = reed_slice_of(from->data);

	while (rest.n > 0)
		add_one(a, from->type, reed_slice_trim(reed_slice_cut(&rest, ',')));
}

/* ---- one question ---- */

struct question {
	struct reed_co co;
	struct kit *kit;
	const struct kit_answer *found; /* NULL: there is none */
	struct reed_answer answer, *out;
};

static void question_run(struct reed_co *co)
{
	struct question *self = reed_frame(co, struct question);

	reed_coroutine (co) {
		self->answer.ttl = self->kit->negative_ttl;
		self->answer.no_name = !self->found;
		if (!self->found)
			break;
		if (self->found->delay_ms)
			reed_try(co, reed_sleep(co->loop, self->found->delay_ms));
		if (self->found->err)
			reed_try(co, reed_failed(co->loop, self->found->err, "no answer about %s",
			                         self->found->name));
		add_all(&self->answer, self->found);
		if (self->answer.count > 0)
			self->answer.ttl = self->found->ttl;
	}
}

static void question_deliver(struct reed_co *co)
{
	struct question *self = reed_frame(co, struct question);

	*self->out = self->answer;
	self->answer = (struct reed_answer){ .count = 0 };
}

static void question_end(struct reed_co *co)
{
	struct question *self = reed_frame(co, struct question);

	self->kit->under_way--;
	reed_answer_finish(&self->answer);
}

static const struct reed_co_kind question_kind = {
	.name = "question",
	.size = sizeof(struct question),
	.run = question_run,
	.deliver = question_deliver,
	.end = question_end,
};

static struct kit *kit_of(struct reed_resolver_source *source)
{
	return reed_container_of(source, struct kit, source);
}

static struct reed_future *kit_ask(struct reed_resolver_source *source, struct reed_loop *on,
                                   struct reed_slice name, enum reed_record_type type,
                                   struct reed_answer *answer)
{
	struct kit *kit = kit_of(source);
	struct question *self = reed_co_new(on, &question_kind);

	kit->asked++;
	kit->under_way++;
	reed_slice_copy(kit->last, sizeof(kit->last), name);
	self->kit = kit;
	self->out = answer;
	for (const struct kit_answer *a = kit->table; a->name && !self->found; a++)
		if (reed_slice_is(name, a->name) && a->type == type)
			self->found = a;
	return reed_start(&self->co);
}

static void kit_close(struct reed_resolver_source *source)
{
	check_int(kit_of(source)->under_way, 0);
	kit_of(source)->closed++;
}

void kit_set(struct kit *kit, const struct kit_answer *table)
{
	static const struct reed_resolver_ops ops = {
		.name = "kit",
		.ask = kit_ask,
		.close = kit_close,
	};

	reed_resolver_set(loop, NULL);
	*kit = (struct kit){ .source.ops = &ops, .table = table };
	reed_resolver_set(loop, &kit->source);
}

struct reed_resolver_stats kit_stats(void)
{
	struct reed_resolver_stats stats = { .size = sizeof(stats) };

	reed_resolver_stats(loop, &stats);
	return stats;
}

const char *kit_text(struct reed_addresses *a)
{
	static char text[4096];
	char one[REED_ADDRESS_TEXT];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < a->count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "",
		                      reed_address_host(&a->list[i], one));
	reed_addresses_finish(a);
	return text;
}

/* ---- the network ---- */

struct kit_net kit_net;

struct dialling {
	struct reed_co co;
	struct kit_host host;
	struct reed_stream *stream, **out;
};

static void dialling_run(struct reed_co *co)
{
	struct dialling *self = reed_frame(co, struct dialling);

	reed_coroutine (co) {
		if (self->host.delay_ms < 0)
			reed_try(co, reed_forever(co->loop));
		if (self->host.delay_ms > 0)
			reed_try(co, reed_sleep(co->loop, self->host.delay_ms));
		if (self->host.err)
			reed_try(co,
			         reed_failed(co->loop, self->host.err, "%s: %s", self->host.address,
			                     reed_strerror(self->host.err)));
		check(kit_net.peer_count < (int)REED_COUNT(kit_net.peers));
		reed_stream_pair(co->loop, 0, &self->stream, &kit_net.peers[kit_net.peer_count]);
		kit_net.peer_count++;
	}
}

static void dialling_deliver(struct reed_co *co)
{
	struct dialling *self = reed_frame(co, struct dialling);

	*self->out = self->stream;
	self->stream = NULL;
}

static void dialling_end(struct reed_co *co)
{
	kit_net.under_way--;
	reed_abort(reed_frame(co, struct dialling)->stream);
}

static const struct reed_co_kind dialling_kind = {
	.name = "dialling",
	.size = sizeof(struct dialling),
	.run = dialling_run,
	.deliver = dialling_deliver,
	.end = dialling_end,
};

static const struct kit_host *host_at(const char *address)
{
	for (const struct kit_host *h = kit_net.hosts; h->address; h++)
		if (strcmp(h->address, address) == 0)
			return h;
	fprintf(stderr, "%s was dialled\n", address);
	abort();
}

static struct reed_future *net_connect(struct reed_driver *d, struct reed_loop *on,
                                       const struct reed_address *to,
                                       const struct reed_address *from, struct reed_stream **stream)
{
	struct dialling *self = reed_co_new(on, &dialling_kind);
	char text[REED_ADDRESS_TEXT];
	size_t n = strlen(kit_net.log);

	(void)d;
	check(!from || from->family == to->family);
	self->host = *host_at(reed_address_host(to, text));
	self->out = stream;
	kit_net.under_way++;
	snprintf(kit_net.log + n, sizeof(kit_net.log) - n, "%s%s@%lld", n ? " " : "", text,
	         (long long)((reed_now(on) - kit_net.since) / REED_MS(1)));
	return reed_start(&self->co);
}

static enum reed_err net_lookup(struct reed_driver *d, struct reed_slice name,
                                struct reed_address *addresses, size_t *count)
{
	struct reed_slice rest = reed_slice_of(kit_net.names);
	size_t n = 0;

	(void)d;
	kit_net.looked_up++;
	if (!reed_slice_eq(reed_slice_cut(&rest, ' '), name))
		return REED_ENAME;
	for (; rest.n > 0; n++) {
		check(n < *count);
		check_int(reed_address_parse(reed_slice_cut(&rest, ' '), 0, &addresses[n]),
		          REED_OK);
	}
	*count = n;
	return REED_OK;
}

void kit_net_set(const struct kit_host *hosts, bool names)
{
	static const struct reed_net_ops plain = { .connect = net_connect };
	static const struct reed_net_ops named = { .connect = net_connect, .lookup = net_lookup };

	kit_net = (struct kit_net){ .hosts = hosts, .since = reed_now(loop) };
	loop->driver->net = names ? &named : &plain;
}

int kit_net_open(void)
{
	struct owner reader;
	int open = 0;

	for (int i = 0; i < kit_net.peer_count; i++) {
		own(&reader, reed_more(kit_net.peers[i]));
		turns(2);
		open += !reader.told;
		disown(&reader);
		reed_abort(kit_net.peers[i]);
	}
	kit_net.peer_count = 0;
	return open;
}
