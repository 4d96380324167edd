/*
 * A server whose certificate comes, and is renewed, by itself:
 * secured NAME FOLDER ENDPOINT [DIRECTORY [CA.pem]]
 *
 * ENDPOINT is where the authority looks, too: tls:[tcp:443]:cert=FOLDER/certs
 */

#include <reed/acme_keeper.h>
#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/endpoint.h>
#include <stdio.h>

static struct reed_acme_options account = REED_ACME_OPTIONS;
static struct reed_acme_keeper_options keeper = REED_ACME_KEEPER_OPTIONS;
static struct reed_acme_solver solver;
static const char *endpoint;

struct greeting {
	struct reed_co co;
	struct reed_stream *stream;
};

static void greeting_run(struct reed_co *co)
{
	struct greeting *self = reed_frame(co, struct greeting);

	reed_coroutine (co) {
		reed_write_str(self->stream, "hello\r\n");
		reed_try(co, reed_drain(self->stream));
	}
}

static void greeting_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct greeting)->stream);
}

static const struct reed_co_kind greeting_kind = {
	.name = "greeting",
	.size = sizeof(struct greeting),
	.run = greeting_run,
	.end = greeting_end,
};

static struct reed_future *greet(void *arg, struct reed_stream *stream)
{
	struct greeting *self = reed_co_new(stream->loop, &greeting_kind);

	(void)arg;
	self->stream = stream;
	return reed_start(&self->co);
}

static struct reed_future *serve(void *arg, enum reed_err err)
{
	if (err)
		return NULL;
	return reed_all(reed_listen_and_serve(arg, endpoint, greet, NULL, NULL),
	                reed_acme_keep(arg, &keeper));
}

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	if (argc < 4)
		return reed_failed(loop, REED_EINVAL,
		                   "secured NAME FOLDER ENDPOINT [DIRECTORY [CA.pem]]");
	keeper.names = (const char *const *)&argv[1];
	keeper.name_count = 1;
	keeper.folder = argv[2];
	endpoint = argv[3];
	account.directory = argc > 4 ? argv[4] : "https://acme-v02.api.letsencrypt.org/directory";
	account.ca = argc > 5 ? argv[5] : NULL;
	keeper.account = &account;
	solver = reed_acme_tls(loop);
	keeper.solvers = &solver;
	keeper.solver_count = 1;
	return reed_then(reed_acme_prepare(loop, &keeper), serve, loop);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
