/* Who held the loop: a clock read between one task and the next. */

#include "private.h"

#include <stdlib.h>
#include <string.h>

#include "reed/blame.h"
#include "reed/log.h"

enum { TABLE = 2 * REED_BLAME_NAMES };

struct entry {
	struct reed_blamed sum;
	int64_t told; /* when the log had it last; 0: never */
};

struct reed_blame {
	struct entry entries[TABLE]; /* by the address of the name, which is a constant */
	struct entry others;
	size_t count;
	int64_t slow, since;
	struct reed_place from, to; /* of the task that runs; where it waits next */
	const char *name;           /* of the task that runs; NULL: nothing is timed */
};

static struct entry *entry_of(struct reed_blame *self, const char *name)
{
	size_t i = (size_t)((uint64_t)(uintptr_t)name * 0x9e3779b97f4a7c15u >> 32) % TABLE;

	for (; self->entries[i].sum.name; i = (i + 1) % TABLE)
		if (self->entries[i].sum.name == name)
			return &self->entries[i];
	if (self->count == REED_BLAME_NAMES)
		return &self->others;
	self->count++;
	self->entries[i].sum.name = name;
	return &self->entries[i];
}

static void tell(struct reed_loop *loop, struct entry *e, int64_t now, int64_t ns)
{
	const struct reed_blame *self = loop->blame;

	if (e->told && now - e->told < REED_S(1))
		return;
	e->told = now;
	if (self->from.file && self->to.file)
		reed_log(loop, REED_LOG_WARN, "the loop was held by=%s ms=%.1f from=%s:%d to=%s:%d",
		         self->name, (double)ns / 1e6, self->from.file, self->from.line,
		         self->to.file, self->to.line);
	else if (self->from.file)
		reed_log(loop, REED_LOG_WARN, "the loop was held by=%s ms=%.1f from=%s:%d",
		         self->name, (double)ns / 1e6, self->from.file, self->from.line);
	else if (self->to.file)
		reed_log(loop, REED_LOG_WARN, "the loop was held by=%s ms=%.1f to=%s:%d",
		         self->name, (double)ns / 1e6, self->to.file, self->to.line);
	else
		reed_log(loop, REED_LOG_WARN, "the loop was held by=%s ms=%.1f", self->name,
		         (double)ns / 1e6);
}

void reed_blame_end(struct reed_loop *loop)
{
	struct reed_blame *self = loop->blame;
	int64_t now = loop->driver->ops->now(loop->driver), ns = now - self->since;
	struct entry *e;

	self->since = now;
	if (!self->name)
		return;
	e = entry_of(self, self->name);
	e->sum.times++;
	e->sum.ns += ns;
	if (ns > e->sum.longest_ns) {
		e->sum.longest_ns = ns;
		e->sum.file = self->from.file;
		e->sum.line = self->from.line;
	}
	if (self->slow && ns > self->slow)
		tell(loop, e, now, ns);
	self->name = NULL;
}

void reed_blame_begin(struct reed_loop *loop, const char *name)
{
	struct reed_blame *self = loop->blame;

	self->name = name;
	self->from = self->to = (struct reed_place){ NULL, 0 };
}

/* The coroutine that is woken, or the one that has ended; else what was awaited. */
void reed_blame_begin_wake(struct reed_loop *loop, struct reed_future *f)
{
	const struct reed_co *co = reed_co_of_waiter(f->waiter);

	reed_blame_begin(loop, co ? co->kind->name : f->kind->name);
	if (co && co->line)
		loop->blame->from = (struct reed_place){ co->file, co->line };
}

void reed_blame_waits(struct reed_loop *loop, const char *file, int line)
{
	loop->blame->to = (struct reed_place){ file, line };
}

void reed_blame(struct reed_loop *loop, int64_t slow_ns)
{
	if (!loop->blame) {
		loop->blame = reed_alloc(sizeof(*loop->blame));
		loop->blame->others.sum.name = "(others)";
		loop->blame->since = loop->driver->ops->now(loop->driver);
	}
	loop->blame->slow = slow_ns > 0 ? slow_ns : 0;
}

/* ---- asking ---- */

static int by_weight(const void *a, const void *b)
{
	const struct reed_blamed *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	return strcmp(x->name, y->name);
}

static struct reed_blamed *all_of(const struct reed_blame *self, size_t *count)
{
	struct reed_blamed *all = reed_alloc((self->count + 1) * sizeof(*all));

	*count = 0;
	for (size_t i = 0; i < TABLE; i++)
		if (self->entries[i].sum.times)
			all[(*count)++] = self->entries[i].sum;
	if (self->others.sum.times)
		all[(*count)++] = self->others.sum;
	qsort(all, *count, sizeof(*all), by_weight);
	return all;
}

size_t reed_blame_list(const struct reed_loop *loop, struct reed_blamed *out, size_t n)
{
	struct reed_blamed *all;
	size_t count;

	if (!loop->blame)
		return 0;
	all = all_of(loop->blame, &count);
	n = n < count ? n : count;
	memcpy(out, all, n * sizeof(*all));
	reed_free(all);
	return n;
}

static void print_line(const struct reed_blamed *b, struct reed_buf *out)
{
	reed_buf_printf(out, "%10.3f %10llu %10.3f  %s", (double)b->ns / 1e9,
	                (unsigned long long)b->times, (double)b->longest_ns / 1e6, b->name);
	if (b->file)
		reed_buf_printf(out, ", from %s:%d", b->file, b->line);
	reed_buf_add_str(out, "\n");
}

void reed_blame_print(const struct reed_loop *loop, struct reed_buf *out, size_t n)
{
	struct reed_blamed *list;

	if (!loop->blame) {
		reed_buf_add_str(out, "nobody asked who holds the loop: see reed_blame()\n");
		return;
	}
	list = reed_alloc((n + 1) * sizeof(*list));
	n = reed_blame_list(loop, list, n);
	reed_buf_add_str(out, "   seconds      times longest ms  what held the loop\n");
	for (size_t i = 0; i < n; i++)
		print_line(&list[i], out);
	reed_free(list);
}
