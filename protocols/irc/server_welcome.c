/*
 * What a new client is told first.
 *
 * Most of it is the same for everybody but for the nick: it is prepared once,
 * and told again at VERSION and MOTD.  All of it leaves in one write.
 */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

/* ---- preparing ---- */

static void begin(struct reed_irc_server *server, struct irc_line *l, unsigned numeric)
{
	char nick[REED_IRC_NICK_MOST];

	memset(nick, 'n', sizeof(nick));
	reed_irc_build(&l->b, l->p, sizeof(l->p));
	reed_irc_build_numeric(&l->b, server->name, reed_slice(nick, server->lengths.nick),
	                       numeric);
}

/* Written for the longest nick, which is taken out again. */
static void prepare(struct reed_irc_server *server, struct irc_line *l)
{
	size_t head = server->name.n + 6, n = server->prepared_count; /* ":server 005 " */
	struct reed_slice line;

	if (reed_irc_build_end(&l->b, &line))
		return;
	server->prepared = reed_realloc(server->prepared, (n + 1) * sizeof(*server->prepared));
	server->prepared[n] = (struct irc_prepared){
		.head = reed_pool_copy(&server->texts, reed_slice_first(line, head)),
		.rest = reed_pool_copy(&server->texts,
		                       reed_slice_from(line, head + server->lengths.nick)),
	};
	server->prepared_count++;
}

static void prepare_text(struct reed_irc_server *server, unsigned numeric, const char *before,
                         struct reed_slice text, const char *behind)
{
	struct irc_line l;

	begin(server, &l, numeric);
	reed_irc_build_textf(&l.b, "%s" REED_FMT "%s", before, REED_ARG(text), behind);
	prepare(server, &l);
}

static void prepare_usual(struct reed_irc_server *server, unsigned numeric)
{
	struct irc_line l;

	begin(server, &l, numeric);
	reed_irc_build_usual_text(&l.b);
	prepare(server, &l);
}

static void prepare_myinfo(struct reed_irc_server *server)
{
	struct irc_line l;

	begin(server, &l, REED_IRC_RPL_MYINFO);
	reed_irc_build_param(&l.b, server->name);
	reed_irc_build_param(&l.b, REED_STR("reed-" REED_VERSION));
	reed_irc_build_param(&l.b, REED_STR("BRZioswx"));
	reed_irc_build_param(&l.b, REED_STR("CIMNPQRSTabeghiklmnopqstvz"));
	reed_irc_build_param(&l.b, REED_STR("IQabehkloqv"));
	prepare(server, &l);
}

static void prepare_isupport(struct reed_irc_server *server)
{
	struct irc_line l;

	for (size_t at = 0; at < server->isupport.count;) {
		begin(server, &l, REED_IRC_RPL_ISUPPORT);
		reed_irc_build_isupport(&l.b, &server->isupport, &at);
		prepare(server, &l);
	}
}

static void prepare_motd(struct reed_irc_server *server)
{
	struct reed_slice rest = reed_slice_of(server->options.motd);

	if (rest.n == 0) {
		prepare_usual(server, REED_IRC_ERR_NOMOTD);
		return;
	}
	prepare_text(server, REED_IRC_RPL_MOTDSTART, "- ", server->name, " Message of the day - ");
	while (rest.n > 0)
		prepare_text(server, REED_IRC_RPL_MOTD, "- ",
		             reed_slice_trim(reed_slice_cut(&rest, '\n')), "");
	prepare_usual(server, REED_IRC_RPL_ENDOFMOTD);
}

void reed_irc_prepare(struct reed_irc_server *server)
{
	struct reed_slice created = reed_slice_of(server->created);

	reed_pool_finish(&server->texts);
	server->prepared_count = 0;
	prepare_text(server, REED_IRC_RPL_YOURHOST, "Your host is ", server->name,
	             ", running version reed-" REED_VERSION);
	prepare_text(server, REED_IRC_RPL_CREATED, "This server was created ", created, "");
	prepare_myinfo(server);
	server->prepared_isupport = server->prepared_count;
	prepare_isupport(server);
	server->prepared_motd = server->prepared_count;
	prepare_motd(server);
}

/* ---- telling ---- */

static char *put(char *at, struct reed_slice s)
{
	memcpy(at, s.p, s.n);
	return at + s.n;
}

/* A nick of another door may be longer than these lines have room for; they are sent all the same. */
static void send_prepared(struct irc_conn *c, size_t from, size_t to)
{
	const struct reed_irc_server *server = c->server;
	struct reed_slice nick = reed_irc_client_name(c);
	char p[REED_IRC_LINE_MAX + REED_NAME_MAX], *at;

	for (size_t i = from; i < to; i++) {
		at = put(p, server->prepared[i].head);
		at = put(at, nick);
		at = put(at, server->prepared[i].rest);
		reed_irc_send(c, reed_slice(p, (size_t)(at - p)));
	}
}

void reed_irc_send_isupport(struct irc_conn *c)
{
	send_prepared(c, c->server->prepared_isupport, c->server->prepared_motd);
}

void reed_irc_send_motd(struct irc_conn *c)
{
	send_prepared(c, c->server->prepared_motd, c->server->prepared_count);
}

static void send_own_modes(struct irc_conn *c)
{
	char modes[32];
	struct irc_line l;

	if (reed_irc_user_modes_text(irc_user(c), modes) < 2)
		return;
	reed_irc_begin(&l, reed_slice_of(irc_user(c)->nick), "MODE");
	reed_irc_build_param(&l.b, reed_slice_of(irc_user(c)->nick));
	reed_irc_build_param(&l.b, reed_slice_of(modes));
	reed_irc_end(c, &l);
}

/* A client that joins a user who is here already is shown where that user is. */
static void show_where(struct irc_conn *c)
{
	struct reed_user *user = irc_user(c);

	reed_list_each (link, &user->memberships) {
		struct reed_room *room = reed_container_of(link, struct reed_member, link)->room;

		reed_irc_send_join(c, user, room);
		reed_irc_show_room(c, room);
	}
}

static void tell_together(struct irc_conn *c)
{
	send_own_modes(c);
	if (irc_user(c)->session_count > 1)
		reed_irc_notice(c, "You are %s here, together with your other clients",
		                irc_user(c)->nick);
}

void reed_irc_welcome(struct irc_conn *c)
{
	struct reed_user *user = irc_user(c);

	reed_irc_cork(c);
	reed_irc_tell_text(c, REED_IRC_RPL_WELCOME, REED_STR(""),
	                   "Welcome to the " REED_FMT " Network, %s", REED_ARG(c->server->network),
	                   user->full);
	send_prepared(c, 0, c->server->prepared_motd);
	reed_irc_send_lusers(c);
	reed_irc_send_motd(c);
	tell_together(c);
	reed_irc_uncork(c);
	show_where(c);
}

/* ---- a client that becomes another user ---- */

static void tell_own(struct irc_conn *c, struct reed_slice source, const char *verb,
                     struct reed_slice what)
{
	struct irc_line l;

	reed_irc_begin(&l, source, verb);
	reed_irc_build_param(&l.b, what);
	reed_irc_end(c, &l);
}

/* Before it is somebody else: what will be told of who it was. */
static struct reed_slice *rooms_of(struct reed_pool *pool, const struct reed_user *user)
{
	struct reed_slice *names = reed_pool_alloc(pool, (user->room_count + 1) * sizeof(*names));
	size_t n = 0;

	reed_list_each (link, &user->memberships)
		names[n++] = reed_pool_copy(
			pool,
			reed_slice_of(
				reed_container_of(link, struct reed_member, link)->room->name));
	return names;
}

/* It is out of its rooms first: in one that both are in its new nick would be there twice. */
enum reed_refusal reed_irc_become(struct irc_conn *c, const char *account)
{
	struct reed_pool pool = { 0 };
	struct reed_slice was = reed_pool_copy(&pool, reed_slice_of(irc_user(c)->full));
	const struct reed_slice *rooms = rooms_of(&pool, irc_user(c));
	enum reed_refusal why =
		reed_session_move(&c->session, reed_slice_of(account), REED_STR("Logged in"));

	if (!why) {
		for (; rooms->n > 0; rooms++)
			tell_own(c, was, "PART", *rooms);
		tell_own(c, was, "NICK", reed_slice_of(irc_user(c)->nick));
		tell_together(c);
		show_where(c);
	}
	reed_pool_finish(&pool);
	return why;
}
