#include "stage.h"

#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/co.h"
#include "reed/irc/modes.h"

struct reed_sim *sim;
struct reed_loop *home, *away;
struct reed_hub *hub;
struct reed_irc_server *server;
struct reed_portal *portal;

/* ---- the server lives in its host: what the host runs owns it ---- */

struct ircd {
	struct reed_co co;
	struct reed_listener *listener;
	char *accounts;
	struct reed_checker *checker;
};

static void ircd_run(struct reed_co *co)
{
	struct ircd *self = reed_frame(co, struct ircd);
	struct reed_listener *listener = self->listener;

	reed_coroutine (co) {
		if (self->accounts) {
			reed_try(co,
			         reed_checker_new(co->loop, self->accounts, NULL, &self->checker));
			reed_portal_add(portal, self->checker);
			listener = self->listener;
		}
		self->listener = NULL;
		reed_try(co, reed_irc_serve_on(server, listener));
	}
}

static void ircd_end(struct reed_co *co)
{
	struct ircd *self = reed_frame(co, struct ircd);

	reed_listener_close(self->listener);
	reed_irc_server_free(server);
	reed_hub_free(hub);
	reed_portal_free(portal);
	portal = NULL;
	reed_free(self->accounts);
}

static const struct reed_co_kind ircd_kind = {
	.name = "ircd",
	.size = sizeof(struct ircd),
	.run = ircd_run,
	.end = ircd_end,
};

void raise_curtain(const struct stage *given)
{
	struct stage stage = STAGE;
	struct ircd *ircd;

	if (given)
		stage = *given;
	sim = reed_sim_new(&stage.sim);
	home = reed_sim_host(sim, "server.example");
	away = reed_sim_host(sim, "client.example");
	hub = reed_hub_new(home, &stage.rooms);
	stage.irc.hub = hub;
	if (stage.accounts)
		stage.irc.portal = portal = reed_portal_new(home, &stage.portal);
	if (!stage.irc.name)
		stage.irc.name = "reed";
	server = reed_irc_server_new(home, &stage.irc);
	ircd = reed_co_new(home, &ircd_kind);
	if (stage.accounts)
		ircd->accounts = reed_sprintf("memory:%s", stage.accounts);
	check_int(reed_sim_listen(home, 6667, &ircd->listener), REED_OK);
	if (stage.wrap)
		ircd->listener = stage.wrap(ircd->listener);
	reed_sim_add(sim, reed_start(&ircd->co));
}

void drop_curtain(void)
{
	check(!reed_sim_failure(sim));
	reed_sim_free(sim);
}

/* ---- clients ---- */

struct reed_stream *dial(void)
{
	struct reed_stream *s = NULL;

	check_int(reed_sim_run_until(sim, reed_sim_dial(away, "server.example", 6667, &s), NULL),
	          REED_OK);
	return s;
}

struct reed_stream *(*entrance)(void) = dial;

struct reed_stream *come_in(const char *nick)
{
	struct reed_stream *s = entrance();

	reed_printf(s, "NICK %s\r\nUSER %s 0 * :%s\r\n", nick, nick, nick);
	return s;
}

struct reed_stream *come_in_with(const char *nick, const char *caps)
{
	struct reed_stream *s = entrance();

	reed_printf(s, "CAP REQ :%s\r\nNICK %s\r\nUSER %s 0 * :%s\r\nCAP END\r\n", caps, nick, nick,
	            nick);
	check_int(hear(s, "* 422 *"), REED_OK);
	return s;
}

bool matches(const char *pattern, struct reed_slice line)
{
	return reed_irc_match(REED_IRC_CASEMAP_ASCII, reed_slice_of(pattern), line);
}

struct reed_slice next_line(struct reed_stream *s)
{
	struct reed_slice line;

	check_int(reed_sim_run_until(sim, reed_read_line(s, &line), NULL), REED_OK);
	return line;
}

enum reed_err hear(struct reed_stream *s, const char *pattern)
{
	struct reed_slice line;
	enum reed_err err;

	do
		err = reed_sim_run_until(sim, reed_read_line(s, &line), NULL);
	while (!err && !matches(pattern, line));
	return err;
}

struct reed_irc_server_stats stats(void)
{
	struct reed_irc_server_stats s = { .size = sizeof(s) };

	reed_irc_server_stats(server, &s);
	return s;
}

/* ---- by another door ---- */

static void nothing(struct reed_session *session, const struct reed_hub_event *ev)
{
	(void)session;
	(void)ev;
}

static void over(struct reed_session *session, struct reed_slice why)
{
	(void)session;
	(void)why;
}

static const struct reed_door_ops door = { .name = "back door", .event = nothing, .over = over };

void add_person_from(struct reed_session *person, const char *nick, const char *address)
{
	struct reed_newcomer who = REED_NEWCOMER;

	who.nick = who.username = who.realname = reed_slice_of(nick);
	who.host = REED_STR("host.example");
	who.address = reed_slice_of(address);
	person->ops = &door;
	check_int(reed_session_attach(hub, person, &who), REED_REFUSAL_NONE);
}

void add_person(struct reed_session *person, const char *nick, const char *username,
                const char *host, const char *realname)
{
	struct reed_newcomer who = REED_NEWCOMER;

	who.nick = reed_slice_of(nick);
	who.username = reed_slice_of(username);
	who.host = reed_slice_of(host);
	who.realname = reed_slice_of(realname);
	person->ops = &door;
	check_int(reed_session_attach(hub, person, &who), REED_REFUSAL_NONE);
}
