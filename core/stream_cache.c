/* What the streams of a loop share: buffers lent for reading, chunks for writing. */

#include "private.h"

#include "poison.h"
#include "reed/source.h"
#include "rights.h"

enum { BUFFERS_KEPT = 4, CHUNKS_KEPT = 256 };

struct kept {
	struct reed_chunk *first;
	int count;
};

struct reed_stream_cache {
	struct reed_loop *loop;
	char *buffers[BUFFERS_KEPT];
	int buffer_count;
	struct kept chunks, shares; /* with bytes of their own; of blobs */
	struct reed_list lingering; /* closed, not gone; linked by flush.link */
	struct reed_last finish;
};

static void free_kept(struct kept *kept)
{
	while (kept->first) {
		struct reed_chunk *c = kept->first;

		kept->first = c->next;
		reed_free(c);
	}
}

/* Closed ones only: who has not closed a stream still owns it. */
static void let_go(struct reed_list *flushes)
{
	struct reed_list *link;

	while ((link = reed_list_take(flushes))) {
		struct reed_last *flush = reed_container_of(link, struct reed_last, link);
		struct reed_stream *s = reed_container_of(flush, struct reed_stream, flush);

		if (flush->run == reed_stream_flush && s->closed)
			reed_stream_cut_off(s);
	}
}

static void cache_finish(struct reed_last *last)
{
	struct reed_stream_cache *cache = reed_container_of(last, struct reed_stream_cache, finish);

	let_go(&cache->lingering);
	let_go(&cache->loop->lasts);
	while (cache->buffer_count > 0) {
		char *buf = cache->buffers[--cache->buffer_count];

		REED_UNPOISON(buf, REED_BUFFER);
		reed_free(buf);
	}
	free_kept(&cache->chunks);
	free_kept(&cache->shares);
	reed_free(cache);
}

void reed_stream_cache_init(struct reed_loop *loop)
{
	struct reed_stream_cache *cache = reed_alloc(sizeof(*cache));

	reed_list_init(&cache->lingering);
	cache->loop = loop;
	cache->finish.run = cache_finish;
	reed_at_loop_end(loop, &cache->finish);
	loop->streams = cache;
}

struct reed_list *reed_stream_lingering(struct reed_loop *loop)
{
	return &loop->streams->lingering;
}

bool reed_stream_lingers(const struct reed_loop *loop)
{
	return loop->streams && !reed_list_empty(&loop->streams->lingering);
}

/* ---- who need not wait any longer ---- */

size_t reed_on_the_way(struct reed_stream *s)
{
	if (s->gone || s->write_err)
		return 0;
	if (s->first)
		return s->queued > 0 ? s->queued : 1; /* of a file nobody has counted */
	return s->ops->on_the_way ? s->ops->on_the_way(s) : SIZE_MAX;
}

static bool has_parted(struct reed_stream *s)
{
	return s->closed && s->shut && s->loop->now - s->moved >= REED_PARTING &&
	       reed_on_the_way(s) == 0;
}

/* What is below one that goes lingers from then on, behind all of these. */
bool reed_streams_part(struct reed_loop *loop)
{
	struct reed_list *all = loop->streams ? &loop->streams->lingering : NULL, *link, *next;

	for (link = all ? all->next : NULL; link != all; link = next) {
		struct reed_last *flush = reed_container_of(link, struct reed_last, link);
		struct reed_stream *s = reed_container_of(flush, struct reed_stream, flush);

		next = link->next;
		if (has_parted(s))
			reed_stream_gone(s);
	}
	return reed_stream_lingers(loop);
}

bool reed_linger_turn(struct reed_loop *loop)
{
	bool streams = reed_streams_part(loop);

	if (!streams && !reed_processes_linger(loop))
		return false;
	reed_loop_turn(loop, streams ? REED_PARTING / 10 : REED_NEVER);
	return true;
}

/* ---- buffers and chunks ---- */

char *reed_buffer_take(struct reed_loop *loop)
{
	struct reed_stream_cache *cache = loop->streams;
	char *buf;

	if (!cache->buffer_count)
		return reed_alloc_raw(REED_BUFFER);
	buf = cache->buffers[--cache->buffer_count];
	REED_UNPOISON(buf, REED_BUFFER);
	return buf;
}

void reed_buffer_return(struct reed_loop *loop, char *buf)
{
	struct reed_stream_cache *cache = loop->streams;

	if (cache->buffer_count == BUFFERS_KEPT) {
		reed_free(buf);
		return;
	}
	REED_POISON(buf, REED_BUFFER);
	cache->buffers[cache->buffer_count++] = buf;
}

static struct kept *kept_for(struct reed_stream_cache *cache, size_t size)
{
	return size > 0 ? &cache->chunks : &cache->shares;
}

/* size 0: for a share of a blob. */
struct reed_chunk *reed_chunk_take(struct reed_loop *loop, size_t size)
{
	struct kept *kept = kept_for(loop->streams, size);
	struct reed_chunk *c = kept->first;

	if (size > 0 && size < REED_CHUNK)
		size = REED_CHUNK;
	if (c && c->size == size) {
		kept->first = c->next;
		kept->count--;
	} else {
		c = reed_alloc_raw(sizeof(*c) + size);
		c->size = (uint32_t)size;
	}
	loop->stats.output_held += sizeof(*c) + c->size;
	c->next = NULL;
	c->blob = NULL;
	c->rights = NULL;
	c->source = NULL;
	c->begin = c->end = 0;
	return c;
}

void reed_chunk_return(struct reed_loop *loop, struct reed_chunk *c)
{
	struct kept *kept = kept_for(loop->streams, c->size);

	loop->stats.output_held -= sizeof(*c) + c->size;
	reed_blob_release(c->blob);
	reed_rights_free(c->rights);
	reed_source_release(c->source);
	if (c->size <= REED_CHUNK && kept->count < CHUNKS_KEPT) {
		c->next = kept->first;
		kept->first = c;
		kept->count++;
	} else {
		reed_free(c);
	}
}
