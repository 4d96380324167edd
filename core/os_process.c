/* Processes of the system: their descriptors, their signals, their end. */

#include "os_spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os.h"

enum { BURY_MS = 1000 };

struct system_process {
	struct reed_process process;
	struct reed_reap reap;
	bool group; /* of its own: signals go to all of it */
	size_t end_count;
	struct reed_child_end ends[];
};

static struct system_process *self_of(struct reed_process *p)
{
	return reed_container_of(p, struct system_process, process);
}

int reed_own_pid(void)
{
	return (int)getpid();
}

/* ---- signals ---- */

static enum reed_err system_signal(struct reed_process *p, int signo)
{
	int to = self_of(p)->group ? -p->pid : p->pid;

	return kill(to, signo) < 0 ? reed_err_of(errno) : REED_OK;
}

/* One that was stopped hears nothing until it goes on. */
static void system_stop(struct reed_process *p)
{
	system_signal(p, SIGTERM);
	system_signal(p, SIGCONT);
}

static void system_kill(struct reed_process *p)
{
	if (!p->ended)
		system_signal(p, SIGKILL);
}

/* ---- the end ---- */

static int64_t ns_of(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_usec * 1000;
}

static struct reed_exit exit_of(int status, const struct rusage *usage)
{
	struct reed_exit e = {
		.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		.signo = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		.user_ns = ns_of(usage->ru_utime),
		.system_ns = ns_of(usage->ru_stime),
		.most_memory = (uint64_t)usage->ru_maxrss * 1024,
	};

#ifdef WCOREDUMP
	e.core = e.signo && WCOREDUMP(status);
#endif
	return e;
}

/* While it is there to be reaped, no other group can have its number. */
static bool sweep(struct system_process *self)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)self->process.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid == 0)
		return false;
	if (self->group)
		kill(-self->process.pid, SIGKILL);
	return true;
}

static bool try_to_reap(struct reed_reap *r)
{
	struct system_process *self = reed_container_of(r, struct system_process, reap);
	struct rusage usage;
	struct reed_exit e;
	int status, pid;

	if (self->process.sweep && !sweep(self))
		return false;
	pid = wait4(self->process.pid, &status, WNOHANG, &usage);
	if (pid == 0 || (pid < 0 && errno != ECHILD))
		return false;
	reed_reap_stop(r);
	if (pid > 0)
		e = exit_of(status, &usage);
	reed_process_ended(&self->process, pid > 0 ? &e : NULL);
	return true;
}

/* One that was killed is gone soon, unless it hangs in the system; then so be it. */
static void system_bury(struct reed_process *p)
{
	for (int i = 0; !p->ended && i < BURY_MS; i++) {
		bool was_closed = p->closed;

		p->closed = false; /* freed by who buries it */
		try_to_reap(&self_of(p)->reap);
		p->closed = was_closed;
		if (!p->ended)
			poll(NULL, 0, 1);
	}
}

/* ---- streams ---- */

/* -1: there is none, or it was asked for. */
static int our_end(const struct system_process *self, int fd)
{
	for (size_t i = 0; i < self->end_count; i++)
		if (self->ends[i].fd == fd)
			return self->ends[i].ours;
	return -1;
}

/* One terminal is several of them. */
static int take_end(struct system_process *self, int fd)
{
	int ours = our_end(self, fd);

	for (size_t i = 0; i < self->end_count; i++)
		if (self->ends[i].ours == ours)
			self->ends[i].ours = -1;
	return ours;
}

static struct reed_stream *system_stream(struct reed_process *p, int fd)
{
	int ours = take_end(self_of(p), fd);
	struct reed_stream *s;

	if (ours < 0)
		return NULL;
	if (reed_stream_of_fd(p->loop, ours, &s) == REED_OK)
		return s;
	close(ours);
	return NULL;
}

static int take_end_without_blocking(struct system_process *self, int fd)
{
	int ours = take_end(self, fd);

	fcntl(ours, F_SETFL, fcntl(ours, F_GETFL) | O_NONBLOCK);
	return ours;
}

static struct reed_stream *over_pipes(struct system_process *self)
{
	int in = take_end_without_blocking(self, STDIN_FILENO);
	int out = take_end_without_blocking(self, STDOUT_FILENO);

	return reed_stream_of_pipes(self->process.loop, out, in);
}

/* Of a terminal the stream itself, which can be resized. */
static struct reed_stream *system_dialogue(struct reed_process *p)
{
	struct system_process *self = self_of(p);
	int in = our_end(self, STDIN_FILENO), out = our_end(self, STDOUT_FILENO);
	struct reed_stream *s;

	if (in >= 0 && out >= 0 && in != out)
		s = over_pipes(self);
	else
		s = system_stream(p, in < 0 ? STDOUT_FILENO : STDIN_FILENO);
	return !s || isatty(in) ? s : reed_process_join(s, s);
}

static void system_hang_up(struct reed_process *p)
{
	struct system_process *self = self_of(p);

	for (size_t i = 0; i < self->end_count; i++) {
		int ours = take_end(self, self->ends[i].fd);

		if (ours >= 0)
			close(ours);
	}
}

static void system_free(struct reed_process *p)
{
	reed_reap_stop(&self_of(p)->reap);
}

static const struct reed_process_ops system_ops = {
	.signal = system_signal,
	.stop = system_stop,
	.kill = system_kill,
	.stream = system_stream,
	.dialogue = system_dialogue,
	.hang_up = system_hang_up,
	.bury = system_bury,
	.free = system_free,
};

/* ---- the beginning ---- */

/* The ends are the process's from here on. */
static struct reed_process *process_new(struct reed_loop *loop,
                                        const struct reed_process_options *options,
                                        struct reed_child_fds *fds, int pid, int pidfd)
{
	size_t ends = fds->end_count * sizeof(*fds->ends);
	struct system_process *self = reed_alloc(sizeof(*self) + ends);

	reed_process_begin(&self->process, loop, &system_ops, options);
	self->process.pid = pid;
	self->group = options->group != REED_GROUP_OURS || fds->slave >= 0;
	self->end_count = fds->end_count;
	memcpy(self->ends, fds->ends, ends);
	fds->end_count = 0;
	self->reap.loop = loop;
	self->reap.pid = pid;
	self->reap.try = try_to_reap;
	self->reap.watch.fd = -1;
	reed_reap_start(&self->reap, pidfd);
	return &self->process;
}

struct reed_process *reed_os_spawn(struct reed_loop *loop,
                                   const struct reed_process_options *options,
                                   struct reed_fault **fault)
{
	struct reed_child_fds fds;
	struct reed_spawn_plan plan = { .options = options };
	struct reed_process *process = NULL;
	int pid, pidfd;

	*fault = reed_child_fds_open(&fds, options);
	if (!*fault && reed_reap_prepare(loop))
		*fault = reed_fault(REED_EMFILE, NULL, "no descriptor left to hear how %s ends",
		                    options->argv[0]);
	if (!*fault) {
		plan.map = fds.map;
		plan.map_count = fds.map_count;
		plan.terminal = fds.slave;
		plan.session = options->group == REED_GROUP_SESSION || fds.slave >= 0;
		plan.group = options->group != REED_GROUP_OURS;
		reed_spawn_program(&plan);
		if (reed_spawn_go(&plan, &pid, &pidfd))
			process = process_new(loop, options, &fds, pid, pidfd);
		else
			*fault = reed_spawn_fault(&plan);
		reed_spawn_program_finish(&plan);
	}
	reed_child_fds_close(&fds);
	return process;
}
