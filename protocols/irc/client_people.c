/* Users in our channels: seen, renamed, gone; and members, which is what they are there. */

#include "client_private.h"

#include <string.h>

static struct irc_user *user_of_name(struct irc_named *named)
{
	return named ? reed_container_of(named, struct irc_user, named) : NULL;
}

struct irc_user *reed_irc_client_user(struct reed_irc_client *c, struct reed_slice nick)
{
	return user_of_name(reed_irc_table_find(&c->users, nick));
}

/* ---- strings that may change; what nobody has told stays what it is ---- */

static void free_text(const char *text)
{
	reed_free((void *)(uintptr_t)text);
}

static void set(const char **text, struct reed_slice by)
{
	const char *old = *text;

	if (old && reed_slice_is(by, old))
		return;
	*text = reed_slice_dup(by);
	free_text(old);
}

void reed_irc_client_saw(struct reed_irc_client *c, struct irc_user *user, struct reed_slice name,
                         struct reed_slice host)
{
	if (name.n > 0)
		set(&user->is.user, name);
	if (host.n > 0)
		set(&user->is.host, host);
	if (name.n > 0 && host.n > 0 && reed_irc_client_is_me(c, reed_slice_of(user->is.nick)))
		reed_irc_client_set_userhost(c, name, host);
}

void reed_irc_client_set_user_account(struct irc_user *user, struct reed_slice account)
{
	/* extended-join and account-notify write "*" for none; WHOX writes "0" */
	set(&user->is.account, reed_slice_is(account, "*") ? REED_STR("") : account);
}

void reed_irc_client_set_user_realname(struct irc_user *user, struct reed_slice realname)
{
	set(&user->is.realname, realname);
}

/* ---- users ---- */

static void name_user(struct irc_user *user, struct reed_slice nick)
{
	reed_free(user->named.name);
	user->named.name = reed_slice_dup(nick);
	user->is.nick = user->named.name;
}

static struct irc_user *user_new(struct reed_irc_client *c, struct reed_slice nick)
{
	struct irc_user *user = reed_alloc(sizeof(*user));

	reed_list_init(&user->memberships);
	name_user(user, nick);
	user->is.user = reed_strdup("");
	user->is.host = reed_strdup("");
	reed_irc_table_add(&c->users, &user->named);
	return user;
}

static void user_free(struct reed_irc_client *c, struct irc_user *user)
{
	reed_irc_table_remove(&c->users, &user->named);
	free_text(user->is.user);
	free_text(user->is.host);
	free_text(user->is.account);
	free_text(user->is.realname);
	reed_free(user->named.name);
	reed_free(user);
}

static struct irc_member *member_in_user(struct reed_list *link)
{
	return reed_container_of(link, struct irc_member, in_user);
}

void reed_irc_client_remove_user(struct reed_irc_client *c, struct irc_user *user)
{
	/* the user goes with the last membership */
	while (user->is.channels > 1)
		reed_irc_client_remove_member(c, member_in_user(user->memberships.next));
	reed_irc_client_remove_member(c, member_in_user(user->memberships.next));
}

/* ---- members ---- */

struct irc_member *reed_irc_client_member(const struct irc_channel *channel,
                                          const struct irc_user *user)
{
	reed_list_each (link, &user->memberships) {
		if (member_in_user(link)->channel == channel)
			return member_in_user(link);
	}
	return NULL;
}

static struct irc_member *member_new(struct irc_channel *channel, struct irc_user *user)
{
	struct irc_member *member = reed_alloc(sizeof(*member));

	member->channel = channel;
	member->user = user;
	member->is.user = &user->is;
	reed_list_append(&channel->members, &member->in_channel);
	reed_list_append(&user->memberships, &member->in_user);
	channel->is.members++;
	user->is.channels++;
	return member;
}

struct irc_member *reed_irc_client_add_member(struct reed_irc_client *c,
                                              struct irc_channel *channel, struct reed_slice nick)
{
	struct irc_user *user = reed_irc_client_user(c, nick);
	struct irc_member *member = user ? reed_irc_client_member(channel, user) : NULL;

	if (member)
		return member;
	if (nick.n == 0 || c->stats.members >= c->options.members_most) {
		c->stats.untracked++;
		return NULL;
	}
	c->stats.members++;
	return member_new(channel, user ? user : user_new(c, nick));
}

void reed_irc_client_remove_member(struct reed_irc_client *c, struct irc_member *member)
{
	struct irc_user *user = member->user;

	reed_list_remove(&member->in_channel);
	reed_list_remove(&member->in_user);
	member->channel->is.members--;
	reed_free(member);
	c->stats.members--;
	if (--user->is.channels == 0)
		user_free(c, user);
}

void reed_irc_client_set_member_mode(const struct reed_irc_client *c, struct irc_member *member,
                                     char letter, bool on)
{
	const struct reed_irc_modes *modes = &c->isupport.modes;
	char now[REED_IRC_PREFIXES_MAX + 1];
	size_t n = 0;

	memcpy(now, member->is.modes, sizeof(now));
	for (size_t i = 0; i < REED_IRC_PREFIXES_MAX && modes->members[i]; i++) {
		char m = modes->members[i];

		if (m == letter ? on : strchr(now, m) != NULL)
			member->is.modes[n++] = m;
	}
	member->is.modes[n] = '\0';
}

/* ---- what is told of them ---- */

static void rename_user(struct reed_irc_client *c, struct irc_user *user, struct reed_slice nick)
{
	struct irc_user *other = reed_irc_client_user(c, nick);

	/* two of one name cannot be: then what we knew was wrong */
	if (other && other != user)
		reed_irc_client_remove_user(c, other);
	reed_irc_table_remove(&c->users, &user->named);
	name_user(user, nick);
	reed_irc_table_add(&c->users, &user->named);
}

/* InspIRCd 3 answers "NICK new" with label as if somebody called new had said it. */
static void put_right_who(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;

	if (e->is_mine || !reed_irc_client_same(c, e->who.nick, e->subject) ||
	    !reed_irc_client_answers(c, &box->message, "NICK"))
		return;
	e->is_mine = true;
	e->who.nick = reed_irc_box_copy(box, reed_irc_client_nick(c));
}

void reed_irc_client_on_nick(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	struct irc_user *user;

	e->kind = REED_IRC_EVENT_NICK;
	e->subject = reed_irc_param(&box->message, 0);
	if (e->subject.n == 0)
		return;
	put_right_who(c, box);
	user = reed_irc_client_user(c, e->who.nick);
	if (user)
		rename_user(c, user, e->subject);
	if (e->is_mine) {
		reed_irc_client_set_nick(c, e->subject);
		if (c->asked_nick && reed_irc_client_is_me(c, reed_slice_of(c->asked_nick)))
			reed_irc_replace(&c->wanted_nick, e->subject);
	} else {
		reed_irc_client_nick_is_free(c, e->who.nick);
	}
}

void reed_irc_client_on_quit(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	struct irc_user *user = reed_irc_client_user(c, e->who.nick);

	e->kind = REED_IRC_EVENT_QUIT;
	e->text = reed_irc_param(&box->message, 0);
	if (user && !e->is_mine)
		reed_irc_client_remove_user(c, user);
	reed_irc_client_nick_is_free(c, e->who.nick);
}

void reed_irc_client_on_away(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	struct irc_user *user = reed_irc_client_user(c, e->who.nick);

	e->kind = REED_IRC_EVENT_AWAY;
	e->text = reed_irc_param(&box->message, 0);
	e->is_over = e->text.n == 0;
	if (user)
		user->is.is_away = !e->is_over;
}

void reed_irc_client_on_account(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	struct irc_user *user = reed_irc_client_user(c, e->who.nick);

	e->kind = REED_IRC_EVENT_ACCOUNT;
	e->account = reed_irc_param(&box->message, 0);
	if (reed_slice_is(e->account, "*"))
		e->account = REED_STR("");
	if (user)
		reed_irc_client_set_user_account(user, e->account);
}

void reed_irc_client_on_chghost(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	struct irc_user *user = reed_irc_client_user(c, e->who.nick);
	struct reed_slice name = reed_irc_param(&box->message, 0);
	struct reed_slice host = reed_irc_param(&box->message, 1);
	char *both = reed_pool_alloc(&box->pool, name.n + host.n + 2);

	e->kind = REED_IRC_EVENT_HOST;
	if (user)
		reed_irc_client_saw(c, user, name, host);
	else if (e->is_mine)
		reed_irc_client_set_userhost(c, name, host);
	if (!both)
		return;
	snprintf(both, name.n + host.n + 2, REED_FMT "@" REED_FMT, REED_ARG(name), REED_ARG(host));
	e->subject = reed_slice(both, name.n + host.n + 1);
}

void reed_irc_client_on_setname(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	struct irc_user *user = reed_irc_client_user(c, e->who.nick);

	e->kind = REED_IRC_EVENT_NAME;
	e->text = reed_irc_param(&box->message, 0);
	if (user)
		reed_irc_client_set_user_realname(user, e->text);
}

/* Not every server puts the account on everything, but on what people say it does. */
static bool tells_of_account(const struct reed_irc_client *c, const struct reed_irc_event *e)
{
	return irc_is_on(c, IRC_CAP_ACCOUNT_TAG) &&
	       (e->account.n > 0 || e->message->command == REED_IRC_PRIVMSG ||
	        e->message->command == REED_IRC_NOTICE);
}

void reed_irc_client_saw_source(struct reed_irc_client *c, const struct reed_irc_event *e)
{
	struct irc_user *user = NULL;

	if (e->who.host.n > 0)
		user = reed_irc_client_user(c, e->who.nick);
	if (!user)
		return;
	reed_irc_client_saw(c, user, e->who.user, e->who.host);
	if (tells_of_account(c, e))
		reed_irc_client_set_user_account(user, e->account);
}
