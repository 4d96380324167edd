/* NAMES and LIST: who is where. */

#include "irc_server.h"

#include <stdio.h>
#include <stdlib.h>
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

void reed_irc_send_names(struct irc_conn *c, struct reed_room *room)
{
	char names[REED_IRC_LINE_MAX], name[600];
	size_t room_left, around, used = 0;

	/* ":server 353 nick = #room :" and CR LF; settings may allow names that are too long */
	around = c->server->name.n + reed_irc_client_name(c).n + strlen(room->name) + 16;
	room_left = around < REED_IRC_LINE_MAX ? REED_IRC_LINE_MAX - around : 1;
	for (uint32_t i = 0; i < room->count; i++) {
		const struct reed_member *member = room->seats[i].member;
		size_t n;

		if (!reed_user_visible(member->user, irc_user(c)))
			continue;
		n = name_of(c, member, name);
		if (used > 0 && used + 1 + n > room_left) {
			send_some_names(c, room, reed_slice(names, used));
			used = 0;
		}
		if (used > 0)
			names[used++] = ' ';
		n = n < sizeof(names) - used ? n : sizeof(names) - used;
		memcpy(names + used, name, n);
		used += n;
	}
	send_some_names(c, room, reed_slice(names, used));
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFNAMES, reed_slice_of(room->name));
}

void reed_irc_cmd_names(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice name = reed_irc_param(m, 0);
	struct reed_room *room = reed_room_find(c->server->hub, name);

	if (room && reed_room_visible(room, irc_user(c)))
		reed_irc_send_names(c, room);
	else
		reed_irc_tell1(c, REED_IRC_RPL_ENDOFNAMES, name.n ? name : REED_STR("*"));
}

/* ---- LIST, with the filters of ELIST=CMNTU ---- */

struct filter {
	struct reed_slice masks[8], not_masks[8];
	unsigned n_masks, n_not;
	uint32_t more_than, fewer_than;        /* members */
	int64_t created_before, created_after; /* wall clock; 0: any */
	int64_t topic_before, topic_after;
};

static int64_t minutes_ago(struct irc_conn *c, struct reed_slice text)
{
	uint64_t minutes = 0;

	reed_slice_u64(text, 100000000, &minutes);
	return reed_wall(c->server->loop) - (int64_t)minutes * 60 * 1000000000;
}

static void add_time_filter(struct irc_conn *c, struct filter *f, struct reed_slice word)
{
	bool topic = word.p[0] == 'T', after = word.p[1] == '<';
	int64_t at = minutes_ago(c, reed_slice_from(word, 2));

	/* C<10: created less than 10 minutes ago */
	if (topic)
		*(after ? &f->topic_after : &f->topic_before) = at;
	else
		*(after ? &f->created_after : &f->created_before) = at;
}

static void add_filter(struct irc_conn *c, struct filter *f, struct reed_slice word)
{
	uint64_t n = 0;

	if (word.n > 1 && (word.p[0] == '<' || word.p[0] == '>')) {
		reed_slice_u64(reed_slice_from(word, 1), UINT32_MAX, &n);
		*(word.p[0] == '<' ? &f->fewer_than : &f->more_than) = (uint32_t)n;
	} else if (word.n > 2 && (word.p[0] == 'C' || word.p[0] == 'T') &&
	           (word.p[1] == '<' || word.p[1] == '>')) {
		add_time_filter(c, f, word);
	} else if (word.n > 1 && word.p[0] == '!') {
		if (f->n_not < REED_COUNT(f->not_masks))
			f->not_masks[f->n_not++] = reed_slice_from(word, 1);
	} else if (word.n > 0 && f->n_masks < REED_COUNT(f->masks)) {
		f->masks[f->n_masks++] = word;
	}
}

static bool any_matches(const struct reed_slice *masks, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (reed_irc_match(REED_IRC_CASEMAP_ASCII, masks[i], reed_slice_of(name)))
			return true;
	return false;
}

static bool between(int64_t at, int64_t after, int64_t before)
{
	return (!after || at > after) && (!before || (at && at < before));
}

static bool passes(const struct filter *f, const struct reed_room *room)
{
	if (f->n_masks > 0 && !any_matches(f->masks, f->n_masks, room->name))
		return false;
	if (any_matches(f->not_masks, f->n_not, room->name))
		return false;
	if (f->fewer_than && room->count >= f->fewer_than)
		return false;
	if (f->more_than && room->count <= f->more_than)
		return false;
	return between(room->created, f->created_after, f->created_before) &&
	       between(room->topic ? room->topic_at : 0, f->topic_after, f->topic_before);
}

static void list_one(struct irc_conn *c, const struct reed_room *room)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_LIST);
	reed_irc_build_param(&l.b, reed_slice_of(room->name));
	reed_irc_build_u64(&l.b, room->count);
	reed_irc_build_text_cut(&l.b, reed_slice_of(room->topic));
	reed_irc_end(c, &l);
}

void reed_irc_cmd_list(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice words = reed_irc_param(m, 0);
	uint32_t left = c->server->options.limits.list_replies;
	struct filter f = { .n_masks = 0 };
	struct reed_room *room = NULL;

	while (words.n > 0)
		add_filter(c, &f, reed_slice_cut(&words, ','));
	reed_irc_tell1(c, REED_IRC_RPL_LISTSTART, REED_STR("Channel"));
	while ((room = reed_room_next(c->server->hub, room)) && left > 0) {
		if (!reed_room_visible(room, irc_user(c)) || !passes(&f, room))
			continue;
		list_one(c, room);
		left--;
	}
	if (room)
		reed_irc_tell1(c, REED_IRC_ERR_TOOMANYMATCHES, REED_STR("LIST"));
	reed_irc_tell(c, REED_IRC_RPL_LISTEND);
}
