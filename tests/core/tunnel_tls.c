/* TLS through a proxy: the host at the end of the way is the one that is verified. */

#include <stdlib.h>
#include <unistd.h>

#include "core/os.h"
#include "reed/endpoint.h"
#include "tests/core/tls_kit.h"

static char ca_path[] = "/tmp/reed-test-XXXXXX";

static void write_ca(void)
{
	int fd = mkstemp(ca_path);

	check(fd >= 0);
	check(write(fd, kit_ca.p, kit_ca.n) == (ssize_t)kit_ca.n);
	close(fd);
}

/* ---- a proxy that plays the host too ---- */

struct host {
	struct reed_co co;
	struct reed_listener *listener;
	struct reed_stream *stream;
	struct reed_tls_ctx *ctx;
	struct reed_slice heard;
};

static void host_run(struct reed_co *co)
{
	struct host *self = reed_frame(co, struct host);

	reed_coroutine (co) {
		reed_try(co, reed_accept(self->listener, &self->stream));
		reed_try(co, reed_read_exactly(self->stream, 3, &self->heard));
		reed_write(self->stream, REED_STR("\5\0"));
		reed_try(co, reed_read_exactly(self->stream, 7 + 14, &self->heard));
		check(reed_slice_eq(reed_slice_from(self->heard, 5),
		                    REED_STR("server.example\1\273")));
		reed_write(self->stream, REED_STR("\5\0\0\1\0\0\0\0\0\0"));
		self->stream = reed_tls_server(self->stream, self->ctx, NULL);
		reed_write_str(self->stream, "welcome\n");
		reed_await(co, reed_tls_handshake(self->stream));
	}
}

static void host_end(struct reed_co *co)
{
	struct host *self = reed_frame(co, struct host);

	reed_close(self->stream);
	reed_listener_close(self->listener);
}

static const struct reed_co_kind host_kind = {
	.name = "host",
	.size = sizeof(struct host),
	.run = host_run,
	.end = host_end,
};

/* Dials keys after tls:[socks5:...], to a host whose certificate is for name. */
static enum reed_err dial(const char *name, const char *keys, struct reed_stream **s)
{
	struct reed_address at = { .family = REED_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } };
	struct host *self = reed_co_new(loop, &host_kind);
	struct reed_fault *fault = NULL;
	enum reed_err err;
	char *endpoint;

	check_int(reed_listen_address(loop, &at, NULL, &self->listener, &fault), REED_OK);
	self->ctx = kit_server_ctx(kit_issue_for(name));
	endpoint = reed_sprintf("tls:[socks5:[tcp:127.0.0.1:%u]:server.example:443]:ca=%s%s",
	                        self->listener->address.port, ca_path, keys);
	reed_background(reed_start(&self->co), NULL, NULL);
	err = kit_await(reed_dial(loop, endpoint, s));
	reed_free(endpoint);
	return err;
}

static void the_name_at_the_end_of_the_way_is_verified(void)
{
	struct reed_stream *s = NULL;
	struct reed_slice line;

	check_int(dial("server.example", "", &s), REED_OK);
	check(kit_facts(s)->verified);
	check_int(kit_await(reed_read_line(s, &line)), REED_OK);
	check_slice(line, "welcome");
	reed_close(s);
	kit_settle();
}

static void another_name_is_refused(void)
{
	struct reed_stream *s = NULL;

	check_int(dial("other.example", "", &s), REED_ECERT);
	check(strstr(kit_why(), "server.example"));
	kit_settle();
}

static void a_name_that_is_given_goes_first(void)
{
	struct reed_stream *s = NULL;

	check_int(dial("other.example", ":name=other.example", &s), REED_OK);
	reed_close(s);
	kit_settle();
}

int main(void)
{
	kit_begin();
	write_ca();
	RUN(the_name_at_the_end_of_the_way_is_verified);
	RUN(another_name_is_refused);
	RUN(a_name_that_is_given_goes_first);
	unlink(ca_path);
	kit_end();
	return 0;
}
