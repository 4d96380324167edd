/* What a page is told: kept until it says that it has had it. */

#include "private.h"

/* ---- messages ---- */

/* Line ends between the tokens of JSON are spaces as well. */
static void put_on_one_line(char *to, struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		to[i] = s.p[i];
	for (size_t i = 0; i < s.n; i++)
		if (to[i] == '\n' || to[i] == '\r')
			to[i] = ' ';
}

static bool is_full(const struct reed_live_link *self)
{
	return self->queued > self->live->options.limits.queue;
}

/* head is "say", "call", "ok" or "no"; id 0: none, name may be NULL. */
enum reed_err live_push(struct reed_live_link *self, bool must, const char *head, uint64_t id,
                        const char *name, struct reed_slice json)
{
	char text[160], number[24] = "";
	struct live_message *m;
	int n;

	if (self->ending)
		return REED_ECLOSED;
	if (json.n == 0 || !reed_slice_is_utf8(json) ||
	    (name && !live_is_name(reed_slice_of(name))))
		return REED_EINVAL;
	if (!must && is_full(self))
		return REED_EOVERFLOW;
	if (id)
		snprintf(number, sizeof(number), "%llu ", (unsigned long long)id);
	n = snprintf(text, sizeof(text), "%llu %s %s%s%s", (unsigned long long)++self->given, head,
	             number, name ? name : "", name ? " " : "");
	m = reed_alloc_raw(sizeof(*m) + (size_t)n + json.n + 1);
	*m = (struct live_message){ .number = self->given, .n = (size_t)n + json.n + 1 };
	memcpy(m->text, text, (size_t)n);
	put_on_one_line(m->text + n, json);
	m->text[m->n - 1] = '\n';
	reed_list_append(&self->queue, &m->link);
	if (self->next == &self->queue)
		self->next = &m->link;
	self->queued += m->n + sizeof(*m);
	live_link_stir(self);
	return REED_OK;
}

enum reed_err reed_live_say(struct reed_live_link *link, const char *name, struct reed_slice args)
{
	return live_push(link, false, "say", 0, name, args);
}

/* ---- what it has had ---- */

static void settle_drain(struct reed_live_link *self)
{
	struct reed_list *link;

	while (!reed_live_must_drain(self) && (link = reed_list_take(&self->draining)))
		reed_settle(&reed_container_of(link, struct live_wait, link)->future, REED_OK);
}

enum reed_err live_link_acknowledged(struct reed_live_link *self, uint64_t up_to)
{
	if (up_to > self->given)
		return REED_EPROTO;
	while (!reed_list_empty(&self->queue)) {
		struct live_message *m =
			reed_container_of(self->queue.next, struct live_message, link);

		if (m->number > up_to)
			break;
		if (self->next == &m->link)
			self->next = m->link.next;
		reed_list_remove(&m->link);
		self->queued -= m->n + sizeof(*m);
		reed_free(m);
	}
	settle_drain(self);
	live_work_on(self); /* calls may have waited for room for their answers */
	return REED_OK;
}

/* ---- lines to be sent ---- */

void live_welcome(struct reed_live_link *self, struct reed_buf *out)
{
	reed_buf_printf(out, "welcome %s %llu %u\n", self->token, (unsigned long long)self->had,
	                self->live->options.limits.away_ms);
	self->told = self->had;
}

void live_fill(struct reed_live_link *self, struct reed_buf *out, size_t most)
{
	if (self->told != self->had)
		reed_buf_printf(out, "ack %llu\n", (unsigned long long)self->had);
	self->told = self->had;
	if (self->pong)
		reed_buf_add_str(out, "pong\n");
	self->pong = false;
	while (self->next != &self->queue && reed_buf_held(out) < most) {
		struct live_message *m = reed_container_of(self->next, struct live_message, link);

		reed_buf_add(out, reed_slice(m->text, m->n));
		self->next = m->link.next;
	}
}

/* ---- room ---- */

bool reed_live_must_drain(const struct reed_live_link *link)
{
	return link->queued > link->live->options.limits.queue / 2;
}

static void unlink_wait(struct reed_future *f)
{
	reed_list_unlink(&reed_container_of(f, struct live_wait, future)->link);
}

static void free_wait(struct reed_future *f)
{
	struct live_wait *self = reed_container_of(f, struct live_wait, future);

	reed_list_unlink(&self->link);
	reed_free(self->json);
	reed_free(self);
}

static const struct reed_future_kind drain_kind = { .name = "live drain",
	                                            .cancel = unlink_wait,
	                                            .free = free_wait };

struct reed_future *reed_live_drain(struct reed_live_link *link)
{
	struct live_wait *self;

	if (link->ending)
		return reed_ready(link->live->loop, REED_ECLOSED);
	if (!reed_live_must_drain(link))
		return reed_ready(link->live->loop, REED_OK);
	self = reed_alloc(sizeof(*self));
	reed_future_init(&self->future, link->live->loop, &drain_kind);
	reed_list_append(&link->draining, &self->link);
	return &self->future;
}

/* ---- asking ---- */

static void ask_deliver(struct reed_future *f)
{
	struct live_wait *self = reed_container_of(f, struct live_wait, future);

	if (f->err)
		return;
	*self->result = (struct reed_live_result){ self->refused, self->json };
	self->json = NULL;
}

static const struct reed_future_kind ask_kind = { .name = "live ask",
	                                          .cancel = unlink_wait,
	                                          .deliver = ask_deliver,
	                                          .free = free_wait };

struct reed_future *reed_live_ask(struct reed_live_link *link, const char *name,
                                  struct reed_slice args, struct reed_live_result *result)
{
	enum reed_err err = live_push(link, false, "call", link->last_ask + 1, name, args);
	struct live_wait *self;

	if (err)
		return reed_failed(link->live->loop, err, "the page cannot be asked %s: %s", name,
		                   reed_strerror(err));
	self = reed_alloc(sizeof(*self));
	reed_future_init(&self->future, link->live->loop, &ask_kind);
	self->id = ++link->last_ask;
	self->result = result;
	reed_list_append(&link->asked, &self->link);
	return &self->future;
}

/* An answer to what nobody waits for any more is passed over. */
void live_answered(struct reed_live_link *self, const struct live_line *line)
{
	reed_list_each_safe (link, &self->asked) {
		struct live_wait *ask = reed_container_of(link, struct live_wait, link);

		if (ask->id != line->id)
			continue;
		reed_list_remove(&ask->link);
		ask->refused = line->word == LIVE_NO;
		ask->json = reed_slice_dup(line->json);
		reed_settle(&ask->future, REED_OK);
	}
}

static void fail_all(struct reed_list *list, const char *why)
{
	struct reed_list *link;

	while ((link = reed_list_take(list)))
		reed_fail(&reed_container_of(link, struct live_wait, link)->future, REED_ECLOSED,
		          "the link to the page has ended: %s", why);
}

void live_forget_waits(struct reed_live_link *self, const char *why)
{
	fail_all(&self->asked, why);
	fail_all(&self->draining, why);
}
