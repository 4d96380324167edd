/* The life of a datagram socket, for all kinds, and what went wrong with what it sent. */

#include "dgram_private.h"

#include <net/if.h>
#include <string.h>

enum { QUEUE = 1 << 20 };

struct reed_dgram_options reed_dgram_options_of(const struct reed_dgram_options *given)
{
	struct reed_dgram_options options = REED_DGRAM_OPTIONS;

	if (given)
		memcpy(&options, given,
		       given->size < sizeof(options) ? given->size : sizeof(options));
	return options;
}

void reed_dgram_init(struct reed_dgram *d, struct reed_loop *loop, const struct reed_dgram_ops *ops,
                     const struct reed_dgram_options *given)
{
	struct reed_dgram_options options = reed_dgram_options_of(given);

	*d = (struct reed_dgram){ .ops = ops, .loop = loop, .flush.run = reed_dgram_flush };
	d->limit = options.queue ? options.queue : QUEUE;
	d->largest = options.largest && options.largest < REED_DGRAM_LARGEST ? options.largest
	                                                                     : REED_DGRAM_LARGEST;
	if (!loop->streams)
		reed_stream_cache_init(loop); /* the queue is made of its buffers */
}

/* ---- the end ---- */

/* The memory waits for the futures in it. */
void reed_dgram_gone(struct reed_dgram *d)
{
	if (!d->is_waiting && !d->is_draining)
		reed_free(d);
}

static void cancel(struct reed_future *f)
{
	if (f->settled)
		f->err = f->err ? f->err : REED_ECANCELED;
	else
		reed_settle(f, REED_ECANCELED);
}

void reed_dgram_close(struct reed_dgram *d)
{
	if (!d)
		return;
	assert(!d->closed && !d->handler); /* a session closes its socket itself */
	reed_dgram_flush_now(d);
	d->closed = true;
	reed_list_unlink(&d->flush.link);
	reed_dgram_discard(d);
	if (d->batch)
		reed_dgram_batch_return(d);
	reed_free(d->errors);
	d->errors = NULL;
	d->error_count = 0;
	d->ops->close(d);
	if (d->is_waiting)
		cancel(&d->waiting);
	if (d->is_draining)
		cancel(&d->draining);
	reed_dgram_gone(d);
}

/* ---- errors ---- */

void reed_dgram_note(struct reed_dgram *d, const struct reed_dgram_error *error)
{
	d->stats.errors++;
	if (!d->errors)
		d->errors = reed_alloc(REED_DGRAM_ERRORS * sizeof(*d->errors));
	if (d->error_count == REED_DGRAM_ERRORS) {
		d->error_first = (uint16_t)((d->error_first + 1) % REED_DGRAM_ERRORS);
		d->error_count--;
	}
	d->errors[(d->error_first + d->error_count++) % REED_DGRAM_ERRORS] = *error;
	d->news = true;
	if (d->is_waiting && !d->waiting.settled && !d->waiting.busy)
		reed_settle(&d->waiting, REED_OK);
}

const struct reed_dgram_error *reed_dgram_oldest(const struct reed_dgram *d)
{
	return d->error_count ? &d->errors[d->error_first] : NULL;
}

bool reed_dgram_take_error(struct reed_dgram *d, struct reed_dgram_error *error)
{
	if (!d->error_count)
		return false;
	*error = d->errors[d->error_first];
	d->error_first = (uint16_t)((d->error_first + 1) % REED_DGRAM_ERRORS);
	if (--d->error_count == 0) {
		reed_free(d->errors);
		d->errors = NULL;
		d->error_first = 0;
	}
	return true;
}

struct reed_fault *reed_dgram_fault(const struct reed_dgram_error *e)
{
	char text[REED_ADDRESS_TEXT];

	return reed_fault(e->err, NULL, "%s: %s", reed_address_text(&e->to, text),
	                  reed_strerror(e->err));
}

/* ---- groups ---- */

bool reed_address_is_multicast(const struct reed_address *a)
{
	if (a->family == REED_FAMILY_IPV4)
		return a->ip[0] >> 4 == 14;
	return a->family == REED_FAMILY_IPV6 && a->ip[0] == 0xff;
}

static enum reed_err set_group(struct reed_dgram *d, const struct reed_dgram_group *group,
                               bool join)
{
	if (!d->ops->group)
		return REED_ENOTSUP;
	if (!reed_address_is_multicast(&group->group))
		return REED_EINVAL;
	if (group->source.family != REED_FAMILY_NONE && group->source.family != group->group.family)
		return REED_EINVAL;
	return d->ops->group(d, group, join);
}

enum reed_err reed_dgram_join(struct reed_dgram *d, const struct reed_dgram_group *group)
{
	return set_group(d, group, true);
}

enum reed_err reed_dgram_leave(struct reed_dgram *d, const struct reed_dgram_group *group)
{
	return set_group(d, group, false);
}

enum reed_err reed_dgram_set_multicast(struct reed_dgram *d, const struct reed_dgram_multicast *how)
{
	struct reed_dgram_multicast all = REED_DGRAM_MULTICAST;

	memcpy(&all, how, how->size < sizeof(all) ? how->size : sizeof(all));
	if (all.ttl < 0 || all.ttl > 255)
		return REED_ERANGE;
	return d->ops->multicast ? d->ops->multicast(d, &all) : REED_ENOTSUP;
}

uint32_t reed_interface(const char *name)
{
	return if_nametoindex(name);
}

/* ---- what is known ---- */

void reed_dgram_stats(const struct reed_dgram *d, struct reed_dgram_stats *stats)
{
	size_t size = stats->size < sizeof(*stats) ? stats->size : sizeof(*stats);
	struct reed_dgram_stats all = d->stats;

	all.size = stats->size;
	memcpy(stats, &all, size);
}
