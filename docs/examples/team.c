/*
 * An echo server on several processors: team [ENDPOINT [LOOPS]]
 *
 * Each member listens by itself, on the same socket, and shares nothing with the
 * others but a mailbox, where it says how many bytes it has sent back.
 */

#include <stdio.h>
#include <stdlib.h>

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/mailbox.h>
#include <reed/team.h>

static const struct reed_item_kind report_kind = { .size = sizeof(size_t) };

struct plan {
	const char *endpoint;
	struct reed_mailbox *reports;
};

/* ---- what each member has of its own ---- */

struct echo {
	struct reed_protocol protocol;
	struct reed_mailbox *reports;
	size_t sent;
};

static size_t echo_data(struct reed_protocol *protocol, struct reed_slice in)
{
	reed_container_of(protocol, struct echo, protocol)->sent += in.n;
	reed_write(protocol->stream, in);
	return in.n;
}

/* When nobody has time for reports they are let go. */
static void echo_free(struct reed_protocol *protocol)
{
	struct echo *self = reed_container_of(protocol, struct echo, protocol);

	reed_mailbox_try_put(self->reports, &self->sent);
	reed_free(self);
}

static const struct reed_protocol_ops echo_ops = { .data = echo_data, .free = echo_free };

static struct reed_future *echo(void *reports, struct reed_stream *stream)
{
	struct echo *self = reed_alloc(sizeof(*self));

	self->protocol.ops = &echo_ops;
	self->reports = reports;
	return reed_stream_attach(stream, &self->protocol);
}

static struct reed_future *serve(void *arg, const struct reed_team_member *self)
{
	struct plan *plan = arg;

	return reed_listen_and_serve(self->loop, plan->endpoint, echo, plan->reports, NULL);
}

/* ---- what hears of all ---- */

struct ledger {
	struct reed_co co;
	struct plan *plan;
	size_t report, total;
};

static void ledger_run(struct reed_co *co)
{
	struct ledger *self = reed_frame(co, struct ledger);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_mailbox_get(self->plan->reports, &self->report));
			self->total += self->report;
			printf("%zu bytes, %zu in all\n", self->report, self->total);
			fflush(stdout);
		}
	}
}

static const struct reed_co_kind ledger_kind = { .name = "ledger",
	                                         .size = sizeof(struct ledger),
	                                         .run = ledger_run };

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	static struct plan plan;
	struct reed_team_options options = REED_TEAM_OPTIONS;
	struct ledger *ledger = reed_co_new(loop, &ledger_kind);

	plan.endpoint = argc > 1 ? argv[1] : "tcp:7777:interface=localhost";
	plan.reports = reed_mailbox_new(loop, &report_kind, 1000);
	options.loops = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	ledger->plan = &plan;
	return reed_any(NULL, reed_team(loop, &options, serve, &plan), reed_start(&ledger->co));
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
