/* A tor of our own: started, listened to, and ended with us. */

#include <string.h>

#include "private.h"
#include "reed/cell.h"
#include "reed/endpoint.h"
#include "reed/folder.h"
#include "reed/log.h"
#include "reed/offload.h"
#include "reed/process.h"

enum { WORDS = 32, SOCKET_PATH = 107 };

/* ---- the process, and what it says ---- */

struct tor_child {
	struct reed_loop *loop;
	struct reed_process *process;
	struct reed_stream *said;  /* its log */
	struct reed_waiter reader; /* owns the coroutine that reads it */
	struct reed_cell lines;    /* touched with each, and at the end */
	char *complaint;           /* the last one; may be NULL */
	bool warned; /* it was a warning, which says more than the error it leads to */
	bool ended;
};

struct reader {
	struct reed_co co;
	struct tor_child *child;
	struct reed_slice line;
};

/* "Nov 22 14:08:49.263 [warn] Words" */
static void hear(struct tor_child *self, struct reed_slice line)
{
	struct reed_slice level, text = line;
	bool warns;

	reed_slice_cut(&text, '[');
	level = reed_slice_cut(&text, ']');
	text = reed_slice_trim(text);
	warns = reed_slice_is(level, "warn");
	if (warns || reed_slice_is(level, "err")) {
		if (warns || !self->warned) {
			reed_free(self->complaint);
			self->complaint = reed_slice_dup(text);
		}
		self->warned |= warns;
		reed_log(self->loop, REED_LOG_WARN, "tor says text=" REED_FMT, REED_ARG(text));
	} else {
		reed_log(self->loop, REED_LOG_DEBUG, "tor says text=" REED_FMT, REED_ARG(line));
	}
	reed_cell_touch(&self->lines);
}

static void reader_run(struct reed_co *co)
{
	struct reader *self = reed_frame(co, struct reader);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_read_line(self->child->said, &self->line));
			hear(self->child, self->line);
		}
	}
}

static const struct reed_co_kind reader_kind = {
	.name = "what tor says",
	.size = sizeof(struct reader),
	.run = reader_run,
};

static void has_ended(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct tor_child *self = reed_container_of(w, struct tor_child, reader);

	(void)err;
	reed_fault_free(fault);
	self->ended = true;
	reed_cell_touch(&self->lines);
}

static struct tor_child *child_new(struct reed_process *process, struct reed_loop *loop)
{
	struct reader *reader = reed_co_new(loop, &reader_kind);
	struct tor_child *self = reed_alloc(sizeof(*self));

	self->loop = loop;
	self->process = process;
	self->said = reed_process_stream(process, 1);
	self->reader.wake = has_ended;
	reader->child = self;
	reed_wait(reed_start(&reader->co), &self->reader);
	return self;
}

void reed_tor_child_free(struct tor_child *self)
{
	if (!self)
		return;
	reed_unwait(self->loop, &self->reader);
	reed_abort(self->said);
	reed_process_close(self->process);
	reed_free(self->complaint);
	reed_free(self);
}

/* ---- its folder ---- */

struct making {
	struct reed_job job;
	char *folder, *real, **out;
};

static enum reed_err making_run(struct reed_job *job)
{
	struct making *self = reed_job_frame(job, struct making);
	enum reed_err err = reed_folder_make(self->folder);

	if (!err)
		err = reed_folder_real(self->folder, &self->real);
	return err ? reed_job_fail(job, err, "%s: no folder for tor can be there: %s", self->folder,
	                           reed_strerror(err))
	           : REED_OK;
}

static void making_deliver(struct reed_job *job)
{
	struct making *self = reed_job_frame(job, struct making);

	*self->out = self->real;
	self->real = NULL;
}

static void making_end(struct reed_job *job)
{
	struct making *self = reed_job_frame(job, struct making);

	reed_free(self->folder);
	reed_free(self->real);
}

static const struct reed_job_kind making_kind = {
	.name = "a folder for tor",
	.size = sizeof(struct making),
	.run = making_run,
	.deliver = making_deliver,
	.end = making_end,
};

static struct reed_future *make_folder(struct reed_loop *loop, const char *folder, char **real)
{
	struct making *self = reed_job_new(loop, &making_kind);

	self->folder = reed_strdup(folder);
	self->out = real;
	return reed_offload(&self->job);
}

/* ---- the start ---- */

struct launching {
	struct reed_co co;
	struct reed_tor_options options; /* copies */
	char *folder, *socket;           /* absolute; its control port as an endpoint */
	struct reed_process *process;
	struct tor_child *child; /* NULL: another endpoint's tor is there already */
	uint64_t seen;
	struct reed_stream *stream;
	struct reed_tor *tor, **out;
	char *pid; /* what tor says of itself */
};

/* A socket, as tor wants to have it written. */
static char *socket_word(const char *folder, const char *name)
{
	struct reed_buf b = { .limit = 0 };
	char *path = reed_sprintf("%s/%s", folder, name);

	reed_buf_add_str(&b, "unix:");
	reed_tor_quote(&b, reed_slice_of(path));
	reed_free(path);
	return reed_buf_take(&b);
}

struct words {
	const char *word[WORDS];
	size_t count;
	char *owned[8];
	size_t owned_count;
};

static void add(struct words *w, const char *option, const char *value)
{
	w->word[w->count++] = option;
	if (value)
		w->word[w->count++] = value;
}

static void add_owned(struct words *w, const char *option, char *value)
{
	w->owned[w->owned_count++] = value;
	add(w, option, value);
}

/* Tor ends by itself when our number is nobody's, until a connection says that it is ours. */
static void put_words(struct words *w, const struct launching *self)
{
	const char *folder = self->folder;

	add(w, "tor", "--ignore-missing-torrc");
	add_owned(w, "-f", reed_sprintf("%s/torrc", folder));
	add_owned(w, "--defaults-torrc", reed_sprintf("%s/torrc-defaults", folder));
	add(w, "--DataDirectory", folder);
	add_owned(w, "--ControlPort", socket_word(folder, "control"));
	add(w, "--CookieAuthentication", "1");
	add_owned(w, "--CookieAuthFile", reed_sprintf("%s/control_auth_cookie", folder));
	add(w, "--Log", "notice stdout");
	add_owned(w, "--__OwningControllerProcess", reed_sprintf("%d", reed_own_pid()));
	if (self->options.single_hop) {
		add(w, "--HiddenServiceSingleHopMode", "1");
		add(w, "--HiddenServiceNonAnonymousMode", "1");
		add(w, "--SocksPort", "0");
	} else {
		add_owned(w, "--SocksPort", socket_word(folder, "socks"));
	}
}

static struct reed_future *spawn(struct launching *self)
{
	struct reed_process_options o = REED_PROCESS_OPTIONS;
	struct words w = { .count = 0 };
	struct reed_future *f;

	put_words(&w, self);
	o.argv = w.word;
	o.out.is = REED_CHILD_WRITES;
	f = reed_spawn(self->co.loop, &o, &self->process);
	for (size_t i = 0; i < w.owned_count; i++)
		reed_free(w.owned[i]);
	return f;
}

static enum reed_err not_there(struct launching *self)
{
	if (self->co.err != REED_ENOENT)
		return reed_because(&self->co, self->co.err, "tor cannot be started");
	return reed_because(&self->co, REED_ENOENT,
	                    "tor is not installed, or not in PATH; apt-get install tor, or use one "
	                    "that runs, without launch=");
}

static struct reed_future *dial(struct launching *self)
{
	return reed_dial(self->co.loop,
	                 self->options.control ? self->options.control : self->socket,
	                 &self->stream);
}

static struct reed_future *wait_for_words(struct launching *self)
{
	return reed_cell_changed(self->co.loop, &self->child->lines, self->seen);
}

/* Each line may be the one that says it: the control port is open. */
static struct reed_future *dial_once_more(struct launching *self)
{
	self->seen = self->child->lines.count;
	return dial(self);
}

static void take_process(struct launching *self)
{
	self->child = child_new(self->process, self->co.loop);
	self->process = NULL;
	reed_log(self->co.loop, REED_LOG_INFO, "tor is started pid=%d folder=%s",
	         reed_process_pid(self->child->process), self->folder);
}

static struct reed_future *no_tor(struct launching *self)
{
	return reed_failed(self->co.loop, REED_EIO, "tor has ended at once: %s",
	                   self->child->complaint ? self->child->complaint : "without a word");
}

static struct reed_future *log_in(struct launching *self)
{
	struct reed_stream *stream = self->stream;

	self->stream = NULL;
	return reed_tor_start(stream, &self->options, &self->tor);
}

/* Of two that were started in the same folder one ends; whoever started that has the other's. */
static bool is_ours(struct launching *self)
{
	uint64_t pid;

	if (!self->child || reed_slice_u64(reed_slice_of(self->pid), INT32_MAX, &pid))
		return false;
	return pid == (uint64_t)reed_process_pid(self->child->process);
}

/* control-spec 3.23: from then on it ends with this connection. */
static struct reed_future *own(struct launching *self)
{
	return reed_tor_do(self->tor, reed_strdup("TAKEOWNERSHIP"), NULL);
}

static enum reed_err find_socket(struct launching *self)
{
	char *quoted = reed_endpoint_quote(reed_slice_of(self->folder));

	self->socket = reed_sprintf("unix:%s/control", quoted);
	reed_free(quoted);
	if (strlen(self->folder) + strlen("/control") <= SOCKET_PATH)
		return REED_OK;
	return reed_because(&self->co, REED_ETOOBIG,
	                    "%s: too long a name for a folder with sockets in it, which have %d "
	                    "bytes at the most",
	                    self->folder, SOCKET_PATH);
}

static void launching_run(struct reed_co *co)
{
	struct launching *self = reed_frame(co, struct launching);

	reed_coroutine (co) {
		reed_try(co, make_folder(co->loop, self->options.launch, &self->folder));
		if (find_socket(self))
			reed_return(co, REED_ETOOBIG);
		reed_await(co, dial(self));
		if (co->err && co->err != REED_ECANCELED) {
			reed_await(co, spawn(self));
			if (co->err)
				reed_return(co, not_there(self));
			take_process(self);
			reed_await(co, dial_once_more(self));
		}
		while (co->err && co->err != REED_ECANCELED) {
			if (self->child->ended)
				reed_try(co, no_tor(self));
			reed_try(co, wait_for_words(self));
			reed_await(co, dial_once_more(self));
		}
		if (co->err)
			reed_return(co, co->err);
		reed_try(co, log_in(self));
		reed_try(co, reed_tor_get_info(self->tor, "process/pid", &self->pid));
		if (is_ours(self)) {
			reed_try(co, own(self));
			reed_try(co,
			         reed_tor_set_conf(self->tor, "__OwningControllerProcess", NULL));
			self->tor->child = self->child;
			self->child = NULL;
		}
	}
}

static void launching_deliver(struct reed_co *co)
{
	struct launching *self = reed_frame(co, struct launching);

	*self->out = self->tor;
	self->tor = NULL;
}

static void launching_end(struct reed_co *co)
{
	struct launching *self = reed_frame(co, struct launching);

	reed_close(self->stream);
	reed_tor_close(self->tor);
	reed_tor_child_free(self->child);
	reed_process_close(self->process);
	reed_free(self->folder);
	reed_free(self->socket);
	reed_free(self->pid);
	reed_tor_options_finish(&self->options);
}

static const struct reed_co_kind launching_kind = {
	.name = "launch tor",
	.size = sizeof(struct launching),
	.run = launching_run,
	.deliver = launching_deliver,
	.end = launching_end,
};

struct reed_future *reed_tor_launch(struct reed_loop *loop, const struct reed_tor_options *options,
                                    struct reed_tor **tor)
{
	struct launching *self = reed_co_new(loop, &launching_kind);
	int64_t ms = options->timeout_ms;

	reed_tor_options_copy(&self->options, options);
	self->out = tor;
	return ms > 0 ? reed_within(ms, reed_start(&self->co)) : reed_start(&self->co);
}
