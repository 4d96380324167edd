/*
 * A history in memory: for each conversation the last so many messages.
 *
 * A message is one block of memory.  Conversations stand in a list by the time
 * of their last message; when all of it is too large the one that has been
 * silent for longest loses its oldest message.
 */

#include "ring.h"

#include "reed/alloc.h"
#include "reed/random.h"

enum { MESSAGES = 1000, CONVERSATIONS = 10000, BYTES = 64 << 20 };

/* ---- messages ---- */

static size_t size_of(const struct reed_message *m)
{
	return sizeof(struct kept) + m->nick.n + m->username.n + m->host.n + m->account.n +
	       m->text.n + m->ref.n + m->target.n + m->tag_count * sizeof(struct reed_tag) +
	       reed_tags_packed_size(m->tags, m->tag_count);
}

static void move_in(struct reed_slice *s, char **at)
{
	if (s->n)
		memcpy(*at, s->p, s->n);
	s->p = *at;
	*at += s->n;
}

static struct kept *kept_new(const struct reed_message *m)
{
	size_t size = size_of(m);
	struct kept *k = reed_alloc_raw(size);
	struct reed_slice *slices[] = {
		&k->message.nick, &k->message.username, &k->message.host,   &k->message.account,
		&k->message.text, &k->message.ref,      &k->message.target,
	};
	char *at = (char *)&k->tags[m->tag_count];

	k->message = *m;
	k->size = size;
	for (size_t i = 0; i < REED_COUNT(slices); i++)
		move_in(slices[i], &at);
	for (size_t i = 0; i < m->tag_count; i++) {
		k->tags[i] = m->tags[i];
		move_in(&k->tags[i].key, &at);
		move_in(&k->tags[i].value, &at);
	}
	k->message.tags = k->tags;
	return k;
}

static void kept_free(struct ring *ring, struct kept *k)
{
	ring->bytes -= k->size;
	reed_free(k);
}

/* ---- conversations ---- */

struct conversation *reed_ring_find(const struct ring *ring, struct reed_slice where)
{
	struct reed_named *named = reed_names_find(&ring->conversations, where);

	return named ? reed_container_of(named, struct conversation, by_where) : NULL;
}

static void drop_oldest(struct ring *ring, struct conversation *c)
{
	kept_free(ring, c->kept[c->first]);
	c->first = (c->first + 1) % c->size;
	c->count--;
}

static void conversation_free(struct ring *ring, struct conversation *c)
{
	while (c->count > 0)
		drop_oldest(ring, c);
	reed_names_remove(&ring->conversations, &c->by_where);
	reed_list_remove(&c->link);
	ring->conversation_count--;
	reed_free(c->kept);
	reed_free(c);
}

static struct conversation *ensure(struct ring *ring, struct reed_slice where)
{
	struct conversation *c = reed_ring_find(ring, where);

	if (c) {
		reed_list_remove(&c->link);
		reed_list_append(&ring->all, &c->link);
		return c;
	}
	if (ring->conversation_count >= ring->conversations_max)
		conversation_free(ring, conversation_of(ring->all.next));
	c = reed_alloc(sizeof(*c));
	reed_names_add(&ring->conversations, &c->by_where, where);
	reed_list_append(&ring->all, &c->link);
	ring->conversation_count++;
	return c;
}

static void grow(struct conversation *c, uint32_t most)
{
	uint32_t size = c->size ? c->size * 2 : 8;
	struct kept **kept;

	size = size < most ? size : most;
	kept = reed_alloc(size * sizeof(*kept));
	for (uint32_t i = 0; i < c->count; i++)
		kept[i] = c->kept[(c->first + i) % c->size];
	reed_free(c->kept);
	c->kept = kept;
	c->size = size;
	c->first = 0;
}

static void append(struct reed_history *h, struct reed_slice where, const struct reed_message *m)
{
	struct ring *ring = ring_of(h);
	struct conversation *c = ensure(ring, where);
	struct kept *k = kept_new(m);

	if (c->count == ring->messages_max)
		drop_oldest(ring, c);
	if (c->count == c->size)
		grow(c, ring->messages_max);
	c->kept[(c->first + c->count++) % c->size] = k;
	ring->bytes += k->size;
	while (ring->bytes > ring->bytes_max && ring->conversation_count > 0) {
		struct conversation *quiet = conversation_of(ring->all.next);

		if (quiet->count > 0)
			drop_oldest(ring, quiet);
		if (quiet->count == 0)
			conversation_free(ring, quiet);
	}
}

/* ---- taking back, forgetting ---- */

static void blacken(struct ring *ring, struct kept **k)
{
	struct reed_message bare = (*k)->message;
	struct kept *was = *k;

	bare.text = reed_slice_of(NULL);
	bare.tags = NULL;
	bare.tag_count = 0;
	bare.flags |= REED_MESSAGE_REDACTED;
	*k = kept_new(&bare);
	ring->bytes += (*k)->size;
	kept_free(ring, was);
}

static struct reed_future *redact(struct reed_history *h, struct reed_slice where,
                                  struct reed_slice id)
{
	struct ring *ring = ring_of(h);
	struct conversation *c = reed_ring_find(ring, where);
	bool found = false;

	for (uint32_t i = 0; c && i < c->count; i++) {
		const struct reed_message *m = message_at(c, i);
		bool is_it = reed_slice_is(id, m->id.s);

		found |= is_it;
		if (is_it || (m->kind == REED_EVENT_EDIT && reed_slice_eq(m->ref, id)))
			blacken(ring, &c->kept[(c->first + i) % c->size]);
	}
	return reed_ready(ring->loop, found ? REED_OK : REED_ENOENT);
}

static struct reed_future *forget(struct reed_history *h, struct reed_slice where)
{
	struct conversation *c = reed_ring_find(ring_of(h), where);

	if (c)
		conversation_free(ring_of(h), c);
	return reed_ready(ring_of(h)->loop, REED_OK);
}

static struct reed_future *flush(struct reed_history *h)
{
	return reed_ready(ring_of(h)->loop, REED_OK);
}

/* ---- the history ---- */

static void ring_free(struct reed_history *h)
{
	struct ring *ring = ring_of(h);

	while (!reed_list_empty(&ring->all))
		conversation_free(ring, conversation_of(ring->all.next));
	reed_hash_finish(&ring->conversations.table);
	reed_free(ring);
}

static const struct reed_history_ops ring_ops = {
	.name = "memory",
	.append = append,
	.query = reed_ring_query,
	.redact = redact,
	.forget = forget,
	.talks = reed_ring_talks,
	.flush = flush,
	.free = ring_free,
};

struct reed_history *reed_history_ring_new(struct reed_loop *loop,
                                           const struct reed_history_ring_options *given)
{
	struct reed_history_ring_options options = REED_HISTORY_RING_OPTIONS;
	struct ring *ring = reed_alloc(sizeof(*ring));

	if (given)
		memcpy(&options, given,
		       given->size < sizeof(options) ? given->size : sizeof(options));
	ring->history.ops = &ring_ops;
	ring->loop = loop;
	ring->conversations.seed = reed_random(loop);
	ring->messages_max = options.messages ? options.messages : MESSAGES;
	ring->conversations_max = options.conversations ? options.conversations : CONVERSATIONS;
	ring->bytes_max = options.bytes ? options.bytes : BYTES;
	reed_list_init(&ring->all);
	return &ring->history;
}
