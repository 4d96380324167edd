/* About the server: LUSERS, MOTD, VERSION, TIME, ADMIN, INFO, HELP, LINKS; PING, QUIT. */

#include "irc_server.h"

#include <string.h>

void reed_irc_cmd_ping(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct irc_line l;

	if (m->count == 0) {
		reed_irc_tell(c, REED_IRC_ERR_NOORIGIN);
		return;
	}
	reed_irc_begin(&l, c->server->name, "PONG");
	reed_irc_build_param(&l.b, c->server->name);
	reed_irc_build_text_cut(&l.b, m->params[0]);
	reed_irc_end(c, &l);
}

/* That something came is all that counts, see conn_data(). */
void reed_irc_cmd_pong(struct irc_conn *c, const struct reed_irc_message *m)
{
	(void)c;
	(void)m;
}

void reed_irc_cmd_quit(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice why = reed_irc_param(m, 0);
	char text[400];
	int n;

	if (why.n == 0) {
		reed_irc_close_because(c, REED_STR("Quit"));
		return;
	}
	n = snprintf(text, sizeof(text), "Quit: " REED_FMT, REED_ARG(why));
	reed_irc_close_because(c, reed_slice_first(reed_slice_of(text), (size_t)n));
}

/* ---- LUSERS, MOTD ---- */

static void send_count(struct irc_conn *c, unsigned numeric, size_t n)
{
	struct irc_line l;

	if (n == 0)
		return;
	reed_irc_begin_numeric(c, &l, numeric);
	reed_irc_build_u64(&l.b, n);
	reed_irc_build_usual_text(&l.b);
	reed_irc_end(c, &l);
}

static void send_now_and_most(struct irc_conn *c, unsigned numeric, const char *what,
                              const struct reed_hub_stats *s)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, numeric);
	reed_irc_build_u64(&l.b, s->users);
	reed_irc_build_u64(&l.b, s->most_users);
	reed_irc_build_textf(&l.b, "Current %s users %zu, max %zu", what, s->users, s->most_users);
	reed_irc_end(c, &l);
}

void reed_irc_send_lusers(struct irc_conn *c)
{
	struct reed_hub_stats s = { .size = sizeof(s) };
	const struct reed_irc_server *server = c->server;

	reed_hub_stats(server->hub, &s);
	reed_irc_tell_text(c, REED_IRC_RPL_LUSERCLIENT, REED_STR(""),
	                   "There are %zu users and %zu invisible on 1 servers",
	                   s.users - s.invisible, s.invisible);
	send_count(c, REED_IRC_RPL_LUSEROP, s.operators);
	send_count(c, REED_IRC_RPL_LUSERUNKNOWN,
	           server->stats.connections - server->stats.registered);
	send_count(c, REED_IRC_RPL_LUSERCHANNELS, s.rooms);
	reed_irc_tell_text(c, REED_IRC_RPL_LUSERME, REED_STR(""),
	                   "I have %zu clients and 0 servers", s.users);
	send_now_and_most(c, REED_IRC_RPL_LOCALUSERS, "local", &s);
	send_now_and_most(c, REED_IRC_RPL_GLOBALUSERS, "global", &s);
}

void reed_irc_cmd_lusers(struct irc_conn *c, const struct reed_irc_message *m)
{
	(void)m;
	reed_irc_send_lusers(c);
}

/* Every server named is this one, or none. */
static bool is_here(struct irc_conn *c, struct reed_slice server)
{
	if (server.n == 0 || reed_slice_eq_nocase(server, c->server->name) ||
	    reed_irc_match(REED_IRC_CASEMAP_ASCII, server, c->server->name) ||
	    (c->registered && reed_slice_eq_nocase(server, reed_irc_client_name(c))))
		return true;
	reed_irc_tell1(c, REED_IRC_ERR_NOSUCHSERVER, server);
	return false;
}

void reed_irc_cmd_motd(struct irc_conn *c, const struct reed_irc_message *m)
{
	if (is_here(c, reed_irc_param(m, 0)))
		reed_irc_send_motd(c);
}

/* ---- VERSION, TIME, ADMIN, INFO, LINKS ---- */

void reed_irc_cmd_version(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct irc_line l;

	if (!is_here(c, reed_irc_param(m, 0)))
		return;
	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_VERSION);
	reed_irc_build_param(&l.b, REED_STR("reed-" REED_VERSION));
	reed_irc_build_param(&l.b, c->server->name);
	reed_irc_build_text(&l.b, REED_STR("one realm, many doors"));
	reed_irc_end(c, &l);
	reed_irc_send_isupport(c);
}

void reed_irc_cmd_time(struct irc_conn *c, const struct reed_irc_message *m)
{
	char text[REED_IRC_TIME_SIZE];
	int64_t now = reed_wall(c->server->loop);
	struct irc_line l;

	if (!is_here(c, reed_irc_param(m, 0)))
		return;
	reed_irc_time_format(now / 1000000, text);
	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_TIME);
	reed_irc_build_param(&l.b, c->server->name);
	reed_irc_build_u64(&l.b, (uint64_t)(now / 1000000000));
	reed_irc_build_text(&l.b, reed_slice_of(text));
	reed_irc_end(c, &l);
}

void reed_irc_cmd_admin(struct irc_conn *c, const struct reed_irc_message *m)
{
	const char *const *admin = c->server->options.admin;

	if (!is_here(c, reed_irc_param(m, 0)))
		return;
	if (!admin[0] && !admin[1] && !admin[2]) {
		reed_irc_tell1(c, REED_IRC_ERR_NOADMININFO, c->server->name);
		return;
	}
	reed_irc_tell1(c, REED_IRC_RPL_ADMINME, c->server->name);
	for (unsigned i = 0; i < 3; i++)
		if (admin[i])
			reed_irc_tell_text(c, REED_IRC_RPL_ADMINLOC1 + i, REED_STR(""), "%s",
			                   admin[i]);
}

void reed_irc_cmd_info(struct irc_conn *c, const struct reed_irc_message *m)
{
	char when[REED_IRC_TIME_SIZE];

	if (!is_here(c, reed_irc_param(m, 0)))
		return;
	reed_irc_tell_text(c, REED_IRC_RPL_INFO, REED_STR(""),
	                   "Reed " REED_VERSION
	                   ", a networking toolkit in C. Its chat: one realm, many doors.");
	reed_irc_time_format(c->server->started / 1000000, when);
	reed_irc_tell_text(c, REED_IRC_RPL_INFO, REED_STR(""), "On-line since %s", when);
	reed_irc_tell(c, REED_IRC_RPL_ENDOFINFO);
}

void reed_irc_cmd_links(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct irc_line l;

	(void)m;
	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_LINKS);
	reed_irc_build_param(&l.b, c->server->name);
	reed_irc_build_param(&l.b, c->server->name);
	reed_irc_build_textf(&l.b, "0 " REED_FMT, REED_ARG(c->server->network));
	reed_irc_end(c, &l);
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFLINKS, REED_STR("*"));
}

/* ---- HELP, RULES ---- */

static const struct {
	const char *subject, *text;
} help[] = {
	{ "ACCOUNT", NULL }, /* see help_text() */
	{ "AWAY", "AWAY [message]: you are not here, and why; without a message you are back." },
	{ "INVITE", "INVITE <nick> <#room>: lets somebody in." },
	{ "JOIN", "JOIN <#room>[,<#room>...] [<key>]: go into a room, or make it." },
	{ "KICK", "KICK <#room> <nick> [reason]: an operator of the room removes somebody." },
	{ "LIST", "LIST [>3,<50,*mask*,!*mask*,C<60,T>60]: the rooms, by members, name, minutes "
	          "since they were made or got their topic." },
	{ "MODE", "MODE <#room> [+-][modes] [params]: what a room is like. b ban, Q quiet, e "
	          "exception, I may come in, k key, l limit, i invited only, m moderated, n no "
	          "outsiders, s secret, t topic locked, R M accounts only to come in or speak, S "
	          "TLS only; q a o h v roles." },
	{ "MONITOR", "MONITOR + <nick>[,...]: tells you when they come and go. - C L S." },
	{ "NICK", "NICK <nick>: what you are called." },
	{ "PRIVMSG", "PRIVMSG <#room or nick> <text>: say something." },
	{ "TOPIC", "TOPIC <#room> [topic]: what a room is about." },
	{ "WHOIS", "WHOIS <nick>: who somebody is." },
};

/* What is refused is not offered. */
static const char *account_help(const struct irc_conn *c)
{
	if (!c->server->portal)
		return "There are no accounts here.";
	if (!c->server->options.registration)
		return "An account keeps your nick. Who runs this server makes them; log in by "
		       "SASL, or with /msg NickServ IDENTIFY <account> <password>.";
	return "An account keeps your nick. REGISTER * * <password> makes one; then log in by "
	       "SASL, or with /msg NickServ IDENTIFY <account> <password>. More: /msg NickServ "
	       "HELP.";
}

static const char *help_text(const struct irc_conn *c, size_t i)
{
	return help[i].text ? help[i].text : account_help(c);
}

static void help_index(struct irc_conn *c)
{
	struct reed_slice star = REED_STR("*");

	reed_irc_tell_text(c, REED_IRC_RPL_HELPSTART, star,
	                   "Reed " REED_VERSION ": HELP <subject>, where subject is");
	for (size_t i = 0; i < REED_COUNT(help); i++)
		reed_irc_tell_text(c, REED_IRC_RPL_HELPTXT, star, "%s", help[i].subject);
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFHELP, star);
}

void reed_irc_cmd_help(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice subject = reed_irc_param(m, 0);

	if (subject.n == 0) {
		help_index(c);
		return;
	}
	for (size_t i = 0; i < REED_COUNT(help); i++) {
		if (!reed_slice_is_nocase(subject, help[i].subject))
			continue;
		reed_irc_tell_text(c, REED_IRC_RPL_HELPSTART, subject, "%s", help[i].subject);
		reed_irc_tell_text(c, REED_IRC_RPL_HELPTXT, subject, "%s", help_text(c, i));
		reed_irc_tell1(c, REED_IRC_RPL_ENDOFHELP, subject);
		return;
	}
	reed_irc_tell1(c, REED_IRC_ERR_HELPNOTFOUND, subject);
}

void reed_irc_cmd_rules(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice rest = reed_slice_of(c->server->options.rules);

	(void)m;
	if (rest.n == 0)
		reed_irc_notice(c, "This server has no rules but those of politeness");
	while (rest.n > 0) {
		struct reed_slice line = reed_slice_cut(&rest, '\n');

		reed_irc_notice(c, REED_FMT, REED_ARG(line));
	}
}
