/* NAMES: who is in a room, and what they are there. */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

/* ---- roles as prefixes and letters ---- */

static const struct {
	unsigned role;
	char prefix, letter;
} roles[] = {
	{ REED_ROLE_OWNER, '~', 'q' },  { REED_ROLE_ADMIN, '&', 'a' }, { REED_ROLE_OP, '@', 'o' },
	{ REED_ROLE_HALFOP, '%', 'h' }, { REED_ROLE_VOICE, '+', 'v' },
};

size_t reed_irc_prefixes(unsigned of, bool all, char into[8])
{
	size_t n = 0;

	for (size_t i = 0; i < REED_COUNT(roles) && (all || n == 0); i++)
		if (of & roles[i].role)
			into[n++] = roles[i].prefix;
	into[n] = '\0';
	return n;
}

unsigned reed_irc_role_of_prefix(char prefix)
{
	for (size_t i = 0; i < REED_COUNT(roles); i++)
		if (roles[i].prefix == prefix)
			return roles[i].role;
	return 0;
}

unsigned reed_irc_role_of_letter(char letter)
{
	for (size_t i = 0; i < REED_COUNT(roles); i++)
		if (roles[i].letter == letter)
			return roles[i].role;
	return 0;
}

char reed_irc_letter_of_role(unsigned role)
{
	for (size_t i = 0; i < REED_COUNT(roles); i++)
		if (roles[i].role == role)
			return roles[i].letter;
	return '?';
}

/* ---- NAMES ---- */

static size_t name_of(struct irc_conn *c, const struct reed_member *member, char into[600])
{
	char prefixes[8];

	reed_irc_prefixes(member->roles, irc_has(c, IRC_CAP_MULTI_PREFIX), prefixes);
	return (size_t)snprintf(into, 600, "%s%s", prefixes,
	                        irc_has(c, IRC_CAP_USERHOST_IN_NAMES) ? member->user->full
	                                                              : member->user->nick);
}

static void begin_names(struct irc_conn *c, struct irc_line *l, const struct reed_room *room)
{
	reed_irc_begin_numeric(c, l, REED_IRC_RPL_NAMREPLY);
	reed_irc_build_param(&l->b, room->flags & REED_ROOM_SECRET ? REED_STR("@") : REED_STR("="));
	reed_irc_build_param(&l->b, reed_slice_of(room->name));
}

static void send_some_names(struct irc_conn *c, const struct reed_room *room,
                            struct reed_slice names)
{
	struct irc_line l;

	if (names.n == 0)
		return;
	begin_names(c, &l, room);
	reed_irc_build_text(&l.b, names);
	reed_irc_end(c, &l);
}

/*
 * From the last seat to the first: whoever leaves meanwhile is replaced by the
 * last, who has been told.  So nobody who stays is missed.
 */
struct names {
	struct irc_pace pace;
	struct reed_id room;
	const char *name;
	uint32_t left; /* seats */
};

/* Names in one line, with what stands around them. */
struct row {
	char p[REED_IRC_LINE_MAX];
	size_t used, room;
};

static void add_name(struct irc_conn *c, struct row *row, const struct reed_room *room,
                     const struct reed_member *member)
{
	char name[600];
	size_t n = name_of(c, member, name);

	if (row->used > 0 && row->used + 1 + n > row->room) {
		send_some_names(c, room, reed_slice(row->p, row->used));
		row->used = 0;
	}
	if (row->used > 0)
		row->p[row->used++] = ' ';
	n = n < sizeof(row->p) - row->used ? n : sizeof(row->p) - row->used;
	memcpy(row->p + row->used, name, n);
	row->used += n;
}

/* ":server 353 nick = #room :" and CR LF; settings may allow names that are too long. */
static size_t room_for_names(const struct irc_conn *c, const struct reed_room *room)
{
	size_t around = c->server->name.n + reed_irc_client_name(c).n + strlen(room->name) + 16;

	return around < REED_IRC_LINE_MAX ? REED_IRC_LINE_MAX - around : 1;
}

static void some_names(struct irc_conn *c, struct names *self, const struct reed_room *room)
{
	struct row row = { .used = 0, .room = room_for_names(c, room) };

	if (self->left > room->count)
		self->left = room->count;
	while (self->left > 0 && reed_irc_pace_goes_on(c, &self->pace)) {
		const struct reed_member *member = room->seats[--self->left].member;

		if (reed_user_visible(member->user, irc_user(c)))
			add_name(c, &row, room, member);
	}
	send_some_names(c, room, reed_slice(row.p, row.used));
}

static bool names_more(struct irc_conn *c, struct irc_pace *pace)
{
	struct names *self = reed_container_of(pace, struct names, pace);
	struct reed_room *room = reed_room_by_id(c->server->hub, reed_slice_of(self->room.s));

	if (room && reed_room_visible(room, irc_user(c)))
		some_names(c, self, room);
	else
		self->left = 0;
	if (self->left > 0)
		return false;
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFNAMES, reed_slice_of(self->name));
	return true;
}

static const struct irc_pace_kind names_kind = {
	.size = sizeof(struct names),
	.urgent = true,
	.more = names_more,
};

void reed_irc_send_names(struct irc_conn *c, struct reed_room *room)
{
	struct names *self = reed_irc_pace_new(&names_kind);

	self->room = room->id;
	self->name = reed_pool_strdup(&self->pace.pool, reed_slice_of(room->name));
	self->left = room->count;
	reed_irc_pace(c, &self->pace);
}

static void names_of(struct irc_conn *c, struct reed_slice name)
{
	struct reed_room *room = reed_room_find(c->server->hub, name);

	if (room && reed_room_visible(room, irc_user(c)))
		reed_irc_send_names(c, room);
	else
		reed_irc_tell1(c, REED_IRC_RPL_ENDOFNAMES, name);
}

void reed_irc_cmd_names(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice names = reed_irc_param(m, 0), name;
	unsigned left = c->server->options.limits.targets;

	if (names.n == 0)
		reed_irc_tell1(c, REED_IRC_RPL_ENDOFNAMES, REED_STR("*"));
	while (reed_irc_next_target(c, &names, &left, &name))
		names_of(c, name);
}
