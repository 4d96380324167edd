/* A large file in a simulation: whole and in parts, and dropped at every suspension. */

#include "tests/check.h"
#include "tests/core/sim_each.h"

#include <stdlib.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/http/files.h"
#include "reed/http/server.h"
#include "reed/scope.h"
#include "reed/sim.h"

enum { SIZE = 700000 };

static char folder[] = "/tmp/reed-files-XXXXXX", path[64];

static char byte_at(size_t i)
{
	return (char)(i * 7 + (i >> 9));
}

static void make_file(void)
{
	FILE *file;

	check(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/large", folder);
	file = fopen(path, "w");
	check(file != NULL);
	for (size_t i = 0; i < SIZE; i++)
		putc(byte_at(i), file);
	check_int(fclose(file), 0);
}

/* ---- a client that checks what it hears ---- */

struct client {
	struct reed_co co;
	struct reed_stream *stream;
	const char *request;
	size_t skip, at;  /* of the file; what comes before is a head */
	size_t *complete; /* bytes that were right; where the caller wants it */
};

static void look(struct client *self)
{
	struct reed_slice in = reed_peek(self->stream);

	if (self->skip) {
		size_t end = reed_slice_search(in, REED_STR("\r\n\r\n"));

		if (end == in.n)
			return;
		self->skip = 0;
		reed_skip(self->stream, end + 4);
		in = reed_peek(self->stream);
	}
	for (size_t i = 0; i < in.n; i++)
		check_int(in.p[i], byte_at(self->at + i));
	self->at += in.n;
	*self->complete += in.n;
	reed_skip(self->stream, in.n);
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		reed_await(co, reed_dial(co->loop, "tcp:server:80", &self->stream));
		if (co->err)
			reed_return(co, REED_OK);
		reed_write_str(self->stream, self->request);
		for (;;) {
			reed_await(co, reed_more(self->stream));
			if (co->err)
				break;
			look(self);
		}
	}
}

static void client_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct client)->stream);
}

static const struct reed_co_kind client_kind = { "client", sizeof(struct client), client_run, NULL,
	                                         client_end };

static struct reed_future *client(struct reed_sim *sim, const char *request, size_t at,
                                  size_t *complete)
{
	struct client *self = reed_co_new(reed_sim_host(sim, "client"), &client_kind);

	self->request = request;
	self->skip = 1;
	self->at = at;
	self->complete = complete;
	*complete = 0;
	return reed_start(&self->co);
}

/* ---- a server ---- */

struct scenario {
	struct reed_co co;
	struct reed_http_files *files;
	struct reed_http_server *server;
	struct reed_scope scope;
	bool open;
};

static size_t whole, part;

static void open_server(struct scenario *self)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_files_options of_files = REED_HTTP_FILES_OPTIONS;
	struct reed_fault *fault = NULL;

	of_files.root = folder;
	check_int(reed_http_files_new(self->co.loop, &of_files, &self->files, &fault), REED_OK);
	options.handler = reed_http_files_handler;
	options.arg = self->files;
	self->server = reed_http_server_new(self->co.loop, &options);
	reed_scope_init(&self->scope, self->co.loop, NULL, "server");
	self->scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&self->scope, reed_http_serve(self->server, "tcp:80"));
	self->open = true;
}

static void scenario_run(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	reed_coroutine (co) {
		open_server(self);
		reed_try(co, reed_sleep(co->loop, 1));
		reed_sim_add(reed_sim_of(co->loop),
		             client(reed_sim_of(co->loop),
		                    "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		                    0, &whole));
		reed_sim_add(reed_sim_of(co->loop),
		             client(reed_sim_of(co->loop),
		                    "GET /large HTTP/1.1\r\nHost: a\r\nRange: bytes=5000-\r\n"
		                    "Connection: close\r\n\r\n",
		                    5000, &part));
		reed_try(co, reed_sleep(co->loop, 20000));
		reed_try(co, reed_scope_stop(&self->scope, 50));
	}
}

static void scenario_end(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	if (!self->open)
		return;
	reed_scope_finish(&self->scope);
	reed_http_server_free(self->server);
	reed_http_files_free(self->files);
}

static const struct reed_co_kind scenario_kind = { "scenario", sizeof(struct scenario),
	                                           scenario_run, NULL, scenario_end };

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct scenario *self = reed_co_new(reed_sim_host(sim, "server"), &scenario_kind);

	(void)arg;
	return reed_start(&self->co);
}

/* ---- tests ---- */

static void a_large_file_arrives_whole_and_in_part(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);

	check_int(reed_sim_run_until(sim, scenario(NULL, sim), NULL), REED_OK);
	check_int(whole, SIZE);
	check_int(part, SIZE - 5000);
	reed_sim_free(sim);
}

static void a_drop_at_any_suspension_leaves_nothing(void)
{
	check_each_suspension(scenario, NULL, 20);
}

int main(void)
{
	make_file();
	RUN(a_large_file_arrives_whole_and_in_part);
	RUN(a_drop_at_any_suspension_leaves_nothing);
	check_int(unlink(path), 0);
	check_int(rmdir(folder), 0);
	return 0;
}
