/* Changes to files, kept until somebody asks. */

#include <string.h>

#include "watch_private.h"

struct reed_watch_item {
	struct reed_list link;
	struct reed_file_change change; /* its strings are here */
	char text[];
};

static struct reed_file_watch *watch_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_file_watch, next);
}

static struct reed_watch_item *item_of(struct reed_list *link)
{
	return reed_container_of(link, struct reed_watch_item, link);
}

/* ---- what comes in ---- */

static void wake(struct reed_file_watch *w)
{
	if (w->is_waiting && !w->next.settled)
		reed_settle(&w->next, REED_OK);
}

/* Somebody who writes on and on tells nothing new. */
static bool is_told(const struct reed_file_watch *w, enum reed_file_change_kind kind,
                    const char *path)
{
	const struct reed_file_change *last;

	if (w->count == 0)
		return false;
	last = &item_of(w->changes.prev)->change;
	return last->kind == kind && (kind == REED_FILE_MODIFIED || kind == REED_FILE_LOST) &&
	       strcmp(last->path, path) == 0;
}

void reed_watch_tell(struct reed_file_watch *w, enum reed_file_change_kind kind, bool directory,
                     const char *path, const char *to)
{
	size_t n = strlen(path) + 1, m = to ? strlen(to) + 1 : 0;
	struct reed_watch_item *item;

	if (is_told(w, kind, path))
		return;
	item = reed_alloc(sizeof(*item) + n + m);
	memcpy(item->text, path, n);
	if (to)
		memcpy(item->text + n, to, m);
	item->change = (struct reed_file_change){ kind, directory, item->text,
		                                  to ? item->text + n : NULL };
	reed_list_append(&w->changes, &item->link);
	w->count++;
	wake(w);
}

void reed_watch_fail(struct reed_file_watch *w, struct reed_fault *fault)
{
	if (w->fault)
		reed_fault_free(fault);
	else
		w->fault = fault;
	wake(w);
}

/* ---- what goes out ---- */

static enum reed_err next_attempt(struct reed_future *f)
{
	struct reed_file_watch *w = watch_of(f);

	if (w->count > 0)
		return REED_OK;
	if (!w->fault)
		return REED_EAGAIN;
	f->fault = reed_fault_copy(w->fault);
	return w->fault->err;
}

static void next_deliver(struct reed_future *f)
{
	struct reed_file_watch *w = watch_of(f);
	bool was_full = reed_watch_is_full(w);

	if (f->err)
		return;
	reed_free(w->shown);
	w->shown = item_of(reed_list_take(&w->changes));
	w->count--;
	*w->out = w->shown->change;
	if (was_full && w->ops->room)
		w->ops->room(w);
}

static void next_free(struct reed_future *f)
{
	watch_of(f)->is_waiting = false;
	watch_of(f)->ops->waiting(watch_of(f), false);
}

static const struct reed_future_kind next_kind = {
	.name = "file change",
	.attempt = next_attempt,
	.deliver = next_deliver,
	.free = next_free,
};

struct reed_future *reed_file_watch_next(struct reed_file_watch *w, struct reed_file_change *change)
{
	assert(!w->is_waiting);
	reed_future_init(&w->next, w->loop, &next_kind);
	w->is_waiting = true;
	w->out = change;
	w->ops->waiting(w, true);
	if (w->count > 0 || w->fault)
		reed_settle(&w->next, REED_OK);
	return &w->next;
}

/* ---- its life ---- */

void reed_watch_init(struct reed_file_watch *w, struct reed_loop *loop, const char *path,
                     const struct reed_file_watch_options *o, const struct reed_file_watch_ops *ops)
{
	w->ops = ops;
	w->loop = loop;
	w->options = *o;
	w->path = reed_strdup(path);
	reed_list_init(&w->changes);
}

enum reed_err reed_file_watch_new(struct reed_loop *loop, const char *path,
                                  const struct reed_file_watch_options *given,
                                  struct reed_file_watch **watch, struct reed_fault **fault)
{
	struct reed_file_watch_options o = REED_FILE_WATCH_OPTIONS;
	enum reed_err err;

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	*fault = NULL;
	if (reed_loop_simulated(loop))
		*fault = reed_fault(REED_ENOTSUP, NULL, "a simulation has no file %s to watch",
		                    path);
	else if (!path[0])
		*fault = reed_fault(REED_EINVAL, NULL, "an empty path cannot be watched");
	if (*fault)
		return (*fault)->err;
	err = o.poll ? REED_ENOTSUP : reed_watch_by_system(path, &o, loop, watch, fault);
	return err == REED_ENOTSUP ? reed_watch_by_polling(path, &o, loop, watch, fault) : err;
}

void reed_file_watch_free(struct reed_file_watch *w)
{
	struct reed_list *link;

	if (!w)
		return;
	assert(!w->is_waiting);
	w->ops->close(w);
	while ((link = reed_list_take(&w->changes)))
		reed_free(item_of(link));
	reed_free(w->shown);
	reed_fault_free(w->fault);
	reed_free(w->path);
	reed_free(w);
}
