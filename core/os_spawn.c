/*
 * The way from here to a running program.
 *
 * The child borrows our memory until it runs the program, and the thread that
 * made it sleeps until then: no page is copied, and what goes wrong is written
 * where we read it.  So the code of the child calls nothing that allocates, locks
 * or knows threads: plain system calls, where those of libc do more than that.
 */

#include "os_spawn.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its stack is none the sanitizer knows of, and it never returns from it. */
#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
#define IN_CHILD __attribute__((no_sanitize("address"), no_sanitize("undefined")))
#else
#define IN_CHILD
#endif

enum { STACK = 65536, SIGNALS = 65 };

/* ---- in the child ---- */

IN_CHILD static bool failed(struct reed_spawn_plan *plan, enum reed_spawn_step step, size_t which)
{
	plan->step = step;
	plan->which = which;
	plan->err = errno;
	return false;
}

/* An ignored signal would stay ignored, and a handler of ours must not run here. */
IN_CHILD static void default_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	for (int i = 1; i < SIGNALS; i++)
		if (i != SIGKILL && i != SIGSTOP)
			sigaction(i, &action, NULL);
}

IN_CHILD static bool join_group(struct reed_spawn_plan *plan)
{
	if (plan->session && setsid() < 0)
		return failed(plan, REED_SPAWN_GROUP, 0);
	if (!plan->session && plan->group && setpgid(0, 0) < 0)
		return failed(plan, REED_SPAWN_GROUP, 0);
	if (plan->terminal >= 0 && ioctl(plan->terminal, TIOCSCTTY, 0) < 0)
		return failed(plan, REED_SPAWN_TERMINAL, 0);
	return true;
}

/* First out of the way of those that come to be, then to their places. */
IN_CHILD static bool map_descriptors(struct reed_spawn_plan *plan)
{
	struct reed_spawn_map *map = plan->map;
	int top = map[plan->map_count - 1].to;

	for (size_t i = 0; i < plan->map_count; i++) {
		if (map[i].from > top || map[i].from == map[i].to)
			continue;
		map[i].from = fcntl(map[i].from, F_DUPFD_CLOEXEC, top + 1);
		if (map[i].from < 0)
			return failed(plan, REED_SPAWN_MAP, i);
	}
	for (size_t i = 0; i < plan->map_count; i++) {
		int err = map[i].from == map[i].to ? fcntl(map[i].to, F_SETFD, 0)
		                                   : dup2(map[i].from, map[i].to);

		if (err < 0)
			return failed(plan, REED_SPAWN_MAP, i);
	}
	return true;
}

#ifndef REED_POSIX_ONLY
IN_CHILD static void close_from_to(unsigned first, unsigned last)
{
	if (first <= last)
		syscall(SYS_close_range, first, last, 0);
}
#else
enum { MOST_CLOSED = 65536, AT_ONCE = 256 };

/* poll() tells which of many are open, in one call for what would be a call each. */
IN_CHILD static void close_open(unsigned first, unsigned count)
{
	struct pollfd fds[AT_ONCE];
	bool unknown;

	for (unsigned i = 0; i < count; i++)
		fds[i] = (struct pollfd){ .fd = (int)(first + i) };
	unknown = poll(fds, count, 0) < 0;
	for (unsigned i = 0; i < count; i++)
		if (unknown || !(fds[i].revents & POLLNVAL))
			close(fds[i].fd);
}

IN_CHILD static void close_from_to(unsigned first, unsigned last)
{
	long open_max = sysconf(_SC_OPEN_MAX);
	unsigned most = open_max > 0 && open_max < MOST_CLOSED ? (unsigned)open_max : MOST_CLOSED;

	last = last < most ? last : most - 1;
	for (; first <= last; first += AT_ONCE)
		close_open(first, last - first < AT_ONCE ? last - first + 1 : AT_ONCE);
}

#endif

/* Ours are closed by exec; these are what somebody else has opened without that. */
IN_CHILD static void close_others(struct reed_spawn_plan *plan)
{
	unsigned next = 0;

	for (size_t i = 0; i < plan->map_count; i++) {
		unsigned to = (unsigned)plan->map[i].to;

		if (to > next)
			close_from_to(next, to - 1);
		next = to + 1;
	}
	close_from_to(next, ~0u);
}

IN_CHILD static bool set_limits(struct reed_spawn_plan *plan)
{
	const struct reed_process_options *o = plan->options;

	for (size_t i = 0; i < o->limit_count; i++) {
		const struct reed_child_limit *l = &o->limits[i];
		struct rlimit r = {
			.rlim_cur = l->soft == REED_UNLIMITED ? RLIM_INFINITY : (rlim_t)l->soft,
			.rlim_max = l->hard == REED_UNLIMITED ? RLIM_INFINITY : (rlim_t)l->hard,
		};

		if (setrlimit(l->resource, &r) < 0)
			return failed(plan, REED_SPAWN_LIMIT, i);
	}
	return true;
}

/* On Linux those of libc would make all of our threads somebody else. */
#ifdef __linux__
IN_CHILD static bool become(struct reed_spawn_plan *plan, const struct reed_child_user *user)
{
	if (syscall(SYS_setgroups, user->group_count, user->groups) < 0)
		return failed(plan, REED_SPAWN_GROUPS, 0);
	if (syscall(SYS_setresgid, user->gid, user->gid, user->gid) < 0)
		return failed(plan, REED_SPAWN_GID, 0);
	if (syscall(SYS_setresuid, user->uid, user->uid, user->uid) < 0)
		return failed(plan, REED_SPAWN_UID, 0);
	return true;
}
#else
IN_CHILD static bool become(struct reed_spawn_plan *plan, const struct reed_child_user *user)
{
	if (setgroups(user->group_count, (const gid_t *)user->groups) < 0)
		return failed(plan, REED_SPAWN_GROUPS, 0);
	if (setgid(user->gid) < 0)
		return failed(plan, REED_SPAWN_GID, 0);
	if (setuid(user->uid) < 0)
		return failed(plan, REED_SPAWN_UID, 0);
	return true;
}
#endif

/* Goes on where there is no such program; remembers one that must not be run. */
IN_CHILD static bool run_program(struct reed_spawn_plan *plan)
{
	const struct reed_process_options *o = plan->options;
	int refused = 0;
	size_t which = 0;

	for (size_t i = 0; plan->programs[i]; i++) {
		execve(plan->programs[i], (char *const *)(uintptr_t)o->argv, plan->env);
		if (errno == EACCES && !refused) {
			refused = EACCES;
			which = i;
		}
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return failed(plan, REED_SPAWN_EXEC, i);
	}
	errno = refused ? refused : errno == ENOTDIR ? ENOTDIR : ENOENT;
	return failed(plan, REED_SPAWN_EXEC, which);
}

IN_CHILD static bool prepare(struct reed_spawn_plan *plan)
{
	const struct reed_process_options *o = plan->options;

	default_signals();
	if (!join_group(plan) || !map_descriptors(plan))
		return false;
	close_others(plan);
	if (!set_limits(plan) || (o->user && !become(plan, o->user)))
		return false;
	if (o->directory && chdir(o->directory) < 0)
		return failed(plan, REED_SPAWN_DIRECTORY, 0);
	if (o->umask >= 0)
		umask((mode_t)o->umask);
	return true;
}

IN_CHILD static int child(void *arg)
{
	struct reed_spawn_plan *plan = arg;
	sigset_t none;

	if (prepare(plan)) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		run_program(plan);
	}
	return 127;
}

/* ---- in the parent ---- */

#ifndef REED_POSIX_ONLY

/* A stack of its own, as what we have on ours is still needed. */
static int start(struct reed_spawn_plan *plan, int *pidfd)
{
	char *stack = reed_alloc_raw(STACK);
	int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
	int pid = clone(child, stack + STACK, flags, plan, pidfd);
	int err = errno;

	reed_free(stack);
	errno = err;
	return pid;
}

#else

static int start(struct reed_spawn_plan *plan, int *pidfd)
{
	int pid = vfork();

	if (pid == 0)
		_exit(child(plan));
	*pidfd = -1;
	return pid;
}

#endif

static void reap_failed(int pid, int pidfd)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (pidfd >= 0)
		close(pidfd);
}

/* No handler of ours runs between the two: it would think that it is in the parent. */
bool reed_spawn_go(struct reed_spawn_plan *plan, int *pid, int *pidfd)
{
	sigset_t all, before;

	plan->err = 0;
	*pidfd = -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	*pid = start(plan, pidfd);
	if (*pid < 0)
		failed(plan, REED_SPAWN_CLONE, 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (*pid > 0 && plan->err)
		reap_failed(*pid, *pidfd);
	return plan->err == 0;
}
