/* STARTTLS in the middle of a dialogue, in both faces, and what it must not let in. */

#include "tests/core/tls_kit.h"

static struct reed_tls_client_options co;
static struct reed_tls_ctx *client_ctx, *server_ctx;

static void begin(void)
{
	kit_begin();
	co = (struct reed_tls_client_options)REED_TLS_CLIENT_OPTIONS;
	co.server = "server.example";
	client_ctx = kit_client_ctx();
	server_ctx = kit_server_ctx(kit_issue_for("server.example"));
	wire_pair(0, &client_wire, &server_wire);
	client = &client_wire->stream;
	server = &server_wire->stream;
}

/* ---- servers, in both faces, that speak the same little protocol ---- */

static char heard[4096]; /* every line, and whether it came over TLS */
static enum reed_err session_err;
static bool session_ended;

static void note(struct reed_slice line, bool secure)
{
	size_t n = strlen(heard);

	snprintf(heard + n, sizeof(heard) - n, "%s" REED_FMT ";", secure ? "*" : "",
	         REED_ARG(line));
}

/* ---- pull ---- */

struct session {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
	bool secure;
};

static void session_run(struct reed_co *co_)
{
	struct session *self = reed_frame(co_, struct session);

	reed_coroutine (co_) {
		reed_write_str(self->stream, "220 hello\r\n");
		for (;;) {
			reed_try(co_, reed_read_line(self->stream, &self->line));
			note(self->line, self->secure);
			if (reed_slice_is(self->line, "STARTTLS") && !self->secure) {
				reed_write_str(self->stream, "220 ready\r\n");
				self->stream = reed_tls_server(self->stream, server_ctx, NULL);
				self->secure = true;
			} else {
				reed_write_str(self->stream, "250 OK\r\n");
			}
		}
	}
}

static void session_end(struct reed_co *co_)
{
	reed_close(reed_frame(co_, struct session)->stream);
}

static const struct reed_co_kind session_kind = {
	.name = "session",
	.size = sizeof(struct session),
	.run = session_run,
	.end = session_end,
};

static struct reed_future *pulling(void)
{
	struct session *self = reed_co_new(loop, &session_kind);

	self->stream = server;
	return reed_start(&self->co);
}

/* ---- push ---- */

struct pushed {
	struct reed_protocol protocol;
	bool secure;
};

static void obey(struct pushed *self, struct reed_slice line)
{
	struct reed_protocol *p = &self->protocol;

	note(line, self->secure);
	if (reed_slice_is(line, "STARTTLS") && !self->secure) {
		reed_write_str(p->stream, "220 ready\r\n");
		reed_restack(p, reed_tls_server(p->stream, server_ctx, NULL));
		self->secure = true;
	} else {
		reed_write_str(p->stream, "250 OK\r\n");
	}
}

/* What stands behind STARTTLS is no longer the protocol's: it is left where it is. */
static size_t pushed_data(struct reed_protocol *p, struct reed_slice in)
{
	struct pushed *self = reed_container_of(p, struct pushed, protocol);
	bool secure = self->secure;
	size_t taken = 0, n;

	while (self->secure == secure && (n = reed_slice_find(in, '\n')) < in.n) {
		taken += n + 1;
		obey(self, reed_slice_trim(reed_slice_first(in, n)));
		in = reed_slice_from(in, n + 1);
	}
	return taken;
}

static void pushed_free(struct reed_protocol *p)
{
	reed_free(reed_container_of(p, struct pushed, protocol));
}

static const struct reed_protocol_ops pushed_ops = { .data = pushed_data, .free = pushed_free };

static struct reed_future *pushing(void)
{
	struct pushed *self = reed_alloc(sizeof(*self));

	self->protocol.ops = &pushed_ops;
	reed_write_str(server, "220 hello\r\n");
	return reed_stream_attach(server, &self->protocol);
}

/* ---- what they are told ---- */

static void ended(void *arg, enum reed_err err, const char *why)
{
	(void)arg;
	(void)why;
	session_err = err;
	session_ended = true;
}

static void serve(struct reed_future *(*face)(void))
{
	begin();
	heard[0] = '\0';
	session_ended = false;
	reed_background(face(), ended, NULL);
	server = NULL;
}

static void end(void)
{
	kit_disconnect();
	check(session_ended);
	kit_end();
}

static void hears_line(const char *text)
{
	struct reed_slice line;

	check_int(kit_await(reed_read_line(client, &line)), REED_OK);
	check_slice(line, text);
}

static void start_tls(void)
{
	client = reed_tls_client(client, client_ctx, &co);
}

static void in_the_middle_of_a_dialogue(struct reed_future *(*face)(void))
{
	serve(face);
	hears_line("220 hello");
	reed_write_str(client, "EHLO\r\nSTARTTLS\r\n");
	hears_line("250 OK");
	hears_line("220 ready");
	start_tls();
	reed_write_str(client, "EHLO\r\n");
	hears_line("250 OK");
	reed_write_str(client, "QUIT\r\n");
	hears_line("250 OK");
	check(kit_facts(client)->verified);
	check_str(heard, "EHLO;STARTTLS;*EHLO;*QUIT;");
	end();
}

static void a_dialogue_goes_on_in_secret_when_pulled(void)
{
	in_the_middle_of_a_dialogue(pulling);
}

static void a_dialogue_goes_on_in_secret_when_pushed(void)
{
	in_the_middle_of_a_dialogue(pushing);
}

static void byte_by_byte(struct reed_future *(*face)(void))
{
	serve(face);
	client_wire->read_most = server_wire->read_most = 1;
	hears_line("220 hello");
	reed_write_str(client, "STARTTLS\r\n");
	hears_line("220 ready");
	start_tls();
	reed_write_str(client, "EHLO\r\n");
	hears_line("250 OK");
	check_str(heard, "STARTTLS;*EHLO;");
	end();
}

static void a_slow_wire_changes_nothing(void)
{
	byte_by_byte(pulling);
	byte_by_byte(pushing);
}

/* Who is sure of the answer may begin the handshake with the command. */
static void the_handshake_may_come_with_the_command(struct reed_future *(*face)(void))
{
	serve(face);
	client_wire->other->room = 1 << 20;
	hears_line("220 hello");
	reed_write_str(client, "STARTTLS\r\n");
	kit_settle();
	hears_line("220 ready");
	start_tls();
	reed_write_str(client, "EHLO\r\n");
	hears_line("250 OK");
	check_str(heard, "STARTTLS;*EHLO;");
	end();
}

/*
 * Somebody in between puts a command behind the client's STARTTLS: it must
 * neither be obeyed nor taken for what the client says in secret.
 */
static void a_command_behind_starttls_is_never_obeyed(struct reed_future *(*face)(void))
{
	serve(face);
	hears_line("220 hello");
	reed_write_str(client, "STARTTLS\r\nRCPT TO:<evil@example>\r\n");
	hears_line("220 ready");
	start_tls();
	reed_write_str(client, "EHLO\r\n");
	check(kit_await(reed_more(client)) < 0);
	check_str(heard, "STARTTLS;");
	kit_settle();
	check_int(session_err, REED_EPROTO);
	end();
}

static void nothing_gets_in_before_the_handshake(void)
{
	a_command_behind_starttls_is_never_obeyed(pulling);
	a_command_behind_starttls_is_never_obeyed(pushing);
	the_handshake_may_come_with_the_command(pulling);
	the_handshake_may_come_with_the_command(pushing);
}

/* The same the other way: an answer put behind the server's. */
static void an_answer_behind_ready_is_never_believed(void)
{
	struct reed_slice line;

	begin();
	reed_write_str(server, "220 ready\r\n250 forged\r\n");
	check_int(kit_await(reed_read_line(client, &line)), REED_OK);
	check_slice(line, "220 ready");
	start_tls();
	check_int(kit_await(reed_read_line(client, &line)), REED_EPROTO);
	check_str(kit_why(), "server.example does not speak TLS: it says \"250 forged\"");
	kit_disconnect();
	kit_end();
}

/* The beginning of a handshake that had come already is not lost. */
static void what_had_come_belongs_to_the_handshake(void)
{
	struct reed_slice line;

	begin();
	reed_write_str(client, "STARTTLS\r\n");
	kit_settle();
	start_tls(); /* without waiting for an answer */
	kit_settle();
	check_int(kit_await(reed_read_line(server, &line)), REED_OK);
	check_slice(line, "STARTTLS");
	check(reed_peek(server).n > 100);
	server = reed_tls_server(server, server_ctx, NULL);
	check_int(kit_shake_hands(), REED_OK);
	kit_says(client, server, "hello");
	kit_disconnect();
	kit_end();
}

/* What was written before leaves before, however slowly. */
static void a_long_answer_is_heard_to_its_end(void)
{
	static char much[100000];
	struct reed_slice got;

	begin();
	server_wire->write_most = 777;
	memset(much, 'x', sizeof(much));
	reed_write(server, reed_slice(much, sizeof(much)));
	server = reed_tls_server(server, server_ctx, NULL);
	reed_write_str(server, "in secret");
	check_int(kit_await(reed_read_exactly(client, sizeof(much), &got)), REED_OK);
	for (size_t i = 0; i < got.n; i++)
		check(got.p[i] == 'x');
	start_tls();
	check_int(kit_await(reed_read_exactly(client, 9, &got)), REED_OK);
	check_slice(got, "in secret");
	kit_disconnect();
	kit_end();
}

static void a_session_may_be_dropped_while_it_changes_over(void)
{
	for (int turns = 0; turns < 12; turns++) {
		struct reed_future *f;

		begin();
		f = pushing();
		server = NULL;
		reed_write_str(client, "STARTTLS\r\n");
		for (int i = 0; i < turns; i++)
			reed_loop_turn(loop, 0);
		if (turns == 6)
			start_tls();
		reed_drop(f);
		kit_disconnect();
		kit_end();
	}
}

int main(void)
{
	RUN(a_dialogue_goes_on_in_secret_when_pulled);
	RUN(a_dialogue_goes_on_in_secret_when_pushed);
	RUN(a_slow_wire_changes_nothing);
	RUN(nothing_gets_in_before_the_handshake);
	RUN(an_answer_behind_ready_is_never_believed);
	RUN(what_had_come_belongs_to_the_handshake);
	RUN(a_long_answer_is_heard_to_its_end);
	RUN(a_session_may_be_dropped_while_it_changes_over);
	return 0;
}
