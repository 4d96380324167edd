/* What hears of changes to files, and what hands them on. */

#ifndef REED_WATCH_PRIVATE_H
#define REED_WATCH_PRIVATE_H

#include "private.h"
#include "reed/watch.h"

struct reed_file_watch_ops {
	void (*waiting)(struct reed_file_watch *w, bool waiting); /* somebody begins or ends to */
	void (*room)(struct reed_file_watch *w); /* there is some again; may be NULL */
	void (*close)(struct reed_file_watch *w);
};

struct reed_file_watch {
	const struct reed_file_watch_ops *ops;
	struct reed_loop *loop;
	struct reed_file_watch_options options;
	char *path;
	struct reed_list changes;
	size_t count;
	struct reed_future next;
	bool is_waiting;
	struct reed_file_change *out;
	struct reed_watch_item *shown; /* the last that was delivered */
	struct reed_fault *fault;      /* why it is over */
};

/* First member of either is the watch. */
enum reed_err reed_watch_by_system(const char *path, const struct reed_file_watch_options *o,
                                   struct reed_loop *loop, struct reed_file_watch **w,
                                   struct reed_fault **fault);
enum reed_err reed_watch_by_polling(const char *path, const struct reed_file_watch_options *o,
                                    struct reed_loop *loop, struct reed_file_watch **w,
                                    struct reed_fault **fault);

void reed_watch_init(struct reed_file_watch *w, struct reed_loop *loop, const char *path,
                     const struct reed_file_watch_options *o,
                     const struct reed_file_watch_ops *ops);

static inline bool reed_watch_is_full(const struct reed_file_watch *w)
{
	return w->count >= w->options.most_changes;
}

/* The strings are copied; `to` may be NULL. */
void reed_watch_tell(struct reed_file_watch *w, enum reed_file_change_kind kind, bool directory,
                     const char *path, const char *to);

/* The watch is over once what is kept has been asked for; takes over the fault. */
void reed_watch_fail(struct reed_file_watch *w, struct reed_fault *fault);

#endif
