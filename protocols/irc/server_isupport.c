/*
 * What the server says of itself: 005, and the lengths in it.
 *
 * A length is told that fits whatever line the text is sent in, with the
 * longest names around it (RFC 1459 2.3: 512 bytes with CR LF).  The hub may
 * allow more: doors that have no lines take that.
 */

#include "irc_server.h"

#include <stdio.h>

enum {
	LINE = REED_IRC_LINE_MAX - 2,
	USER_MOST = 32,
	HOST_MOST = 64,
	CHANNEL_MOST = 100,
	DIGITS = 11, /* of a number or a time, with the space before it */
	LEAST = 16,  /* of what is left; the rest of it is cut off, on the border of a character */
};

/* ---- lengths ---- */

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* What is left of a line where so much is taken. */
static uint32_t beside(uint32_t limit, uint32_t taken)
{
	return least(limit, taken + LEAST < LINE ? LINE - taken : LEAST);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static void set_lengths(struct reed_irc_server *server)
{
	const struct reed_rooms_limits *limits = &reed_hub_options(server->hub)->limits;
	struct irc_lengths *l = &server->lengths;
	uint32_t name = (uint32_t)server->name.n, source, reply;

	l->nick = least(limits->nick_bytes, REED_IRC_NICK_MOST);
	l->user = least(limits->username_bytes, USER_MOST);
	l->host = least(limits->host_bytes, HOST_MOST);
	l->channel = least(limits->room_name_bytes, CHANNEL_MOST);
	source = l->nick + l->user + l->host + 4; /* ":nick!user@host " */
	reply = name + l->nick + 7;               /* ":server 332 nick " */
	/* 322: "#channel count :topic", and TOPIC */
	l->topic = beside(limits->topic_bytes,
	                  larger(reply + l->channel + DIGITS + 2, source + 6 + l->channel + 2));
	/* "KICK #channel nick :reason" */
	l->kick = beside(limits->reason_bytes, source + 5 + l->channel + 1 + l->nick + 2);
	/* 301: "nick :away", and AWAY */
	l->away = beside(limits->away_bytes, larger(reply + l->nick + 2, source + 6));
	/* 352: "#channel user host server nick flags :0 realname" */
	l->realname = beside(limits->realname_bytes,
	                     reply + l->channel + l->user + l->host + name + l->nick + 5 + 11 + 3);
	/* 324: "#channel +modes key limit" */
	l->key = beside(limits->key_bytes, reply + l->channel + 40 + DIGITS);
}

/* ---- 005 ---- */

static void set(struct reed_irc_server *server, const char *name, const char *value)
{
	reed_irc_isupport_set(&server->isupport, reed_slice_of(name), reed_slice_of(value));
}

static void set_number(struct reed_irc_server *server, const char *name, const char *before,
                       uint32_t number)
{
	char text[96];

	snprintf(text, sizeof(text), "%s%u", before, number);
	set(server, name, text);
}

static void set_targmax(struct reed_irc_server *server)
{
	unsigned n = server->options.limits.targets, rooms = server->options.limits.rooms_at_once;
	unsigned monitor = reed_hub_options(server->hub)->limits.monitor_entries;
	char text[200];

	snprintf(text, sizeof(text),
	         "JOIN:%u,KICK:%u,LIST:%d,MONITOR:%u,NAMES:%u,NOTICE:%u,PART:%u,PRIVMSG:%u,"
	         "TAGMSG:%u,WHOIS:%u",
	         rooms, n, REED_IRC_LIST_MASKS, monitor, n, n, rooms, n, n, n);
	set(server, "TARGMAX", text);
}

static void set_letters(struct reed_irc_server *server)
{
	char network[64];

	reed_slice_copy(network, sizeof(network), server->network);
	set(server, "NETWORK", network);
	set(server, "CASEMAPPING", "ascii");
	set(server, "CHANTYPES", "#");
	set(server, "PREFIX", "(qaohv)~&@%+");
	set(server, "CHANMODES", "bQeI,k,l,CMNPRSTgimnpstz");
	set(server, "STATUSMSG", "~&@%+");
	set(server, "ELIST", "CMNTU");
	set(server, "EXCEPTS", "e");
	set(server, "INVEX", "I");
	set(server, "EXTBAN", "$,a");
	set(server, "ACCOUNTEXTBAN", "a");
	set(server, "BOT", "B");
}

static void set_numbers(struct reed_irc_server *server)
{
	const struct reed_rooms_limits *limits = &reed_hub_options(server->hub)->limits;
	const struct irc_lengths *l = &server->lengths;

	set_number(server, "MODES", "", server->options.limits.modes);
	set_number(server, "MAXLIST", "bQeI:", limits->list_entries);
	set_number(server, "CHANLIMIT", "#:", limits->rooms_per_user);
	set_number(server, "NICKLEN", "", l->nick);
	set_number(server, "USERLEN", "", l->user);
	set_number(server, "HOSTLEN", "", l->host);
	set_number(server, "NAMELEN", "", l->realname);
	set_number(server, "CHANNELLEN", "", l->channel);
	set_number(server, "TOPICLEN", "", l->topic);
	set_number(server, "KICKLEN", "", l->kick);
	set_number(server, "AWAYLEN", "", l->away);
	set_number(server, "KEYLEN", "", l->key);
	set_number(server, "MONITOR", "", limits->monitor_entries);
	set_number(server, "SILENCE", "", limits->list_entries);
}

void reed_irc_make_isupport(struct reed_irc_server *server)
{
	set_lengths(server);
	reed_irc_isupport_finish(&server->isupport);
	reed_irc_isupport_init(&server->isupport);
	set_letters(server);
	set_numbers(server);
	set_targmax(server);
	set(server, "KNOCK", "");
	set(server, "SAFELIST", "");
	set(server, "USERIP", "");
	set(server, "UTF8ONLY", "");
	set(server, "WHOX", "");
	if (server->options.account_required)
		set(server, "draft/ACCOUNTREQUIRED", "");
}
