/* The server: its options, its commands, where it listens. */

#include "reed/irc/server.h"

#include <stdio.h>
#include <string.h>

#include "irc_server.h"

const struct irc_command reed_irc_commands[REED_IRC_COMMANDS_END] = {
	[REED_IRC_ADMIN] = { reed_irc_cmd_admin, 0, false, true },
	[REED_IRC_AUTHENTICATE] = { reed_irc_cmd_authenticate, 1, true, true },
	[REED_IRC_AWAY] = { reed_irc_cmd_away, 0, false, true },
	[REED_IRC_CAP] = { reed_irc_cmd_cap, 1, true, true },
	[REED_IRC_CHANSERV] = { reed_irc_cmd_chanserv, 0, false, false },
	[REED_IRC_CS] = { reed_irc_cmd_chanserv, 0, false, false },
	[REED_IRC_DIE] = { reed_irc_cmd_die, 0, false, true },
	[REED_IRC_HELP] = { reed_irc_cmd_help, 0, false, true },
	[REED_IRC_HELPOP] = { reed_irc_cmd_help, 0, false, true },
	[REED_IRC_INFO] = { reed_irc_cmd_info, 0, false, true },
	[REED_IRC_INVITE] = { reed_irc_cmd_invite, 0, false, false },
	[REED_IRC_ISON] = { reed_irc_cmd_ison, 1, false, true },
	[REED_IRC_JOIN] = { reed_irc_cmd_join, 1, false, false },
	[REED_IRC_KICK] = { reed_irc_cmd_kick, 2, false, false },
	[REED_IRC_KILL] = { reed_irc_cmd_kill, 1, false, false },
	[REED_IRC_KLINE] = { reed_irc_cmd_kline, 1, false, false },
	[REED_IRC_KNOCK] = { reed_irc_cmd_knock, 1, false, false },
	[REED_IRC_LINKS] = { reed_irc_cmd_links, 0, false, true },
	[REED_IRC_LIST] = { reed_irc_cmd_list, 0, false, true },
	[REED_IRC_LUSERS] = { reed_irc_cmd_lusers, 0, false, true },
	[REED_IRC_MODE] = { reed_irc_cmd_mode, 1, false, true },
	[REED_IRC_MONITOR] = { reed_irc_cmd_monitor, 1, false, true },
	[REED_IRC_MOTD] = { reed_irc_cmd_motd, 0, false, true },
	[REED_IRC_NAMES] = { reed_irc_cmd_names, 0, false, true },
	[REED_IRC_NICK] = { reed_irc_cmd_nick, 0, true, false },
	[REED_IRC_NICKSERV] = { reed_irc_cmd_nickserv, 0, false, false },
	[REED_IRC_NOTICE] = { reed_irc_cmd_notice, 0, false, true },
	[REED_IRC_NS] = { reed_irc_cmd_nickserv, 0, false, false },
	[REED_IRC_OPER] = { reed_irc_cmd_oper, 2, false, false },
	[REED_IRC_PART] = { reed_irc_cmd_part, 1, false, false },
	[REED_IRC_PASS] = { reed_irc_cmd_pass, 1, true, true },
	[REED_IRC_PING] = { reed_irc_cmd_ping, 0, true, true },
	[REED_IRC_PONG] = { reed_irc_cmd_pong, 0, true, true },
	[REED_IRC_PRIVMSG] = { reed_irc_cmd_privmsg, 0, false, false },
	[REED_IRC_QUIT] = { reed_irc_cmd_quit, 0, true, true },
	[REED_IRC_REGISTER] = { reed_irc_cmd_register, 3, true, false },
	[REED_IRC_REHASH] = { reed_irc_cmd_rehash, 0, false, true },
	[REED_IRC_RULES] = { reed_irc_cmd_rules, 0, false, true },
	[REED_IRC_SETNAME] = { reed_irc_cmd_setname, 1, false, false },
	[REED_IRC_SILENCE] = { reed_irc_cmd_silence, 0, false, true },
	[REED_IRC_STATS] = { reed_irc_cmd_stats, 0, false, true },
	[REED_IRC_TAGMSG] = { reed_irc_cmd_tagmsg, 1, false, true },
	[REED_IRC_TIME] = { reed_irc_cmd_time, 0, false, true },
	[REED_IRC_TOPIC] = { reed_irc_cmd_topic, 1, false, false },
	[REED_IRC_UNKLINE] = { reed_irc_cmd_unkline, 1, false, false },
	[REED_IRC_USER] = { reed_irc_cmd_user, 4, true, true },
	[REED_IRC_USERHOST] = { reed_irc_cmd_userhost, 1, false, true },
	[REED_IRC_USERIP] = { reed_irc_cmd_userip, 1, false, true },
	[REED_IRC_VERIFY] = { reed_irc_cmd_verify, 2, true, true },
	[REED_IRC_VERSION] = { reed_irc_cmd_version, 0, false, true },
	[REED_IRC_WALLOPS] = { reed_irc_cmd_wallops, 1, false, true },
	[REED_IRC_WHO] = { reed_irc_cmd_who, 0, false, true },
	[REED_IRC_WHOIS] = { reed_irc_cmd_whois, 1, false, true },
	[REED_IRC_WHOWAS] = { reed_irc_cmd_whowas, 1, false, true },
};

/* ---- options ---- */

static const char *own(struct reed_irc_server *server, const char *text)
{
	return text ? reed_pool_strdup(&server->pool, reed_slice_of(text)) : NULL;
}

static void own_operators(struct reed_irc_server *server)
{
	struct reed_irc_server_options *o = &server->options;
	struct reed_irc_operator *list;

	list = reed_pool_alloc(&server->pool, (o->operator_count + 1) * sizeof(*list));
	for (size_t i = 0; i < o->operator_count; i++) {
		list[i] = o->operators[i];
		list[i].name = own(server, list[i].name);
		list[i].account = own(server, list[i].account);
		list[i].verifier = own(server, list[i].verifier);
		list[i].operator_class = own(server, list[i].operator_class);
	}
	o->operators = list;
}

static void fill_limits(struct reed_irc_limits_of_server *limits)
{
#define X(name, value, least, most, text) \
	if (limits->name == 0)            \
		limits->name = (value);
	REED_IRC_LIMITS(X)
#undef X
}

static void set_policy(struct reed_irc_server *server)
{
	struct reed_policy_options policy = REED_POLICY_OPTIONS;

	policy.most[REED_POLICY_ADDRESS] = server->options.limits.connections_per_address;
	policy.most[REED_POLICY_ALL] = server->options.limits.connections;
	policy.spare_loopback = !server->options.limit_loopback;
	reed_policy_change(server->policy, &policy);
	policy = (struct reed_policy_options)REED_POLICY_OPTIONS;
	policy.pace[REED_POLICY_ADDRESS].amount = server->options.limits.registrations_per_hour;
	policy.pace[REED_POLICY_ADDRESS].every_ns = REED_S(3600);
	policy.spare_loopback = !server->options.limit_loopback;
	reed_policy_change(server->makers, &policy);
}

static void take_options(struct reed_irc_server *server,
                         const struct reed_irc_server_options *given)
{
	struct reed_irc_server_options *o = &server->options;

	*o = (struct reed_irc_server_options)REED_IRC_SERVER_OPTIONS;
	memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	o->hub = server->hub ? server->hub : o->hub; /* never another one */
	o->name = own(server, o->name ? o->name : reed_hub_options(o->hub)->name);
	o->network = own(server, o->network ? o->network : o->name);
	o->password = own(server, o->password);
	o->motd = own(server, o->motd);
	o->rules = own(server, o->rules);
	for (int i = 0; i < 3; i++)
		o->admin[i] = own(server, o->admin[i]);
	own_operators(server);
	fill_limits(&o->limits);
	server->stream_limits = (struct reed_stream_limits)REED_STREAM_LIMITS;
	server->stream_limits.input = REED_IRC_BYTES_MAX * 8;
	/* beyond the polite bound there is room for the last words */
	server->stream_limits.output = o->limits.sendq + 65536;
	set_policy(server);
}

/* Old strings stay in the pool: reloads are few, and clients may be looking at them. */
void reed_irc_server_update(struct reed_irc_server *server,
                            const struct reed_irc_server_options *options)
{
	struct irc_cap_state was = reed_irc_cap_state(server);

	take_options(server, options);
	reed_irc_make_isupport(server);
	reed_irc_prepare(server);
	reed_irc_caps_changed(server, &was);
}

/* What a door leaves behind must not wait for another account of that name. */
static void forget_account(struct reed_account_watch *watch, const char *name)
{
	struct reed_irc_server *server = reed_container_of(watch, struct reed_irc_server, watch);
	struct reed_account *account = reed_account_find(server->hub, reed_slice_of(name));

	if (account)
		reed_scope_add(&server->work, reed_account_delete(account));
}

static void set_created(struct reed_irc_server *server)
{
	char text[REED_IRC_TIME_SIZE];

	server->started = reed_wall(server->loop);
	reed_irc_time_format(server->started / 1000000, text);
	snprintf(server->created, sizeof(server->created), "%.10s", text);
}

struct reed_irc_server *reed_irc_server_new(struct reed_loop *loop,
                                            const struct reed_irc_server_options *options)
{
	struct reed_irc_server *server = reed_alloc(sizeof(*server));

	server->loop = loop;
	reed_scope_init(&server->work, loop, NULL, "irc");
	reed_list_init(&server->conns);
	server->policy = reed_policy_new(loop, NULL);
	server->makers = reed_policy_new(loop, NULL);
	take_options(server, options);
	server->hub = options->hub;
	server->portal = options->portal;
	server->name = reed_slice_of(server->options.name);
	server->network = reed_slice_of(server->options.network);
	if (options->cloak_key)
		memcpy(server->cloak_key, options->cloak_key, sizeof(server->cloak_key));
	else
		reed_random_bytes(loop, server->cloak_key, sizeof(server->cloak_key));
	server->watch.forget = forget_account;
	if (server->portal)
		reed_portal_watch(server->portal, &server->watch);
	set_created(server);
	reed_irc_metrics_init(server);
	reed_irc_make_isupport(server);
	reed_irc_prepare(server);
	server->channel_modes = server->isupport.modes;
	return server;
}

void reed_irc_server_free(struct reed_irc_server *server)
{
	if (!server)
		return;
	assert(reed_list_empty(&server->conns));
	reed_portal_unwatch(&server->watch);
	reed_irc_metrics_finish(server);
	reed_scope_finish(&server->work);
	reed_irc_isupport_finish(&server->isupport);
	reed_policy_release(server->policy);
	reed_policy_release(server->makers);
	reed_pool_finish(&server->pool);
	reed_pool_finish(&server->texts);
	reed_buf_finish(&server->cork);
	reed_free(server->prepared);
	reed_free(server);
}

/* ---- serving ---- */

struct reed_future *reed_irc_serve(struct reed_irc_server *server, const char *endpoint)
{
	struct reed_serve_options options = REED_SERVE_OPTIONS;

	options.name = "irc";
	return reed_listen_and_serve(server->loop, endpoint, reed_irc_session, server, &options);
}

struct reed_future *reed_irc_serve_on(struct reed_irc_server *server,
                                      struct reed_listener *listener)
{
	struct reed_serve_options options = REED_SERVE_OPTIONS;

	options.name = "irc";
	return reed_serve(listener, reed_irc_session, server, &options);
}

void reed_irc_server_stats(const struct reed_irc_server *server,
                           struct reed_irc_server_stats *stats)
{
	struct reed_irc_server_stats all = server->stats;
	const uint64_t *partings = server->partings;
	size_t size = stats->size;

	all.size = size;
	all.refused = partings[IRC_PARTING_CONNECTIONS];
	all.overflows = partings[IRC_PARTING_SENDQ];
	all.timeouts = partings[IRC_PARTING_HANDSHAKE] + partings[IRC_PARTING_REGISTRATION] +
	               partings[IRC_PARTING_SILENCE];
	all.queued_bytes = reed_irc_queued(server);
	memcpy(stats, &all, size < sizeof(all) ? size : sizeof(all));
}

void reed_irc_server_each(const struct reed_irc_server *server, reed_irc_client_fn *each, void *arg)
{
	reed_list_each (link, &server->conns) {
		struct irc_conn *c = reed_container_of(link, struct irc_conn, link);
		struct reed_user *user = irc_user(c);
		struct reed_irc_client_info info = {
			.stream = c->protocol.stream,
			.nick = user ? user->nick : "*",
			.account = c->avatar ? c->avatar->account : NULL,
			.rooms = user ? user->room_count : 0,
			.since = c->since,
		};

		if (!each(arg, &info))
			return;
	}
}
