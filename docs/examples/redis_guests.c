/*
 * hiredis inside Reed: a server that counts its guests in Redis.
 *
 *	redis_guests [ENDPOINT [PATH_OF_REDIS | ADDRESS_OF_REDIS [PORT]]]
 *
 * hiredis brings an adapter for libuv, which is used here as it is: libuv's loop
 * is inside Reed's.  Sessions are coroutines, and wait for what a callback of
 * hiredis tells.
 */

#include <hiredis/adapters/libuv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reed/alloc.h>
#include <reed/cell.h>
#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/uv.h>

struct server {
	struct reed_co co;
	const char *endpoint, *address;
	int port;
	uv_loop_t uv;
	struct reed_uv_host *host;
	redisAsyncContext *redis; /* NULL: there is no connection */
};

/* ---- Redis ---- */

/* hiredis frees what could not be connected, or is connected no more. */
static void is_connected(const redisAsyncContext *redis, int status)
{
	if (status != REDIS_OK)
		((struct server *)redis->data)->redis = NULL;
}

static void is_over(const redisAsyncContext *redis, int status)
{
	(void)status;
	((struct server *)redis->data)->redis = NULL;
}

static redisAsyncContext *redis_of(struct server *self)
{
	redisAsyncContext *redis = self->redis;

	if (redis)
		return redis;
	redis = strchr(self->address, '/') ? redisAsyncConnectUnix(self->address)
	                                   : redisAsyncConnect(self->address, self->port);
	if (!redis)
		return NULL;
	redis->data = self;
	if (redis->err || redisLibuvAttach(redis, &self->uv) != REDIS_OK) {
		redisAsyncFree(redis);
		return NULL;
	}
	redisAsyncSetConnectCallback(redis, is_connected);
	redisAsyncSetDisconnectCallback(redis, is_over);
	return self->redis = redis;
}

/* ---- guests ---- */

/* It belongs to hiredis, which answers once; the guest may have left by then. */
struct question {
	struct guest *guest;
};

struct guest {
	struct reed_co co;
	struct server *server;
	struct reed_stream *stream;
	struct question *question;
	struct reed_cell answered;
	long long number; /* 0: nobody knows */
};

static void answer(redisAsyncContext *redis, void *raw, void *arg)
{
	struct question *question = arg;
	struct guest *guest = question->guest;
	redisReply *reply = raw;

	(void)redis;
	reed_free(question);
	if (!guest)
		return;
	guest->question = NULL;
	if (reply && reply->type == REDIS_REPLY_INTEGER)
		guest->number = reply->integer;
	reed_cell_set(&guest->answered, 1);
}

static void ask(struct guest *self)
{
	redisAsyncContext *redis = redis_of(self->server);
	struct question *question = reed_alloc(sizeof(*question));

	question->guest = self;
	if (redis && redisAsyncCommand(redis, answer, question, "INCR guests") == REDIS_OK) {
		self->question = question;
		return;
	}
	reed_free(question);
	reed_cell_set(&self->answered, 1);
}

/*
 * The adapter of hiredis 0.14 passes over a connection that was reset: libuv tells
 * of that by status alone.  So Redis has two seconds to answer.
 */
static struct reed_future *answered(struct guest *self)
{
	return reed_within(2000,
	                   reed_cell_changed(self->co.loop, &self->answered, self->answered.count));
}

/* What is freed answers all who wait, with nothing. */
static void give_up(struct guest *self)
{
	redisAsyncContext *redis = self->server->redis;

	if (!self->question || !redis)
		return;
	self->server->redis = NULL;
	redisAsyncFree(redis);
}

static void guest_run(struct reed_co *co)
{
	struct guest *self = reed_frame(co, struct guest);

	reed_coroutine (co) {
		ask(self);
		while (!self->answered.value) {
			reed_await(co, answered(self));
			if (co->err && co->err != REED_ETIMEDOUT)
				reed_return(co, co->err);
			if (co->err)
				give_up(self);
		}
		if (self->number)
			reed_printf(self->stream, "You are guest %lld.\n", self->number);
		else
			reed_write_str(self->stream, "Nobody counts today.\n");
	}
}

static void guest_end(struct reed_co *co)
{
	struct guest *self = reed_frame(co, struct guest);

	if (self->question)
		self->question->guest = NULL;
	reed_close(self->stream);
}

static const struct reed_co_kind guest_kind = { .name = "guest",
	                                        .size = sizeof(struct guest),
	                                        .run = guest_run,
	                                        .end = guest_end };

static struct reed_future *receive(void *arg, struct reed_stream *stream)
{
	struct guest *self = reed_co_new(stream->loop, &guest_kind);

	self->server = arg;
	self->stream = stream;
	return reed_start(&self->co);
}

/* ---- the server ---- */

static void server_run(struct reed_co *co)
{
	struct server *self = reed_frame(co, struct server);

	reed_coroutine (co) {
		uv_loop_init(&self->uv);
		if (reed_uv_host_new(co->loop, &self->uv, &self->host))
			reed_return(co, REED_ENOTSUP);
		reed_try(co, reed_listen_and_serve(co->loop, self->endpoint, receive, self, NULL));
	}
}

/* libuv closes its handles in a last turn of its own. */
static void server_end(struct reed_co *co)
{
	struct server *self = reed_frame(co, struct server);

	reed_uv_host_free(self->host);
	if (self->redis)
		redisAsyncFree(self->redis);
	uv_run(&self->uv, UV_RUN_DEFAULT);
	uv_loop_close(&self->uv);
}

static const struct reed_co_kind server_kind = { .name = "server",
	                                         .size = sizeof(struct server),
	                                         .run = server_run,
	                                         .end = server_end };

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct server *self = reed_co_new(loop, &server_kind);

	self->endpoint = argc > 1 ? argv[1] : "tcp:7777:interface=localhost";
	self->address = argc > 2 ? argv[2] : "127.0.0.1";
	self->port = argc > 3 ? atoi(argv[3]) : 6379;
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
