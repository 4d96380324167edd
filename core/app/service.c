/* The tree: who is there, and who waits for whom. */

#include "service_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/log.h"
#include "reed/metric.h"
#include "reed/settings.h"

static enum reed_service_state state_of(const struct service *s)
{
	return (enum reed_service_state)s->self.condition.value;
}

static bool is_over(const struct service *s)
{
	return state_of(s) == REED_SERVICE_FAILED || state_of(s) == REED_SERVICE_ENDED;
}

const char *reed_service_state_name(enum reed_service_state state)
{
	static const char *const names[] = { "starting",   "ready",  "stopping",
		                             "restarting", "failed", "ended" };

	return (size_t)state < REED_COUNT(names) ? names[state] : "unknown";
}

struct service *reed_service_root(const struct service *s)
{
	while (s->self.parent)
		s = reed_service_inner(s->self.parent);
	return (struct service *)(uintptr_t)s;
}

/* ---- settings ---- */

static void end_lease(struct lease *lease)
{
	if (lease->release)
		lease->release(lease->holder);
	*lease = (struct lease){ 0 };
}

void reed_service_renew(struct reed_service *self, struct lease next)
{
	struct service *s = reed_service_inner(self);

	end_lease(&s->next);
	s->next = next;
}

void reed_service_take_settings(struct service *s)
{
	if (!s->next.values)
		return;
	end_lease(&s->lease);
	s->lease = s->next;
	s->next = (struct lease){ 0 };
	s->self.settings = s->lease.values;
}

/* ---- coming and going ---- */

static struct reed_service_options options_of(const struct reed_service_options *given)
{
	struct reed_service_options options = REED_SERVICE_OPTIONS;

	memcpy(&options, given, given->size < sizeof(options) ? given->size : sizeof(options));
	if (!options.restart_first)
		options.restart_first = REED_S(1);
	if (!options.restart_longest)
		options.restart_longest = REED_S(60);
	if (!options.restarts)
		options.restarts = 5;
	if (!options.grace)
		options.grace = REED_S(10);
	return options;
}

static void holder_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	(void)w;
	(void)err;
	reed_fault_free(fault);
}

static struct service *make(struct reed_loop *loop, const struct reed_service_options *given,
                            struct service *parent)
{
	struct reed_service_options options = options_of(given);
	struct service *s = reed_alloc(sizeof(*s));
	const struct reed_site *site = options.site ? options.site
	                               : parent     ? parent->self.site
	                                            : NULL;
	const char *state = options.state ? options.state : site ? site->state : NULL;

	s->name = reed_strdup(options.name ? options.name : options.kind->name);
	s->state = reed_strdup(state);
	s->options = options;
	s->self.loop = loop;
	s->self.kind = options.kind;
	s->self.name = s->name;
	s->self.site = site;
	s->self.settings = options.settings;
	s->self.state = s->state;
	s->self.parent = parent ? &parent->self : NULL;
	s->since = reed_now(loop);
	s->holder.wake = holder_wake;
	reed_list_init(&s->children);
	reed_list_init(&s->waits);
	return s;
}

struct reed_service *reed_service_new(struct reed_loop *loop,
                                      const struct reed_service_options *options)
{
	return &make(loop, options, NULL)->self;
}

struct reed_future *reed_service_run(struct reed_service *self)
{
	return reed_service_live(reed_service_inner(self));
}

struct reed_service *reed_service_add(struct reed_service *parent,
                                      const struct reed_service_options *options)
{
	struct service *s = make(parent->loop, options, reed_service_inner(parent));

	reed_list_append(&reed_service_inner(parent)->children, &s->sibling);
	reed_wait(reed_service_live(s), &s->holder);
	return &s->self;
}

void reed_service_free(struct reed_service *self)
{
	struct service *s;

	if (!self)
		return;
	s = reed_service_inner(self);
	reed_unwait(self->loop, &s->holder);
	reed_service_clear(s);
	reed_service_tell(s, true);
	reed_list_unlink(&s->sibling);
	end_lease(&s->lease);
	end_lease(&s->next);
	reed_fault_free(s->fault);
	reed_free(s->name);
	reed_free(s->state);
	reed_free(s->status);
	reed_free(s);
}

void reed_service_clear(struct service *s)
{
	reed_service_forget_doors(s);
	while (!reed_list_empty(&s->children))
		reed_service_free(&reed_service_of_sibling(s->children.prev)->self);
}

/* ---- ready ---- */

static bool children_are_ready(const struct service *s)
{
	reed_list_each (link, &s->children) {
		struct service *child = reed_service_of_sibling(link);

		if (!child->options.optional && state_of(child) != REED_SERVICE_ENDED &&
		    !reed_service_is_ready(&child->self))
			return false;
	}
	return true;
}

bool reed_service_is_ready(const struct reed_service *self)
{
	struct service *s = reed_service_inner(self);

	return state_of(s) == REED_SERVICE_READY && children_are_ready(s);
}

static void look_up(struct service *s);

static void count(struct service *s, enum reed_service_state state)
{
	if (!s->self.site || s->self.site->loop == 0) /* it is one service, on however many loops */
		reed_gauge(s->self.loop, "reed_service_ready", "1 when a service is ready, else 0.",
		           "service=%s", s->name)
			->value = state == REED_SERVICE_READY;
	if (state == REED_SERVICE_RESTARTING)
		reed_counter(s->self.loop, "reed_service_failures",
		             "Failures after which a service was started again.", "service=%s",
		             s->name)
			->value++;
}

void reed_service_set(struct service *s, enum reed_service_state state)
{
	count(s, state);
	s->since = reed_now(s->self.loop);
	reed_log(s->self.loop, REED_LOG_DEBUG, "service is %s service=%s",
	         reed_service_state_name(state), s->name);
	reed_cell_set(&s->self.condition, state);
	reed_service_tell(s, false);
	if (state == REED_SERVICE_ENDED && s->self.parent)
		look_up(reed_service_inner(s->self.parent));
}

/* What is ready now may be what those above have waited for. */
static void look_up(struct service *s)
{
	for (; s; s = s->self.parent ? reed_service_inner(s->self.parent) : NULL) {
		if (state_of(s) == REED_SERVICE_STARTING && s->in_main && s->said_ready &&
		    children_are_ready(s)) {
			s->was_ready = true;
			s->ready_since = reed_now(s->self.loop);
			reed_service_set(s, REED_SERVICE_READY);
		} else {
			reed_service_tell(s, false);
		}
	}
}

void reed_service_ready(struct reed_service *self)
{
	reed_service_inner(self)->said_ready = true;
	look_up(reed_service_inner(self));
}

void reed_service_status(struct reed_service *self, const char *format, ...)
{
	struct service *s = reed_service_inner(self);
	char line[200];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	reed_free(s->status);
	s->status = reed_strdup(line);
}

int64_t reed_service_grace_ms(const struct service *s)
{
	return s->options.grace / 1000000;
}

/* ---- waiting for one ---- */

struct wait {
	struct reed_future future;
	struct reed_list link;
	struct reed_timer patience; /* of a stop; what is left after that is dropped */
	struct service *service;
	enum { FOR_READY, FOR_END, FOR_STOP } what;
};

static struct wait *wait_of(struct reed_future *f)
{
	return reed_container_of(f, struct wait, future);
}

static void wait_cancel(struct reed_future *f)
{
	reed_list_unlink(&wait_of(f)->link);
	reed_timer_stop(&wait_of(f)->patience);
}

static void wait_free(struct reed_future *f)
{
	reed_free(wait_of(f));
}

static const struct reed_future_kind wait_kind = { .name = "service",
	                                           .cancel = wait_cancel,
	                                           .free = wait_free };

static void settle_wait(struct wait *w, enum reed_err err, struct reed_fault *fault)
{
	reed_list_remove(&w->link);
	reed_timer_stop(&w->patience);
	if (fault)
		reed_fail_with(&w->future, fault);
	else
		reed_settle(&w->future, err);
}

static void tell_one(struct wait *w, bool it_goes)
{
	struct service *s = w->service;

	if (w->what == FOR_READY ? reed_service_is_ready(&s->self)
	                         : state_of(s) == REED_SERVICE_ENDED)
		settle_wait(w, REED_OK, NULL);
	else if (w->what == FOR_STOP && (is_over(s) || it_goes))
		settle_wait(w, REED_OK, NULL);
	else if (is_over(s) && s->err)
		settle_wait(w, s->err, reed_fault_copy(s->fault));
	else if (is_over(s) || it_goes)
		settle_wait(w, REED_ECANCELED, NULL);
}

void reed_service_tell(struct service *s, bool it_goes)
{
	reed_list_each_safe (link, &s->waits)
		tell_one(reed_container_of(link, struct wait, link), it_goes);
}

static struct wait *wait_new(struct service *s, int what)
{
	struct wait *w = reed_alloc(sizeof(*w));

	reed_future_init(&w->future, s->self.loop, &wait_kind);
	w->service = s;
	w->what = what;
	reed_list_append(&s->waits, &w->link);
	return w;
}

struct reed_future *reed_service_wait(struct reed_service *self)
{
	struct wait *w = wait_new(reed_service_inner(self), FOR_READY);

	tell_one(w, false);
	return &w->future;
}

struct reed_future *reed_service_ended(struct reed_service *self)
{
	struct wait *w = wait_new(reed_service_inner(self), FOR_END);

	tell_one(w, false);
	return &w->future;
}

/* ---- stopping one ---- */

static void patience_ends(struct reed_timer *t)
{
	struct service *s = reed_container_of(t, struct wait, patience)->service;

	reed_log(s->self.loop, REED_LOG_WARN, "did not stop in time, so it is dropped service=%s",
	         s->name);
	reed_unwait(s->self.loop, &s->holder);
}

struct reed_future *reed_service_stop(struct reed_service *child, int64_t ms)
{
	struct service *s = reed_service_inner(child);
	struct wait *w = wait_new(s, FOR_STOP);

	w->patience.fire = patience_ends;
	if (s->holder.future) {
		reed_timer_start(child->loop, &w->patience, REED_MS(ms));
		reed_interrupt(s->holder.future);
	}
	tell_one(w, !s->holder.future);
	return &w->future;
}

/* ---- the tree, for people ---- */

struct reed_service *reed_service_child(const struct reed_service *self, size_t n)
{
	struct service *s = reed_service_inner(self);

	reed_list_each (link, &s->children)
		if (n-- == 0)
			return &reed_service_of_sibling(link)->self;
	return NULL;
}

static void print(FILE *out, const struct service *s, int indent)
{
	double age = (double)(reed_now(s->self.loop) - s->since) / 1e9;

	fprintf(out, "%*s%s %s, %.1f s", indent, "", s->name, reed_service_state_name(state_of(s)),
	        age);
	if (s->err)
		fprintf(out, ": %s", reed_fault_why(s->fault, s->err));
	else if (s->status)
		fprintf(out, ": %s", s->status);
	fputc('\n', out);
	reed_list_each (link, &s->children)
		print(out, reed_service_of_sibling(link), indent + 2);
}

void reed_service_print(FILE *out, const struct reed_service *self)
{
	print(out, reed_service_inner(self), 0);
}

const char *reed_service_origin(const struct reed_service *self, const void *member)
{
	const struct reed_settings *settings = self->site ? self->site->settings : NULL;

	return settings ? reed_settings_origin_of(settings, member) : NULL;
}
