/* The control socket's server. */

#include "control.h"

#include <string.h>

#include "crew.h"
#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/handover.h"
#include "reed/random.h"

enum { CLIENTS = 16, FOLLOWERS = 8, PATIENCE_MS = 10000, TAIL_ROOM = 256 << 10, PROGRESS_MS = 250 };

static const struct reed_stream_limits limits = {
	.size = sizeof(limits),
	.input = 4096,
	.output = 256 << 20,
	.high = 64 << 10,
	.low = 16 << 10,
	.linger_ms = 1000,
};

struct session {
	struct reed_co co;
	struct daemon *daemon;
	struct reed_stream *stream;
	struct reed_slice line;
	char copy[REED_CONTROL_LINE + 1]; /* of the line, which the request points into */
	struct control_request request;
	struct reed_service *asked; /* whose word it is; NULL: the daemon's */
	struct reed_slice secret;   /* the second line, of what needs one */
	struct reed_buf text;       /* of an answer that took its time */
	struct crew_wish wish;
	struct crew_replies others;
	struct reed_log_tap tap;
	struct control_tail tail;
	bool follows;    /* is counted among the followers */
	uint64_t missed; /* records the client was too slow for */
	size_t told_conns;
};

/* ---- who may ---- */

static bool is_welcome(struct session *self)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_stream_facts(self->stream, &facts);
	return !facts.has_credentials || facts.uid == 0 || facts.uid == reed_own_uid();
}

/* ---- answers ---- */

static void refuse(struct session *self, const char *why)
{
	reed_printf(self->stream, "error: %s\n", why);
}

static void answer(struct session *self)
{
	struct reed_fault *fault = NULL;
	struct reed_buf out = { 0 };

	if (reed_control_answer(self->daemon, &self->request, &out, &fault)) {
		refuse(self, fault->sentence);
	} else {
		reed_write_str(self->stream, "ok\n");
		reed_write(self->stream, reed_buf_slice(&out));
	}
	reed_fault_free(fault);
	reed_buf_finish(&out);
}

/* Of what took its time, and has ended now. */
static void answer_late(struct session *self)
{
	if (self->co.err) {
		refuse(self, reed_co_why(&self->co));
		return;
	}
	reed_write_str(self->stream, "ok\n");
	reed_write(self->stream, reed_buf_slice(&self->text));
}

static bool understand(struct session *self)
{
	struct reed_fault *fault = NULL;

	if (self->line.n > REED_CONTROL_LINE)
		self->line.n = REED_CONTROL_LINE + 1;
	memcpy(self->copy, self->line.p, self->line.n);
	self->asked = reed_control_service(self->daemon, reed_slice(self->copy, self->line.n));
	if (self->asked)
		return true;
	if (!reed_control_parse(reed_slice(self->copy, self->line.n), &self->request, &fault))
		return true;
	refuse(self, fault->sentence);
	if (self->request.misused)
		reed_printf(self->stream, "%s\n", REED_CONTROL_USAGE);
	reed_fault_free(fault);
	return false;
}

/* ---- the log, as it goes on ---- */

static struct session *of_tap(struct reed_log_tap *tap)
{
	return reed_container_of(tap, struct session, tap);
}

static bool tail_wants(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	return reed_log_filter_wants(&of_tap(tap)->tail.filter, event);
}

static void tell_record(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	struct session *self = of_tap(tap);
	struct reed_buf line = { 0 };

	reed_log_render(event, self->tail.json ? REED_LOG_JSON : REED_LOG_TEXT, true, &line);
	reed_write(self->stream, reed_buf_slice(&line));
	reed_buf_finish(&line);
}

static void tail_hear(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	struct session *self = of_tap(tap);

	if (reed_queued(self->stream) > TAIL_ROOM) {
		self->missed++;
		return;
	}
	if (self->missed > 0 && self->tail.json)
		reed_printf(self->stream, "{\"missed\":%ju}\n", (uintmax_t)self->missed);
	else if (self->missed > 0)
		reed_printf(self->stream, "... and %ju records you were too slow for\n",
		            (uintmax_t)self->missed);
	self->missed = 0;
	tell_record(tap, event);
}

/* What is in memory is bounded, and all of it may wait for him. */
static void tell_last(struct session *self)
{
	self->tap.wants = tail_wants;
	self->tap.level = self->tail.filter.level;
	self->tap.hear = tell_record;
	reed_log_replay(reed_log_of(self->co.loop), &self->tap, self->tail.last);
}

/* They stay as long as they like: who has just one question must find a place beside them. */
static bool has_room(struct session *self)
{
	if (self->daemon->followers < FOLLOWERS)
		return true;
	reed_printf(self->stream, "error: %d others follow the log already; end one of them\n",
	            FOLLOWERS);
	return false;
}

static bool begin_tail(struct session *self)
{
	struct reed_fault *fault = NULL;

	if (reed_control_tail(&self->request, reed_wall(self->co.loop), &self->tail, &fault)) {
		refuse(self, fault->sentence);
		reed_fault_free(fault);
		return false;
	}
	if (!self->tail.ends && !has_room(self))
		return false;
	reed_write_str(self->stream, "ok\n");
	tell_last(self);
	if (self->tail.ends)
		return false;
	self->follows = true;
	self->daemon->followers++;
	self->tap.hear = tail_hear;
	reed_log_tap(reed_log_of(self->co.loop), &self->tap);
	reed_loops_tell_level(self->daemon);
	return true;
}

/* ---- until all have left ---- */

static bool is_draining(const struct session *self)
{
	return self->request.word->what == CONTROL_DRAIN && self->daemon->draining &&
	       !self->daemon->stopping;
}

static struct reed_future *count_others(struct session *self)
{
	self->wish.what = CREW_COUNT;
	return reed_loops_ask(self->daemon, &self->wish, &self->others);
}

static void tell_progress(struct session *self)
{
	size_t n = reed_control_sum_conns(self->daemon, &self->others);

	if (n != self->told_conns && is_draining(self))
		reed_printf(self->stream, "%zu connection%s left\n", n, n == 1 ? "" : "s");
	self->told_conns = n;
}

static bool begin_drain(struct session *self)
{
	if (self->daemon->stopping) {
		refuse(self, "it is stopping already");
		return false;
	}
	reed_write_str(self->stream, "ok\n");
	reed_control_drain(self->daemon);
	self->told_conns = SIZE_MAX;
	return true;
}

/* ---- the next process ---- */

/* It holds them before we close ours, so that nobody who connects is refused. */
static bool hand_over(struct session *self)
{
	int fds[HANDOVER_SOCKETS];
	size_t n = reed_listening(self->co.loop, fds, HANDOVER_SOCKETS);
	enum reed_err err;

	if (n > HANDOVER_SOCKETS) {
		refuse(self, "there are more sockets than can be handed over");
		return false;
	}
	err = reed_write_fds(self->stream, REED_STR("ok\n"), fds, n);
	if (err) {
		refuse(self, reed_strerror(err));
		return false;
	}
	reed_listening_shared(self->co.loop);
	reed_daemon_stop(self->daemon, "another process takes over");
	return true;
}

/* ---- a client ---- */

static bool lasts(const struct session *self)
{
	enum control_what what = self->request.word->what;

	return what == CONTROL_LOG || what == CONTROL_HAND_OVER || what == CONTROL_DRAIN;
}

/* It wants to see what comes, up to the end of this process. */
static bool goes_on(struct session *self)
{
	enum control_what what = self->request.word->what;

	if (what == CONTROL_DRAIN)
		return begin_drain(self);
	return what == CONTROL_HAND_OVER ? hand_over(self) : begin_tail(self);
}

static bool takes_time(const struct session *self)
{
	return self->asked || self->request.word->what == CONTROL_RELOAD ||
	       self->request.word->what == CONTROL_ACCOUNTS;
}

static struct reed_future *do_it(struct session *self)
{
	if (self->asked)
		return reed_control_ask(self->asked, reed_slice(self->copy, self->line.n),
		                        &self->text);
	if (self->request.word->what == CONTROL_RELOAD)
		return reed_daemon_reload(self->daemon, &self->text);
	return reed_control_accounts(self->daemon, &self->request, self->secret, &self->text);
}

static struct reed_future *ask_others(struct session *self)
{
	self->request.others = &self->others;
	snprintf(self->wish.line, sizeof(self->wish.line), REED_FMT,
	         REED_ARG(reed_slice(self->copy, self->line.n)));
	return reed_within(PATIENCE_MS, reed_loops_ask(self->daemon, &self->wish, &self->others));
}

struct lasting {
	struct reed_co co;
	struct session *session;
};

/* Tells how a drain goes on; then until the other side ends, whatever it says. */
static void lasting_run(struct reed_co *co)
{
	struct session *session = reed_frame(co, struct lasting)->session;

	reed_coroutine (co) {
		while (is_draining(session)) {
			reed_await(co, count_others(session));
			if (!co->err)
				tell_progress(session);
			reed_await(co, reed_within(PROGRESS_MS, reed_more(session->stream)));
			if (co->err && co->err != REED_ETIMEDOUT)
				reed_return(co, REED_OK);
			reed_skip(session->stream, reed_peek(session->stream).n);
		}
		while (!co->err) {
			reed_skip(session->stream, reed_peek(session->stream).n);
			reed_await(co, reed_more(session->stream));
		}
		reed_return(co, REED_OK);
	}
}

static const struct reed_co_kind lasting_kind = { .name = "lasting",
	                                          .size = sizeof(struct lasting),
	                                          .run = lasting_run };

static struct reed_future *last(struct session *session)
{
	struct lasting *self = reed_co_new(session->co.loop, &lasting_kind);

	self->session = session;
	return reed_start(&self->co);
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		reed_await(co, reed_within(PATIENCE_MS, reed_read_line(self->stream, &self->line)));
		if (co->err) {
			if (co->err != REED_EEOF)
				refuse(self, reed_co_why(co));
			reed_return(co, REED_OK);
		}
		if (!is_welcome(self)) {
			refuse(self, "only its own user and root may control this process");
			reed_return(co, REED_OK);
		}
		if (!understand(self))
			reed_return(co, REED_OK);
		if (!self->asked && reed_control_wants_secret(&self->request))
			reed_await(co, reed_within(PATIENCE_MS,
			                           reed_read_line(self->stream, &self->secret)));
		if (!co->err && takes_time(self))
			reed_await(co, do_it(self));
		else if (!co->err && reed_control_wish(&self->request, &self->wish))
			reed_await(co, ask_others(self));
		if (co->err || takes_time(self))
			answer_late(self);
		else if (!lasts(self))
			answer(self);
		else if (goes_on(self))
			reed_await(co, last(self));
	}
}

static void session_end(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	self->daemon->followers -= self->follows;
	reed_log_untap(reed_log_of(co->loop), &self->tap);
	reed_buf_finish(&self->text);
	reed_loops_replies_finish(&self->others);
	if (self->follows)
		reed_loops_tell_level(self->daemon);
	reed_close(self->stream);
}

static const struct reed_co_kind session_kind = { .name = "control",
	                                          .size = sizeof(struct session),
	                                          .run = session_run,
	                                          .end = session_end };

static struct reed_future *session(void *arg, struct reed_stream *stream)
{
	struct session *self = reed_co_new(stream->loop, &session_kind);

	self->daemon = arg;
	self->stream = stream;
	return reed_start(&self->co);
}

struct reed_future *reed_control_serve(struct daemon *d, struct reed_listener *listener)
{
	struct reed_serve_options options = REED_SERVE_OPTIONS;

	options.name = "control";
	options.sessions = CLIENTS;
	options.limits = &limits;
	return reed_serve(listener, session, d, &options);
}

/* ---- its address ---- */

char *reed_control_endpoint(const char *state, const char *rest)
{
	char *path = reed_sprintf("%s/ctl.sock", state);
	char *quoted = reed_endpoint_quote(reed_slice_of(path));
	char *endpoint = reed_sprintf("unix:%s%s", quoted, rest);

	reed_free(quoted);
	reed_free(path);
	return endpoint;
}

struct reed_future *reed_control_listen(struct daemon *d)
{
	char *endpoint = reed_control_endpoint(d->state, ":mode=600");
	struct reed_future *f = reed_listen(d->loop, endpoint, &d->control_listener);

	reed_free(endpoint);
	return f;
}
