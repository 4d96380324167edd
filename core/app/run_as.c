/* A program as somebody else: who that is, and then its start. */

#include "reed/programs.h"

#include "confine.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/offload.h"

/* ---- who, asked in a thread ---- */

struct look {
	struct reed_job job;
	char *user, *group;
	struct user_of_program found, *out;
};

static enum reed_err look_run(struct reed_job *job)
{
	struct look *self = reed_job_frame(job, struct look);
	struct reed_fault *fault;
	enum reed_err err = reed_os_user_of_program(self->user, self->group, &self->found, &fault);

	if (err)
		reed_job_fail(job, err, "%s", fault->sentence);
	reed_fault_free(fault);
	return err;
}

static void look_deliver(struct reed_job *job)
{
	struct look *self = reed_job_frame(job, struct look);

	*self->out = self->found;
	self->out->user.groups = self->out->groups;
}

static void look_end(struct reed_job *job)
{
	struct look *self = reed_job_frame(job, struct look);

	reed_free(self->user);
	reed_free(self->group);
}

static const struct reed_job_kind look_kind = { .name = "user",
	                                        .size = sizeof(struct look),
	                                        .run = look_run,
	                                        .deliver = look_deliver,
	                                        .end = look_end };

static char *copy(const char *text)
{
	return text ? reed_strdup(text) : NULL;
}

static struct reed_future *look(struct reed_loop *loop, const char *user, const char *group,
                                struct user_of_program *out)
{
	struct look *self = reed_job_new(loop, &look_kind);

	self->user = copy(user);
	self->group = copy(group);
	self->out = out;
	return reed_offload(&self->job);
}

/* ---- the start ---- */

struct start {
	struct reed_co co;
	struct reed_process_options options;
	const char *user, *group;
	struct user_of_program who;
	struct reed_process *process, **out;
};

static void start_run(struct reed_co *co)
{
	struct start *self = reed_frame(co, struct start);

	reed_coroutine (co) {
		reed_try(co, look(co->loop, self->user, self->group, &self->who));
		self->options.user = &self->who.user;
		reed_try(co, reed_spawn(co->loop, &self->options, &self->process));
	}
}

static void start_deliver(struct reed_co *co)
{
	struct start *self = reed_frame(co, struct start);

	*self->out = self->process;
	self->process = NULL;
}

static void start_end(struct reed_co *co)
{
	reed_process_close(reed_frame(co, struct start)->process);
}

static const struct reed_co_kind start_kind = { .name = "spawn as",
	                                        .size = sizeof(struct start),
	                                        .run = start_run,
	                                        .deliver = start_deliver,
	                                        .end = start_end };

struct reed_future *reed_spawn_as(struct reed_loop *loop,
                                  const struct reed_process_options *options, const char *user,
                                  const char *group, struct reed_process **process)
{
	struct start *self;

	if (!user && !group)
		return reed_spawn(loop, options, process);
	self = reed_co_new(loop, &start_kind);
	memcpy(&self->options, options,
	       options->size < sizeof(self->options) ? options->size : sizeof(self->options));
	self->user = user;
	self->group = group;
	self->out = process;
	return reed_start(&self->co);
}
