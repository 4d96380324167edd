/* What an endpoint needs, as far as its text tells. */

#include "needs.h"

#include <stddef.h>

#include "reed/address.h"
#include "reed/alloc.h"
#include "reed/endpoint.h"
#include "reed/err.h"

static char *text_of(const struct reed_endpoint_part *part)
{
	return reed_slice_dup(part->value);
}

/* Files that are named in keys, whatever the scheme. */
static void add_files(struct reed_needs *self, const struct reed_endpoint *e)
{
	static const char *const read[] = { "cert", "key", "ca", "staple" };
	const struct reed_endpoint_part *part;
	char *path;

	for (size_t i = 0; i < REED_COUNT(read); i++) {
		part = reed_endpoint_key(e, read[i]);
		path = part ? text_of(part) : NULL;
		if (path)
			reed_needs_read(self, path);
		reed_free(path);
	}
	part = reed_endpoint_key(e, "file");
	path = part ? text_of(part) : NULL;
	if (path)
		reed_needs_append(self, path);
	reed_free(path);
}

/* Brackets may hold an IPv6 address as well. */
static bool is_endpoint(const struct reed_endpoint_part *part)
{
	struct reed_address at;

	return part->nested && part->key.n == 0 && reed_address_parse(part->value, 0, &at);
}

static bool add_nested(struct reed_needs *self, const struct reed_endpoint *e)
{
	bool any = false;

	for (unsigned i = 0; i < e->count; i++) {
		char *inside;

		if (!is_endpoint(&e->args[i]))
			continue;
		inside = text_of(&e->args[i]);
		reed_needs_endpoint(self, inside);
		reed_free(inside);
		any = true;
	}
	return any;
}

static bool port_of(const struct reed_endpoint *e, unsigned n, uint16_t *port)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_endpoint_port(e, reed_endpoint_arg(e, n), port, &fault);

	reed_fault_free(fault);
	return !err;
}

static bool names_a_host(const struct reed_endpoint *e)
{
	const struct reed_endpoint_part *interface = reed_endpoint_key(e, "interface");
	struct reed_address at;

	return interface && reed_address_parse(interface->value, 0, &at);
}

/* tcp:PORT is listened on, tcp:HOST:PORT is dialled, from a port the system chooses. */
static void add_tcp(struct reed_needs *self, const struct reed_endpoint *e)
{
	bool dials = reed_endpoint_arg(e, 1) != NULL;
	uint16_t port;

	if (!reed_endpoint_arg(e, 0) || !port_of(e, dials, &port))
		return;
	if (!dials) {
		reed_needs_listen(self, port);
		/* all addresses of a name get the port that the system chose for the first */
		if (port == 0 && names_a_host(e))
			reed_needs_listen_anywhere(self);
		return;
	}
	reed_needs_dial(self, port);
	if (reed_endpoint_key(e, "bind"))
		reed_needs_listen(self, 0);
}

static void add_unix(struct reed_needs *self, const struct reed_endpoint *e)
{
	const struct reed_endpoint_part *part = reed_endpoint_arg(e, 0);
	char *path = part ? text_of(part) : NULL;

	if (path && path[0] == '@')
		self->abstract = true;
	else if (path)
		reed_needs_socket(self, path);
	reed_free(path);
}

static void add_program(struct reed_needs *self, const struct reed_endpoint *e)
{
	const struct reed_endpoint_part *part = reed_endpoint_arg(e, 0), *folder;
	struct reed_slice words = part ? part->value : REED_STR("");
	char *program = reed_slice_dup(reed_slice_cut(&words, ' '));

	if (program[0])
		reed_needs_program(self, program);
	reed_free(program);
	folder = reed_endpoint_key(e, "directory");
	program = folder ? text_of(folder) : NULL;
	if (program)
		reed_needs_read(self, program);
	reed_free(program);
}

static void add_device(struct reed_needs *self, const struct reed_endpoint *e)
{
	char *path = reed_endpoint_arg(e, 0) ? text_of(reed_endpoint_arg(e, 0)) : NULL;

	if (path)
		reed_needs_device(self, path);
	reed_free(path);
}

/* Landlock knows nothing of UDP; whether only root may bind the port is asked all the same. */
static void add_udp(struct reed_needs *self, const struct reed_endpoint *e)
{
	uint16_t port;

	if (!reed_endpoint_arg(e, 1) && reed_endpoint_arg(e, 0) && port_of(e, 0, &port))
		self->low_udp |= port > 0 && port < NEED_LOW_PORTS;
}

static void add_nothing(struct reed_needs *self, const struct reed_endpoint *e)
{
	(void)self;
	(void)e;
}

static void add_any_dial(struct reed_needs *self, const struct reed_endpoint *e)
{
	(void)e;
	reed_needs_dial_anywhere(self);
}

/* ws:PORT and ws:HOST:PORT are as those of tcp; ws://HOST/PATH names a port or does not. */
static void add_ws(struct reed_needs *self, const struct reed_endpoint *e)
{
	const struct reed_endpoint_part *part = reed_endpoint_arg(e, 0);

	if (part && reed_slice_starts(part->value, REED_STR("//")))
		reed_needs_dial_anywhere(self);
	else
		add_tcp(self, e);
}

/* Of a scheme of somebody else's nothing is known. */
static void add_all(struct reed_needs *self, const struct reed_endpoint *e)
{
	(void)e;
	reed_needs_listen_anywhere(self);
	reed_needs_dial_anywhere(self);
}

static const struct {
	const char *scheme;
	void (*add)(struct reed_needs *self, const struct reed_endpoint *e);
} schemes[] = {
	{ "tcp", add_tcp },       { "tls", add_tcp },       { "unix", add_unix },
	{ "exec", add_program },  { "serial", add_device }, { "srv", add_any_dial },
	{ "udp", add_udp },       { "fd", add_nothing },    { "systemd", add_nothing },
	{ "stdio", add_nothing }, { "sim", add_nothing },   { "ws", add_ws },
	{ "wss", add_ws },
};

static void add_told(void *arg, enum reed_scheme_need need, const char *text)
{
	switch (need) {
	case REED_NEED_ENDPOINT:
		reed_needs_endpoint(arg, text);
		break;
	case REED_NEED_READ:
		reed_needs_read(arg, text);
		break;
	case REED_NEED_WRITE:
		reed_needs_write(arg, text);
		break;
	case REED_NEED_PROGRAM:
		reed_needs_program(arg, text);
		reed_needs_dial_anywhere(arg);
		break;
	}
}

/* A scheme may be older than its last member. */
static bool tells(const struct reed_scheme *s)
{
	return s && s->size >= offsetof(struct reed_scheme, needs) + sizeof(s->needs) && s->needs;
}

static bool add_by_scheme(struct reed_needs *self, const struct reed_endpoint *e)
{
	const struct reed_scheme *s = reed_scheme_find(e->scheme);

	if (tells(s))
		s->needs(e, add_told, self);
	return tells(s);
}

static void add_scheme(struct reed_needs *self, const struct reed_endpoint *e)
{
	for (size_t i = 0; i < REED_COUNT(schemes); i++)
		if (reed_slice_is(e->scheme, schemes[i].scheme)) {
			schemes[i].add(self, e);
			return;
		}
	add_all(self, e);
}

/* What stands around another one needs nothing but that one. */
void reed_needs_endpoint(struct reed_needs *self, const char *endpoint)
{
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;

	if (!reed_endpoint_parse(reed_slice_of(endpoint), &e, &fault)) {
		add_files(self, &e);
		if (!add_by_scheme(self, &e) && !add_nested(self, &e))
			add_scheme(self, &e);
	}
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
}
