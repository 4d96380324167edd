/* STATS: what operators want to know of the server, and everybody of themselves. */

#include "irc_login.h"

#include <inttypes.h>
#include <string.h>

enum { ACCOUNTS_AT_ONCE = 200 };

/* ---- the server ---- */

static void stats_commands(struct irc_conn *c)
{
	struct irc_line l;

	for (int i = 0; i < REED_IRC_COMMANDS_END; i++) {
		if (c->server->commands[i] == 0)
			continue;
		reed_irc_begin_numeric(c, &l, REED_IRC_RPL_STATSCOMMANDS);
		reed_irc_build_param(&l.b, reed_irc_command_name((enum reed_irc_command)i));
		reed_irc_build_u64(&l.b, c->server->commands[i]);
		reed_irc_end(c, &l);
	}
}

static void stats_uptime(struct irc_conn *c)
{
	int64_t up = (reed_wall(c->server->loop) - c->server->started) / 1000000000;

	reed_irc_tell_text(c, REED_IRC_RPL_STATSUPTIME, REED_STR(""),
	                   "Server Up %" PRId64 " days %" PRId64 ":%02" PRId64 ":%02" PRId64,
	                   up / 86400, up / 3600 % 24, up / 60 % 60, up % 60);
}

/* ---- operators: who may become one, who is one ---- */

/* What opens it: a password, an account, or both. */
static void tell_operator(struct irc_conn *c, const struct reed_irc_operator *op)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_STATSOLINE);
	reed_irc_build_param(&l.b, REED_STR("O"));
	reed_irc_build_param(&l.b, REED_STR("*@*"));
	reed_irc_build_param(&l.b, reed_slice_of(op->account ? op->account : "*"));
	reed_irc_build_param(&l.b, reed_slice_of(op->name ? op->name : op->account));
	reed_irc_build_param(&l.b, REED_STR("0"));
	reed_irc_build_param(&l.b, reed_slice_of(op->operator_class ? op->operator_class : "*"));
	reed_irc_end(c, &l);
}

static void tell_administrators(struct irc_conn *c, const struct reed_principal_list *of)
{
	for (size_t i = 0; i < of->n; i++) {
		struct reed_irc_operator op = reed_irc_administrator;

		op.account = of->accounts[i].name;
		if (reed_roles_have(of->accounts[i].roles, op.name))
			tell_operator(c, &op);
	}
}

static void ask_accounts(struct irc_login *login);

static void accounts_woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct irc_login *login = reed_irc_login_woken(w);
	struct irc_conn *c = login->conn;

	if (err)
		reed_irc_notice(c, "The accounts of administrators cannot be told: %s",
		                reed_irc_login_why(err, fault));
	else
		tell_administrators(c, &login->listed);
	reed_fault_free(fault);
	if (!err && login->listed.n == ACCOUNTS_AT_ONCE) {
		ask_accounts(login);
		return;
	}
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFSTATS, REED_STR("o"));
	reed_irc_label_end(c);
	reed_irc_login_over(login);
}

/* From where the last list ended. */
static void ask_accounts(struct irc_login *login)
{
	struct reed_principal_list *list = &login->listed;

	reed_free(login->account);
	login->account = reed_strdup(list->n > 0 ? list->accounts[list->n - 1].name : "");
	reed_free(list->accounts);
	*list = (struct reed_principal_list){ 0 };
	reed_irc_login_wait(login,
	                    reed_portal_list(login->conn->server->portal, login->account,
	                                     ACCOUNTS_AT_ONCE, list),
	                    accounts_woken);
}

/* True when the rest, and the end, come later: accounts are kept elsewhere. */
static bool stats_operators(struct irc_conn *c)
{
	const struct reed_irc_server_options *o = &c->server->options;

	for (size_t i = 0; i < o->operator_count; i++)
		tell_operator(c, &o->operators[i]);
	if (!c->server->portal)
		return false;
	ask_accounts(reed_irc_login_new(c));
	return true;
}

/* ---- what goes over the users, in pieces ---- */

struct users {
	struct irc_pace pace;
	uint64_t serial; /* of the one that was told of last */
	char letter;
	size_t found;
};

static void tell_online(struct irc_conn *c, struct users *self, const struct reed_user *user)
{
	if (!(user->flags & REED_USER_OPERATOR) || !reed_user_visible(user, irc_user(c)))
		return;
	self->found++;
	reed_irc_tell_text(c, REED_IRC_RPL_STATSDEBUG, REED_STR("p"), "%s (%s@%s), idle %" PRIu64,
	                   user->nick, user->username, user->host, reed_irc_idle_of(c, user));
}

/* RFC 2812 3.4.4: queue, lines and kilobytes out, the same in, seconds open. */
static void tell_link(struct irc_conn *c, const struct irc_conn *of)
{
	const struct reed_stream *stream = of->protocol.stream;
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_STATSLINKINFO);
	reed_irc_build_param(&l.b, reed_slice_of(irc_user(of)->full));
	reed_irc_build_u64(&l.b, reed_queued(stream));
	reed_irc_build_u64(&l.b, of->lines_out);
	reed_irc_build_u64(&l.b, stream->bytes_out / 1024);
	reed_irc_build_u64(&l.b, of->lines_in);
	reed_irc_build_u64(&l.b, stream->bytes_in / 1024);
	reed_irc_build_u64(&l.b, (uint64_t)(reed_now(c->server->loop) - of->since) / 1000000000);
	reed_irc_end(c, &l);
}

/* Its sessions of this door. */
static void tell_links(struct irc_conn *c, const struct reed_user *user)
{
	for (struct reed_session *s = user->sessions; s; s = s->sibling)
		if (s->ops == &reed_irc_door)
			tell_link(c, irc_conn_of(s));
}

static bool users_more(struct irc_conn *c, struct irc_pace *pace)
{
	struct users *self = reed_container_of(pace, struct users, pace);
	const struct reed_hub *hub = c->server->hub;
	struct reed_user *user = reed_user_after(hub, self->serial);

	for (; user; user = reed_user_next(hub, user)) {
		if (!reed_irc_pace_goes_on(c, pace))
			return false;
		if (self->letter == 'p')
			tell_online(c, self, user);
		else
			tell_links(c, user);
		self->serial = user->serial;
	}
	if (self->letter == 'p')
		reed_irc_tell_text(c, REED_IRC_RPL_STATSDEBUG, REED_STR("p"),
		                   "%zu operator%s online", self->found,
		                   self->found == 1 ? "" : "s");
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFSTATS, reed_slice(&self->letter, 1));
	return true;
}

static const struct irc_pace_kind users_kind = { .size = sizeof(struct users), .more = users_more };

static void stats_users(struct irc_conn *c, char letter)
{
	struct users *self = reed_irc_pace_new(&users_kind);

	self->letter = letter;
	reed_irc_pace(c, &self->pace);
}

/* ---- bans ---- */

/* A ban that goes meanwhile may hide another one from an operator who asks just then. */
struct bans {
	struct irc_pace pace;
	size_t told;
};

static bool bans_more(struct irc_conn *c, struct irc_pace *pace)
{
	struct bans *self = reed_container_of(pace, struct bans, pace);
	const struct reed_server_ban *ban = reed_server_ban_next(c->server->hub, NULL);

	for (size_t i = 0; ban && i < self->told; i++)
		ban = reed_server_ban_next(c->server->hub, ban);
	for (; ban; ban = reed_server_ban_next(c->server->hub, ban)) {
		if (!reed_irc_pace_goes_on(c, pace))
			return false;
		reed_irc_notice(c, "K %s by %s: %s", ban->mask, ban->by, ban->reason);
		self->told++;
	}
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFSTATS, REED_STR("k"));
	return true;
}

static const struct irc_pace_kind bans_kind = { .size = sizeof(struct bans), .more = bans_more };

static void stats_bans(struct irc_conn *c)
{
	struct bans *self = reed_irc_pace_new(&bans_kind);

	reed_irc_pace(c, &self->pace);
}

/* ---- the command ---- */

static void stats_at_once(struct irc_conn *c, char what)
{
	if (what == 'm')
		stats_commands(c);
	else if (what == 'u')
		stats_uptime(c);
	else if (what == 'l')
		tell_links(c, irc_user(c));
	else
		reed_irc_notice(c, "STATS l (links), u (uptime), p (operators who are here); for "
		                   "operators m (commands), o (who may be one), k (bans), too");
}

/* Who is no operator sees of the links its own. */
void reed_irc_cmd_stats(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice letter = reed_slice_first(reed_irc_param(m, 0), 1);
	char what = letter.n ? letter.p[0] : '?';
	bool trusted = irc_user(c)->privileges != 0;

	if (what >= 'A' && what <= 'Z')
		what += 'a' - 'A';
	if (strchr("mok", what) && !trusted) {
		reed_irc_tell(c, REED_IRC_ERR_NOPRIVILEGES);
	} else if (what == 'k') {
		stats_bans(c);
		return;
	} else if (what == 'o') {
		if (stats_operators(c))
			return;
	} else if (what == 'p' || (what == 'l' && trusted)) {
		stats_users(c, what);
		return;
	} else {
		stats_at_once(c, what);
	}
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFSTATS, letter.n ? letter : REED_STR("*"));
}
