/* Speaking: in rooms, to users, and as the server. */

#include "private.h"

#include "reed/random.h"

/* ---- what is said ---- */

static enum reed_refusal check_tags(const struct reed_hub *hub, const struct reed_speech *speech)
{
	if (reed_tags_packed_size(speech->tags, speech->tag_count) > hub_limits(hub)->tag_bytes)
		return REED_REFUSAL_TOO_LONG;
	for (size_t i = 0; i < speech->tag_count; i++) {
		const struct reed_tag *tag = &speech->tags[i];

		if (tag->key.n == 0 || reed_slice_find(tag->key, '\0') < tag->key.n ||
		    reed_slice_find(tag->value, '\0') < tag->value.n)
			return REED_REFUSAL_BAD_TEXT;
	}
	return REED_REFUSAL_NONE;
}

enum reed_refusal reed_speech_check(const struct reed_hub *hub, const struct reed_speech *speech)
{
	const struct reed_slice *text = &speech->text;

	if (text->n == 0 && (speech->manner != REED_TAG || speech->tag_count == 0))
		return REED_REFUSAL_EMPTY;
	if (text->n > hub_limits(hub)->message_bytes)
		return REED_REFUSAL_TOO_LONG;
	if (reed_slice_find(*text, '\0') < text->n || !reed_slice_is_utf8(*text))
		return REED_REFUSAL_BAD_TEXT;
	return speech->tag_count ? check_tags(hub, speech) : REED_REFUSAL_NONE;
}

static void put_speech(struct reed_hub_event *ev, const struct reed_speech *speech)
{
	ev->manner = speech->manner;
	ev->roles = speech->roles;
	ev->text = speech->text;
	ev->tags = speech->tags;
	ev->tag_count = speech->tag_count;
}

static void has_spoken(struct reed_session *from, int64_t now)
{
	from->active = from->user->spoke = now;
}

static void member_has_spoken(struct reed_member *m, int64_t now)
{
	m->spoke = now;
	hub_member(m)->said = reed_now(m->room->hub->loop);
}

/* ---- in a room ---- */

/* By the clock that nobody sets back. */
static bool is_too_fast(const struct reed_room *room, const struct hub_member *m)
{
	return m->said && reed_now(room->hub->loop) - m->said < REED_S(room->slow);
}

/* Those without a voice may be too fast. */
static enum reed_refusal check_voiceless(struct reed_room *room, struct reed_member *m,
                                         const struct reed_user *user)
{
	if (room->flags & REED_ROOM_MODERATED)
		return REED_REFUSAL_MODERATED;
	if ((room->flags & REED_ROOM_ACCOUNTS_SPEAK) && !user->account)
		return REED_REFUSAL_NEEDS_ACCOUNT;
	if (m ? reed_member_banned(m) || reed_member_quiet(m)
	      : reed_room_listed(room, REED_LIST_BAN, user) &&
	                    !reed_room_listed(room, REED_LIST_EXCEPT, user))
		return REED_REFUSAL_BANNED;
	if (m && room->slow && is_too_fast(room, hub_member(m)))
		return REED_REFUSAL_TOO_FAST;
	return REED_REFUSAL_NONE;
}

static enum reed_refusal check_voice(struct reed_room *room, struct reed_session *session,
                                     struct reed_member *m, enum reed_manner manner)
{
	if (reed_session_may(session, REED_MAY_ROOMS))
		return REED_REFUSAL_NONE;
	if (!m && (room->flags & REED_ROOM_NO_OUTSIDE))
		return REED_REFUSAL_OUTSIDE;
	if (!m && (room->flags & REED_ROOM_SECURE_ONLY) && !session->secure)
		return REED_REFUSAL_NEEDS_SECURITY;
	if (manner == REED_NOTE && (room->flags & REED_ROOM_NO_NOTES))
		return REED_REFUSAL_OUTSIDE;
	if (m && m->roles >= REED_ROLE_VOICE)
		return REED_REFUSAL_NONE;
	return check_voiceless(room, m, session->user);
}

enum reed_refusal reed_room_hears(struct reed_room *room, struct reed_session *session,
                                  enum reed_manner manner)
{
	return check_voice(room, session, reed_member_find(room, session->user), manner);
}

/* In some rooms who may not speak to all may speak to those who rule. */
static bool only_ops_hear(const struct reed_room *room, enum reed_refusal refusal)
{
	return (room->flags & REED_ROOM_OPS_HEAR) &&
	       (refusal == REED_REFUSAL_MODERATED || refusal == REED_REFUSAL_BANNED ||
	        refusal == REED_REFUSAL_NEEDS_ACCOUNT);
}

static void say(struct reed_session *from, struct reed_room *room, struct reed_member *m,
                const struct reed_speech *speech, unsigned roles)
{
	struct reed_telling t;

	reed_tell_begin(&t, room->hub, REED_EVENT_MESSAGE, from->user, from);
	t.ev.room = room;
	put_speech(&t.ev, speech);
	if (roles)
		t.ev.roles = roles;
	room->hub->messages++;
	if (!speech->passing) {
		has_spoken(from, t.ev.time);
		if (m)
			member_has_spoken(m, t.ev.time);
		reed_keep_in_room(&t, room);
	}
	reed_tell_room(&t, room);
	/* who speaks hears it too, also from outside and without the role */
	if (!m || (t.ev.roles && !(m->roles & t.ev.roles)))
		reed_tell_user(&t, from->user);
	reed_tell_end(&t);
}

enum reed_refusal reed_room_say(struct reed_session *from, struct reed_room *room,
                                const struct reed_speech *speech)
{
	enum reed_refusal refusal = reed_speech_check(room->hub, speech);
	struct reed_member *m = reed_member_find(room, from->user);

	reed_hub_calm(room->hub, __func__);
	if (refusal)
		return refusal;
	refusal = check_voice(room, from, m, speech->manner);
	if (refusal && !only_ops_hear(room, refusal))
		return refusal;
	say(from, room, m, speech, refusal ? REED_ROLES & ~(unsigned)(REED_ROLE_HALFOP - 1) : 0);
	return REED_REFUSAL_NONE;
}

/* ---- to a user ---- */

enum reed_refusal reed_user_hears(const struct reed_user *to, const struct reed_session *from)
{
	const struct reed_user *user = from->user;

	if (user == to || (user->privileges & REED_MAY_SPEAK))
		return REED_REFUSAL_NONE;
	if ((to->flags & REED_USER_REGISTERED_ONLY) && !user->account)
		return REED_REFUSAL_NEEDS_ACCOUNT;
	return reed_masks_match(to->hub, reed_user_blocks(to), user, from) ? REED_REFUSAL_BLOCKED
	                                                                   : REED_REFUSAL_NONE;
}

enum reed_refusal reed_user_say(struct reed_session *from, struct reed_user *to,
                                const struct reed_speech *speech)
{
	struct reed_hub *hub = to->hub;
	enum reed_refusal refusal = reed_speech_check(hub, speech);
	struct reed_telling t;

	reed_hub_calm(hub, __func__);
	if (!refusal)
		refusal = reed_user_hears(to, from);
	if (refusal)
		return refusal;
	reed_tell_begin(&t, hub, REED_EVENT_MESSAGE, from->user, from);
	t.ev.target = to;
	put_speech(&t.ev, speech);
	hub->messages++;
	if (!speech->passing) {
		has_spoken(from, t.ev.time);
		reed_keep_talk(&t);
	}
	reed_tell_user(&t, to);
	if (to != from->user)
		reed_tell_user(&t, from->user);
	reed_tell_end(&t);
	return REED_REFUSAL_NONE;
}

/* ---- as the server ---- */

void reed_user_note(struct reed_user *to, struct reed_slice text)
{
	struct reed_telling t;

	reed_hub_calm(to->hub, __func__);
	reed_tell_begin(&t, to->hub, REED_EVENT_NOTICE, NULL, NULL);
	t.ev.target = to;
	t.ev.text = text;
	reed_tell_user(&t, to);
	reed_tell_end(&t);
}

enum reed_refusal reed_hub_note(struct reed_hub *hub, struct reed_session *by, unsigned flags,
                                struct reed_slice text)
{
	struct reed_telling t;

	reed_hub_calm(hub, __func__);
	if (!reed_session_may(by, REED_MAY_SPEAK))
		return REED_REFUSAL_NEEDS_PRIVILEGE;
	reed_tell_begin(&t, hub, REED_EVENT_NOTICE, by ? by->user : NULL, by);
	t.ev.text = text;
	reed_list_each (link, &hub->all_users) {
		struct reed_user *user = reed_container_of(link, struct reed_user, link);

		if ((user->flags & flags) == flags)
			reed_tell_user(&t, user);
	}
	reed_tell_end(&t);
	return REED_REFUSAL_NONE;
}
