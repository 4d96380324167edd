/* Coroutines, and the values that follow them. */

#include "private.h"

#include <stdlib.h>

static struct reed_co *co_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_co, future);
}

static void co_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault);

struct reed_co *reed_co_of_waiter(struct reed_waiter *w)
{
	return w->wake == co_wake ? reed_container_of(w, struct reed_co, waiter) : NULL;
}

struct reed_fault *reed_co_take_fault(struct reed_co *co)
{
	struct reed_fault *fault = co->fault;

	co->fault = NULL;
	return fault;
}

static void co_run(struct reed_co *co)
{
	struct reed_binding *outer = co->loop->locals;

	co->loop->locals = co->locals;
	co->future.busy = true;
	co->kind->run(co);
	co->future.busy = false;
	co->locals = co->loop->locals;
	co->loop->locals = outer;
}

static void co_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct reed_co *co = reed_container_of(w, struct reed_co, waiter);
	struct reed_future *f = &co->future;

	if (co->fault)
		reed_fault_free(co->fault);
	co->fault = fault;
	co->err = err;
	co->result = REED_OK;
	co_run(co);
	if (f->dropped) {
		reed_drop(f);
	} else if (!w->future) {
		if (co->result == co->err)
			f->fault = reed_co_take_fault(co);
		reed_settle(f, co->result);
	}
}

static void co_cancel(struct reed_future *f)
{
	reed_unwait(f->loop, &co_of(f)->waiter);
}

static void co_deliver(struct reed_future *f)
{
	if (!f->err && co_of(f)->kind->deliver)
		co_of(f)->kind->deliver(co_of(f));
}

static void co_free(struct reed_future *f)
{
	struct reed_co *co = co_of(f);

	if (co->kind->end)
		co->kind->end(co);
	reed_list_remove(&co->task);
	co->loop->task_count--;
	if (co->fault)
		reed_fault_free(co->fault);
	if (co->locals)
		reed_binding_release(co->locals);
	reed_free(co);
}

static struct reed_future *co_leg(struct reed_future *f, int i)
{
	return i == 0 ? co_of(f)->waiter.future : NULL;
}

static const struct reed_future_kind co_kind = { .name = "co",
	                                         .cancel = co_cancel,
	                                         .deliver = co_deliver,
	                                         .free = co_free,
	                                         .leg = co_leg };

bool reed_future_is_co(const struct reed_future *f)
{
	return f->kind == &co_kind;
}

/* A leaf that lives in the frame: nothing to free. */

static void now_free(struct reed_future *f)
{
	(void)f;
}

static const struct reed_future_kind now_kind = { .name = "now", .free = now_free };

static struct reed_future *now(struct reed_co *co, enum reed_err err)
{
	reed_future_init(&co->now, co->loop, &now_kind);
	reed_settle(&co->now, err);
	return &co->now;
}

void *reed_co_new(struct reed_loop *loop, const struct reed_co_kind *kind)
{
	struct reed_co *co = reed_alloc(kind->size);

	reed_future_init(&co->future, loop, &co_kind);
	co->waiter.wake = co_wake;
	co->loop = loop;
	co->kind = kind;
	if (loop->locals)
		co->locals = reed_binding_share(loop->locals);
	reed_list_append(&loop->tasks, &co->task);
	loop->task_count++;
	return co;
}

struct reed_future *reed_start(struct reed_co *co)
{
	co->since = co->loop->now;
	reed_wait(now(co, REED_OK), &co->waiter);
	return &co->future;
}

void reed_co_wait(struct reed_co *co, struct reed_future *f, const char *file, int line)
{
	co->file = file;
	co->line = line;
	co->since = co->loop->now;
	if (co->loop->blame)
		reed_blame_waits(co->loop, file, line);
	if (co->future.interrupted && !f->shielded) {
		reed_drop(f);
		f = now(co, REED_ECANCELED);
	}
	reed_wait(f, &co->waiter);
}

const char *reed_co_why(const struct reed_co *co)
{
	return reed_fault_why(co->fault, co->err);
}

/* An error that came without a fault still has the sentence of its number. */
enum reed_err reed_because_at(struct reed_co *co, enum reed_err err, const char *file, int line,
                              const char *format, ...)
{
	struct reed_fault *cause = reed_co_take_fault(co);
	va_list args;

	if (!cause && co->err)
		cause = reed_fault_new(co->err, NULL, file, line, "%s", reed_strerror(co->err));
	va_start(args, format);
	co->fault = reed_fault_new_v(err, cause, file, line, format, args);
	va_end(args);
	co->err = err;
	return err;
}

REED_NORETURN void reed_co_lost(const struct reed_co *co)
{
	fprintf(stderr, "%s: await at %s:%d is inside a switch\n", co->kind->name, co->file,
	        co->line);
	abort();
}

/* ---- task-local values ---- */

struct reed_binding {
	size_t holders;
	const struct reed_local *key;
	void *value;
	struct reed_binding *outer; /* owned; may be NULL */
	bool owned;                 /* the value is memory of ours */
};

struct reed_binding *reed_binding_share(struct reed_binding *b)
{
	if (b)
		b->holders++;
	return b;
}

void reed_binding_release(struct reed_binding *b)
{
	while (b && --b->holders == 0) {
		struct reed_binding *outer = b->outer;

		if (b->owned)
			reed_free(b->value);
		reed_free(b);
		b = outer;
	}
}

static void bind(struct reed_loop *loop, const struct reed_local *key, void *value, bool owned)
{
	struct reed_binding *b = reed_alloc(sizeof(*b));

	*b = (struct reed_binding){ 1, key, value, loop->locals, owned };
	loop->locals = b;
}

void reed_local_set(struct reed_loop *loop, const struct reed_local *key, void *value)
{
	bind(loop, key, value, false);
}

void reed_local_give(struct reed_loop *loop, const struct reed_local *key, void *value)
{
	bind(loop, key, value, true);
}

void *reed_local_get(const struct reed_loop *loop, const struct reed_local *key)
{
	for (const struct reed_binding *b = loop->locals; b; b = b->outer)
		if (b->key == key)
			return b->value;
	return NULL;
}
