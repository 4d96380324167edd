/* The life of a connection and of the requests on it. */

#include "h1.h"
#include "h2.h"

/* ---- requests ---- */

/* Further requests may be here, which were shown already. */
void h1_show_again(struct h1 *self)
{
	if (self->in_data || !self->protocol.stream || self->protocol.session.settled)
		return;
	reed_hold_back(&self->protocol);
	reed_go_on(&self->protocol);
}

/* RFC 9112 9.3: what is left of a body stands before the next request. */
static void leave_body(struct h1 *self, const struct reed_http_request *r)
{
	if (self->framing == REED_HTTP_NO_BODY)
		return;
	if (r->head.expects_continue && !r->continued)
		self->closing = true; /* it may come or not (RFC 9110 10.1.1) */
	else if (self->left > HTTP_DRAIN && self->framing == REED_HTTP_LENGTH)
		self->closing = true;
}

/* Its handler has ended: what comes next on the connection? */
void h1_done(struct h1 *self)
{
	struct reed_http_request *r = self->request;

	self->server->stats.requests++;
	if (self->server->options.access)
		http_tell_access(r, self->protocol.stream, true);
	leave_body(self, r);
	self->closing |= r->close || r->broken || r->upgraded || self->stopping;
	self->since = reed_now(self->server->loop);
	self->request = NULL;
	self->server->stats.active--;
	if (self->closing && self->protocol.stream)
		reed_finish(&self->protocol, REED_OK);
	else
		h1_show_again(self);
	http_request_free(r);
}

static void task_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct h1 *self = reed_container_of(w, struct h1, task);

	http_conclude(self->request, err, reed_fault_why(fault, err));
	reed_fault_free(fault);
	h1_done(self);
}

static void decide_persistence(struct h1 *self, const struct reed_http_head *head)
{
	uint32_t most = self->server->limits.requests;

	self->requests++;
	if (head->close || (head->minor == 0 && !head->keep_alive) ||
	    (most > 0 && self->requests >= most))
		self->closing = true; /* RFC 9112 9.3 */
}

void h1_start(struct h1 *self)
{
	struct reed_http_request *r = self->request;
	struct reed_http_server *server = self->server;
	struct reed_future *f = NULL;

	decide_persistence(self, &r->head);
	server->stats.active++;
	if (r->head.expects_other)
		reed_http_fail(r, 417, "the only expectation that is met is 100-continue");
	else
		f = http_handle(server, r);
	if (f) {
		self->written = self->protocol.stream ? self->protocol.stream->bytes_out : 0;
		self->written_at = reed_now(server->loop);
		reed_wait(f, &self->task);
		h1_watch(self);
		return;
	}
	http_conclude(r, REED_OK, NULL);
	h1_done(self);
}

void h1_refuse(struct h1 *self, unsigned status, const char *why)
{
	struct reed_http_access access = { .status = status };

	self->closing = true;
	self->server->stats.refused++;
	h1_write_refusal(self, status, why);
	if (self->server->options.access)
		self->server->options.access(self->server->options.access_arg, &access);
	reed_finish(&self->protocol, REED_OK);
}

/* ---- the session ---- */

static struct h1 *self_of(struct reed_protocol *p)
{
	return reed_container_of(p, struct h1, protocol);
}

/* More would only pile up; without a read nobody sees the client go, either. */
static bool enough(const struct h1 *self, size_t rest)
{
	const struct reed_http_request *r = self->request;

	if (!r || r->upgraded)
		return false;
	if (self->framing != REED_HTTP_NO_BODY && !r->body_over)
		return http_body_room(r) == 0;
	return rest > self->server->limits.ahead;
}

static void session_free(struct reed_protocol *p)
{
	struct h1 *self = self_of(p);
	struct reed_http_server *server = self->server;
	struct reed_http_request *r = self->request;

	reed_timer_stop(&self->timer);
	if (self->task.future)
		reed_unwait(server->loop, &self->task);
	if (r) {
		server->stats.active--;
		http_request_free(r);
	}
	h1_untag(self);
	reed_list_remove(&self->link);
	reed_close(self->plug);
	server->stats.connections--;
	reed_free(self);
}

/* ---- HTTP/2, which begins like a request that there is not (RFC 9113 3.4) ---- */

static size_t second_data(struct reed_protocol *p, struct reed_slice in)
{
	return h2_data(self_of(p)->second, in);
}

static void second_interrupted(struct reed_protocol *p)
{
	h2_shut(self_of(p)->second);
}

static void second_free(struct reed_protocol *p)
{
	h2_free(self_of(p)->second);
	session_free(p);
}

static const struct reed_protocol_ops second_ops = {
	.data = second_data,
	.interrupted = second_interrupted,
	.free = second_free,
};

static bool begins_so(struct h1 *self, struct reed_slice in)
{
	struct reed_slice preface = REED_STR(H2_PREFACE);

	return !self->server->options.only_1 &&
	       reed_slice_starts(preface, reed_slice_first(in, preface.n));
}

/* False: it may be one or the other. */
static bool greet(struct h1 *self, struct reed_slice in)
{
	if (!begins_so(self, in)) {
		self->greeted = true;
		return true;
	}
	if (in.n < H2_PREFACE_LEN) {
		h1_head_is_partial(self);
		return false;
	}
	self->greeted = true;
	self->second = h2_new(self->server, &self->protocol);
	if (self->second) {
		reed_timer_stop(&self->timer);
		self->protocol.ops = &second_ops;
	}
	return true;
}

static size_t data(struct reed_protocol *p, struct reed_slice in)
{
	struct h1 *self = self_of(p);
	size_t taken;

	if (!self->greeted && !greet(self, in))
		return 0;
	if (self->second)
		return h2_data(self->second, in);
	if (self->closing && !self->request)
		return in.n;
	taken = h1_take(self, in);
	if (enough(self, in.n - taken))
		reed_hold_back(p);
	return taken;
}

static void interrupted(struct reed_protocol *p)
{
	struct h1 *self = self_of(p);

	self->stopping = true;
	if (!self->request)
		reed_finish(p, REED_OK);
	else if (self->request->upgraded)
		reed_interrupt(self->task.future);
}

static const struct reed_protocol_ops ops = {
	.data = data,
	.interrupted = interrupted,
	.free = session_free,
};

struct reed_future *reed_http_session(void *server, struct reed_stream *stream)
{
	struct h1 *self = reed_alloc(sizeof(*self));

	self->protocol.ops = &ops;
	self->server = server;
	self->task.wake = task_wake;
	self->since = self->born = reed_now(stream->loop);
	reed_list_append(&self->server->conns, &self->link);
	self->server->stats.connections++;
	self->server->stats.accepted++;
	h1_timer_init(self);
	return reed_stream_attach(stream, &self->protocol);
}
