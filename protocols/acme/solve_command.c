/* Proofs that a program puts into DNS, and takes away again. */

#include "private.h"

#include "reed/process.h"

enum { PATIENCE_MS = 5 * 60 * 1000, SAID = 64 << 10, SHOWN = 200 };

struct calling {
	struct reed_co co;
	char *program, *name, *text;
	const char *argv[5];
	struct reed_run run;
};

static struct reed_future *run(struct calling *self)
{
	struct reed_run_options options = REED_RUN_OPTIONS;

	options.argv = self->argv;
	options.most_output = SAID;
	options.within_ms = PATIENCE_MS;
	return reed_run_with(self->co.loop, &options, &self->run);
}

/* What it complains of, as a rule, is its first line. */
static enum reed_err judge(struct calling *self)
{
	struct reed_slice said = reed_buf_slice(&self->run.err);
	struct reed_slice first =
		reed_slice_first(reed_slice_trim(reed_slice_cut(&said, '\n')), SHOWN);
	char how[REED_EXIT_TEXT];

	if (reed_exit_well(&self->run.exit))
		return REED_OK;
	return reed_because(&self->co, REED_EACCES, "%s %s %s %s%s" REED_FMT, self->program,
	                    self->argv[1], self->name, reed_exit_text(&self->run.exit, how),
	                    first.n > 0 ? ": " : "", REED_ARG(first));
}

static void calling_run(struct reed_co *co)
{
	struct calling *self = reed_frame(co, struct calling);

	reed_coroutine (co) {
		reed_await(co, run(self));
		if (co->err)
			reed_return(co, reed_because(co, co->err, "%s", self->program));
		reed_return(co, judge(self));
	}
}

static void calling_end(struct reed_co *co)
{
	struct calling *self = reed_frame(co, struct calling);

	reed_run_finish(&self->run);
	reed_free(self->program);
	reed_free(self->name);
	reed_free(self->text);
}

static const struct reed_co_kind calling_kind = { .name = "acme program",
	                                          .size = sizeof(struct calling),
	                                          .run = calling_run,
	                                          .end = calling_end };

static struct reed_future *call(const struct reed_acme_command *command, const char *verb,
                                const struct reed_acme_proof *proof)
{
	struct calling *self = reed_co_new(command->loop, &calling_kind);

	self->program = reed_strdup(command->program);
	self->name = reed_sprintf("_acme-challenge.%s", proof->name);
	self->text = reed_strdup(proof->digest);
	self->argv[0] = self->program;
	self->argv[1] = verb;
	self->argv[2] = self->name;
	self->argv[3] = self->text;
	return reed_start(&self->co);
}

static struct reed_future *show(void *arg, const struct reed_acme_proof *proof, void **held)
{
	*held = NULL;
	return call(arg, "show", proof);
}

static struct reed_future *hide(void *arg, const struct reed_acme_proof *proof, void *held)
{
	(void)held;
	return call(arg, "hide", proof);
}

struct reed_acme_solver reed_acme_by_command(const struct reed_acme_command *command)
{
	return (struct reed_acme_solver){ "dns-01", show, hide, (void *)(uintptr_t)command };
}
