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

typedef void root_fn(FILE *out, struct reed_future *f);

static void each_root(FILE *out, struct reed_loop *loop, root_fn *tell)
{
	reed_list_each (link, &loop->tasks) {
		struct reed_co *co = reed_container_of(link, struct reed_co, task);

		if (!is_awaited(&co->future))
			tell(out, &co->future);
	}
}

static void tell_root(FILE *out, struct reed_future *f)
{
	trace(out, f, 0);
}

void reed_trace_all(FILE *out, struct reed_loop *loop)
{
	each_root(out, loop, tell_root);
}

/* ---- for programs ---- */

/* Names and paths of the program itself: ASCII, and nothing that moves a cursor. */
static void json_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void json_co(FILE *out, const struct reed_co *co)
{
	fputs("{\"task\":", out);
	json_string(out, co->kind->name);
	if (!co->line)
		return;
	fputs(",\"file\":", out);
	json_string(out, co->file);
	fprintf(out, ",\"line\":%d,\"age\":%.3f", co->line,
	        (double)(co->loop->now - co->since) / 1e9);
}

static void json(FILE *out, struct reed_future *f)
{
	struct reed_future *leg;
	int n = 0;

	if (reed_future_is_co(f)) {
		json_co(out, reed_container_of(f, struct reed_co, future));
	} else {
		fputs("{\"wait\":", out);
		json_string(out, f->kind->name);
	}
	for (; f->kind->leg && (leg = f->kind->leg(f, n)); n++) {
		fputs(n ? "," : ",\"waits\":[", out);
		json(out, leg);
	}
	fputs(n ? "]}" : "}", out);
}

static void tell_root_json(FILE *out, struct reed_future *f)
{
	json(out, f);
	putc('\n', out);
}

void reed_trace_all_json(FILE *out, struct reed_loop *loop)
{
	each_root(out, loop, tell_root_json);
}
