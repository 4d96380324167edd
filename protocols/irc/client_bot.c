/* Robots: what was said is looked up in a table. */

#include "client_private.h"

#include "reed/irc/bot.h"
#include "reed/log.h"

#include <string.h>

enum { CALLS_MOST = 100, QUEUE = 1000 };

struct bot {
	struct reed_co co;
	struct reed_irc_client *client;
	bool owns_client;
	struct reed_irc_bot is;
	char *prefix;
	struct reed_scope scope; /* what handlers have begun, and whoever listens */
	struct reed_irc_events events;
	int64_t began;
};

/* ---- words ---- */

bool reed_irc_next_word(struct reed_slice *rest, struct reed_slice *word)
{
	*rest = reed_slice_trim(*rest);
	if (rest->n == 0)
		return false;
	*word = reed_slice_cut(rest, ' ');
	*rest = reed_slice_trim(*rest);
	return true;
}

/* "nick: word", "nick, word" */
static bool is_addressed(const struct bot *self, struct reed_slice *text)
{
	struct reed_slice nick = reed_irc_client_nick(self->client);

	if (text->n <= nick.n || (text->p[nick.n] != ':' && text->p[nick.n] != ',') ||
	    !reed_irc_client_is_me(self->client, reed_slice_first(*text, nick.n)))
		return false;
	*text = reed_slice_from(*text, nick.n + 1);
	return true;
}

static bool is_command(const struct bot *self, const struct reed_irc_event *event,
                       struct reed_slice *text)
{
	struct reed_slice prefix = reed_slice_of(self->prefix);

	if (event->kind != REED_IRC_EVENT_MESSAGE || event->is_mine || event->is_past)
		return false;
	*text = reed_slice_trim(event->text);
	if (prefix.n > 0 && reed_slice_starts(*text, prefix)) {
		*text = reed_slice_from(*text, prefix.n);
		return true;
	}
	return is_addressed(self, text) || event->is_private;
}

/* ---- commands ---- */

static const struct reed_irc_route *find(const struct bot *self, struct reed_slice word)
{
	for (size_t i = 0; i < self->is.route_count; i++)
		if (reed_slice_is_nocase(word, self->is.routes[i].word))
			return &self->is.routes[i];
	return NULL;
}

static struct reed_future *help_with(const struct bot *self, struct reed_irc_call *call)
{
	const struct reed_irc_route *r = find(self, call->rest);

	if (!r || !r->help)
		return reed_irc_answer_call(call, "there is no command of that name");
	return reed_irc_answer_call(call, "%s%s %s", self->prefix, r->word, r->help);
}

static struct reed_future *help(const struct bot *self, struct reed_irc_call *call)
{
	struct reed_buf b = { 0 };
	struct reed_future *f;

	if (call->rest.n > 0)
		return help_with(self, call);
	for (size_t i = 0; i < self->is.route_count; i++) {
		const struct reed_irc_route *r = &self->is.routes[i];

		if (r->help)
			reed_buf_printf(&b, "%s%s%s %s", reed_buf_held(&b) > 0 ? "; " : "",
			                self->prefix, r->word, r->help);
	}
	f = reed_irc_reply(call->client, call->event, reed_buf_slice(&b));
	reed_buf_finish(&b);
	return f;
}

static unsigned uptime(const struct bot *self)
{
	return (unsigned)((reed_now(self->co.loop) - self->began) / REED_S(1));
}

static struct reed_future *call_route(struct bot *self, const struct reed_irc_event *event,
                                      struct reed_slice text)
{
	struct reed_irc_call call = { .client = self->client,
		                      .event = event,
		                      .rest = text,
		                      .arg = self->is.arg,
		                      .uptime = uptime(self) };
	const struct reed_irc_route *route;

	if (self->is.route_count == 0 || !reed_irc_next_word(&call.rest, &call.word))
		return NULL;
	route = find(self, call.word);
	if (route)
		return route->call(&call);
	return reed_slice_is_nocase(call.word, "help") ? help(self, &call) : NULL;
}

struct reed_future *reed_irc_answer_call(struct reed_irc_call *call, const char *format, ...)
{
	struct reed_future *f;
	va_list args;

	va_start(args, format);
	f = reed_irc_client_reply_v(call->client, call->event, format, args);
	va_end(args);
	return f;
}

/* ---- listening ---- */

/* What was begun for a command or an event, and what that was. */
struct doing {
	struct reed_co co;
	struct reed_future *future; /* NULL: it is awaited */
	char what[64];
};

static struct reed_future *take(struct doing *self)
{
	struct reed_future *f = self->future;

	self->future = NULL;
	return f;
}

/* An answer that could not be sent any more is no fault of the command's. */
static bool is_fault(enum reed_err err)
{
	return err && err != REED_ECLOSED && err != REED_ECANCELED;
}

static void doing_run(struct reed_co *co)
{
	struct doing *self = reed_frame(co, struct doing);

	reed_coroutine (co) {
		reed_await(co, take(self));
		if (is_fault(co->err))
			reed_log(co->loop, REED_LOG_ERROR, "IRC bot failed doing=%s why=%s",
			         self->what, reed_co_why(co));
	}
}

static void doing_end(struct reed_co *co)
{
	reed_drop(reed_frame(co, struct doing)->future);
}

static const struct reed_co_kind doing_kind = { .name = "IRC bot's answer",
	                                        .size = sizeof(struct doing),
	                                        .run = doing_run,
	                                        .end = doing_end };

/* No more of it, because the rest may be somebody's password. */
static struct reed_slice first_word(struct reed_slice text)
{
	struct reed_slice word = REED_STR("");

	reed_irc_next_word(&text, &word);
	return word;
}

static void add(struct bot *self, struct reed_future *f, struct reed_slice what)
{
	struct doing *doing;

	if (!f)
		return;
	doing = reed_co_new(self->co.loop, &doing_kind);
	doing->future = f;
	reed_slice_copy(doing->what, sizeof(doing->what), what);
	reed_scope_add(&self->scope, reed_start(&doing->co));
}

static void heed(struct bot *self, const struct reed_irc_event *event)
{
	reed_irc_handler_fn *on = self->is.on[event->kind];
	struct reed_slice text;

	if (on)
		add(self, on(self->is.arg, self->client, event),
		    reed_slice_of(reed_irc_event_name(event->kind)));
	if (is_command(self, event, &text) && self->scope.count <= self->is.calls_most)
		add(self, call_route(self, event, text), first_word(text));
}

struct listener {
	struct reed_co co;
	struct bot *bot;
};

static void listen_run(struct reed_co *co)
{
	struct bot *self = reed_frame(co, struct listener)->bot;

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, reed_irc_events_next(&self->events));
			if (co->err == REED_EOVERFLOW)
				reed_log(co->loop, REED_LOG_WARN, "too slow for IRC missed=%llu",
				         (unsigned long long)self->events.queue.missed);
			else if (co->err)
				reed_return(co, co->err);
			else
				heed(self, self->events.event);
		}
	}
}

static const struct reed_co_kind listen_kind = { .name = "IRC bot's ear",
	                                         .size = sizeof(struct listener),
	                                         .run = listen_run };

static struct reed_future *listen_to(struct bot *self)
{
	struct listener *l = reed_co_new(self->co.loop, &listen_kind);

	l->bot = self;
	return reed_start(&l->co);
}

/* ---- life ---- */

static void bot_run(struct reed_co *co)
{
	struct bot *self = reed_frame(co, struct bot);

	reed_coroutine (co) {
		reed_irc_events_begin(&self->events, self->client, self->is.queue);
		reed_scope_add(&self->scope, listen_to(self));
		reed_await(co, reed_irc_client_run(self->client));
		reed_return(co, co->err);
	}
}

static void bot_end(struct reed_co *co)
{
	struct bot *self = reed_frame(co, struct bot);

	reed_scope_finish(&self->scope);
	reed_irc_events_end(&self->events);
	if (self->owns_client)
		reed_irc_client_free(self->client);
	reed_free(self->prefix);
}

static const struct reed_co_kind bot_kind = { .name = "IRC bot",
	                                      .size = sizeof(struct bot),
	                                      .run = bot_run,
	                                      .end = bot_end };

static struct reed_future *start(struct reed_irc_client *client, const struct reed_irc_bot *bot,
                                 bool owns_client)
{
	struct bot *self = reed_co_new(client->loop, &bot_kind);

	self->client = client;
	self->began = reed_now(client->loop);
	self->owns_client = owns_client;
	self->is = (struct reed_irc_bot)REED_IRC_BOT;
	memcpy(&self->is, bot, bot->size < sizeof(self->is) ? bot->size : sizeof(self->is));
	self->prefix = reed_strdup(self->is.prefix ? self->is.prefix : "!");
	self->is.calls_most = self->is.calls_most ? self->is.calls_most : CALLS_MOST;
	self->is.queue = self->is.queue ? self->is.queue : QUEUE;
	reed_scope_init(&self->scope, client->loop, NULL, "IRC bot");
	return reed_start(&self->co);
}

struct reed_future *reed_irc_bot_run(struct reed_irc_client *client, const struct reed_irc_bot *bot)
{
	return start(client, bot, false);
}

struct reed_future *reed_irc_bot_start(struct reed_loop *loop,
                                       const struct reed_irc_client_options *options,
                                       const struct reed_irc_route *routes, size_t route_count)
{
	struct reed_irc_bot bot = REED_IRC_BOT;

	bot.routes = routes;
	bot.route_count = route_count;
	return start(reed_irc_client_new(loop, options), &bot, true);
}
