/* MODE: letters for what the hub calls flags, keys, limits, roles and lists. */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

/* ---- letters ---- */

static const struct {
	char letter;
	uint64_t flag;
} room_flags[] = {
	{ 'C', REED_ROOM_NO_NOTES },       { 'N', REED_ROOM_NICK_LOCKED },
	{ 'M', REED_ROOM_ACCOUNTS_SPEAK }, { 'R', REED_ROOM_ACCOUNTS_JOIN },
	{ 'S', REED_ROOM_SECURE_ONLY },    { 'P', REED_ROOM_LASTING },
	{ 'T', REED_ROOM_NO_KNOCK },       { 'g', REED_ROOM_FREE_INVITE },
	{ 'i', REED_ROOM_INVITE_ONLY },    { 'm', REED_ROOM_MODERATED },
	{ 'n', REED_ROOM_NO_OUTSIDE },     { 's', REED_ROOM_SECRET },
	{ 't', REED_ROOM_TOPIC_LOCKED },   { 'z', REED_ROOM_OPS_HEAR },
};

static const struct {
	char letter;
	unsigned flag;
	bool settable; /* by the user's own MODE */
} user_flags[] = {
	{ 'B', REED_USER_BOT, true },
	{ 'I', REED_USER_HIDES_ROOMS, true },
	{ 'R', REED_USER_REGISTERED_ONLY, true },
	{ 'Z', REED_USER_SECURE, false },
	{ 'i', REED_USER_INVISIBLE, true },
	{ 'o', REED_USER_OPERATOR, false },
	{ 'w', REED_USER_HEARS_SERVER, true },
};

static const struct {
	char letter;
	enum reed_list_kind list;
	unsigned entry, end; /* numerics */
} lists[] = {
	{ 'b', REED_LIST_BAN, REED_IRC_RPL_BANLIST, REED_IRC_RPL_ENDOFBANLIST },
	{ 'Q', REED_LIST_QUIET, REED_IRC_RPL_QUIETLIST, REED_IRC_RPL_ENDOFQUIETLIST },
	{ 'e', REED_LIST_EXCEPT, REED_IRC_RPL_EXCEPTLIST, REED_IRC_RPL_ENDOFEXCEPTLIST },
	{ 'I', REED_LIST_INVITE, REED_IRC_RPL_INVEXLIST, REED_IRC_RPL_ENDOFINVEXLIST },
};

static uint64_t flag_of_letter(char letter)
{
	for (size_t i = 0; i < REED_COUNT(room_flags); i++)
		if (room_flags[i].letter == letter)
			return room_flags[i].flag;
	return 0;
}

/* ---- what is so, as letters ---- */

static struct reed_slice number(uint64_t n, char into[24])
{
	snprintf(into, 24, "%llu", (unsigned long long)n);
	return reed_slice_of(into);
}

static void send_room_modes(struct irc_conn *c, struct reed_room *room)
{
	bool member = reed_member_find(room, irc_user(c)) != NULL;
	char letters[40] = "+", limit[24];
	size_t n = 1;
	struct irc_line l;

	for (size_t i = 0; i < REED_COUNT(room_flags); i++)
		if (room->flags & room_flags[i].flag)
			letters[n++] = room_flags[i].letter;
	if (room->key)
		letters[n++] = 'k';
	if (room->limit)
		letters[n++] = 'l';
	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_CHANNELMODEIS);
	reed_irc_build_param(&l.b, reed_slice_of(room->name));
	reed_irc_build_param(&l.b, reed_slice(letters, n));
	if (room->key)
		reed_irc_build_param(&l.b, member ? reed_slice_of(room->key) : REED_STR("*"));
	if (room->limit)
		reed_irc_build_param(&l.b, number(room->limit, limit));
	reed_irc_end(c, &l);
	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_CREATIONTIME);
	reed_irc_build_param(&l.b, reed_slice_of(room->name));
	reed_irc_build_u64(&l.b, (uint64_t)(room->created / 1000000000));
	reed_irc_end(c, &l);
}

/* Nothing where no flag has a letter. */
static size_t add_user_letters(unsigned flags, char sign, char *into)
{
	size_t n = 0;

	for (size_t i = 0; i < REED_COUNT(user_flags); i++) {
		if (!(flags & user_flags[i].flag))
			continue;
		if (n == 0)
			into[n++] = sign;
		into[n++] = user_flags[i].letter;
	}
	into[n] = '\0';
	return n;
}

size_t reed_irc_user_modes_text(const struct reed_user *user, char into[32])
{
	size_t n = add_user_letters(user->flags, '+', into);

	return n ? n : (size_t)snprintf(into, 32, "+");
}

size_t reed_irc_user_change_text(unsigned before, unsigned after, char into[32])
{
	size_t n = add_user_letters(after & ~before, '+', into);

	return n + add_user_letters(before & ~after, '-', into + n);
}

static void add_flags(const struct reed_room_change *change, struct reed_irc_mode_changes *out)
{
	for (size_t i = 0; i < REED_COUNT(room_flags); i++)
		if (change->what & room_flags[i].flag)
			reed_irc_mode_add(out, change->on, room_flags[i].letter, REED_IRC_MODE_FLAG,
			                  REED_STR(""));
}

static void add_roles(const struct reed_room_change *change, struct reed_irc_mode_changes *out)
{
	for (unsigned role = REED_ROLE_OWNER; role >= REED_ROLE_VOICE; role >>= 1)
		if (change->what & role)
			reed_irc_mode_add(out, change->on, reed_irc_letter_of_role(role),
			                  REED_IRC_MODE_MEMBER, reed_slice_of(change->user->nick));
}

/* The hub says "account:name" of what IRC calls "$a:name". */
static struct reed_slice shown_mask(struct reed_slice mask, struct reed_pool *pool)
{
	struct reed_slice account = REED_STR("account:");
	char *text;

	if (!reed_slice_starts(mask, account))
		return mask;
	text = reed_pool_alloc(pool, mask.n);
	snprintf(text, mask.n, "$a:" REED_FMT, REED_ARG(reed_slice_from(mask, account.n)));
	return reed_slice_of(text);
}

static void add_list(const struct reed_room_change *change, struct reed_pool *pool,
                     struct reed_irc_mode_changes *out)
{
	for (size_t i = 0; i < REED_COUNT(lists); i++)
		if (lists[i].list == change->what)
			reed_irc_mode_add(out, change->on, lists[i].letter, REED_IRC_MODE_LIST,
			                  shown_mask(change->text, pool));
}

static void add_change(const struct reed_room_change *change, struct reed_pool *pool,
                       struct reed_irc_mode_changes *out)
{
	switch (change->kind) {
	case REED_CHANGE_FLAGS:
		add_flags(change, out);
		break;
	case REED_CHANGE_KEY:
		reed_irc_mode_add(out, change->on, 'k', REED_IRC_MODE_PARAM,
		                  change->text.n ? change->text : REED_STR("*"));
		break;
	case REED_CHANGE_LIMIT:
		reed_irc_mode_add(out, change->on, 'l', REED_IRC_MODE_SET_PARAM,
		                  change->on ? number(change->what, reed_pool_alloc(pool, 24))
		                             : REED_STR(""));
		break;
	case REED_CHANGE_ROLE:
		add_roles(change, out);
		break;
	case REED_CHANGE_LIST:
		add_list(change, pool, out);
		break;
	case REED_CHANGE_SLOW:
	case REED_CHANGE_LASTING_ROLE:
	case REED_CHANGE_FOUNDER:
		break; /* IRC has no letter for it */
	}
}

void reed_irc_changes_of(const struct reed_hub_event *ev, struct reed_pool *pool,
                         struct reed_irc_mode_changes *out)
{
	for (size_t i = 0; i < ev->change_count; i++)
		if (ev->changes[i].done)
			add_change(&ev->changes[i], pool, out);
}

/* ---- lists ---- */

/* False when it is too long, as it may be with who set it and when. */
static bool send_entry(struct irc_conn *c, struct reed_slice name, size_t which,
                       const struct reed_mask *mask, struct reed_pool *pool, bool whole)
{
	struct reed_slice line;
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, lists[which].entry);
	reed_irc_build_param(&l.b, name);
	if (lists[which].letter == 'Q')
		reed_irc_build_param(&l.b, REED_STR("Q"));
	reed_irc_build_param(&l.b, shown_mask(reed_slice_of(mask->mask), pool));
	if (whole) {
		reed_irc_build_param(&l.b, reed_slice_of(mask->by));
		reed_irc_build_u64(&l.b, (uint64_t)(mask->at / 1000000000));
	}
	if (reed_irc_build_end(&l.b, &line))
		return false;
	reed_irc_send(c, line);
	return true;
}

static void send_list(struct irc_conn *c, struct reed_room *room, size_t which)
{
	const struct reed_masks *masks = &room->lists[lists[which].list];
	struct reed_slice name = reed_slice_of(room->name);
	bool quiet = lists[which].letter == 'Q';
	struct reed_pool pool = { .limit = 0 };

	for (uint32_t i = 0; i < masks->n; i++)
		if (!send_entry(c, name, which, &masks->p[i], &pool, true))
			send_entry(c, name, which, &masks->p[i], &pool, false);
	reed_pool_finish(&pool);
	if (quiet)
		reed_irc_tell2(c, lists[which].end, name, REED_STR("Q"));
	else
		reed_irc_tell1(c, lists[which].end, name);
}

static void query_list(struct irc_conn *c, struct reed_room *room, char letter)
{
	for (size_t i = 0; i < REED_COUNT(lists); i++)
		if (lists[i].letter == letter)
			send_list(c, room, i);
}

/* ---- MODE of a room ---- */

/* What "+b" may be given: a mask, an address, "$a:account". */
static struct reed_slice mask_of(struct reed_slice param, struct reed_pool *pool)
{
	char mask[REED_IRC_LINE_MAX];
	struct reed_irc_extban ban;
	struct reed_slice out;

	if (reed_irc_extban('$', param, &ban) && !ban.negated && ban.has_value &&
	    (reed_slice_is(ban.name, "a") || reed_slice_is(ban.name, "account"))) {
		char *text = reed_pool_alloc(pool, ban.value.n + 9);

		snprintf(text, ban.value.n + 9, "account:" REED_FMT, REED_ARG(ban.value));
		return reed_slice_of(text);
	}
	if (reed_irc_mask(param, mask, sizeof(mask), &out))
		return REED_STR("");
	return reed_pool_copy(pool, out);
}

/* "<room> <letter> <parameter>": 696 is not in any RFC, InspIRCd has it so. */
static void wrong_param(struct irc_conn *c, struct reed_room *room, char letter,
                        struct reed_slice given, const char *why)
{
	struct irc_line l;

	if (given.n == 0 || given.p[0] == ':' || reed_slice_find(given, ' ') < given.n)
		given = REED_STR("*");
	reed_irc_begin_numeric(c, &l, REED_IRC_ERR_INVALIDMODEPARAM);
	reed_irc_build_param(&l.b, reed_slice_of(room->name));
	reed_irc_build_param(&l.b, reed_slice(&letter, 1));
	reed_irc_build_param(&l.b, given);
	reed_irc_build_text_cut(&l.b, reed_slice_of(why));
	reed_irc_end(c, &l);
}

/* JOIN could not say it otherwise. */
static bool is_key(struct reed_slice key)
{
	return key.n > 0 && key.p[0] != ':' && !memchr(key.p, ',', key.n) &&
	       !memchr(key.p, ' ', key.n);
}

/* These say why not, as change_of() does. */
static bool list_of(struct irc_conn *c, struct reed_room *room, char letter, struct reed_pool *pool,
                    struct reed_room_change *to)
{
	struct reed_slice given = to->text;

	to->kind = REED_CHANGE_LIST;
	to->text = mask_of(given, pool);
	if (to->text.n == 0)
		wrong_param(c, room, letter, given,
		            "A mask is nick!user@host with * and ?, or $a:account; it has no "
		            "space");
	return to->text.n > 0;
}

static bool key_of(struct irc_conn *c, struct reed_room *room, struct reed_room_change *to)
{
	to->kind = REED_CHANGE_KEY;
	if (to->on && !is_key(to->text)) {
		wrong_param(c, room, 'k', to->text,
		            "A key has no comma and no space, and no colon at its front");
		return false;
	}
	if (!to->on || to->text.n <= c->server->lengths.key)
		return true;
	reed_irc_too_long(c, "MODE", "key", c->server->lengths.key);
	return false;
}

static bool limit_of(struct irc_conn *c, struct reed_room *room, struct reed_room_change *to)
{
	uint64_t limit = 0;

	to->kind = REED_CHANGE_LIMIT;
	if (to->on && (reed_slice_u64(to->text, 1000000, &limit) || limit == 0)) {
		wrong_param(c, room, 'l', to->text, "A limit is a number of 1 or more");
		return false;
	}
	to->what = limit;
	return true;
}

/* False when it cannot be asked of the hub; the client has been told why. */
static bool change_of(struct irc_conn *c, struct reed_room *room,
                      const struct reed_irc_mode_change *from, struct reed_pool *pool,
                      struct reed_room_change *to)
{
	*to = (struct reed_room_change){ .on = from->set, .text = from->param };
	to->what = flag_of_letter(from->letter);
	if (to->what) {
		to->kind = REED_CHANGE_FLAGS;
		return true;
	}
	if (from->kind == REED_IRC_MODE_MEMBER) {
		to->kind = REED_CHANGE_ROLE;
		to->what = reed_irc_role_of_letter(from->letter);
		to->user = reed_irc_find_user(c, from->param);
		return to->user != NULL;
	}
	for (size_t i = 0; i < REED_COUNT(lists); i++) {
		if (lists[i].letter == from->letter) {
			to->what = lists[i].list;
			return list_of(c, room, from->letter, pool, to);
		}
	}
	return from->letter == 'k' ? key_of(c, room, to) : limit_of(c, room, to);
}

static char letter_of_list(uint64_t kind)
{
	for (size_t i = 0; i < REED_COUNT(lists); i++)
		if (lists[i].list == kind)
			return lists[i].letter;
	return '?';
}

/* "<room> <mask> <letter>": it is on the list already, or is not on it, as InspIRCd says it. */
static void tell_entry(struct irc_conn *c, struct reed_slice name,
                       const struct reed_room_change *change)
{
	char letter = letter_of_list(change->what);
	struct reed_pool pool = { .limit = 0 };
	struct irc_line l;

	reed_irc_begin_numeric(c, &l,
	                       change->on ? REED_IRC_ERR_LISTMODEALREADYSET
	                                  : REED_IRC_ERR_LISTMODENOTSET);
	reed_irc_build_param(&l.b, name);
	reed_irc_build_param(&l.b, shown_mask(change->text, &pool));
	reed_irc_build_param(&l.b, reed_slice(&letter, 1));
	reed_irc_build_usual_text(&l.b);
	reed_irc_end(c, &l);
	reed_pool_finish(&pool);
}

static void tell_refusals(struct irc_conn *c, struct reed_room *room,
                          const struct reed_room_change *changes, size_t count)
{
	struct reed_slice name = reed_slice_of(room->name);

	for (size_t i = 0; i < count; i++) {
		if (!changes[i].refusal)
			continue;
		if (changes[i].kind == REED_CHANGE_LIST &&
		    (changes[i].refusal == REED_REFUSAL_ALREADY ||
		     changes[i].refusal == REED_REFUSAL_NO_ENTRY))
			tell_entry(c, name, &changes[i]);
		else if (changes[i].refusal == REED_REFUSAL_ALREADY)
			continue;
		else if (changes[i].refusal == REED_REFUSAL_NOT_THERE)
			reed_irc_tell2(c, REED_IRC_ERR_USERNOTINCHANNEL,
			               reed_slice_of(changes[i].user->nick), name);
		else
			reed_irc_refuse(c, changes[i].refusal, "MODE", name);
		if (changes[i].refusal == REED_REFUSAL_NEEDS_ROLE)
			return; /* once is enough */
	}
}

/*
 * On some networks q is a list of those who are quiet, on others the owner.
 * PREFIX and CHANMODES say what it is here; who asks by habit for the list, or
 * gives a mask, which is no nick, means the list all the same.
 */
static struct reed_irc_mode_change as_meant(struct reed_irc_mode_change change)
{
	bool mask = false;

	for (const char *p = "!@*?$"; *p; p++)
		mask |= reed_slice_find(change.param, *p) < change.param.n;
	if (change.letter != 'q' || !(mask || change.what == REED_IRC_MODE_LACKS_PARAM))
		return change;
	change.letter = 'Q';
	change.kind = REED_IRC_MODE_LIST;
	if (!mask)
		change.what = REED_IRC_MODE_QUERY;
	return change;
}

static void change_room(struct irc_conn *c, struct reed_room *room,
                        const struct reed_irc_mode_changes *asked)
{
	struct reed_room_change changes[REED_IRC_CHANGES_MAX];
	struct reed_pool pool = { .limit = 0 };
	size_t count = 0;

	for (size_t i = 0; i < asked->count; i++) {
		const struct reed_irc_mode_change meant = as_meant(asked->at[i]), *each = &meant;

		if (each->what == REED_IRC_MODE_QUERY)
			query_list(c, room, each->letter);
		else if (each->what == REED_IRC_MODE_NO_SUCH)
			reed_irc_tell1(c, REED_IRC_ERR_UNKNOWNMODE, reed_slice(&each->letter, 1));
		else if (each->what == REED_IRC_MODE_LACKS_PARAM)
			wrong_param(c, room, each->letter, REED_STR(""),
			            "This mode needs a parameter");
		else if (change_of(c, room, each, &pool, &changes[count]))
			count++;
	}
	if (count > 0 && reed_room_change(&c->session, room, changes, count))
		tell_refusals(c, room, changes, count);
	reed_pool_finish(&pool);
}

static void room_mode(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_room *room = reed_irc_find_room(c, m->params[0]);
	struct reed_irc_mode_changes changes;

	if (!room)
		return;
	if (m->count == 1) {
		send_room_modes(c, room);
		return;
	}
	if (reed_irc_modes_parse(&c->server->channel_modes, m->params + 1, m->count - 1u, &changes))
		reed_irc_notice(c, "MODE: only the first %d changes were taken",
		                REED_IRC_CHANGES_MAX);
	change_room(c, room, &changes);
}

/* ---- MODE of a user ---- */

static void change_user(struct irc_conn *c, struct reed_slice letters)
{
	unsigned set = 0, clear = 0;
	bool on = true, unknown = false;

	for (size_t i = 0; i < letters.n; i++) {
		size_t j = 0;

		if (letters.p[i] == '+' || letters.p[i] == '-') {
			on = letters.p[i] == '+';
			continue;
		}
		while (j < REED_COUNT(user_flags) && user_flags[j].letter != letters.p[i])
			j++;
		if (j == REED_COUNT(user_flags))
			unknown = true;
		else if (user_flags[j].settable)
			*(on ? &set : &clear) |= user_flags[j].flag;
		else if (!on && user_flags[j].flag == REED_USER_OPERATOR)
			reed_user_empower(irc_user(c), NULL, 0);
	}
	if (unknown)
		reed_irc_tell(c, REED_IRC_ERR_UMODEUNKNOWNFLAG);
	if (set | clear)
		reed_user_set_flags(irc_user(c), &c->session, set & ~clear, clear);
}

static void user_mode(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_user *user = reed_irc_find_user(c, m->params[0]);
	char modes[32];
	struct irc_line l;

	if (!user)
		return;
	if (user != irc_user(c)) {
		reed_irc_tell(c, REED_IRC_ERR_USERSDONTMATCH);
	} else if (m->count > 1) {
		change_user(c, m->params[1]);
	} else {
		reed_irc_user_modes_text(user, modes);
		reed_irc_begin_numeric(c, &l, REED_IRC_RPL_UMODEIS);
		reed_irc_build_param(&l.b, reed_slice_of(modes));
		reed_irc_end(c, &l);
	}
}

void reed_irc_cmd_mode(struct irc_conn *c, const struct reed_irc_message *m)
{
	if (reed_irc_is_channel(&c->server->isupport, m->params[0]))
		room_mode(c, m);
	else
		user_mode(c, m);
}
