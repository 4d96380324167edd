/*
 * An onion service that says hello, and what its tor says of itself:
 *
 *	onion CONTROL KEY       onion tcp:127.0.0.1:9051 hello.key
 *
 * CONTROL is tor's control port, KEY a file that is made when it is not there.
 */

#include <stdio.h>

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/tor.h>

struct onion {
	struct reed_co co;
	struct reed_tor_options options;
	const char *key;
	struct reed_tor *tor;
	char *phase;
	struct reed_listener *listener;
	struct reed_tor_onion onion;
};

static struct reed_future *hello(void *arg, struct reed_stream *s)
{
	(void)arg;
	reed_write_str(s, "hello, whoever you are\n");
	reed_shutdown(s);
	reed_close(s);
	return reed_ready(s->loop, REED_OK);
}

static struct reed_future *publish(struct onion *self)
{
	struct reed_onion_options o = REED_ONION_OPTIONS;

	o.port = 80;
	o.key = self->key;
	o.tor = &self->options;
	return reed_onion_listen(self->co.loop, &o, &self->listener, &self->onion);
}

static struct reed_future *serve(struct onion *self)
{
	struct reed_listener *l = self->listener;

	self->listener = NULL;
	return reed_serve(l, hello, NULL, NULL);
}

static void onion_run(struct reed_co *co)
{
	struct onion *self = reed_frame(co, struct onion);

	reed_coroutine (co) {
		reed_try(co, reed_tor_connect(co->loop, &self->options, &self->tor));
		reed_try(co, reed_tor_get_info(self->tor, "status/bootstrap-phase", &self->phase));
		printf("tor %s, logged in by %s\n%s\n", reed_tor_version(self->tor),
		       reed_tor_login(self->tor), self->phase);
		reed_try(co, publish(self));
		printf("http://%s.onion\n", self->onion.address);
		fflush(stdout);
		reed_try(co, serve(self));
	}
}

static void onion_end(struct reed_co *co)
{
	struct onion *self = reed_frame(co, struct onion);

	reed_listener_close(self->listener);
	reed_tor_close(self->tor);
	reed_free(self->phase);
}

static const struct reed_co_kind onion_kind = {
	.name = "onion",
	.size = sizeof(struct onion),
	.run = onion_run,
	.end = onion_end,
};

static struct reed_future *begin(struct reed_loop *loop, int argc, char **argv)
{
	struct onion *self;

	if (argc != 3)
		return reed_failed(loop, REED_EINVAL, "onion CONTROL KEY");
	self = reed_co_new(loop, &onion_kind);
	self->options = (struct reed_tor_options)REED_TOR_OPTIONS;
	self->options.control = argv[1];
	self->key = argv[2];
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, begin);
}
