/* A whole server in one call: with rooms of its own, which live as long as it runs. */

#include "irc_server.h"

#include "reed/co.h"

struct run {
	struct reed_co co;
	struct reed_hub *own; /* NULL: the hub is somebody else's */
	struct reed_irc_server *server;
	char *endpoint;
};

static void run_run(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	reed_coroutine (co)
		reed_try(co, reed_irc_serve(self->server, self->endpoint));
}

static void run_end(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	reed_irc_server_free(self->server);
	reed_hub_free(self->own);
	reed_free(self->endpoint);
}

static const struct reed_co_kind run_kind = {
	.name = "irc server",
	.size = sizeof(struct run),
	.run = run_run,
	.end = run_end,
};

struct reed_future *reed_irc_server_run(struct reed_loop *loop,
                                        const struct reed_irc_server_options *given,
                                        const char *endpoint)
{
	struct reed_irc_server_options options = REED_IRC_SERVER_OPTIONS;
	struct run *self = reed_co_new(loop, &run_kind);

	if (given)
		memcpy(&options, given,
		       given->size < sizeof(options) ? given->size : sizeof(options));
	if (!options.hub)
		options.hub = self->own = reed_hub_new(loop, NULL);
	self->server = reed_irc_server_new(loop, &options);
	self->endpoint = reed_strdup(endpoint);
	return reed_start(&self->co);
}
