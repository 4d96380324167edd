/* Events that each client is told in words of its own. */

#include "irc_server.h"

void reed_irc_send_join(struct irc_conn *c, const struct reed_user *user,
                        const struct reed_room *room)
{
	struct irc_line l;

	reed_irc_begin(&l, reed_slice_of(user->full), "JOIN");
	reed_irc_build_param(&l.b, reed_slice_of(room->name));
	if (irc_has(c, IRC_CAP_EXTENDED_JOIN)) {
		reed_irc_build_param(&l.b, user->account ? reed_slice_of(user->account->name)
		                                         : REED_STR("*"));
		reed_irc_build_text_cut(&l.b, reed_slice_of(user->realname));
	}
	reed_irc_end_from(c, &l, user);
}

static void tell_knock(struct irc_conn *c, const struct reed_hub_event *ev)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_KNOCK);
	reed_irc_build_param(&l.b, reed_slice_of(ev->room->name));
	reed_irc_build_param(&l.b, reed_slice_of(ev->actor->full));
	reed_irc_build_usual_text(&l.b);
	reed_irc_end(c, &l);
}

static void tell_own_modes(struct irc_conn *c, const struct reed_hub_event *ev)
{
	char modes[32];
	struct irc_line l;

	if (ev->actor != irc_user(c) ||
	    !reed_irc_user_change_text(ev->was->flags, ev->actor->flags, modes))
		return;
	reed_irc_begin(&l, reed_slice_of(ev->actor->nick), "MODE");
	reed_irc_build_param(&l.b, reed_slice_of(ev->actor->nick));
	reed_irc_build_param(&l.b, reed_slice_of(modes));
	reed_irc_end_from(c, &l, ev->actor);
}

/* Members of a room that was renamed see themselves leave one and enter the other. */
static void tell_rename(struct irc_conn *c, const struct reed_hub_event *ev)
{
	const struct reed_user *user = irc_user(c);
	struct irc_line l;

	reed_irc_begin(&l, reed_slice_of(user->full), "PART");
	reed_irc_build_param(&l.b, ev->ref);
	reed_irc_build_textf(&l.b, "This room is called %s now", ev->room->name);
	reed_irc_end_from(c, &l, user);
	reed_irc_send_join(c, user, ev->room);
	reed_irc_show_room(c, ev->room);
}

/*
 * Who does not know CHGHOST sees the user go and come again, in the rooms that
 * both are in (IRCv3 chghost); oneself is told by a numeric.
 */
static void come_again(struct irc_conn *c, const struct reed_member *member)
{
	char prefixes[8], letters[16] = "+";
	size_t n = reed_irc_prefixes(member->roles, true, prefixes);
	struct irc_line l;

	reed_irc_send_join(c, member->user, member->room);
	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		letters[i + 1] = reed_irc_letter_of_role(reed_irc_role_of_prefix(prefixes[i]));
	reed_irc_begin(&l, c->server->name, "MODE");
	reed_irc_build_param(&l.b, reed_slice_of(member->room->name));
	reed_irc_build_param(&l.b, reed_slice(letters, n + 1));
	for (size_t i = 0; i < n; i++)
		reed_irc_build_param(&l.b, reed_slice_of(member->user->nick));
	reed_irc_end(c, &l);
}

static void tell_host(struct irc_conn *c, const struct reed_hub_event *ev)
{
	struct irc_line l;

	if (ev->actor == irc_user(c)) {
		reed_irc_tell1(c, REED_IRC_RPL_VISIBLEHOST, reed_slice_of(ev->actor->host));
		return;
	}
	if (ev->flags & REED_EVENT_WATCHED)
		return;
	reed_irc_begin(&l, ev->was->full, "QUIT");
	reed_irc_build_text(&l.b, REED_STR("Changing host"));
	reed_irc_end_from(c, &l, ev->actor);
	reed_list_each (link, &ev->actor->memberships) {
		const struct reed_member *member =
			reed_container_of(link, struct reed_member, link);

		if (reed_member_find(member->room, irc_user(c)))
			come_again(c, member);
	}
}

/* What an operator says to all who hear such things (RFC 2812 4.7), or the server. */
static void tell_note(struct irc_conn *c, const struct reed_hub_event *ev)
{
	struct irc_line l;

	if (!ev->actor) {
		reed_irc_notice(c, REED_FMT, REED_ARG(ev->text));
		return;
	}
	reed_irc_begin(&l, reed_slice_of(ev->actor->full), "WALLOPS");
	reed_irc_build_text(&l.b, ev->text);
	reed_irc_end_from(c, &l, ev->actor);
}

/* True when there is no more to say of it. */
bool reed_irc_tell_personally(struct irc_conn *c, const struct reed_hub_event *ev)
{
	switch ((int)ev->kind) {
	case REED_EVENT_KNOCK:
		tell_knock(c, ev);
		return true;
	case REED_EVENT_ONLINE:
		reed_irc_tell_text(c, REED_IRC_RPL_MONONLINE, REED_STR(""), "%s", ev->actor->full);
		return true;
	case REED_EVENT_OFFLINE:
		reed_irc_tell_text(c, REED_IRC_RPL_MONOFFLINE, REED_STR(""), REED_FMT,
		                   REED_ARG(ev->text));
		return true;
	case REED_EVENT_NOTICE:
		tell_note(c, ev);
		return true;
	case REED_EVENT_FLAGS:
		tell_own_modes(c, ev);
		return true;
	case REED_EVENT_HOST:
		if (irc_has(c, IRC_CAP_CHGHOST))
			return false;
		tell_host(c, ev);
		return true;
	case REED_EVENT_RENAME:
		tell_rename(c, ev);
		return true;
	default:
		return false;
	}
}

void reed_irc_tell_that_away(struct irc_conn *c, const struct reed_user *user)
{
	struct irc_line l;

	if (!user->away || !irc_has(c, IRC_CAP_AWAY_NOTIFY))
		return;
	reed_irc_begin(&l, reed_slice_of(user->full), "AWAY");
	reed_irc_build_text_cut(&l.b, reed_slice_of(user->away));
	reed_irc_end_from(c, &l, user);
}
