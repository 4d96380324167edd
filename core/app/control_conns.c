/* Connections: which there are, and the end of one. */

#include "control.h"

#include <string.h>

#include "crew.h"
#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/stream.h"
#include "reed/tls.h"

enum { PRESET = 1000 };

/* ---- all of them ---- */

struct walk {
	const struct reed_service *service;
	reed_control_conn_fn *each;
	void *arg;
	bool ended;
};

static bool walk_conn(void *arg, const struct reed_conn *conn)
{
	struct walk *self = arg;

	self->ended = !self->each(self->arg, self->service, conn);
	return !self->ended;
}

static void walk_service(struct walk *self, struct reed_service *service)
{
	struct reed_service *child;

	self->service = service;
	if (service->kind->conns && service->condition.value <= REED_SERVICE_STOPPING &&
	    service->scope.loop)
		service->kind->conns(service, walk_conn, self);
	for (size_t n = 0; !self->ended && (child = reed_service_child(service, n)); n++)
		walk_service(self, child);
}

void reed_control_each_conn(struct daemon *d, reed_control_conn_fn *each, void *arg)
{
	struct walk walk = { .each = each, .arg = arg };

	if (d->root)
		walk_service(&walk, d->root);
}

static bool count(void *arg, const struct reed_service *service, const struct reed_conn *conn)
{
	(void)service;
	(void)conn;
	++*(size_t *)arg;
	return true;
}

size_t reed_control_count_conns(struct daemon *d)
{
	size_t n = 0;

	reed_control_each_conn(d, count, &n);
	return n;
}

size_t reed_control_sum_conns(struct daemon *d, const struct crew_replies *others)
{
	size_t n = reed_control_count_conns(d);

	for (size_t i = 0; others && i < others->count; i++)
		n += others->all[i].conns;
	return n;
}

/* ---- text of others ---- */

void reed_control_add_shown(struct reed_buf *out, const char *text)
{
	for (; text && *text; text++)
		reed_buf_add_char(out, (unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

/* ---- which are wanted ---- */

/* Of a connection, as texts. */
struct shown {
	const struct reed_service *service;
	const struct reed_conn *conn;
	struct reed_stream_facts facts;
	char peer[REED_ADDRESS_TEXT], local[REED_ADDRESS_TEXT];
	double age;
	uint64_t number, in, out;
};

struct listing {
	struct daemon *daemon;
	struct reed_buf *out;
	bool json;
	uint64_t seen, most, older;
	struct reed_slice service, door, peer, account, note;
};

static bool is_like(struct reed_slice wanted, const char *text)
{
	return wanted.n == 0 || (text && reed_slice_is(wanted, text));
}

static bool holds(struct reed_slice wanted, const char *text)
{
	char *part = reed_slice_dup(wanted);
	bool found = wanted.n == 0 || (text && strstr(text, part));

	reed_free(part);
	return found;
}

static bool is_wanted(const struct listing *self, const struct shown *s)
{
	return is_like(self->service, s->service->name) && is_like(self->door, s->conn->door) &&
	       is_like(self->account, s->conn->account) && holds(self->note, s->conn->note) &&
	       reed_slice_starts(reed_slice_of(s->peer), self->peer) &&
	       s->age >= (double)self->older;
}

static struct shown shown_of(const struct daemon *d, const struct reed_service *service,
                             const struct reed_conn *conn)
{
	struct shown s = { .service = service,
		           .conn = conn,
		           .facts.size = sizeof(s.facts),
		           .peer = "-",
		           .local = "-",
		           .age = (double)(reed_now(d->loop) - conn->since) / 1e9 };

	if (!conn->stream)
		return s;
	reed_stream_facts(conn->stream, &s.facts);
	reed_address_text(&s.facts.peer, s.peer);
	reed_address_text(&s.facts.local, s.local);
	s.number = conn->stream->number;
	s.in = conn->stream->bytes_in;
	s.out = conn->stream->bytes_out;
	return s;
}

static void add_line(struct reed_buf *out, const struct shown *s)
{
	reed_buf_printf(out, "%ju %s %s %s %s %.1f s, %ju in, %ju out, at %s", (uintmax_t)s->number,
	                s->service->name, s->conn->door ? s->conn->door : "-", s->peer,
	                s->facts.secure ? "secure" : "clear", s->age, (uintmax_t)s->in,
	                (uintmax_t)s->out, s->local);
	if (s->conn->account) {
		reed_buf_add_str(out, ", ");
		reed_control_add_shown(out, s->conn->account);
	}
	if (s->conn->note) {
		reed_buf_add_str(out, ": ");
		reed_control_add_shown(out, s->conn->note);
	}
	reed_buf_add_char(out, '\n');
}

static void add_object(struct reed_buf *out, const struct shown *s)
{
	reed_buf_printf(out, "{\"conn\":%ju,\"age\":%.3f,\"in\":%ju,\"out\":%ju,\"secure\":%s",
	                (uintmax_t)s->number, s->age, (uintmax_t)s->in, (uintmax_t)s->out,
	                s->facts.secure ? "true" : "false");
	reed_control_add_member(out, "service", s->service->name);
	reed_control_add_member(out, "door", s->conn->door);
	reed_control_add_member(out, "peer", s->peer);
	reed_control_add_member(out, "local", s->local);
	reed_control_add_member(out, "account", s->conn->account);
	reed_control_add_member(out, "note", s->conn->note);
	reed_buf_add_str(out, "}\n");
}

static bool list(void *arg, const struct reed_service *service, const struct reed_conn *conn)
{
	struct listing *self = arg;
	struct shown s = shown_of(self->daemon, service, conn);

	if (!is_wanted(self, &s) || self->seen++ >= self->most)
		return true;
	if (self->json)
		add_object(self->out, &s);
	else
		add_line(self->out, &s);
	return true;
}

/* ---- what was asked ---- */

static struct reed_slice *filter_of(struct listing *self, struct reed_slice key)
{
	return reed_slice_is(key, "service")   ? &self->service
	       : reed_slice_is(key, "door")    ? &self->door
	       : reed_slice_is(key, "peer")    ? &self->peer
	       : reed_slice_is(key, "account") ? &self->account
	       : reed_slice_is(key, "note")    ? &self->note
	                                       : NULL;
}

static enum reed_err refuse(struct reed_slice word, struct reed_fault **fault)
{
	*fault =
		reed_fault(REED_EINVAL, NULL,
	                   "\"" REED_FMT "\" is no number up to %d, no --json and no filter, which "
	                   "are service=, door=, peer=, account=, note= and older=SECONDS",
	                   REED_ARG(word), INT32_MAX);
	return REED_EINVAL;
}

static enum reed_err take_word(struct listing *self, struct reed_slice word,
                               struct reed_fault **fault)
{
	struct reed_slice value = word, key = reed_slice_cut(&value, '='), *filter;

	if (reed_slice_is(word, "--json")) {
		self->json = true;
		return REED_OK;
	}
	if (key.n == word.n)
		return reed_slice_u64(word, INT32_MAX, &self->most) ? refuse(word, fault) : REED_OK;
	if (reed_slice_is(key, "older"))
		return reed_slice_u64(value, INT32_MAX, &self->older) ? refuse(word, fault)
		                                                      : REED_OK;
	filter = filter_of(self, key);
	if (!filter)
		return refuse(word, fault);
	*filter = value;
	return REED_OK;
}

/* A loop lists no more than all of them may, and then says how many more it has. */
static void add_others(struct listing *self, struct reed_slice text)
{
	while (text.n > 0) {
		struct reed_slice line = reed_slice_cut(&text, '\n'), rest = line;
		uint64_t more = 1;

		if (reed_slice_is(reed_slice_cut(&rest, ' '), "and"))
			reed_slice_u64(reed_slice_cut(&rest, ' '), UINT64_MAX, &more);
		else if (self->seen < self->most)
			reed_buf_printf(self->out, REED_FMT "\n", REED_ARG(line));
		self->seen += more;
	}
}

enum reed_err reed_control_conns(struct daemon *d, const struct control_request *request,
                                 struct reed_buf *out, struct reed_fault **fault)
{
	struct listing self = { .daemon = d, .out = out, .most = PRESET };

	for (unsigned i = 0; i < request->count; i++)
		if (take_word(&self, request->args[i], fault))
			return REED_EINVAL;
	reed_control_each_conn(d, list, &self);
	for (size_t i = 0; request->others && i < request->others->count; i++)
		add_others(&self, reed_buf_slice(&request->others->all[i].text));
	if (self.seen > self.most && !self.json)
		reed_buf_printf(out, "and %ju more\n", (uintmax_t)(self.seen - self.most));
	return REED_OK;
}

/* ---- the end of one ---- */

struct search {
	uint64_t number;
	struct reed_stream *found;
};

static bool find(void *arg, const struct reed_service *service, const struct reed_conn *conn)
{
	struct search *self = arg;

	(void)service;
	if (conn->stream && conn->stream->number == self->number)
		self->found = conn->stream;
	return !self->found;
}

/* Its session finds it broken, and says goodbye as to anybody who has left. */
enum reed_err reed_control_kill(struct daemon *d, const struct control_request *request,
                                struct reed_buf *out, struct reed_fault **fault)
{
	struct search search = { .number = 0 };
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char peer[REED_ADDRESS_TEXT];

	if (!reed_slice_u64(request->args[0], INT64_MAX, &search.number))
		reed_control_each_conn(d, find, &search);
	if (!search.found) {
		*fault = reed_fault(REED_ENOENT, NULL,
		                    "there is no connection \"" REED_FMT
		                    "\"; \"conns\" has their numbers in front",
		                    REED_ARG(request->args[0]));
		return REED_ENOENT;
	}
	reed_stream_facts(search.found, &facts);
	reed_address_text(&facts.peer, peer);
	reed_stream_break(search.found, reed_fault(REED_ERESET, NULL, "an operator has ended it"));
	reed_log(d->loop, REED_LOG_INFO, "an operator has ended a connection peer=%s", peer);
	reed_buf_printf(out, "%s\n", peer);
	return REED_OK;
}
