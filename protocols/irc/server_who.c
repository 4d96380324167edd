/* WHO, with WHOX (IRCv3). */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

/* What lies in memory lies in the pool. */
struct who {
	struct irc_pace pace;
	struct irc_conn *c;
	struct reed_slice mask;   /* as it was asked for */
	struct reed_slice fields; /* of WHOX, after the '%' */
	struct reed_slice token;
	bool special;                 /* WHOX */
	bool operators;               /* only those */
	bool named;                   /* somebody in particular was meant, and has been told */
	uint32_t left;                /* replies that may still be given */
	struct reed_id room;          /* whose members it tells; "": those the mask means */
	uint32_t seats;               /* of it that are left, from the last to the first */
	char last[REED_NAME_MAX + 1]; /* user that was looked at, and when it came: */
	uint64_t serial;
};

static void flags_of(const struct who *w, const struct reed_user *user,
                     const struct reed_member *member, char into[16])
{
	char prefixes[8] = "";

	if (member)
		reed_irc_prefixes(member->roles, irc_has(w->c, IRC_CAP_MULTI_PREFIX), prefixes);
	snprintf(into, 16, "%c%s%s%s", user->away ? 'G' : 'H',
	         user->flags & REED_USER_OPERATOR ? "*" : "",
	         user->flags & REED_USER_BOT ? "B" : "", prefixes);
}

static struct reed_slice room_name(const struct reed_member *member)
{
	return member ? reed_slice_of(member->room->name) : REED_STR("*");
}

static void who_plain(struct who *w, const struct reed_user *user, const struct reed_member *member)
{
	char flags[16];
	struct irc_line l;

	flags_of(w, user, member, flags);
	reed_irc_begin_numeric(w->c, &l, REED_IRC_RPL_WHOREPLY);
	reed_irc_build_param(&l.b, room_name(member));
	reed_irc_build_param(&l.b, reed_slice_of(user->username));
	reed_irc_build_param(&l.b, reed_slice_of(user->host));
	reed_irc_build_param(&l.b, w->c->server->name);
	reed_irc_build_param(&l.b, reed_slice_of(user->nick));
	reed_irc_build_param(&l.b, reed_slice_of(flags));
	reed_irc_build_textf(&l.b, "0 %s", user->realname);
	reed_irc_end(w->c, &l);
}

bool reed_irc_may_see_address(const struct irc_conn *c, const struct reed_user *user)
{
	return user == irc_user(c) || irc_user(c)->privileges & REED_MAY_SEE;
}

static const char *address_of(const struct who *w, const struct reed_user *user,
                              char into[REED_ADDRESS_TEXT])
{
	const char *address = user->sessions ? user->sessions->address : "";

	if (!reed_irc_may_see_address(w->c, user) || !strpbrk(address, ".:"))
		return "255.255.255.255"; /* where there is nothing to tell (IRCv3 whox) */
	if (address[0] != ':')
		return address;
	/* a parameter that begins with a colon would be the last one */
	snprintf(into, REED_ADDRESS_TEXT, "0%s", address);
	return into;
}

uint64_t reed_irc_idle_of(struct irc_conn *c, const struct reed_user *user)
{
	int64_t last = user->came;

	for (const struct reed_session *s = user->sessions; s; s = s->sibling)
		last = s->active > last ? s->active : last;
	return (uint64_t)((reed_wall(c->server->loop) - last) / 1000000000);
}

/* Those that are words; text is room for what is made only now. */
static struct reed_slice word_of(struct who *w, char field, const struct reed_user *user,
                                 const struct reed_member *member, char text[REED_ADDRESS_TEXT])
{
	switch (field) {
	case 't':
		return w->token.n ? w->token : REED_STR("0");
	case 'c':
		return room_name(member);
	case 'u':
		return reed_slice_of(user->username);
	case 'i':
		return reed_slice_of(address_of(w, user, text));
	case 'h':
		return reed_slice_of(user->host);
	case 's':
		return w->c->server->name;
	case 'n':
		return reed_slice_of(user->nick);
	case 'f':
		flags_of(w, user, member, text);
		return reed_slice_of(text);
	case 'd':
		return REED_STR("0");
	case 'a':
		return user->account ? reed_slice_of(user->account->name) : REED_STR("0");
	default: /* 'o': which of the room's operators came first is not known */
		return REED_STR("n/a");
	}
}

static void who_field(struct who *w, struct reed_irc_builder *b, char field,
                      const struct reed_user *user, const struct reed_member *member)
{
	char text[REED_ADDRESS_TEXT];

	if (field == 'l')
		reed_irc_build_u64(b, reed_irc_idle_of(w->c, user));
	else if (field == 'r')
		reed_irc_build_text_cut(b, reed_slice_of(user->realname));
	else
		reed_irc_build_param(b, word_of(w, field, user, member, text));
}

/* WHOX: the fields that were asked for, in this order whatever the order asked. */
static void who_special(struct who *w, const struct reed_user *user,
                        const struct reed_member *member)
{
	struct irc_line l;

	reed_irc_begin_numeric(w->c, &l, REED_IRC_RPL_WHOSPCRPL);
	for (const char *field = "tcuihsnfdlaor"; *field; field++)
		if (reed_slice_find(w->fields, *field) < w->fields.n)
			who_field(w, &l.b, *field, user, member);
	reed_irc_end(w->c, &l);
}

static void who_one(struct who *w, const struct reed_user *user, const struct reed_member *member)
{
	if (w->left == 0 || (w->operators && !(user->flags & REED_USER_OPERATOR)))
		return;
	w->left--;
	if (w->special)
		who_special(w, user, member);
	else
		who_plain(w, user, member);
}

/* ---- of a room, as NAMES tells them ---- */

static bool who_room(struct who *w)
{
	struct reed_room *room = reed_room_by_id(w->c->server->hub, reed_slice_of(w->room.s));

	if (!room || !reed_room_visible(room, irc_user(w->c)))
		return true;
	if (w->seats > room->count)
		w->seats = room->count;
	while (w->seats > 0 && w->left > 0) {
		const struct reed_member *member;

		if (!reed_irc_pace_goes_on(w->c, &w->pace))
			return false;
		member = room->seats[--w->seats].member;
		if (reed_user_visible(member->user, irc_user(w->c)))
			who_one(w, member->user, member);
	}
	return true;
}

/* ---- by a mask ---- */

static bool matches(const struct reed_user *user, struct reed_slice mask)
{
	return reed_irc_match(REED_IRC_CASEMAP_ASCII, mask, reed_slice_of(user->nick)) ||
	       reed_irc_match(REED_IRC_CASEMAP_ASCII, mask, reed_slice_of(user->full)) ||
	       reed_irc_match(REED_IRC_CASEMAP_ASCII, mask, reed_slice_of(user->host)) ||
	       reed_irc_match(REED_IRC_CASEMAP_ASCII, mask, reed_slice_of(user->realname));
}

/* The one looked at last may be gone, or called otherwise. */
static struct reed_user *next_user(const struct who *w)
{
	const struct reed_hub *hub = w->c->server->hub;
	struct reed_user *last = reed_user_find(hub, reed_slice_of(w->last));

	if (last && last->serial == w->serial)
		return reed_user_next(hub, last);
	return reed_user_after(hub, w->serial);
}

static void remember(struct who *w, const struct reed_user *user)
{
	reed_slice_copy(w->last, sizeof(w->last), reed_slice_of(user->nick));
	w->serial = user->serial;
}

static bool who_mask(struct who *w)
{
	struct reed_user *user = next_user(w), *last = NULL;

	for (; user && w->left > 0; user = reed_user_next(w->c->server->hub, user)) {
		if (!reed_irc_pace_goes_on(w->c, &w->pace)) {
			if (last)
				remember(w, last);
			return false;
		}
		if (reed_user_visible(user, irc_user(w->c)) && matches(user, w->mask))
			who_one(w, user, NULL);
		last = user;
	}
	return true;
}

/* ---- the command ---- */

static bool who_more(struct irc_conn *c, struct irc_pace *pace)
{
	struct who *w = reed_container_of(pace, struct who, pace);

	if (!w->named && !(w->room.s[0] ? who_room(w) : who_mask(w)))
		return false;
	if (w->left == 0)
		reed_irc_tell1(c, REED_IRC_ERR_TOOMANYMATCHES, REED_STR("WHO"));
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFWHO, w->mask);
	return true;
}

static const struct irc_pace_kind who_kind = {
	.size = sizeof(struct who),
	.more = who_more,
};

/* "[flags][%fields[,token]]" */
static void take_options(struct who *w, struct reed_slice options)
{
	struct reed_slice flags;
	uint64_t token;

	w->special = reed_slice_find(options, '%') < options.n;
	flags = reed_slice_cut(&options, '%');
	w->operators = reed_slice_find(flags, 'o') < flags.n;
	w->fields = reed_slice_cut(&options, ',');
	/* "at most three digits"; what is none must not spoil the answer */
	if (options.n <= 3 && !reed_slice_u64(options, 999, &token))
		w->token = options;
}

void reed_irc_cmd_who(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct who *w = reed_irc_pace_new(&who_kind);
	struct reed_slice mask = reed_irc_param(m, 0);
	struct reed_room *room;
	struct reed_user *user;

	w->c = c;
	w->left = c->server->options.limits.list_replies;
	if (mask.n == 0 || reed_slice_is(mask, "0")) /* RFC 2812 3.6.1: everybody */
		mask = REED_STR("*");
	w->mask = reed_pool_copy(&w->pace.pool, mask);
	take_options(w, reed_pool_copy(&w->pace.pool, reed_irc_param(m, 1)));
	room = reed_room_find(c->server->hub, mask);
	user = reed_user_find(c->server->hub, mask);
	w->named = user || reed_irc_is_channel(&c->server->isupport, mask);
	if (room) {
		w->named = false;
		w->room = room->id;
		w->seats = room->count;
	} else if (user) {
		who_one(w, user, NULL);
	}
	reed_irc_pace(c, &w->pace);
}
