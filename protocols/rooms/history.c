/* What every history needs: copies, pages, names of talks. */

#include "private.h"

void reed_history_page_finish(struct reed_history_page *page)
{
	reed_pool_finish(&page->pool);
	*page = (struct reed_history_page){ 0 };
}

void reed_talks_finish(struct reed_talks *talks)
{
	reed_pool_finish(&talks->pool);
	*talks = (struct reed_talks){ 0 };
}

struct reed_talk_name reed_talk_between(const struct reed_account *a, const struct reed_account *b)
{
	struct reed_talk_name name;
	bool a_first = strcmp(a->id.s, b->id.s) < 0;

	memcpy(name.s, a_first ? a->id.s : b->id.s, REED_ID_LENGTH);
	memcpy(name.s + REED_ID_LENGTH, a_first ? b->id.s : a->id.s, REED_ID_LENGTH + 1);
	return name;
}

/* ---- copies ---- */

static bool copy(struct reed_pool *pool, struct reed_slice *s)
{
	*s = reed_pool_copy(pool, *s);
	return s->p != NULL;
}

static bool copy_tags(struct reed_pool *pool, struct reed_message *m)
{
	struct reed_tag *tags;

	if (m->tag_count == 0)
		return true;
	tags = reed_pool_alloc(pool, m->tag_count * sizeof(*tags));
	if (!tags)
		return false;
	for (size_t i = 0; i < m->tag_count; i++) {
		tags[i] = m->tags[i];
		if (!copy(pool, &tags[i].key) || !copy(pool, &tags[i].value))
			return false;
	}
	m->tags = tags;
	return true;
}

bool reed_message_copy(struct reed_pool *pool, struct reed_message *into,
                       const struct reed_message *from)
{
	*into = *from;
	return copy(pool, &into->nick) && copy(pool, &into->username) && copy(pool, &into->host) &&
	       copy(pool, &into->account) && copy(pool, &into->text) && copy(pool, &into->ref) &&
	       copy(pool, &into->target) && copy_tags(pool, into);
}

/* ---- tags as bytes ---- */

size_t reed_tags_packed_size(const struct reed_tag *tags, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += tags[i].key.n + tags[i].value.n + 2;
	return size;
}

static char *put(char *at, struct reed_slice s)
{
	if (s.n)
		memcpy(at, s.p, s.n);
	at[s.n] = '\0';
	return at + s.n + 1;
}

void reed_tags_pack(char *into, const struct reed_tag *tags, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		into = put(into, tags[i].key);
		into = put(into, tags[i].value);
	}
}

struct reed_tag *reed_tags_unpack(struct reed_pool *pool, struct reed_slice packed, size_t *count)
{
	struct reed_slice rest = reed_pool_copy(pool, packed);
	struct reed_tag *tags;
	size_t nuls = 0;

	for (size_t i = 0; i < rest.n; i++)
		nuls += rest.p[i] == '\0';
	*count = 0;
	tags = nuls >= 2 ? reed_pool_alloc(pool, nuls / 2 * sizeof(*tags)) : NULL;
	while (tags && *count < nuls / 2) {
		tags[*count].key = reed_slice_cut(&rest, '\0');
		tags[*count].value = reed_slice_cut(&rest, '\0');
		++*count;
	}
	return tags;
}
