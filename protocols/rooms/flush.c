#include "reed/rooms/flush.h"

#include "reed/alloc.h"

static struct reed_rooms_flush *flush_of(struct reed_list *link)
{
	return reed_container_of(link, struct reed_rooms_flush, link);
}

static void flush_cancel(struct reed_future *f)
{
	reed_list_remove(&reed_container_of(f, struct reed_rooms_flush, future)->link);
}

static void flush_free(struct reed_future *f)
{
	reed_free(reed_container_of(f, struct reed_rooms_flush, future));
}

static const struct reed_future_kind flush_kind = { .name = "flush",
	                                            .cancel = flush_cancel,
	                                            .free = flush_free };

struct reed_future *reed_rooms_flush_add(struct reed_list *flushes, struct reed_loop *loop,
                                         uint64_t upto)
{
	struct reed_rooms_flush *flush = reed_alloc(sizeof(*flush));

	reed_future_init(&flush->future, loop, &flush_kind);
	flush->upto = upto;
	reed_list_append(flushes, &flush->link);
	return &flush->future;
}

struct reed_rooms_flush *reed_rooms_flush_take(struct reed_list *flushes, uint64_t next)
{
	reed_list_each (link, flushes) {
		struct reed_rooms_flush *flush = flush_of(link);

		if (flush->upto >= next)
			continue;
		reed_list_remove(link);
		return flush;
	}
	return NULL;
}

void reed_rooms_flush_fail(struct reed_list *flushes, uint64_t serial, enum reed_err err,
                           const char *what, const char *why)
{
	reed_list_each_safe (link, flushes) {
		struct reed_rooms_flush *flush = flush_of(link);

		if (flush->upto < serial)
			continue;
		reed_list_remove(link);
		reed_fail(&flush->future, err, "%s: %s", what, why);
	}
}
