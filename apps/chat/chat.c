/* The service: stores, rooms, doors. */

#include <stdio.h>
#include <string.h>

#include "chat.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/needs.h"
#include "reed/own_cert.h"

/* ---- the IRC door ---- */

/* Those of the settings, and whoever has the invitation. */
static size_t make_operators(struct chat *chat, const struct chat_settings *s)
{
	size_t n = s->operators.n;

	reed_free(chat->operators);
	chat->operators = reed_alloc((n + 1) * sizeof(*chat->operators));
	for (size_t i = 0; i < n; i++) {
		const struct chat_operator *from = &s->operators.items[i];

		chat->operators[i] = (struct reed_irc_operator){
			.name = from->name,
			.account = from->account,
			.verifier = from->verifier,
			.operator_class = from->operator_class,
			.privileges = REED_MAY_ALL,
		};
	}
	if (!chat->invitation)
		return n;
	chat->operators[n] = (struct reed_irc_operator){
		.name = "owner",
		.verifier = chat->invitation_verifier,
		.needs_account = true,
		.operator_class = "owner",
		.privileges = REED_MAY_ALL,
	};
	return n + 1;
}

static void rehash(void *arg)
{
	const struct reed_site *site = ((struct chat *)arg)->service->site;

	site->reload(site);
}

static void die(void *arg, const char *why)
{
	const struct reed_site *site = ((struct chat *)arg)->service->site;

	site->stop(site, why);
}

static struct reed_irc_server_options irc_options(struct chat *chat, const struct chat_settings *s)
{
	struct reed_irc_server_options o = REED_IRC_SERVER_OPTIONS;

	o.hub = chat->hub;
	o.portal = chat->service->site->portal;
	o.name = chat->service->site->name;
	o.network = s->network;
	o.password = s->password;
	o.motd = s->motd;
	o.rules = s->rules;
	o.admin[0] = s->admin.place;
	o.admin[1] = s->admin.organisation;
	o.admin[2] = s->admin.contact;
	o.operator_count = make_operators(chat, s);
	o.operators = chat->operators;
	o.limits = s->limits;
	o.limit_loopback = s->limit_loopback;
	o.show_addresses = s->show_addresses;
	o.registration = s->registration;
	o.account_required = s->account_required;
	o.plain_in_clear = s->plain_in_clear;
	o.opered = reed_chat_invited;
	o.rehash = chat->service->site->reload ? rehash : NULL;
	o.die = chat->service->site->stop ? die : NULL;
	o.arg = chat;
	return o;
}

void reed_chat_apply(struct chat *chat, const struct chat_settings *s)
{
	struct reed_irc_server_options o = irc_options(chat, s);

	chat->settings = s;
	reed_hub_set_limits(chat->hub, &s->rooms);
	reed_irc_server_update(chat->irc, &o);
}

/* ---- a life ---- */

static void make_hub(struct chat *chat)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;

	if (chat->db)
		options.store = reed_rooms_sqlite_store(chat->db);
	options.name = chat->service->site->name;
	options.limits = chat->settings->rooms;
	chat->hub = reed_hub_new(chat->service->loop, &options);
}

static void make_doors(struct chat *chat)
{
	struct reed_irc_server_options o = irc_options(chat, chat->settings);

	chat->irc = reed_irc_server_new(chat->service->loop, &o);
}

/* The endpoint that is listened on next, with a certificate where it needs one. */
static const char *const *next_endpoint(struct chat *chat)
{
	const char *const *given = &chat->settings->irc.items[chat->i];
	const char *cert = chat->settings->tls_cert;

	reed_free(chat->completed);
	if (!cert)
		cert = chat->certificate;
	chat->completed = cert ? reed_own_cert_complete(*given, cert) : NULL;
	if (!chat->completed)
		return given;
	chat->endpoint = chat->completed;
	return &chat->endpoint;
}

static bool needs_certificate(const struct chat *chat)
{
	const struct chat_settings *s = chat->settings;

	if (s->tls_cert || chat->service->site->certificates)
		return false;
	for (size_t i = 0; i < s->irc.n; i++) {
		char *complete = reed_own_cert_complete(s->irc.items[i], "x");

		reed_free(complete);
		if (complete)
			return chat->service->state != NULL;
	}
	return false;
}

/* ---- what a start has to wait for: files, so all of it at the same time ---- */

static struct reed_future *open_rooms(struct chat *chat)
{
	struct reed_loop *loop = chat->service->loop;

	if (!chat->service->state)
		return reed_ready(loop, REED_OK);
	chat->file = reed_sprintf("%s/rooms.db", chat->service->state);
	return reed_rooms_sqlite_open(loop, chat->file, NULL, &chat->db);
}

static struct reed_future *make_certificate(struct chat *chat)
{
	struct reed_service *service = chat->service;

	if (!needs_certificate(chat))
		return reed_ready(service->loop, REED_OK);
	chat->certificate = reed_sprintf("%s/cert.pem", service->state);
	return reed_own_cert(service->loop, chat->certificate, service->site->name);
}

/* A certificate that will not do was named by a setting of its own. */
static enum reed_err explain(struct chat *chat, struct reed_co *co)
{
	const struct chat_settings *s = chat->settings;
	bool of_cert = co->err == REED_ECERT || co->err == REED_ENOENT || co->err == REED_ESYNTAX ||
	               co->err == REED_EACCES || co->err == REED_EAUTH;
	const void *member =
		of_cert && s->tls_cert ? (const void *)&s->tls_cert : &s->irc.items[chat->i];
	const char *origin = chat->completed ? reed_service_origin(chat->service, member) : NULL;

	return origin ? reed_because(co, co->err, "%s", origin) : co->err;
}

/* What runs; what it works with is the service's own, and stays until all sessions are over. */
struct life {
	struct reed_co co;
	struct chat *chat;
};

static void life_run(struct reed_co *co)
{
	struct chat *self = reed_frame(co, struct life)->chat;
	struct reed_service *service = self->service;

	reed_coroutine (co) {
		reed_try(co, reed_all(open_rooms(self), make_certificate(self),
		                      reed_chat_invite(self)));
		make_hub(self);
		reed_try(co, reed_hub_load(self->hub));
		make_doors(self);
		for (; self->i < self->settings->irc.n; self->i++) {
			reed_await(co, reed_service_listen(service, next_endpoint(self),
			                                   reed_irc_session, self->irc, NULL));
			if (co->err)
				reed_return(co, explain(self, co));
		}
		reed_chat_hello(self);
		reed_service_ready(service);
		reed_await(co, reed_forever(co->loop));
		reed_scope_interrupt(&service->scope);
		reed_await(co, reed_shield(reed_scope_wait(&service->scope)));
		reed_await(co, reed_shield(reed_hub_flush(self->hub)));
	}
}

static const struct reed_co_kind life_kind = {
	.name = "chat",
	.size = sizeof(struct life),
	.run = life_run,
};

static struct reed_future *chat_start(struct reed_service *service)
{
	struct life *life = reed_co_new(service->loop, &life_kind);

	life->chat = service->own = reed_alloc(sizeof(*life->chat));
	life->chat->service = service;
	life->chat->settings = service->settings;
	return reed_start(&life->co);
}

static void chat_end(struct reed_service *service)
{
	struct chat *self = service->own;

	reed_irc_server_free(self->irc);
	reed_hub_free(self->hub);
	if (self->db)
		reed_background(reed_rooms_sqlite_close(self->db), NULL, NULL);
	reed_free(self->file);
	reed_free(self->certificate);
	reed_free(self->completed);
	reed_free(self->invitation);
	reed_free(self->invitation_verifier);
	reed_free(self->operators);
	reed_free(self);
	service->own = NULL;
}

static void chat_reload(struct reed_service *service, const void *values)
{
	struct chat *self = service->own;

	/* on the way up: what is made later reads the new ones */
	if (self->irc)
		reed_chat_apply(self, values);
	else
		self->settings = values;
}

struct telling {
	reed_conn_fn *each;
	void *arg;
};

static bool tell_client(void *arg, const struct reed_irc_client_info *info)
{
	struct telling *telling = arg;
	struct reed_conn conn = REED_CONN;
	char note[200];

	snprintf(note, sizeof(note), "%s, %u rooms", info->nick, info->rooms);
	conn.stream = info->stream;
	conn.door = "irc";
	conn.account = info->account;
	conn.note = note;
	conn.since = info->since;
	return telling->each(telling->arg, &conn);
}

static void chat_conns(struct reed_service *service, reed_conn_fn *each, void *arg)
{
	struct telling telling = { each, arg };
	struct chat *self = service->own;

	if (self->irc)
		reed_irc_server_each(self->irc, tell_client, &telling);
}

/* Each client is a descriptor; 0 is as many as there are. */
static void chat_needs(const void *values, struct reed_needs *needs)
{
	const struct chat_settings *settings = values;

	reed_needs_descriptors(needs, settings->limits.connections);
}

static const char *chat_one_loop(const void *settings)
{
	(void)settings;
	return "who is in which room, and who may speak there, is known in one place";
}

const struct reed_service_kind reed_chat_service =
	REED_SERVICE_KIND(.name = "chat", .summary = "A chat server: one set of rooms, many doors.",
                          .schema = &reed_chat_schema, .auth = "sqlite:{state}/accounts.db",
                          .start = chat_start, .reload = chat_reload, .conns = chat_conns,
                          .end = chat_end, .needs = chat_needs, .one_loop = chat_one_loop);
