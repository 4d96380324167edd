#include "tests/core/dgram_kit.h"

#include "reed/endpoint.h"

struct reed_dgram *us, *them;
struct reed_datagram got;
struct reed_dgram_options options;

struct reed_address address(const char *text, uint16_t port)
{
	struct reed_address at;

	check_int(reed_address_parse(reed_slice_of(text), port, &at), REED_OK);
	return at;
}

struct reed_dgram *bound_to(const struct reed_address *at)
{
	struct reed_fault *fault = NULL;
	struct reed_dgram *d = NULL;

	if (reed_dgram_bind(loop, at, &options, &d, &fault))
		fprintf(stderr, "%s\n", reed_fault_why(fault, REED_OK));
	check(d != NULL);
	return d;
}

struct reed_dgram *bound(const char *text, uint16_t port)
{
	struct reed_address at = address(text, port);

	return bound_to(&at);
}

struct reed_dgram *opened(const char *endpoint, bool dial)
{
	struct reed_dgram *d = NULL;

	check_int(outcome(dial ? reed_dgram_dial(loop, endpoint, &d)
	                       : reed_dgram_listen(loop, endpoint, &d)),
	          REED_OK);
	return d;
}

void hears(struct reed_dgram *d, const char *text)
{
	check_int(outcome(reed_dgram_receive(d, &got)), REED_OK);
	check_slice(got.data, text);
}

void hears_nothing(struct reed_dgram *d)
{
	struct owner o;

	own(&o, reed_dgram_receive(d, &got));
	quiet();
	check(!o.told);
	disown(&o);
}

void send_to(struct reed_dgram *from, const char *text, uint16_t port, const char *what)
{
	struct reed_address to = address(text, port);

	check_int(reed_dgram_send(from, &to, reed_slice_of(what)), REED_OK);
}

enum reed_err fate(struct reed_dgram *d)
{
	struct reed_dgram_error error = { .err = REED_OK };

	if (!d->error_count)
		check_int(outcome(reed_dgram_wait(d)), REED_OK);
	check(reed_dgram_take_error(d, &error));
	return error.err;
}

const char *interface = "lo";

void on_interface(struct reed_dgram *d)
{
	struct reed_dgram_multicast how = REED_DGRAM_MULTICAST;

	how.interface = reed_interface(interface);
	check_int(reed_dgram_set_multicast(d, &how), REED_OK);
}

void alone(void (*test)(void), const char *name)
{
	lab_open();
	options = (struct reed_dgram_options)REED_DGRAM_OPTIONS;
	test();
	reed_dgram_close(us);
	reed_dgram_close(them);
	us = them = NULL;
	reed_loop_free(loop);
	check_int(memory.live, 0);
	printf("ok %s\n", name);
	fflush(stdout);
}
