/* Who comes and who goes, ourselves first of all; and the channels that are our homes. */

#include "client_private.h"

#include "reed/log.h"

enum { JOINS_AT_ONCE = 10 };

/* ---- homes ---- */

static struct irc_home *home_at(struct reed_list *link)
{
	return reed_container_of(link, struct irc_home, link);
}

static struct irc_home *find_home(struct reed_irc_client *c, struct reed_slice name)
{
	reed_list_each (link, &c->homes) {
		if (reed_irc_client_same(c, reed_slice_of(home_at(link)->name), name))
			return home_at(link);
	}
	return NULL;
}

void reed_irc_client_add_home(struct reed_irc_client *c, struct reed_slice name,
                              struct reed_slice key)
{
	struct irc_home *home = find_home(c, name);

	if (!home) {
		home = reed_alloc(sizeof(*home));
		home->name = reed_slice_dup(name);
		reed_list_append(&c->homes, &home->link);
	}
	home->is_asked = home->is_waiting = false;
	reed_irc_replace(&home->key, key);
}

static void free_home(struct irc_home *home)
{
	reed_list_remove(&home->link);
	reed_free(home->name);
	reed_free(home->key);
	reed_free(home);
}

void reed_irc_client_remove_home(struct reed_irc_client *c, struct reed_slice name)
{
	struct irc_home *home = find_home(c, name);

	if (home)
		free_home(home);
}

void reed_irc_client_rename_home(struct reed_irc_client *c, struct reed_slice name,
                                 struct reed_slice now)
{
	struct irc_home *home = find_home(c, name);

	if (home)
		reed_irc_replace(&home->name, now);
}

void reed_irc_client_forget_homes(struct reed_irc_client *c)
{
	while (!reed_list_empty(&c->homes))
		free_home(home_at(c->homes.next));
}

static void go_to(struct reed_irc_client *c, struct irc_home *home)
{
	struct reed_slice key = reed_slice_of(home->key);

	home->is_asked = true;
	home->is_waiting = false;
	reed_irc_client_tell(c, REED_IRC_SOON, "JOIN", reed_slice_of(home->name),
	                     key.n > 0 ? key : reed_slice(NULL, 0));
}

/* ---- all homes at once ---- */

/* Those with a key have a line each: keys are counted off from the left. */
void reed_irc_client_go_home(struct reed_irc_client *c)
{
	struct irc_lines lines = { .client = c,
		                   .priority = REED_IRC_SOON,
		                   .verb = "JOIN",
		                   .most = JOINS_AT_ONCE };

	if (reed_irc_isupport_get(&c->isupport, "TARGMAX"))
		lines.most = reed_irc_targmax(&c->isupport, REED_STR("JOIN"));
	reed_list_each (link, &c->homes) {
		struct irc_home *home = home_at(link);

		home->is_asked = true;
		home->is_waiting = false;
		home->refused = 0;
		if (*home->key)
			go_to(c, home);
		else
			reed_irc_lines_add(&lines, reed_slice_of(home->name));
	}
	reed_irc_lines_end(&lines);
}

void reed_irc_client_go_back(struct reed_irc_client *c)
{
	reed_list_each (link, &c->homes) {
		if (home_at(link)->is_waiting)
			go_to(c, home_at(link));
	}
}

/* There is no such channel, or we were sent to another one. */
static bool is_for_good(uint16_t numeric)
{
	return numeric == REED_IRC_ERR_NOSUCHCHANNEL || numeric == REED_IRC_ERR_LINKCHANNEL ||
	       numeric == REED_IRC_ERR_BADCHANMASK || numeric == 479; /* ERR_BADCHANNAME */
}

/* Whoever set up a robot shall read why it is not where it should be, but not every minute. */
void reed_irc_client_on_join_refused(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_slice name = reed_irc_param(&box->message, 1);
	uint16_t numeric = box->message.numeric;
	struct irc_home *home = find_home(c, name);

	if (!home || !home->is_asked || reed_irc_client_channel(c, name))
		return;
	home->is_asked = false;
	home->is_waiting = !is_for_good(numeric);
	if (home->refused != numeric)
		reed_log(c->loop, REED_LOG_WARN,
		         "cannot join channel=%s why=" REED_FMT " numeric=%u", home->name,
		         REED_ARG(reed_irc_text(&box->message)), numeric);
	home->refused = numeric;
}

/* ---- coming ---- */

static void come_in(struct reed_irc_client *c, struct irc_channel *channel,
                    const struct irc_box *box)
{
	const struct reed_irc_event *e = &box->event;
	struct irc_member *member = reed_irc_client_add_member(c, channel, e->who.nick);

	if (!member)
		return;
	reed_irc_client_saw(c, member->user, e->who.user, e->who.host);
	/* extended-join: the account, and the real name */
	if (box->message.count < 3)
		return;
	reed_irc_client_set_user_account(member->user, reed_irc_param(&box->message, 1));
	reed_irc_client_set_user_realname(member->user, reed_irc_param(&box->message, 2));
}

/* What we knew of the channel when we came before may not be so any more. */
static struct irc_channel *enter(struct reed_irc_client *c, struct reed_slice name)
{
	struct irc_channel *channel = reed_irc_client_channel(c, name);
	struct irc_home *home = find_home(c, name);

	if (channel)
		reed_irc_client_remove_channel(c, channel);
	if (home) {
		home->is_asked = home->is_waiting = false;
		home->refused = 0;
	}
	return reed_irc_client_add_channel(c, name);
}

void reed_irc_client_on_join(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	struct irc_channel *channel;

	e->kind = REED_IRC_EVENT_JOIN;
	e->target = e->reply_to = reed_irc_param(&box->message, 0);
	if (box->message.count >= 3) {
		e->account = reed_irc_param(&box->message, 1);
		if (reed_slice_is(e->account, "*"))
			e->account = REED_STR("");
		e->text = reed_irc_param(&box->message, 2);
	}
	if (e->target.n == 0)
		return;
	channel = e->is_mine ? enter(c, e->target) : reed_irc_client_channel(c, e->target);
	if (e->is_mine && e->who.host.n > 0)
		reed_irc_client_set_userhost(c, e->who.user, e->who.host);
	if (channel)
		come_in(c, channel, box);
}

/* ---- going ---- */

/* nick leaves, and if that is us, all of it is gone. */
static void leave(struct reed_irc_client *c, struct reed_slice name, struct reed_slice nick)
{
	struct irc_channel *channel = reed_irc_client_channel(c, name);
	struct irc_user *user = reed_irc_client_user(c, nick);
	struct irc_member *member;

	if (channel && reed_irc_client_is_me(c, nick)) {
		reed_irc_client_remove_channel(c, channel);
		return;
	}
	member = channel && user ? reed_irc_client_member(channel, user) : NULL;
	if (member)
		reed_irc_client_remove_member(c, member);
}

void reed_irc_client_on_part(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;

	e->kind = REED_IRC_EVENT_PART;
	e->target = e->reply_to = reed_irc_param(&box->message, 0);
	e->text = reed_irc_param(&box->message, 1);
	leave(c, e->target, e->who.nick);
}

void reed_irc_client_on_kick(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	struct irc_home *home;

	e->kind = REED_IRC_EVENT_KICK;
	e->target = e->reply_to = reed_irc_param(&box->message, 0);
	e->subject = reed_irc_param(&box->message, 1);
	e->text = reed_irc_param(&box->message, 2);
	e->is_private = reed_irc_client_is_me(c, e->subject);
	home = e->is_private ? find_home(c, e->target) : NULL;
	if (home)
		home->is_waiting = c->options.rejoin_kicked;
	leave(c, e->target, e->subject);
}

void reed_irc_client_on_invite(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;

	e->kind = REED_IRC_EVENT_INVITE;
	e->subject = reed_irc_param(&box->message, 0);
	e->target = reed_irc_param(&box->message, 1);
	e->reply_to = e->who.nick;
	e->is_private = reed_irc_client_is_me(c, e->subject);
}
