/* Child processes of a simulation: futures that read and write as programs do. */

#include <string.h>

#include "process_private.h"
#include "sim_private.h"

struct program {
	struct reed_list link; /* in the simulation */
	char *name;
	reed_sim_program_fn *run;
	void *arg;
};

struct sim_process {
	struct reed_process process;
	struct reed_sim_child child;
	struct reed_waiter waiter; /* owns the program's future */
	struct reed_stream *ours[3];
	char **argv;
	int signo; /* of the last interrupt */
};

static struct sim_process *self_of(struct reed_process *p)
{
	return reed_container_of(p, struct sim_process, process);
}

/* ---- what there is ---- */

static struct program *find(struct reed_sim *sim, const char *name)
{
	reed_list_each (link, &sim->programs) {
		struct program *p = reed_container_of(link, struct program, link);

		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

void reed_sim_program(struct reed_sim *sim, const char *name, reed_sim_program_fn *run, void *arg)
{
	struct program *p = find(sim, name);

	if (!p) {
		p = reed_alloc(sizeof(*p));
		p->name = reed_strdup(name);
		reed_list_append(&sim->programs, &p->link);
	}
	p->run = run;
	p->arg = arg;
}

void reed_sim_programs_end(struct reed_sim *sim)
{
	struct reed_list *link;

	while ((link = reed_list_take(&sim->programs))) {
		struct program *p = reed_container_of(link, struct program, link);

		reed_free(p->name);
		reed_free(p);
	}
}

/* ---- the end ---- */

/* As in a system: what it has written is still read. */
static void ended(struct sim_process *self, int status, int signo)
{
	struct reed_exit e = { .status = signo ? -1 : status, .signo = signo };

	reed_close(self->child.in);
	reed_close(self->child.out);
	reed_close(self->child.err);
	self->child.in = self->child.out = self->child.err = NULL;
	reed_process_ended(&self->process, &e);
}

static void program_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct sim_process *self = reed_container_of(w, struct sim_process, waiter);
	int status = self->child.status & 255;

	reed_fault_free(fault);
	if (err == REED_ECANCELED && self->signo)
		ended(self, 0, self->signo);
	else
		ended(self, err && !status ? 1 : status, 0);
}

/* ---- signals ---- */

static void sim_kill(struct reed_process *p)
{
	if (p->ended)
		return;
	reed_unwait(p->loop, &self_of(p)->waiter);
	ended(self_of(p), 0, reed_signal_number("SIGKILL"));
}

static enum reed_err sim_signal(struct reed_process *p, int signo)
{
	static const char *const polite[] = { "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT" };
	struct sim_process *self = self_of(p);

	if (signo == reed_signal_number("SIGKILL")) {
		sim_kill(p);
		return REED_OK;
	}
	for (size_t i = 0; i < REED_COUNT(polite); i++) {
		if (signo != reed_signal_number(polite[i]) || !self->waiter.future)
			continue;
		self->signo = signo;
		reed_interrupt(self->waiter.future);
	}
	return REED_OK;
}

static void sim_stop(struct reed_process *p)
{
	sim_signal(p, reed_signal_number("SIGTERM"));
}

static void sim_bury(struct reed_process *p)
{
	(void)p; /* it ended when it was killed */
}

/* ---- streams ---- */

static struct reed_stream *sim_stream(struct reed_process *p, int fd)
{
	struct reed_stream *s;

	if (fd < 0 || fd > 2)
		return NULL;
	s = self_of(p)->ours[fd];
	self_of(p)->ours[fd] = NULL;
	return s;
}

static struct reed_stream *sim_dialogue(struct reed_process *p)
{
	struct sim_process *self = self_of(p);

	if (!self->ours[0] || !self->ours[1])
		return sim_stream(p, self->ours[0] ? 0 : 1);
	return reed_process_join(sim_stream(p, 1), sim_stream(p, 0));
}

static void sim_hang_up(struct reed_process *p)
{
	for (int i = 0; i < 3; i++)
		reed_close(sim_stream(p, i));
}

static void sim_free(struct reed_process *p)
{
	struct sim_process *self = self_of(p);

	for (char **word = self->argv; *word; word++)
		reed_free(*word);
	reed_free(self->argv);
}

static const struct reed_process_ops sim_ops = {
	.signal = sim_signal,
	.stop = sim_stop,
	.kill = sim_kill,
	.stream = sim_stream,
	.dialogue = sim_dialogue,
	.hang_up = sim_hang_up,
	.bury = sim_bury,
	.free = sim_free,
};

/* ---- the beginning ---- */

static char **copy_words(const char *const *argv)
{
	size_t n = 0;
	char **words;

	while (argv[n])
		n++;
	words = reed_alloc((n + 1) * sizeof(*words));
	for (size_t i = 0; i < n; i++)
		words[i] = reed_strdup(argv[i]);
	return words;
}

static bool is_pipe(const struct reed_child_fd *fd)
{
	return fd->is == REED_CHILD_READS || fd->is == REED_CHILD_WRITES;
}

static struct reed_fault *refuse(const struct reed_process_options *o)
{
	const struct reed_child_fd *fds[] = { &o->in, &o->out, &o->err };
	bool strange = o->fd_count > 0;

	for (int i = 0; i < 3; i++)
		strange |= !is_pipe(fds[i]) && fds[i]->is != REED_CHILD_NULL &&
		           fds[i]->is != REED_CHILD_INHERITS;
	if (!strange)
		return NULL;
	return reed_fault(REED_ENOTSUP, NULL,
	                  "%s: a simulated program has pipes and nothing else for 0, 1 and 2",
	                  o->argv[0]);
}

struct reed_process *reed_sim_spawn(struct reed_loop *loop,
                                    const struct reed_process_options *options,
                                    struct reed_fault **fault)
{
	struct reed_sim *sim = reed_sim_of(loop);
	struct program *program = sim ? find(sim, options->argv[0]) : NULL;
	const struct reed_child_fd *fds[] = { &options->in, &options->out, &options->err };
	struct sim_process *self;

	if (!program)
		*fault = reed_fault(REED_ENOTSUP, NULL,
		                    "a simulation runs no programs; reed_sim_program() says what "
		                    "%s is there",
		                    options->argv[0]);
	else
		*fault = refuse(options);
	if (*fault)
		return NULL;
	self = reed_alloc(sizeof(*self));
	reed_process_begin(&self->process, loop, &sim_ops, options);
	self->argv = copy_words(options->argv);
	self->child.loop = loop;
	self->child.argv = (const char *const *)self->argv;
	for (int i = 0; i < 3; i++)
		if (is_pipe(fds[i]))
			reed_stream_pair(loop, 0, &self->ours[i],
			                 i == 0   ? &self->child.in
			                 : i == 1 ? &self->child.out
			                          : &self->child.err);
	self->waiter.wake = program_wake;
	reed_wait(program->run(program->arg, &self->child), &self->waiter);
	return &self->process;
}
