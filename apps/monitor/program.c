/* A program: started, listened to, started again, ended. */

#include <string.h>

#include "monitor.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/log.h"
#include "reed/metric.h"
#include "reed/pool.h"
#include "reed/programs.h"

enum { LAST_WORDS_MS = 1000, WORDS = 1 << 20 };

const char *program_state_name(enum program_state state)
{
	static const char *const names[] = {
		[PROGRAM_STOPPED] = "stopped", [PROGRAM_WAITING] = "waiting",
		[PROGRAM_RUNNING] = "running", [PROGRAM_STOPPING] = "stopping",
		[PROGRAM_RESTING] = "resting", [PROGRAM_DONE] = "done",
		[PROGRAM_FAILED] = "failed",
	};

	return names[state];
}

void program_set(struct program *self, enum program_state state)
{
	self->state = state;
	self->since = reed_now(self->scope.loop);
	self->running->value = state == PROGRAM_RUNNING;
	if (state != PROGRAM_RUNNING && state != PROGRAM_STOPPING)
		self->pid = 0;
	reed_cell_touch(&self->monitor->changed);
}

struct program *program_find(struct monitor *monitor, struct reed_slice name)
{
	reed_list_each (link, &monitor->programs) {
		struct program *p = reed_container_of(link, struct program, link);

		if (reed_slice_is(name, p->name))
			return p;
	}
	return NULL;
}

/* ---- a life ---- */

struct life {
	struct reed_co co;
	struct program *program;
	struct reed_pool pool;      /* of its words: settings go with a reload */
	struct monitor_program own; /* as they were when it was started */
	struct reed_process_options options;
	struct reed_process *process;
	struct reed_exit exit;
	struct reed_scope output;
	int64_t rest, began;
	uint64_t seen;
};

static const char *copy(struct life *self, const char *text)
{
	return text ? reed_pool_strdup(&self->pool, reed_slice_of(text)) : NULL;
}

static const char *const *copy_words(struct life *self, const struct reed_texts *from)
{
	const char **words = reed_pool_alloc(&self->pool, (from->n + 1) * sizeof(*words));

	for (size_t i = 0; words && i < from->n; i++)
		words[i] = copy(self, from->items[i]);
	return words;
}

static const char *const *copy_pairs(struct life *self, const struct reed_pairs *from)
{
	const char **words = reed_pool_alloc(&self->pool, (from->n + 1) * sizeof(*words));

	for (size_t i = 0; words && i < from->n; i++) {
		char *pair = reed_sprintf("%s=%s", from->items[i].name, from->items[i].value);

		words[i] = copy(self, pair);
		reed_free(pair);
	}
	return words;
}

/* False when nobody knows it any more. */
static bool prepare(struct life *self)
{
	const struct monitor_program *s = self->program->settings;

	if (!s)
		return false;
	reed_pool_clear(&self->pool);
	self->own = *s;
	self->own.after.items = copy_words(self, &s->after);
	self->own.user = copy(self, s->user);
	self->own.group = copy(self, s->group);
	self->options = (struct reed_process_options)REED_PROCESS_OPTIONS;
	self->options.argv = copy_words(self, &s->command);
	self->options.env = copy_pairs(self, &s->environment);
	self->options.clean_env = s->clean;
	self->options.directory = copy(self, s->directory);
	self->options.out.is = self->options.err.is = REED_CHILD_WRITES;
	self->options.grace_ms = s->grace / REED_MS(1);
	self->options.sweep = true;
	return true;
}

/* A program that is never started again is a task, which has to be done. */
static bool is_there(const struct program *p)
{
	return p->state == PROGRAM_DONE || (p->state == PROGRAM_RUNNING && p->settings &&
	                                    p->settings->restart != MONITOR_NEVER);
}

static bool may_start(const struct life *self)
{
	const struct reed_texts *after = &self->own.after;

	for (size_t i = 0; i < after->n; i++) {
		struct program *p =
			program_find(self->program->monitor, reed_slice_of(after->items[i]));

		if (p && !is_there(p))
			return false;
	}
	return true;
}

static struct reed_future *a_change(struct life *self)
{
	struct monitor *monitor = self->program->monitor;

	return reed_cell_changed(self->co.loop, &monitor->changed, monitor->changed.count);
}

static void hear(struct life *self, int fd, const char *what)
{
	struct reed_stream *stream = reed_process_stream(self->process, fd);

	if (stream)
		reed_scope_add(&self->output, reed_log_lines(stream, self->program->name, what));
}

static void has_started(struct life *self)
{
	struct program *p = self->program;

	p->pid = reed_process_pid(self->process);
	p->starts++;
	self->began = reed_now(self->co.loop);
	reed_counter(self->co.loop, "reed_monitor_starts", "Programs that were started.",
	             "program=%s", p->name)
		->value++;
	reed_log(self->co.loop, REED_LOG_INFO, "started program=%s pid=%d", p->name, p->pid);
	hear(self, 1, "stdout");
	hear(self, 2, "stderr");
	program_set(p, PROGRAM_RUNNING);
}

static struct reed_future *stop(struct life *self)
{
	program_set(self->program, PROGRAM_STOPPING);
	return reed_process_stop(self->process, self->options.grace_ms, &self->exit);
}

static void has_ended(struct life *self)
{
	char text[REED_EXIT_TEXT];
	bool well = reed_exit_well(&self->exit) || self->program->state == PROGRAM_STOPPING;

	reed_process_close(self->process);
	self->process = NULL;
	reed_log(self->co.loop, well ? REED_LOG_INFO : REED_LOG_WARN,
	         "ended program=%s pid=%d how=%s after=%lld", self->program->name,
	         self->program->pid, reed_exit_text(&self->exit, text),
	         (long long)((reed_now(self->co.loop) - self->began) / REED_S(1)));
}

static void has_not_started(struct life *self)
{
	reed_log(self->co.loop, REED_LOG_ERROR, "cannot be started program=%s why=%s",
	         self->program->name, reed_co_why(&self->co));
	self->exit = (struct reed_exit){ .status = -1 };
	self->began = reed_now(self->co.loop);
}

static bool is_over(struct life *self)
{
	int restart = self->own.restart;
	bool well = reed_exit_well(&self->exit);

	if (restart == MONITOR_ALWAYS || (restart == MONITOR_ON_FAILURE && !well))
		return false;
	program_set(self->program, well ? PROGRAM_DONE : PROGRAM_FAILED);
	return true;
}

/* Each rest is twice the one before, but after a long run. */
static struct reed_future *rest(struct life *self)
{
	const struct monitor_program *s = &self->own;
	int64_t now = self->rest;

	if (now == 0 || reed_now(self->co.loop) - self->began >= s->longest)
		now = s->first;
	self->rest = now < s->longest / 2 ? 2 * now : s->longest;
	program_set(self->program, PROGRAM_RESTING);
	return reed_sleep_ns(self->co.loop, now);
}

static struct reed_future *spawn(struct life *self)
{
	return reed_spawn_as(self->co.loop, &self->options, self->own.user, self->own.group,
	                     &self->process);
}

static void life_run(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);

	reed_coroutine (co) {
		while (prepare(self)) {
			program_set(self->program, PROGRAM_WAITING);
			while (!may_start(self))
				reed_try(co, a_change(self));
			reed_await(co, spawn(self));
			if (co->err == REED_ECANCELED)
				reed_return(co, REED_OK);
			if (co->err) {
				has_not_started(self);
			} else {
				has_started(self);
				reed_await(co, reed_process_wait(self->process, &self->exit));
				if (co->err == REED_ECANCELED)
					reed_await(co, reed_shield(stop(self)));
				/* what its children hold open is not waited for */
				reed_await(co, reed_shield(reed_within(LAST_WORDS_MS,
				                                       reed_scope_wait(
									       &self->output))));
				reed_scope_drop(&self->output);
				has_ended(self);
			}
			if (self->program->state == PROGRAM_STOPPING || is_over(self))
				reed_return(co, REED_OK);
			reed_try(co, rest(self));
		}
	}
}

static void life_end(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);
	enum program_state state = self->program->state;

	reed_scope_finish(&self->output);
	reed_process_close(self->process);
	reed_pool_finish(&self->pool);
	if (state != PROGRAM_DONE && state != PROGRAM_FAILED)
		program_set(self->program, PROGRAM_STOPPED);
	else
		reed_cell_touch(&self->program->monitor->changed);
}

static const struct reed_co_kind life_kind = { .name = "program",
	                                       .size = sizeof(struct life),
	                                       .run = life_run,
	                                       .end = life_end };

/* ---- from outside ---- */

struct program *program_new(struct monitor *monitor, const struct monitor_program *settings)
{
	struct program *self = reed_alloc(sizeof(*self));
	struct reed_loop *loop = monitor->service->loop;

	self->monitor = monitor;
	self->settings = settings;
	self->name = reed_strdup(settings->name);
	self->running = reed_gauge(loop, "reed_monitor_running", "Whether a program runs.",
	                           "program=%s", self->name);
	self->since = reed_now(loop);
	/* not of the service's, which would end all at once, in no order */
	reed_scope_init(&self->scope, loop, NULL, self->name);
	self->scope.policy = REED_SCOPE_IGNORE;
	reed_list_append(&monitor->programs, &self->link);
	return self;
}

void program_free(struct program *self)
{
	reed_list_remove(&self->link);
	reed_scope_finish(&self->scope);
	self->running->value = 0;
	reed_free(self->name);
	reed_free(self);
}

void program_start(struct program *self)
{
	self->again = !program_is_alive(self) || self->stopping;
	reed_cell_touch(&self->monitor->changed);
}

void program_begin(struct program *self)
{
	struct life *life = reed_co_new(self->scope.loop, &life_kind);

	self->again = self->stopping = false;
	reed_scope_drop(&self->scope);
	life->program = self;
	life->pool.limit = WORDS;
	reed_scope_init(&life->output, self->scope.loop, NULL, self->name);
	life->output.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&self->scope, reed_start(&life->co));
}

void program_stop(struct program *self)
{
	self->again = false;
	self->stopping = program_is_alive(self);
	reed_scope_interrupt(&self->scope);
}
