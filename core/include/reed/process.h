/*
 * Processes: children that are started, talked to, waited for, and ended.
 *
 *	static const char *const argv[] = { "sort", "-n", NULL };
 *	struct reed_process_options options = REED_PROCESS_OPTIONS;
 *
 *	options.argv = argv;
 *	options.in.is = REED_CHILD_READS;
 *	options.out.is = REED_CHILD_WRITES;
 *	reed_try(co, reed_spawn(co->loop, &options, &self->sort));
 *	self->stream = reed_process_dialogue(self->sort);
 *
 * Whoever spawns a child owns it.  reed_process_close(), or the drop of whatever
 * owned it, asks it to end and, after a grace time, ends it; the loop reaps it
 * then.  So nothing is left running that nobody knows of, and there are no zombies.
 *
 * A child is started without a copy of our memory, whatever its size, and the
 * loop stands still until it runs its program, which is well under a
 * millisecond.  What goes wrong on the way there (no such program, directory, user)
 * is the error of reed_spawn() and names what failed.  The child has the
 * descriptors it was given and no others, no blocked signals and no ignored
 * ones.  It has a process group of its own unless told otherwise, and signals go
 * to the whole group.
 *
 * SIGCHLD stays as it is, but a program that ignores it, or waits for all children
 * itself, takes from Reed how they ended.  Where there are no pidfds a loop with
 * children watches SIGCHLD, and one loop at a time can have children.
 *
 * A simulated loop runs no programs.  There a child is whatever
 * reed_sim_program() says of its name, and REED_ENOTSUP when that says nothing.
 */

#ifndef REED_PROCESS_H
#define REED_PROCESS_H

#include "reed/buf.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

struct reed_process;

/* ---- how it is started ---- */

enum reed_child_fd_kind {
	REED_CHILD_NULL,     /* /dev/null, for reading and writing */
	REED_CHILD_INHERITS, /* our descriptor of the same number */
	REED_CHILD_READS,    /* a pipe into which we write */
	REED_CHILD_WRITES,   /* a pipe out of which we read */
	REED_CHILD_TALKS,    /* a UNIX socket: both ways over one descriptor */
	REED_CHILD_TERMINAL, /* the pseudo terminal of options.terminal */
	REED_CHILD_OURS,     /* our descriptor `of`; it stays ours */
	REED_CHILD_SAME,     /* what the child's descriptor `of` is */
	REED_CHILD_FILE,     /* `path`, opened with `open` by us, from our directory */
};

enum reed_child_open {
	REED_OPEN_READ,
	REED_OPEN_WRITE,  /* made if missing (0666 less the umask), emptied if not */
	REED_OPEN_APPEND, /* made if missing */
};

/* One descriptor of the child. */
struct reed_child_fd {
	enum reed_child_fd_kind is;
	int fd; /* its number in the child, below 1024; not needed for in, out, err */
	int of;
	const char *path;
	enum reed_child_open open;
};

enum reed_child_group {
	REED_GROUP_OWN,     /* a process group of its own */
	REED_GROUP_SESSION, /* a session of its own, and so a group; with a terminal always */
	REED_GROUP_OURS,    /* the terminal's ^C goes to it too; it alone is signalled */
};

/* Who it is.  To be somebody else takes privileges: REED_EPERM. */
struct reed_child_user {
	uint32_t uid, gid;
	const uint32_t *groups; /* the supplementary ones, all of them */
	size_t group_count;
};

#define REED_UNLIMITED UINT64_MAX

struct reed_child_limit {
	int resource; /* RLIMIT_NOFILE, ... of <sys/resource.h> */
	uint64_t soft, hard;
};

struct reed_terminal_size {
	uint16_t rows, columns; /* 0: 24 and 80 */
};

/* All of it is looked at during the call only. */
struct reed_process_options {
	size_t size; /* of this struct */
	/* Its words, the first is its name, with NULL at the end. */
	const char *const *argv;
	/*
	 * What to run; NULL: argv[0].  Without a slash it is looked for in the PATH
	 * that the child will have; empty places in there mean nothing.
	 */
	const char *program;
	struct reed_child_fd in, out, err; /* 0, 1, 2 */
	const struct reed_child_fd *fds;   /* more of them */
	size_t fd_count;
	struct reed_terminal_size terminal;
	/*
	 * "NAME=VALUE" adds or replaces, "NAME" takes away; with NULL at the end.
	 * NULL: the environment as we have it.
	 */
	const char *const *env;
	bool clean_env;        /* begin with nothing instead */
	const char *directory; /* to start in, and for relative programs; NULL: ours */
	int umask;             /* negative: ours */
	enum reed_child_group group;
	const struct reed_child_user *user; /* NULL: who we are */
	const struct reed_child_limit *limits;
	size_t limit_count;
	int64_t grace_ms; /* between a polite end and a rude one, when it is closed */
	/*
	 * When the child ends by itself, what is left of its group is killed.  When it
	 * is stopped or closed that happens in any case.
	 */
	bool sweep;
};

/* null, null, null; umask and all else ours; 5 s of grace */
#define REED_PROCESS_OPTIONS                                                               \
	{                                                                                  \
		.size = sizeof(struct reed_process_options), .umask = -1, .grace_ms = 5000 \
	}

/*
 * Starts a child, during the call; it is the caller's when the future has been
 * delivered, and closed if it is dropped before.  The fault says which step
 * failed: REED_ENOENT, REED_EACCES, REED_EPERM, REED_EINVAL (options that
 * contradict each other), REED_EMFILE, REED_EAGAIN becomes REED_EBUSY (too many
 * processes), REED_ENOTSUP under simulation.
 */
REED_API struct reed_future *reed_spawn(struct reed_loop *loop,
                                        const struct reed_process_options *options,
                                        struct reed_process **process);

/* ---- talking to it ---- */

/*
 * The stream to or from the child's descriptor, the caller's from then on; what
 * is never asked for is closed with the process.  NULL: there is none, or it was
 * asked for.  A stream of REED_CHILD_READS takes writes only, its close is the
 * end that the child reads; one of REED_CHILD_WRITES is for reading only.
 */
REED_API struct reed_stream *reed_process_stream(struct reed_process *p, int fd);

/*
 * One stream for standard input and output: of the two pipes (shutdown is the end
 * of the child's input), or of the socket or terminal that 0 is.  What the child
 * does not read is thrown away once it cannot, so that its last words are heard.
 */
REED_API struct reed_stream *reed_process_dialogue(struct reed_process *p);

/* Somebody looks at it: a descriptor of this process, such as 1, is a terminal. */
REED_API bool reed_is_terminal(int fd);

/* The window of a stream to a terminal; its child hears of it.  REED_ENOTSUP: no terminal. */
REED_API enum reed_err reed_terminal_resize(struct reed_stream *s, struct reed_terminal_size size);

/* ---- how it ends ---- */

struct reed_exit {
	int status;                 /* 0 to 255, as of exit(); -1 when a signal ended it */
	int signo;                  /* that signal, or 0 */
	bool core;                  /* there is a core dump */
	int64_t user_ns, system_ns; /* processor time, children that it has reaped included */
	uint64_t most_memory;       /* bytes resident at a time */
	uint64_t reserved[2];
};

enum { REED_EXIT_TEXT = 64 };

static inline bool reed_exit_well(const struct reed_exit *e)
{
	return e->status == 0;
}

/* "exited with status 3", "was killed by SIGSEGV (core dumped)".  Returns text. */
REED_API const char *reed_exit_text(const struct reed_exit *e, char text[REED_EXIT_TEXT]);

/*
 * Settles when it has ended and is reaped, with success however it ended.  May be
 * asked for at any time and by many; a drop changes nothing.  exit may be NULL.
 * REED_ECANCELED: it was closed; REED_ENOENT: it has ended, but somebody else in
 * this program has reaped it.
 */
REED_API struct reed_future *reed_process_wait(struct reed_process *p, struct reed_exit *exit);

/* What is known already; NULL while it runs.  Lives as long as the process. */
REED_API const struct reed_exit *reed_process_exit(const struct reed_process *p);

/* To its group, or to it alone with REED_GROUP_OURS.  REED_ENOENT: it has ended. */
REED_API enum reed_err reed_process_signal(struct reed_process *p, int signo);

/*
 * SIGTERM (and SIGCONT, so that it hears it), and SIGKILL for what is still there
 * after ms.  The future is that of reed_process_wait(); a drop of it does not
 * take the end back.
 */
REED_API struct reed_future *reed_process_stop(struct reed_process *p, int64_t ms,
                                               struct reed_exit *exit);

/*
 * Consumes it; may be NULL.  One that runs still is stopped within its grace
 * time, and reaped, by the loop.  When the loop is freed before, it is killed.
 */
REED_API void reed_process_close(struct reed_process *p);

/* The same, but it runs on; the loop reaps it if it is still there then. */
REED_API void reed_process_detach(struct reed_process *p);

REED_API int reed_process_pid(const struct reed_process *p);

/* The number of this process, for those who watch it. */
REED_API int reed_own_pid(void);

/* "TERM" or "SIGTERM" to the number, and back ("SIGTERM"); 0 and NULL when there is none. */
REED_API int reed_signal_number(const char *name);
REED_API const char *reed_signal_name(int signo);

/* ---- all in one call ---- */

struct reed_run_options {
	size_t size; /* of this struct */
	/*
	 * in, out and err are overwritten but for err, when that is not
	 * REED_CHILD_WRITES; sweep is on.  NULL: what argv says.
	 */
	const struct reed_process_options *process;
	const char *const *argv;
	struct reed_slice input; /* must stay until the future has ended */
	size_t most_output;      /* bytes of out, and of err: beyond it REED_ETOOBIG */
	int64_t within_ms;       /* else REED_ETIMEDOUT; 0: no limit */
};

/* 1 MiB, no limit of time */
#define REED_RUN_OPTIONS                                                        \
	{                                                                       \
		.size = sizeof(struct reed_run_options), .most_output = 1 << 20 \
	}

/* Zeroed at first, and the caller's to finish. */
struct reed_run {
	struct reed_exit exit;
	struct reed_buf out, err;
};

REED_API void reed_run_finish(struct reed_run *run);

/*
 * Runs a program to its end: gives it input, takes what it says, waits, and kills
 * what it has left behind.  However it ended is a success of this call.  A drop,
 * or a limit that is reached, ends the program.
 */
REED_API struct reed_future *reed_run_with(struct reed_loop *loop,
                                           const struct reed_run_options *options,
                                           struct reed_run *run);

/*
 * The same for who wants its output and nothing else, added to *output: an end
 * that is not well is REED_EIO, with the last line of what it said on standard
 * error in the fault.
 */
REED_API struct reed_future *reed_run(struct reed_loop *loop, const char *const *argv,
                                      struct reed_slice input, struct reed_buf *output);

REED_END_DECLS

#endif
