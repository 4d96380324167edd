/* One connection after another, with longer and longer pauses between them. */

#include "client_private.h"

#include "reed/backoff.h"
#include "reed/log.h"

enum { LASTED_MS = 60000 };

struct run {
	struct reed_co co;
	struct reed_irc_client *client;
};

/* What another attempt would not change, and what would only make it worse. */
static bool is_final(enum reed_err err)
{
	return err == REED_ECANCELED || err == REED_EAUTH || err == REED_EPERM ||
	       err == REED_EINVAL || err == REED_ESYNTAX;
}

/* A connection that was thrown out at once counts like none. */
static void count_failure(struct reed_irc_client *c)
{
	bool had = c->registered_at > 0;

	if (had && reed_now(c->loop) - c->registered_at >= REED_MS(LASTED_MS))
		c->failures = 0;
	c->failures++;
	if (!had)
		c->endpoint_at = (c->endpoint_at + 1) % c->endpoint_count;
	c->registered_at = 0;
}

static bool may_try_again(const struct reed_irc_client *c)
{
	return !c->options.no_reconnect &&
	       (c->options.reconnect_most == 0 || c->failures < c->options.reconnect_most);
}

/* All endpoints have their turn before the pause grows. */
static int64_t pause_ms(struct reed_irc_client *c)
{
	struct reed_backoff backoff = { c->options.reconnect_ms, c->options.reconnect_most_ms, 200,
		                        50 };

	return reed_backoff_ms(c->loop, &backoff,
	                       1 + (c->endpoint_count ? (c->failures - 1) / c->endpoint_count : 0));
}

static void tell_end(struct reed_irc_client *c, enum reed_err err, const char *why)
{
	if (c->wish.value) {
		err = REED_OK;
		why = "";
	}
	reed_irc_client_happen(c, REED_IRC_EVENT_DISCONNECTED, REED_STR(""), reed_slice_of(why),
	                       err);
	if (err && err != REED_ECANCELED)
		reed_log(c->loop, REED_LOG_WARN, "off IRC endpoint=%s why=%s",
		         c->endpoint_text ? c->endpoint_text : "none", why);
}

static struct reed_future *pause(struct reed_irc_client *c)
{
	return reed_any(NULL, reed_sleep(c->loop, pause_ms(c)),
	                reed_cell_changed(c->loop, &c->wish, c->wish.count));
}

static void run_run(struct reed_co *co)
{
	struct reed_irc_client *c = reed_frame(co, struct run)->client;

	reed_coroutine (co) {
		while (!c->wish.value) {
			c->registered_at = 0;
			reed_await(co, reed_irc_client_session(c));
			tell_end(c, co->err, reed_co_why(co));
			if (c->wish.value)
				reed_return(co, REED_OK);
			if (is_final(co->err))
				reed_return(co, co->err);
			if (c->upgrade)
				continue;
			count_failure(c);
			if (!may_try_again(c))
				reed_return(co, co->err);
			reed_try(co, pause(c));
		}
	}
}

static void run_end(struct reed_co *co)
{
	struct reed_irc_client *c = reed_frame(co, struct run)->client;

	reed_free(c->upgrade);
	c->upgrade = NULL;
	reed_cell_set(&c->running, 0);
}

static const struct reed_co_kind run_kind = { .name = "IRC client",
	                                      .size = sizeof(struct run),
	                                      .run = run_run,
	                                      .end = run_end };

struct reed_future *reed_irc_client_run(struct reed_irc_client *client)
{
	struct run *self;

	if (client->running.value)
		return reed_failed(client->loop, REED_EBUSY, "the client runs already");
	self = reed_co_new(client->loop, &run_kind);
	self->client = client;
	client->failures = 0;
	reed_cell_set(&client->wish, 0);
	reed_cell_set(&client->running, 1);
	return reed_start(&self->co);
}

/* ---- waiting for it ---- */

struct until {
	struct reed_co co;
	struct reed_cell *cell;
	intptr_t value;
};

static void until_run(struct reed_co *co)
{
	struct until *self = reed_frame(co, struct until);

	reed_coroutine (co) {
		while (self->cell->value != self->value)
			reed_try(co, reed_cell_changed(co->loop, self->cell, self->cell->count));
	}
}

static const struct reed_co_kind until_kind = { .name = "IRC client until",
	                                        .size = sizeof(struct until),
	                                        .run = until_run };

static struct reed_future *until(struct reed_irc_client *c, struct reed_cell *cell, intptr_t value)
{
	struct until *self = reed_co_new(c->loop, &until_kind);

	self->cell = cell;
	self->value = value;
	return reed_start(&self->co);
}

struct reed_future *reed_irc_ready(struct reed_irc_client *client)
{
	return until(client, &client->state, REED_IRC_ONLINE);
}

struct reed_future *reed_irc_quit(struct reed_irc_client *client, struct reed_slice reason)
{
	reed_irc_replace(&client->quit_reason, reason);
	reed_cell_set(&client->wish, 1);
	return until(client, &client->running, 0);
}
