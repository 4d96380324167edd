/* Users: what others see of somebody, and how that changes. */

#include "private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/random.h"

bool reed_session_may(const struct reed_session *by, unsigned privilege)
{
	return !by || (by->user->privileges & privilege);
}

void reed_user_new_look(struct reed_user *user)
{
	size_t nick = strlen(user->nick), name = strlen(user->username), host = strlen(user->host);
	char *full = reed_alloc(nick + name + host + 3);

	memcpy(full, user->nick, nick);
	full[nick] = '!';
	memcpy(full + nick + 1, user->username, name);
	full[nick + 1 + name] = '@';
	memcpy(full + nick + name + 2, user->host, host);
	reed_free(user->full);
	user->full = full;
	user->look = ++user->hub->serial;
}

void reed_user_put_flags(struct reed_user *user, unsigned flags)
{
	struct reed_hub *hub = user->hub;

	hub->invisible_count -= (user->flags & REED_USER_INVISIBLE) != 0;
	hub->operator_count -= (user->flags & REED_USER_OPERATOR) != 0;
	user->flags = flags;
	hub->invisible_count += (flags & REED_USER_INVISIBLE) != 0;
	hub->operator_count += (flags & REED_USER_OPERATOR) != 0;
}

struct reed_was reed_user_was(const struct reed_user *user)
{
	return (struct reed_was){
		.nick = reed_slice_of(user->nick),
		.username = reed_slice_of(user->username),
		.host = reed_slice_of(user->host),
		.full = reed_slice_of(user->full),
		.account = reed_slice_of(user->account ? user->account->name : NULL),
		.flags = user->flags,
	};
}

/* ---- nicks ---- */

enum reed_refusal reed_nick_check(const struct reed_hub *hub, struct reed_slice nick,
                                  const struct reed_account *account)
{
	const struct reed_account *owner;

	if (!reed_nick_ok(hub, nick))
		return REED_REFUSAL_NICK_INVALID;
	owner = reed_nick_owner(hub, nick);
	return owner && owner != account ? REED_REFUSAL_NICK_RESERVED : REED_REFUSAL_NONE;
}

/* Banned people could shake off the ban so, and some rooms want names to stay. */
static enum reed_refusal rooms_against_new_nick(struct reed_user *user)
{
	reed_list_each (link, &user->memberships) {
		struct reed_member *m = member_of_link(link);

		if (m->roles >= REED_ROLE_VOICE)
			continue;
		if (m->room->flags & REED_ROOM_NICK_LOCKED)
			return REED_REFUSAL_NICK_LOCKED;
		if (reed_member_banned(m) || reed_member_quiet(m))
			return REED_REFUSAL_BANNED;
	}
	return REED_REFUSAL_NONE;
}

static enum reed_refusal check_rename(struct reed_user *user, struct reed_session *origin,
                                      struct reed_slice nick)
{
	struct reed_user *holder = reed_user_find(user->hub, nick);
	enum reed_refusal refusal;

	if (!reed_nick_ok(user->hub, nick))
		return REED_REFUSAL_NICK_INVALID;
	if (reed_slice_is(nick, user->nick))
		return REED_REFUSAL_ALREADY;
	if (holder && holder != user)
		return REED_REFUSAL_NICK_IN_USE;
	if (!origin)
		return REED_REFUSAL_NONE;
	refusal = reed_nick_check(user->hub, nick, user->account);
	if (refusal || reed_session_may(origin, REED_MAY_ROOMS))
		return refusal;
	return rooms_against_new_nick(user);
}

static void tell_watchers(struct reed_user *user, enum reed_event_kind kind, struct reed_slice nick,
                          struct reed_slice folded)
{
	struct reed_telling t;

	reed_tell_begin(&t, user->hub, kind, user, NULL);
	t.ev.text = nick;
	user->hub->generation++;
	reed_tell_watchers(&t, folded);
	reed_tell_end(&t);
}

static void take_nick(struct reed_user *user, struct reed_slice nick)
{
	struct reed_hub *hub = user->hub;
	struct reed_named *by_nick = &hub_user(user)->by_nick;
	struct reed_folded folded = reed_fold(hub, nick);
	struct reed_slice key = reed_folded_slice(&folded);
	struct reed_slice was_key =
		reed_slice(reed_slice_dup(reed_slice(by_nick->key, by_nick->n)), by_nick->n);
	char *was = user->nick;
	bool another = !reed_slice_eq(was_key, key);

	if (another)
		reed_whowas_add(hub, user);
	reed_names_remove(&hub->nicks, by_nick);
	reed_names_add(&hub->nicks, by_nick, key);
	user->nick = reed_slice_dup(nick);
	reed_user_new_look(user);
	if (another) {
		tell_watchers(user, REED_EVENT_OFFLINE, reed_slice_of(was), was_key);
		tell_watchers(user, REED_EVENT_ONLINE, nick, key);
	}
	reed_free((char *)(uintptr_t)was_key.p);
	reed_free(was);
}

enum reed_refusal reed_user_rename(struct reed_user *user, struct reed_session *origin,
                                   struct reed_slice nick)
{
	enum reed_refusal refusal;
	struct reed_telling t;
	struct reed_was was;
	char *full, *old;

	reed_hub_calm(user->hub, __func__);
	refusal = check_rename(user, origin, nick);
	if (refusal)
		return refusal;
	old = reed_strdup(user->nick);
	full = reed_strdup(user->full);
	reed_tell_begin(&t, user->hub, REED_EVENT_NICK, user, origin);
	take_nick(user, nick);
	was = reed_user_was(user);
	was.nick = reed_slice_of(old);
	was.full = reed_slice_of(full);
	t.ev.was = &was;
	reed_keep_in_rooms_of(&t, user);
	reed_tell_peers(&t);
	reed_tell_end(&t);
	reed_free(old);
	reed_free(full);
	return REED_REFUSAL_NONE;
}

/* ---- away ---- */

/* The user's text when all sessions are away; NULL when somebody is here. */
static const char *away_of(const struct reed_user *user, struct reed_slice latest)
{
	const char *text = "not connected";

	for (const struct reed_session *s = user->sessions; s; s = s->sibling) {
		if (!s->away)
			return NULL;
		if (s == user->sessions || reed_slice_is(latest, s->away_text))
			text = s->away_text;
	}
	return text;
}

void reed_user_new_away(struct reed_user *user, struct reed_slice latest)
{
	const char *text = away_of(user, latest);
	struct reed_telling t;

	if (text == user->away || (text && user->away && strcmp(text, user->away) == 0))
		return;
	reed_text_set_or_null(&user->away, reed_slice_of(text));
	reed_tell_begin(&t, user->hub, REED_EVENT_AWAY, user, NULL);
	t.ev.text = reed_slice_of(user->away);
	reed_tell_peers_and_watchers(&t);
	reed_tell_end(&t);
}

enum reed_refusal reed_session_away(struct reed_session *session, struct reed_slice text)
{
	struct reed_user *user = session->user;
	enum reed_refusal refusal;

	reed_hub_calm(user->hub, __func__);
	refusal = reed_text_check(text, hub_limits(user->hub)->away_bytes);
	if (refusal)
		return refusal;
	session->away = text.n > 0;
	reed_text_set_or_null(&session->away_text, text);
	reed_user_new_away(user, text);
	return REED_REFUSAL_NONE;
}

/* ---- host, real name, flags ---- */

enum reed_refusal reed_user_set_host(struct reed_user *user, struct reed_slice username,
                                     struct reed_slice host)
{
	const struct reed_rooms_limits *limits = hub_limits(user->hub);
	struct reed_was was = reed_user_was(user);
	char *old_username = user->username, *old_host = user->host, *old_full;
	enum reed_refusal refusal = reed_text_check(username, limits->username_bytes);
	struct reed_telling t;

	reed_hub_calm(user->hub, __func__);
	if (!refusal)
		refusal = reed_text_check(host, limits->host_bytes);
	if (refusal)
		return refusal;
	old_full = reed_strdup(user->full);
	was.full = reed_slice_of(old_full);
	user->username = reed_slice_dup(username);
	user->host = reed_slice_dup(host);
	reed_user_new_look(user);
	reed_tell_begin(&t, user->hub, REED_EVENT_HOST, user, NULL);
	t.ev.was = &was;
	reed_tell_peers_and_watchers(&t);
	reed_tell_end(&t);
	reed_free(old_username);
	reed_free(old_host);
	reed_free(old_full);
	return REED_REFUSAL_NONE;
}

enum reed_refusal reed_user_set_realname(struct reed_user *user, struct reed_session *origin,
                                         struct reed_slice realname)
{
	enum reed_refusal refusal;
	struct reed_telling t;

	reed_hub_calm(user->hub, __func__);
	refusal = reed_text_check(realname, hub_limits(user->hub)->realname_bytes);
	if (refusal)
		return refusal;
	reed_text_set(&user->realname, realname);
	reed_tell_begin(&t, user->hub, REED_EVENT_REALNAME, user, origin);
	t.ev.text = reed_slice_of(user->realname);
	reed_tell_peers_and_watchers(&t);
	reed_tell_end(&t);
	return REED_REFUSAL_NONE;
}

static void tell_flags(struct reed_user *user, struct reed_session *origin, unsigned flags)
{
	struct reed_was was = reed_user_was(user);
	struct reed_telling t;

	if (flags == user->flags)
		return;
	reed_user_put_flags(user, flags);
	reed_tell_begin(&t, user->hub, REED_EVENT_FLAGS, user, origin);
	t.ev.was = &was;
	reed_tell_peers(&t);
	reed_tell_end(&t);
}

void reed_user_set_flags(struct reed_user *user, struct reed_session *origin, unsigned set,
                         unsigned clear)
{
	unsigned kept = REED_USER_OPERATOR | REED_USER_SECURE;

	reed_hub_calm(user->hub, __func__);
	tell_flags(user, origin, (user->flags & ~(clear & ~kept)) | (set & ~kept));
}

void reed_user_empower(struct reed_user *user, const char *operator_class, unsigned privileges)
{
	unsigned flags = user->flags & ~(unsigned)REED_USER_OPERATOR;

	reed_hub_calm(user->hub, __func__);
	user->privileges = privileges;
	reed_text_set_or_null(&user->operator_class,
	                      reed_slice_of(privileges ? operator_class : NULL));
	tell_flags(user, NULL, privileges ? flags | REED_USER_OPERATOR : flags);
}

/* ---- accounts ---- */

/* What the lists of a room have for the account. */
static void take_lasting_roles(struct reed_member *m)
{
	unsigned lasting = reed_room_lasting_roles(m->room, m->user->account);
	struct reed_room_change change = {
		.kind = REED_CHANGE_ROLE,
		.on = true,
		.user = m->user,
		.what = lasting & ~m->roles & ~(unsigned)REED_ROLE_MEMBER,
	};

	if (change.what)
		reed_room_make_changes(NULL, m->room, &change, 1);
}

void reed_user_new_account(struct reed_user *user, struct reed_session *origin,
                           struct reed_account *account)
{
	struct reed_was was = reed_user_was(user);
	char *name = reed_slice_dup(was.account);
	struct reed_telling t;

	if (user->account)
		user->account->user = NULL;
	if (account)
		account->user = user;
	user->account = account;
	user->look = ++user->hub->serial;
	was.account = reed_slice_of(name);
	reed_tell_begin(&t, user->hub, REED_EVENT_ACCOUNT, user, origin);
	t.ev.was = &was;
	reed_tell_peers_and_watchers(&t);
	reed_tell_end(&t);
	reed_free(name);
}

enum reed_refusal reed_user_login(struct reed_user *user, struct reed_session *origin,
                                  struct reed_slice name)
{
	struct reed_hub *hub = user->hub;
	struct reed_account *account = NULL;

	reed_hub_calm(hub, __func__);
	if (name.n > 0) {
		account = reed_account_ensure(hub, name);
		if (!account)
			return REED_REFUSAL_NO_ACCOUNT;
	}
	if (account == user->account)
		return REED_REFUSAL_ALREADY;
	if ((account && account->user) || user->session_count != 1)
		return REED_REFUSAL_ELSEWHERE;
	reed_hub_hold(hub);
	reed_user_new_account(user, origin, account);
	reed_list_each (link, &user->memberships)
		take_lasting_roles(member_of_link(link));
	reed_hub_let_go(hub);
	return REED_REFUSAL_NONE;
}

/* ---- who may see whom ---- */

bool reed_users_share_room(const struct reed_user *a, const struct reed_user *b)
{
	const struct reed_user *few = a->room_count < b->room_count ? a : b;
	const struct reed_user *other = few == a ? b : a;

	for (struct reed_list *l = few->memberships.next; l != &few->memberships; l = l->next)
		if (reed_member_find(member_of_link(l)->room, other))
			return true;
	return false;
}

bool reed_user_visible(const struct reed_user *user, const struct reed_user *viewer)
{
	if (!(user->flags & REED_USER_INVISIBLE) || user == viewer)
		return true;
	return viewer &&
	       ((viewer->privileges & REED_MAY_SEE) || reed_users_share_room(user, viewer));
}
