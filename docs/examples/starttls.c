/*
 * A dialogue that becomes secret on the way, as mail servers have it:
 * starttls ENDPOINT CERT.pem
 */

#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/random.h>
#include <reed/tls.h>

static struct reed_tls_ctx *ctx;

struct session {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
	bool secret;
};

static void start_tls(struct session *self)
{
	reed_write_str(self->stream, "220 go ahead\r\n");
	self->stream = reed_tls_server(self->stream, ctx, NULL);
	self->secret = true;
}

static void answer(struct session *self)
{
	if (reed_slice_is_nocase(self->line, "STARTTLS") && !self->secret)
		start_tls(self);
	else if (reed_slice_starts(self->line, REED_STR("EHLO")))
		reed_printf(self->stream, "%s",
		            self->secret ? "250 hello\r\n" : "250-hello\r\n250 STARTTLS\r\n");
	else
		reed_printf(self->stream, "250 %s: " REED_FMT "\r\n",
		            self->secret ? "between us" : "for all to hear", REED_ARG(self->line));
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		reed_write_str(self->stream, "220 welcome\r\n");
		while (!reed_slice_is_nocase(self->line, "QUIT")) {
			reed_try(co, reed_read_line(self->stream, &self->line));
			answer(self);
		}
	}
}

static void session_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct session)->stream);
}

static const struct reed_co_kind session_kind = {
	.name = "session",
	.size = sizeof(struct session),
	.run = session_run,
	.end = session_end,
};

static struct reed_future *session(void *arg, struct reed_stream *stream)
{
	struct session *self = reed_co_new(stream->loop, &session_kind);

	(void)arg;
	self->stream = stream;
	return reed_start(&self->co);
}

static struct reed_future *serve(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_tls_server_ctx_options options = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_fault *fault;

	options.cert = argc > 2 ? argv[2] : NULL;
	options.wall = reed_wall(loop);
	if (reed_tls_server_ctx(&options, &ctx, &fault))
		return reed_failed_with(loop, fault);
	return reed_listen_and_serve(loop, argv[1], session, NULL, NULL);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, serve);
}
