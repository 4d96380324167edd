/* Wrappers in a simulated world, disturbed wherever they wait. */

#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/log.h"
#include "reed/sim.h"
#include "reed/tunnel.h"
#include "tests/check.h"
#include "tests/core/sim_each.h"

/* A client behind our own proxy, which goes on through the server as if that were SOCKS. */
struct visit {
	struct reed_co co;
	struct reed_listener *listener;
	struct reed_stream *client, *server;
	struct reed_slice line;
};

static struct reed_future *go_through(struct visit *self)
{
	struct reed_tunnel_options o = REED_TUNNEL_OPTIONS;

	o.host = "example.org";
	o.user = "alice";
	o.password = "sesame";
	reed_write(self->server, REED_STR("\5\2\1\0\5\0\0\1\0\0\0\0\0\0welcome\n"));
	return reed_socks5(self->client, &o);
}

static void visit_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_coroutine (co) {
		reed_try(co, reed_listen(co->loop,
		                         "throttle:[haproxy:[tcp:7000]:trust=any]:rate=1k:limit=3:"
		                         "pace=3/10:idle=60:total=600",
		                         &self->listener));
		reed_try(co, reed_all(reed_accept(self->listener, &self->server),
		                      reed_dial(co->loop,
		                                "throttle:[haproxy:[tcp:server:7000]:source="
		                                "[192.0.2.1:9]]:rate=1k:idle=60",
		                                &self->client)));
		reed_try(co, go_through(self));
		reed_try(co, reed_read_line(self->client, &self->line));
		check_slice(self->line, "welcome");
		reed_try(co, reed_read_exactly(self->server, 4 + 14 + 18, &self->line));
	}
}

static void visit_end(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_close(self->client);
	reed_close(self->server);
	reed_listener_close(self->listener);
}

static const struct reed_co_kind visit_kind = {
	.name = "visit",
	.size = sizeof(struct visit),
	.run = visit_run,
	.end = visit_end,
};

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct reed_loop *loop = reed_sim_host(sim, "server");
	struct reed_log_options log = REED_LOG_OPTIONS;

	(void)arg;
	log.to = REED_LOG_TO_NOBODY;
	check_int(reed_log_open(reed_log_of(loop), &log, NULL), REED_OK);
	return reed_start(reed_co_new(loop, &visit_kind));
}

static void wherever_a_visit_is_disturbed_nothing_is_left(void)
{
	check_each_suspension(scenario, ends_well_or_canceled, 30);
}

int main(void)
{
	RUN(wherever_a_visit_is_disturbed_nothing_is_left);
	return 0;
}
