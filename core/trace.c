/* Who waits for what, where, and since when. */

#include "private.h"

static void print_co(FILE *out, const struct reed_co *co, int indent)
{
	double age = (double)(co->loop->now - co->since) / 1e9;

	if (co->line)
		fprintf(out, "%*s%s %s:%d, %.3f s\n", indent, "", co->kind->name, co->file,
		        co->line, age);
	else
		fprintf(out, "%*s%s, not started\n", indent, "", co->kind->name);
}

static void trace(FILE *out, struct reed_future *f, int indent)
{
	struct reed_future *leg;

	if (reed_future_is_co(f))
		print_co(out, reed_container_of(f, struct reed_co, future), indent);
	else
		fprintf(out, "%*s(%s)\n", indent, "", f->kind->name);
	for (int i = 0; f->kind->leg && (leg = f->kind->leg(f, i)); i++)
		trace(out, leg, indent + 2);
}

void reed_trace(FILE *out, struct reed_future *f)
{
	trace(out, f, 2);
}

/* A coroutine that another one waits for, through combinators, is printed under that one. */
static bool is_awaited(struct reed_future *f)
{
	while (f->parent)
		f = f->parent;
	return f->waiter && reed_co_of_waiter(f->waiter);
}

void reed_trace_all(FILE *out, struct reed_loop *loop)
{
	reed_list_each (link, &loop->tasks) {
		struct reed_co *co = reed_container_of(link, struct reed_co, task);

		if (!is_awaited(&co->future))
			trace(out, &co->future, 0);
	}
}
