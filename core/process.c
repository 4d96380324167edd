/* The life of a process, of whatever kind: owned, waited for, stopped, closed. */

#include "process_private.h"

#include <string.h>

/* ---- waiting ---- */

struct wait {
	struct reed_future future;
	struct reed_list link;
	struct reed_exit result, *out;
};

static struct wait *wait_of(struct reed_future *f)
{
	return reed_container_of(f, struct wait, future);
}

static void wait_cancel(struct reed_future *f)
{
	reed_list_unlink(&wait_of(f)->link);
}

static void wait_deliver(struct reed_future *f)
{
	if (!f->err && wait_of(f)->out)
		*wait_of(f)->out = wait_of(f)->result;
}

static void wait_free(struct reed_future *f)
{
	reed_free(wait_of(f));
}

static const struct reed_future_kind wait_kind = {
	.name = "process",
	.cancel = wait_cancel,
	.deliver = wait_deliver,
	.free = wait_free,
};

static void wait_settle(struct wait *w, const struct reed_process *p)
{
	w->result = p->exit;
	if (p->unknown)
		reed_fail(&w->future, REED_ENOENT,
		          "how %s ended is not known: this program ignores SIGCHLD, or waits for "
		          "all of its children",
		          p->name);
	else if (p->ended)
		reed_settle(&w->future, REED_OK);
	else
		reed_fail(&w->future, REED_ECANCELED, "%s was closed", p->name);
}

static void settle_waits(struct reed_process *p)
{
	struct reed_list *link;

	while ((link = reed_list_take(&p->waits)))
		wait_settle(reed_container_of(link, struct wait, link), p);
}

struct reed_future *reed_process_wait(struct reed_process *p, struct reed_exit *exit)
{
	struct wait *w = reed_alloc(sizeof(*w));

	reed_future_init(&w->future, p->loop, &wait_kind);
	w->out = exit;
	if (p->ended)
		wait_settle(w, p);
	else
		reed_list_append(&p->waits, &w->link);
	return &w->future;
}

const struct reed_exit *reed_process_exit(const struct reed_process *p)
{
	return p->ended ? &p->exit : NULL;
}

int reed_process_pid(const struct reed_process *p)
{
	return p->pid;
}

/* ---- the end ---- */

static void process_free(struct reed_process *p)
{
	reed_timer_stop(&p->killer);
	reed_list_remove(&p->link);
	p->ops->hang_up(p);
	p->ops->free(p);
	reed_free(p->name);
	reed_free(p);
}

void reed_process_ended(struct reed_process *p, const struct reed_exit *exit)
{
	p->ended = true;
	p->unknown = !exit;
	if (exit)
		p->exit = *exit;
	reed_timer_stop(&p->killer);
	settle_waits(p);
	if (p->closed)
		process_free(p);
}

static void killer_fire(struct reed_timer *t)
{
	struct reed_process *p = reed_container_of(t, struct reed_process, killer);

	p->ops->kill(p);
}

/* What is left of the group when the process ends has had its time too. */
static void stop_within(struct reed_process *p, int64_t ms)
{
	p->sweep = true;
	if (ms <= 0) {
		p->ops->kill(p);
		return;
	}
	p->ops->stop(p);
	if (!p->ended)
		reed_timer_start(p->loop, &p->killer, reed_ns_of_ms(ms));
}

struct reed_future *reed_process_stop(struct reed_process *p, int64_t ms, struct reed_exit *exit)
{
	struct reed_future *f = reed_process_wait(p, exit);

	if (!p->ended)
		stop_within(p, ms);
	return f;
}

enum reed_err reed_process_signal(struct reed_process *p, int signo)
{
	return p->ended ? REED_ENOENT : p->ops->signal(p, signo);
}

/* The loop's from here on; nobody asks it for anything any more. */
static void disown(struct reed_process *p)
{
	p->closed = true;
	settle_waits(p);
	p->ops->hang_up(p);
}

/* A simulated one may end, and be gone, while it is told to. */
void reed_process_close(struct reed_process *p)
{
	if (!p)
		return;
	if (p->ended) {
		process_free(p);
		return;
	}
	disown(p);
	stop_within(p, p->grace_ms);
}

void reed_process_detach(struct reed_process *p)
{
	if (p->ended) {
		process_free(p);
		return;
	}
	disown(p);
	p->detached = true;
	p->sweep = false;
	reed_timer_stop(&p->killer);
}

/* ---- streams ---- */

struct reed_stream *reed_process_stream(struct reed_process *p, int fd)
{
	return p->ops->stream(p, fd);
}

struct reed_stream *reed_process_dialogue(struct reed_process *p)
{
	return p->ops->dialogue(p);
}

/* ---- of a loop ---- */

bool reed_processes_linger(const struct reed_loop *loop)
{
	reed_list_each (link, &loop->processes) {
		struct reed_process *p = reed_container_of(link, struct reed_process, link);

		if (p->closed && !p->detached)
			return true;
	}
	return false;
}

/* All are told first, so that they end together. */
void reed_processes_finish(struct reed_loop *loop)
{
	reed_list_each_safe (link, &loop->processes) {
		struct reed_process *p = reed_container_of(link, struct reed_process, link);

		if (!p->detached)
			p->ops->kill(p);
	}
	reed_list_each_safe (link, &loop->processes) {
		struct reed_process *p = reed_container_of(link, struct reed_process, link);

		if (!p->detached)
			p->ops->bury(p);
		if (p->closed)
			process_free(p);
	}
}

/* ---- the beginning ---- */

void reed_process_begin(struct reed_process *p, struct reed_loop *loop,
                        const struct reed_process_ops *ops,
                        const struct reed_process_options *options)
{
	p->ops = ops;
	p->loop = loop;
	p->name = reed_strdup(options->argv[0]);
	p->grace_ms = options->grace_ms;
	p->sweep = options->sweep;
	p->killer.fire = killer_fire;
	reed_list_init(&p->waits);
	reed_list_append(&loop->processes, &p->link);
}

struct spawned {
	struct reed_future future;
	struct reed_process *process, **out;
};

static void spawned_deliver(struct reed_future *f)
{
	struct spawned *self = reed_container_of(f, struct spawned, future);

	if (f->err)
		return;
	*self->out = self->process;
	self->process = NULL;
}

static void spawned_free(struct reed_future *f)
{
	struct spawned *self = reed_container_of(f, struct spawned, future);

	reed_process_close(self->process);
	reed_free(self);
}

static const struct reed_future_kind spawned_kind = {
	.name = "spawn",
	.deliver = spawned_deliver,
	.free = spawned_free,
};

static struct reed_process_options options_of(const struct reed_process_options *given)
{
	struct reed_process_options options = REED_PROCESS_OPTIONS;

	memcpy(&options, given, given->size < sizeof(options) ? given->size : sizeof(options));
	return options;
}

struct reed_future *reed_spawn(struct reed_loop *loop, const struct reed_process_options *given,
                               struct reed_process **process)
{
	struct reed_process_options options = options_of(given);
	struct spawned *self = reed_alloc(sizeof(*self));
	struct reed_fault *fault = NULL;

	reed_future_init(&self->future, loop, &spawned_kind);
	self->out = process;
	if (!options.argv || !options.argv[0])
		fault = reed_fault(REED_EINVAL, NULL, "a process without words in argv");
	else if (reed_loop_simulated(loop))
		self->process = reed_sim_spawn(loop, &options, &fault);
	else
		self->process = reed_os_spawn(loop, &options, &fault);
	if (fault)
		reed_fail_with(&self->future, fault);
	else
		reed_settle(&self->future, REED_OK);
	return &self->future;
}
