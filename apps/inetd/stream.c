/* A connection, and the program that has it. */

#include "inetd.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/folder.h"

enum { LAST_WORDS_MS = 1000 };

struct session {
	struct reed_co co;
	struct inetd_one *one;
	struct reed_stream *stream, *inside; /* inside: to a program that has not got the socket */
	struct reed_list link;
	struct inetd_start start;
	struct reed_process *process;
	struct reed_exit exit;
	struct reed_scope said;
	int64_t since;
	int fd, pid;
	bool taken; /* the socket is the program's */
};

/* A socket of the system is the program's own; anything else, such as TLS, goes through us. */
static struct reed_future *spawn(struct session *self)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_stream_facts(self->stream, &facts);
	inetd_start_init(&self->start, self->one, &facts.peer, &facts.local);
	if (reed_stream_take_socket(self->stream, &self->fd)) {
		self->start.options.in.is = REED_CHILD_TALKS;
	} else {
		self->start.options.in.is = REED_CHILD_OURS;
		self->start.options.in.of = self->fd;
	}
	self->start.options.out.is = REED_CHILD_SAME;
	self->start.options.out.of = 0;
	return inetd_spawn(self->one, &self->start, &self->process);
}

/* Our stream of a socket that is the program's stays, and counts against the limits of its peer. */
static void begin(struct session *self)
{
	self->pid = reed_process_pid(self->process);
	inetd_started(self->one, self->process, &self->said);
	if (self->fd < 0)
		self->inside = reed_process_dialogue(self->process);
	else
		reed_folder_close(self->fd);
	self->taken = self->fd >= 0;
	self->fd = -1;
}

/* The program ends when it has said all, or when it has heard all there is. */
static struct reed_future *attend(struct session *self)
{
	if (self->inside)
		reed_scope_add(&self->said, reed_stream_join(self->stream, self->inside, 0));
	return reed_process_wait(self->process, &self->exit);
}

static struct reed_future *stop(struct session *self)
{
	return reed_shield(
		reed_process_stop(self->process, self->start.options.grace_ms, &self->exit));
}

/* What goes through us is handed on to its end, by the client's time; else the last words only. */
static struct reed_future *rest(struct session *self)
{
	struct reed_future *f = reed_scope_wait(&self->said);

	return self->inside ? f : reed_within(LAST_WORDS_MS, f);
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		reed_await(co, spawn(self));
		if (co->err) {
			if (co->err != REED_ECANCELED)
				inetd_not_started(self->one, reed_co_why(co));
			reed_return(co, REED_OK);
		}
		begin(self);
		reed_await(co, attend(self));
		if (co->err)
			reed_await(co, stop(self));
		inetd_ended(self->one, self->pid, &self->exit);
		reed_await(co, rest(self));
	}
}

static void session_end(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_list_remove(&self->link);
	reed_scope_finish(&self->said);
	reed_process_close(self->process);
	inetd_start_finish(&self->start);
	if (self->fd >= 0)
		reed_folder_close(self->fd);
	reed_close(self->inside);
	if (self->taken)
		reed_abort(self->stream);
	else
		reed_close(self->stream);
}

static const struct reed_co_kind session_kind = { .name = "inetd session",
	                                          .size = sizeof(struct session),
	                                          .run = session_run,
	                                          .end = session_end };

struct reed_future *inetd_session(void *arg, struct reed_stream *stream)
{
	struct inetd_one *one = arg;
	struct session *self;

	if (!inetd_may_start(one))
		return NULL;
	if (one->entry->builtin)
		return inetd_builtin_session(one, stream);
	self = reed_co_new(stream->loop, &session_kind);
	self->one = one;
	self->stream = stream;
	self->fd = -1;
	self->since = reed_now(stream->loop);
	reed_scope_init(&self->said, stream->loop, NULL, one->entry->name);
	self->said.policy = REED_SCOPE_IGNORE;
	reed_list_append(&one->inetd->sessions, &self->link);
	return reed_start(&self->co);
}

void inetd_conns(struct reed_service *service, reed_conn_fn *each, void *arg)
{
	struct inetd *self = service->own;

	reed_list_each (link, &self->sessions) {
		struct session *s = reed_container_of(link, struct session, link);
		struct reed_conn conn = REED_CONN;
		char note[32];

		snprintf(note, sizeof(note), "pid %d", s->pid);
		conn.stream = s->stream;
		conn.door = s->one->entry->name;
		conn.note = note;
		conn.since = s->since;
		if (!each(arg, &conn))
			return;
	}
}
