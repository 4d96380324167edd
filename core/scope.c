#include "reed/scope.h"

#include "private.h"

struct child {
	struct reed_waiter waiter; /* owns the child's future */
	struct reed_list link;
	struct reed_scope *scope;
};

static struct child *child_of(struct reed_list *link)
{
	return reed_container_of(link, struct child, link);
}

static bool is_empty(const struct reed_scope *scope)
{
	return scope->count == 0 && reed_list_empty(&scope->inners);
}

static void tell_if_fewer(struct reed_scope *scope)
{
	for (; scope; scope = scope->outer) {
		if (scope->waited && !scope->fewer.settled && scope->count < scope->below)
			reed_settle(&scope->fewer, REED_OK);
		if (!is_empty(scope))
			return;
	}
}

static void child_unlink(struct child *child)
{
	reed_list_remove(&child->link);
	child->scope->count--;
}

/* A canceled child is what an interrupt wanted. */
static void child_failed(struct reed_scope *scope, enum reed_err err, struct reed_fault *fault)
{
	switch (scope->policy) {
	case REED_SCOPE_REPORT:
		reed_unheard(scope->loop, scope->name ? scope->name : "scope", err,
		             reed_fault_why(fault, err));
		break;
	case REED_SCOPE_FAIL:
		if (scope->err)
			break;
		scope->err = err;
		scope->fault = reed_fault_copy(fault);
		reed_scope_interrupt(scope);
		break;
	case REED_SCOPE_IGNORE:
		break;
	}
}

static void child_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct child *child = reed_container_of(w, struct child, waiter);
	struct reed_scope *scope = child->scope;

	child_unlink(child);
	reed_free(child);
	if (err && !(err == REED_ECANCELED && scope->interrupted))
		child_failed(scope, err, fault);
	reed_fault_free(fault);
	tell_if_fewer(scope);
}

static void deadline_fire(struct reed_timer *t)
{
	reed_scope_interrupt(reed_container_of(t, struct reed_scope, deadline));
}

void reed_scope_init(struct reed_scope *scope, struct reed_loop *loop, struct reed_scope *outer,
                     const char *name)
{
	*scope = (struct reed_scope){ .loop = loop, .name = name, .outer = outer };
	reed_list_init(&scope->inners);
	reed_list_init(&scope->children);
	scope->deadline.fire = deadline_fire;
	if (outer) {
		reed_list_append(&outer->inners, &scope->inner);
		scope->interrupted = outer->interrupted;
	}
}

/* A failure interrupts, and a drop ends that: then it is of a time that is over. */
static void forget_old_failure(struct reed_scope *scope)
{
	if (!scope->err || scope->interrupted)
		return;
	scope->err = REED_OK;
	reed_fault_free(scope->fault);
	scope->fault = NULL;
}

void reed_scope_add(struct reed_scope *scope, struct reed_future *f)
{
	struct child *child = reed_alloc(sizeof(*child));

	forget_old_failure(scope);
	child->waiter.wake = child_wake;
	child->scope = scope;
	reed_list_append(&scope->children, &child->link);
	scope->count++;
	reed_wait(f, &child->waiter);
	if (scope->interrupted)
		reed_interrupt(f);
}

void reed_scope_interrupt(struct reed_scope *scope)
{
	scope->interrupted = true;
	for (struct reed_list *l = scope->inners.prev; l != &scope->inners; l = l->prev)
		reed_scope_interrupt(reed_container_of(l, struct reed_scope, inner));
	for (struct reed_list *l = scope->children.prev; l != &scope->children; l = l->prev)
		if (child_of(l)->waiter.future)
			reed_interrupt(child_of(l)->waiter.future);
}

/* An end function may drop siblings, so the list is looked at anew each time. */
void reed_scope_drop(struct reed_scope *scope)
{
	while (!reed_list_empty(&scope->inners))
		reed_scope_finish(reed_container_of(scope->inners.prev, struct reed_scope, inner));
	while (!reed_list_empty(&scope->children)) {
		struct child *child = child_of(scope->children.prev);

		child_unlink(child);
		reed_unwait(scope->loop, &child->waiter);
		reed_free(child);
	}
	scope->interrupted = false;
	tell_if_fewer(scope);
}

void reed_scope_finish(struct reed_scope *scope)
{
	reed_scope_drop(scope);
	reed_timer_stop(&scope->deadline);
	reed_fault_free(scope->fault);
	scope->fault = NULL;
	if (scope->outer) {
		reed_list_remove(&scope->inner);
		tell_if_fewer(scope->outer);
	}
	scope->outer = NULL;
}

void reed_scope_deadline(struct reed_scope *scope, int64_t ns)
{
	if (ns == REED_NEVER)
		reed_timer_stop(&scope->deadline);
	else
		reed_timer_start(scope->loop, &scope->deadline, ns);
}

/* ---- waiting for all of them ---- */

static struct reed_scope *scope_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_scope, fewer);
}

static enum reed_err wait_attempt(struct reed_future *f)
{
	struct reed_scope *scope = scope_of(f);

	if (!is_empty(scope))
		return REED_EAGAIN;
	f->fault = reed_fault_copy(scope->fault);
	return scope->err;
}

static enum reed_err below_attempt(struct reed_future *f)
{
	return scope_of(f)->count < scope_of(f)->below ? REED_OK : REED_EAGAIN;
}

static void wait_free(struct reed_future *f)
{
	scope_of(f)->waited = false;
}

static const struct reed_future_kind wait_kind = {
	.name = "scope",
	.attempt = wait_attempt,
	.free = wait_free,
};

static const struct reed_future_kind below_kind = {
	.name = "scope below",
	.attempt = below_attempt,
	.free = wait_free,
};

static struct reed_future *wait_for(struct reed_scope *scope, const struct reed_future_kind *kind,
                                    size_t below)
{
	assert(!scope->waited);
	reed_future_init(&scope->fewer, scope->loop, kind);
	scope->waited = true;
	scope->below = below;
	if (scope->count < below)
		reed_settle(&scope->fewer, REED_OK);
	return &scope->fewer;
}

struct reed_future *reed_scope_wait(struct reed_scope *scope)
{
	return wait_for(scope, &wait_kind, 1);
}

struct reed_future *reed_scope_below(struct reed_scope *scope, size_t n)
{
	return wait_for(scope, &below_kind, n);
}

static struct reed_future *drop_the_rest(void *arg, enum reed_err err)
{
	struct reed_scope *scope = arg;

	if (err == REED_ETIMEDOUT) {
		reed_scope_drop(scope);
		return reed_ready(scope->loop, REED_OK);
	}
	return NULL;
}

struct reed_future *reed_scope_stop(struct reed_scope *scope, int64_t ms)
{
	reed_scope_interrupt(scope);
	return reed_then(reed_within(ms, reed_scope_wait(scope)), drop_the_rest, scope);
}

/* ---- the budget ---- */

enum reed_err reed_scope_charge(struct reed_scope *scope, size_t n)
{
	for (struct reed_scope *s = scope; s; s = s->outer)
		if (s->budget && n > s->budget - (s->bytes < s->budget ? s->bytes : s->budget))
			return REED_ETOOBIG;
	for (; scope; scope = scope->outer)
		scope->bytes += n;
	return REED_OK;
}

void reed_scope_refund(struct reed_scope *scope, size_t n)
{
	for (; scope; scope = scope->outer)
		scope->bytes -= n;
}
