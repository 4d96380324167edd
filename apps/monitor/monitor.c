/* The monitor as a service: all programs, in their order. */

#include "monitor.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/log.h"
#include "reed/needs.h"
#include "reed/settings.h"

struct life {
	struct reed_co co;
	struct monitor *monitor;
};

/* ---- what has changed ---- */

static void begin(struct monitor *self)
{
	for (size_t i = 0; i < self->settings->programs.n; i++) {
		const struct monitor_program *s = &self->settings->programs.items[i];

		if (!program_find(self, reed_slice_of(s->name)))
			program_start(program_new(self, s));
	}
}

/* Those that have stopped go, or begin again. */
static void look(struct monitor *self)
{
	unsigned running = 0;

	reed_list_each_safe (link, &self->programs) {
		struct program *p = reed_container_of(link, struct program, link);

		running += p->state == PROGRAM_RUNNING;
		if (program_is_alive(p) || self->leaving)
			continue;
		if (!p->settings)
			program_free(p);
		else if (p->again)
			program_begin(p);
	}
	reed_service_status(self->service, "%u of %zu programs run", running,
	                    self->settings->programs.n);
}

/* ---- the end: who comes after nobody any more is next ---- */

static bool is_needed(struct monitor *self, const struct program *by)
{
	reed_list_each (link, &self->programs) {
		struct program *p = reed_container_of(link, struct program, link);

		if (!program_is_alive(p) || !p->settings)
			continue;
		for (size_t i = 0; i < p->settings->after.n; i++)
			if (reed_slice_is(reed_slice_of(by->name), p->settings->after.items[i]))
				return true;
	}
	return false;
}

/* False when all have ended. */
static bool end_more(struct monitor *self)
{
	bool any = false;

	reed_list_each (link, &self->programs) {
		struct program *p = reed_container_of(link, struct program, link);

		any |= program_is_alive(p);
		if (!p->stopping && !is_needed(self, p))
			program_stop(p);
	}
	return any;
}

static struct reed_future *a_change(struct monitor *self)
{
	return reed_cell_changed(self->service->loop, &self->changed, self->changed.count);
}

/* ---- the service ---- */

static void life_run(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);
	struct monitor *monitor = self->monitor;

	reed_coroutine (co) {
		reed_service_ready(monitor->service);
		begin(monitor);
		look(monitor);
		do {
			reed_await(co, a_change(monitor));
			look(monitor);
		} while (!co->err);
		monitor->leaving = true;
		while (end_more(monitor))
			reed_await(co, reed_shield(a_change(monitor)));
	}
}

static const struct reed_co_kind life_kind = { .name = "monitor",
	                                       .size = sizeof(struct life),
	                                       .run = life_run };

static struct reed_future *monitor_start(struct reed_service *service)
{
	struct monitor *monitor = reed_alloc(sizeof(*monitor));
	struct life *life = reed_co_new(service->loop, &life_kind);

	life->monitor = service->own = monitor;
	monitor->service = service;
	monitor->settings = service->settings;
	reed_list_init(&monitor->programs);
	return reed_start(&life->co);
}

/* Others than before are restarted, new ones started, and those that are gone are stopped. */
static void monitor_reload(struct reed_service *service, const void *values)
{
	struct monitor *self = service->own;

	self->settings = values;
	reed_list_each (link, &self->programs) {
		struct program *p = reed_container_of(link, struct program, link);
		const struct monitor_program *now =
			monitor_find(self->settings, reed_slice_of(p->name));
		bool same = now && p->settings && monitor_is_same(p->settings, now);

		p->settings = now;
		if (same)
			continue;
		program_stop(p);
		if (now)
			program_start(p);
	}
	begin(self);
	reed_cell_touch(&self->changed);
}

static void monitor_end(struct reed_service *service)
{
	struct monitor *self = service->own;

	while (!reed_list_empty(&self->programs))
		program_free(reed_container_of(self->programs.next, struct program, link));
	reed_free(self);
	service->own = NULL;
}

static void monitor_needs(const void *settings, struct reed_needs *needs)
{
	(void)settings;
	reed_needs_everything(needs);
}

const struct reed_service_kind monitor_service =
	REED_SERVICE_KIND(.name = "monitor",
                          .summary = "Keeps programs running, and logs what they say.",
                          .schema = &monitor_schema, .start = monitor_start,
                          .reload = monitor_reload, .end = monitor_end, .needs = monitor_needs,
                          .verbs = monitor_verbs, .control = monitor_control);
