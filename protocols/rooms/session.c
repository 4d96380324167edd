/* Sessions: how clients come to a user, and leave it. */

#include "private.h"

#include <stdio.h>
#include <stdlib.h>

#include "reed/alloc.h"
#include "reed/random.h"

/* ---- doors ---- */

static uint8_t slot_of(struct reed_hub *hub, const struct reed_door_ops *ops)
{
	unsigned i = 0;

	while (i < hub->door_count && hub->doors[i] != ops)
		i++;
	if (i == REED_DOOR_KINDS) {
		fprintf(stderr, "reed: more than %d kinds of doors in one hub\n", REED_DOOR_KINDS);
		abort();
	}
	if (i == hub->door_count)
		hub->doors[hub->door_count++] = ops;
	return (uint8_t)i;
}

/* ---- a session and its user ---- */

static void refresh_security(struct reed_user *user)
{
	const struct reed_session *s = user->sessions;

	if (!s)
		return;
	while (s && s->secure)
		s = s->sibling;
	user->flags &= ~(unsigned)REED_USER_SECURE;
	user->flags |= s ? 0 : REED_USER_SECURE;
}

static void link_session(struct reed_user *user, struct reed_session *session)
{
	struct reed_session **end = &user->sessions;

	while (*end)
		end = &(*end)->sibling;
	*end = session;
	session->sibling = NULL;
	session->user = user;
	user->session_count++;
	user->hub->session_count++;
	reed_text_set(&hub_user(user)->address, reed_slice_of(session->address));
	if (user->sessions == session)
		reed_members_reseat(user);
	user->look = ++user->hub->serial; /* masks may mean an address */
	refresh_security(user);
}

static void unlink_session(struct reed_session *session)
{
	struct reed_user *user = session->user;
	struct reed_session **at = &user->sessions;
	bool first = user->sessions == session;

	while (*at != session)
		at = &(*at)->sibling;
	*at = session->sibling;
	user->session_count--;
	user->hub->session_count--;
	if (first)
		reed_members_reseat(user);
	user->look = ++user->hub->serial; /* masks may mean an address */
	refresh_security(user);
}

/* ---- attach ---- */

static enum reed_refusal check_newcomer(const struct reed_hub *hub, const struct reed_newcomer *n)
{
	const struct reed_rooms_limits *limits = hub_limits(hub);
	enum reed_refusal refusal = reed_text_check(n->username, limits->username_bytes);

	if (!refusal)
		refusal = reed_text_check(n->host, limits->host_bytes);
	if (!refusal)
		refusal = reed_text_check(n->realname, limits->realname_bytes);
	return refusal;
}

/* Known only to the hub so far, so that bans can be looked up. */
static struct reed_user *user_new(struct reed_hub *hub, const struct reed_newcomer *n)
{
	struct hub_user *self = reed_alloc(sizeof(*self));
	struct reed_user *user = &self->user;

	user->hub = hub;
	user->nick = reed_slice_dup(n->nick);
	user->username = reed_slice_dup(n->username);
	user->host = reed_slice_dup(n->host);
	user->realname = reed_slice_dup(n->realname);
	user->flags = n->flags & ~(unsigned)(REED_USER_OPERATOR | REED_USER_SECURE);
	user->serial = ++hub->serial;
	user->came = reed_wall(hub->loop);
	reed_list_init(&user->memberships);
	reed_list_init(&self->invites);
	reed_user_new_look(user);
	return user;
}

static void user_discard(struct reed_user *user)
{
	reed_masks_finish(&hub_user(user)->blocks);
	reed_free(hub_user(user)->address);
	reed_free(user->operator_class);
	reed_free(user->nick);
	reed_free(user->username);
	reed_free(user->host);
	reed_free(user->realname);
	reed_free(user->full);
	reed_free(user->away);
	reed_free(hub_user(user));
}

static void set_kept(struct reed_user *user, bool kept)
{
	struct hub_user *self = hub_user(user);

	user->hub->kept_count += (size_t)kept - (size_t)self->kept;
	self->kept = kept;
}

static void user_announce(struct reed_user *user)
{
	struct reed_hub *hub = user->hub;
	unsigned flags = user->flags;
	struct reed_folded folded = reed_fold(hub, reed_slice_of(user->nick));
	struct reed_telling t;

	reed_names_add(&hub->nicks, &hub_user(user)->by_nick, reed_folded_slice(&folded));
	reed_list_append(&hub->all_users, &user->link);
	user->flags = 0; /* not counted yet */
	reed_user_put_flags(user, flags);
	if (++hub->user_count > hub->most_users)
		hub->most_users = hub->user_count;
	reed_tell_begin(&t, hub, REED_EVENT_ONLINE, user, NULL);
	t.ev.text = reed_slice_of(user->nick);
	hub->generation++;
	reed_tell_watchers(&t, reed_folded_slice(&folded));
	reed_tell_end(&t);
}

static void session_begin(struct reed_hub *hub, struct reed_session *session,
                          const struct reed_newcomer *n)
{
	session->slot = slot_of(hub, session->ops);
	session->secure = n->secure;
	session->ending = false;
	session->away = false;
	session->mark = 0;
	session->watch_count = 0;
	session->since = session->active = reed_wall(hub->loop);
	session->address = reed_slice_dup(n->address);
	reed_list_init(&session->watches);
}

static void session_finish(struct reed_session *session)
{
	reed_free(session->address);
	reed_free(session->away_text);
	session->address = session->away_text = NULL;
}

static enum reed_refusal check_join(const struct reed_session *session, struct reed_user *user)
{
	if (user->session_count >= hub_limits(user->hub)->sessions_per_user)
		return REED_REFUSAL_TOO_MANY_USERS;
	return reed_hub_banned(user->hub, user, session) ? REED_REFUSAL_SERVER_BANNED
	                                                 : REED_REFUSAL_NONE;
}

static void join_user(struct reed_session *session, struct reed_user *user)
{
	set_kept(user, false);
	link_session(user, session);
	reed_user_new_away(user, reed_slice_of(NULL));
}

static enum reed_refusal come_as_new(struct reed_hub *hub, struct reed_session *session,
                                     const struct reed_newcomer *n, struct reed_account *account)
{
	struct reed_user *user = user_new(hub, n);

	user->account = account;
	if (reed_hub_banned(hub, user, session)) {
		user_discard(user);
		return REED_REFUSAL_SERVER_BANNED;
	}
	if (account)
		account->user = user;
	link_session(user, session);
	user_announce(user);
	return REED_REFUSAL_NONE;
}

static enum reed_refusal attach(struct reed_hub *hub, struct reed_session *session,
                                const struct reed_newcomer *n)
{
	struct reed_account *account = NULL;
	enum reed_refusal refusal;

	if (n->account.n > 0) {
		account = reed_account_ensure(hub, n->account);
		if (!account)
			return REED_REFUSAL_NO_ACCOUNT;
		if (account->user) {
			refusal = check_join(session, account->user);
			if (!refusal)
				join_user(session, account->user);
			return refusal;
		}
	}
	if (hub->user_count >= hub_limits(hub)->users)
		return REED_REFUSAL_TOO_MANY_USERS;
	refusal = reed_nick_check(hub, n->nick, account);
	if (!refusal && reed_user_find(hub, n->nick))
		refusal = REED_REFUSAL_NICK_IN_USE;
	if (!refusal)
		refusal = check_newcomer(hub, n);
	return refusal ? refusal : come_as_new(hub, session, n, account);
}

enum reed_refusal reed_session_attach(struct reed_hub *hub, struct reed_session *session,
                                      const struct reed_newcomer *newcomer)
{
	enum reed_refusal refusal;

	reed_hub_calm(hub, __func__);
	session_begin(hub, session, newcomer);
	refusal = attach(hub, session, newcomer);
	if (refusal)
		session_finish(session);
	return refusal;
}

/* ---- the end ---- */

static bool is_kept(const struct reed_user *user)
{
	const struct reed_hub_options *options = &user->hub->options;
	bool kept;

	if (!user->account || !options->keep || hub_user(user)->killed)
		return false;
	reed_hub_hold(user->hub);
	kept = options->keep(options->arg, user);
	reed_hub_let_go(user->hub);
	return kept;
}

/* The door may free the session in over(), so nothing of it is touched after that. */
static void say_goodbye(struct reed_hub *hub, struct reed_session *session)
{
	char *reason = session->reason;

	session->user = NULL;
	session->reason = NULL;
	session_finish(session);
	reed_hub_hold(hub);
	session->ops->over(session, reed_slice_of(reason));
	reed_hub_let_go(hub);
	reed_free(reason);
}

static void leave_user(struct reed_session *session, struct reed_slice reason)
{
	struct reed_user *user = session->user;

	unlink_session(session);
	set_kept(user, !user->sessions && is_kept(user));
	if (user->sessions || hub_user(user)->kept)
		reed_user_new_away(user, reed_slice_of(NULL));
	else
		reed_user_quit(user, reason);
}

static void leave(struct reed_session *session)
{
	struct reed_hub *hub = session->user->hub;

	reed_monitor_clear(session);
	leave_user(session, reed_slice_of(session->reason));
	say_goodbye(hub, session);
}

/* Nobody is told anything, and nothing is freed, while a call of somebody's is under way. */
static void leave_later(struct reed_session *session, struct reed_slice reason)
{
	struct reed_hub *hub = session->user->hub;

	if (session->ending)
		return;
	session->ending = true;
	reed_text_set(&session->reason, reed_text_line(reason, hub_limits(hub)->reason_bytes));
	reed_list_append(&hub->endings, &session->ending_link);
	reed_at_turn_end(hub->loop, &hub->leavings);
}

void reed_hub_leavings(struct reed_last *last)
{
	struct reed_hub *hub = reed_container_of(last, struct reed_hub, leavings);
	struct reed_list *link;

	while ((link = reed_list_take(&hub->endings)))
		leave(reed_container_of(link, struct reed_session, ending_link));
}

void reed_session_end(struct reed_session *session, struct reed_slice reason)
{
	if (!session->user)
		return;
	leave_later(session, reason);
	if (session->user->hub->telling)
		return;
	reed_list_remove(&session->ending_link);
	leave(session);
}

enum reed_refusal reed_session_move(struct reed_session *session, struct reed_slice name,
                                    struct reed_slice reason)
{
	struct reed_hub *hub = session->user->hub;
	const struct reed_account *account = reed_account_find(hub, name);
	enum reed_refusal refusal;

	reed_hub_calm(hub, __func__);
	if (!account || !account->user)
		return REED_REFUSAL_NO_USER;
	if (account->user == session->user)
		return REED_REFUSAL_ALREADY;
	refusal = check_join(session, account->user);
	if (refusal)
		return refusal;
	leave_user(session, reed_text_line(reason, hub_limits(hub)->reason_bytes));
	join_user(session, account->user);
	return REED_REFUSAL_NONE;
}

void reed_session_touch(struct reed_session *session)
{
	if (session->user)
		session->active = reed_wall(session->user->hub->loop);
}

/* ---- the end of a user ---- */

static void user_forget(struct reed_user *user)
{
	struct reed_hub *hub = user->hub;

	reed_whowas_add(hub, user);
	while (!reed_list_empty(&user->memberships))
		reed_member_free(member_of_link(user->memberships.next));
	reed_invites_drop_user(user);
	if (user->account) {
		user->account->user = NULL;
		user->account->seen = reed_wall(hub->loop);
		reed_unsaved_account(user->account);
	}
	reed_names_remove(&hub->nicks, &hub_user(user)->by_nick);
	reed_list_remove(&user->link);
	hub->user_count--;
	reed_user_put_flags(user, 0);
	set_kept(user, false);
	user_discard(user);
}

static void tell_offline(struct reed_telling *t, struct reed_user *user)
{
	struct reed_named *nick = &hub_user(user)->by_nick;
	struct reed_telling offline;

	reed_tell_begin(&offline, t->hub, REED_EVENT_OFFLINE, user, NULL);
	offline.ev.text = reed_slice_of(user->nick);
	t->hub->generation++;
	reed_tell_watchers(&offline, reed_slice(nick->key, nick->n));
	reed_tell_end(&offline);
}

void reed_user_quit(struct reed_user *user, struct reed_slice reason)
{
	struct reed_telling t;

	reed_tell_begin(&t, user->hub, REED_EVENT_QUIT, user, NULL);
	t.ev.text = reason;
	reed_keep_in_rooms_of(&t, user);
	reed_tell_peers(&t);
	tell_offline(&t, user);
	user_forget(user);
	reed_tell_end(&t);
}

enum reed_refusal reed_user_kill(struct reed_session *by, struct reed_user *user,
                                 struct reed_slice reason)
{
	struct reed_hub *hub = user->hub;

	reed_hub_calm(hub, __func__);
	if (!reed_session_may(by, REED_MAY_KILL))
		return REED_REFUSAL_NEEDS_PRIVILEGE;
	reason = reed_text_line(reason, hub_limits(hub)->reason_bytes);
	hub_user(user)->killed = true;
	if (!user->sessions) {
		reed_user_quit(user, reason);
		return REED_REFUSAL_NONE;
	}
	for (struct reed_session *s = user->sessions; s; s = s->sibling)
		leave_later(s, reason);
	return REED_REFUSAL_NONE;
}
