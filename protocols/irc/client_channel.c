/* Channels we are in: their names, topics and modes. */

#include "client_private.h"

#include <string.h>

static struct irc_channel *channel_of(const struct reed_irc_channel *is)
{
	return (struct irc_channel *)(uintptr_t)is; /* its first member */
}

static struct irc_channel *channel_at(struct reed_list *link)
{
	return reed_container_of(link, struct irc_channel, link);
}

static struct irc_member *member_at(struct reed_list *link)
{
	return reed_container_of(link, struct irc_member, in_channel);
}

/* by may be what it was. */
static void set(const char **text, struct reed_slice by)
{
	const char *old = *text;

	*text = reed_slice_dup(by);
	reed_free((void *)(uintptr_t)old);
}

/* ---- coming and going ---- */

struct irc_channel *reed_irc_client_channel(const struct reed_irc_client *c, struct reed_slice name)
{
	struct irc_named *named = reed_irc_table_find(&c->channels, name);

	return named ? reed_container_of(named, struct irc_channel, named) : NULL;
}

static void name_channel(struct irc_channel *channel, struct reed_slice name)
{
	reed_free(channel->named.name);
	channel->named.name = reed_slice_dup(name);
	channel->is.name = channel->named.name;
}

/* NULL when there are too many. */
struct irc_channel *reed_irc_client_add_channel(struct reed_irc_client *c, struct reed_slice name)
{
	struct irc_channel *channel = reed_irc_client_channel(c, name);

	if (channel)
		return channel;
	if (c->stats.channels >= c->options.channels_most) {
		c->stats.untracked++;
		return NULL;
	}
	channel = reed_alloc(sizeof(*channel));
	reed_list_init(&channel->members);
	name_channel(channel, name);
	set(&channel->is.topic, REED_STR(""));
	set(&channel->is.topic_by, REED_STR(""));
	reed_irc_table_add(&c->channels, &channel->named);
	reed_list_append(&c->channel_list, &channel->link);
	c->stats.channels++;
	return channel;
}

void reed_irc_client_clear_modes(struct irc_channel *channel)
{
	for (size_t i = 0; i < REED_COUNT(channel->modes); i++) {
		reed_free(channel->modes[i]);
		channel->modes[i] = NULL;
	}
}

void reed_irc_client_remove_channel(struct reed_irc_client *c, struct irc_channel *channel)
{
	while (!reed_list_empty(&channel->members))
		reed_irc_client_remove_member(c, member_at(channel->members.next));
	reed_irc_client_clear_modes(channel);
	reed_irc_table_remove(&c->channels, &channel->named);
	reed_list_remove(&channel->link);
	reed_free((void *)(uintptr_t)channel->is.topic);
	reed_free((void *)(uintptr_t)channel->is.topic_by);
	reed_free(channel->named.name);
	reed_free(channel);
	c->stats.channels--;
}

void reed_irc_client_forget_state(struct reed_irc_client *c)
{
	while (!reed_list_empty(&c->channel_list))
		reed_irc_client_remove_channel(c, channel_at(c->channel_list.next));
}

void reed_irc_client_on_rename(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	struct irc_channel *channel = reed_irc_client_channel(c, reed_irc_param(&box->message, 0));

	e->kind = REED_IRC_EVENT_RENAME;
	e->target = reed_irc_param(&box->message, 0);
	e->subject = reed_irc_param(&box->message, 1);
	e->text = reed_irc_param(&box->message, 2);
	if (!channel || e->subject.n == 0)
		return;
	reed_irc_client_rename_home(c, e->target, e->subject);
	reed_irc_table_remove(&c->channels, &channel->named);
	name_channel(channel, e->subject);
	reed_irc_table_add(&c->channels, &channel->named);
}

/* ---- topics ---- */

void reed_irc_client_set_topic(struct irc_channel *channel, struct reed_slice topic,
                               struct reed_slice by, int64_t time)
{
	set(&channel->is.topic, topic);
	set(&channel->is.topic_by, by);
	channel->is.topic_time = time;
}

void reed_irc_client_on_topic(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	struct irc_channel *channel = reed_irc_client_channel(c, reed_irc_param(&box->message, 0));

	e->kind = REED_IRC_EVENT_TOPIC;
	e->target = e->reply_to = reed_irc_param(&box->message, 0);
	e->text = reed_irc_param(&box->message, 1);
	if (channel)
		reed_irc_client_set_topic(channel, e->text, box->message.source, e->time / 1000);
}

/* ---- modes ---- */

static void change_member(struct reed_irc_client *c, struct irc_channel *channel,
                          const struct reed_irc_mode_change *change)
{
	struct irc_user *user = reed_irc_client_user(c, change->param);
	struct irc_member *member = user ? reed_irc_client_member(channel, user) : NULL;

	if (member)
		reed_irc_client_set_member_mode(c, member, change->letter, change->set);
}

static void change_setting(struct irc_channel *channel, const struct reed_irc_mode_change *change)
{
	char **at = &channel->modes[(unsigned char)change->letter & 127];

	reed_free(*at);
	*at = change->set ? reed_slice_dup(change->param) : NULL;
}

void reed_irc_client_change_modes(struct reed_irc_client *c, struct irc_channel *channel,
                                  const struct reed_slice *params, size_t n)
{
	struct reed_irc_mode_changes changes;

	reed_irc_modes_parse(&c->isupport.modes, params, n, &changes);
	for (size_t i = 0; i < changes.count; i++) {
		const struct reed_irc_mode_change *change = &changes.at[i];

		if (change->what != REED_IRC_MODE_CHANGE)
			continue;
		if (change->kind == REED_IRC_MODE_MEMBER)
			change_member(c, channel, change);
		else if (change->kind != REED_IRC_MODE_LIST)
			change_setting(channel, change);
	}
}

void reed_irc_client_on_mode(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;
	const struct reed_irc_message *m = &box->message;
	struct irc_channel *channel = reed_irc_client_channel(c, reed_irc_param(m, 0));

	e->kind = REED_IRC_EVENT_MODE;
	e->target = reed_irc_param(m, 0);
	e->text = reed_irc_param(m, 1);
	e->is_private = reed_irc_client_is_me(c, e->target);
	if (channel && m->count > 1)
		reed_irc_client_change_modes(c, channel, m->params + 1, m->count - 1u);
}

/* ---- for those who look ---- */

const struct reed_irc_channel *reed_irc_channel_find(const struct reed_irc_client *client,
                                                     struct reed_slice name)
{
	struct irc_channel *channel = reed_irc_client_channel(client, name);

	return channel ? &channel->is : NULL;
}

const struct reed_irc_channel *reed_irc_channel_next(const struct reed_irc_client *client,
                                                     const struct reed_irc_channel *after)
{
	const struct reed_list *link = after ? &channel_of(after)->link : &client->channel_list;

	return link->next == &client->channel_list ? NULL : &channel_at(link->next)->is;
}

bool reed_irc_channel_mode(const struct reed_irc_channel *channel, char letter, const char **param)
{
	const char *value = channel_of(channel)->modes[(unsigned char)letter & 127];

	if (value && param)
		*param = value;
	return value != NULL;
}

const struct reed_irc_member *reed_irc_member_find(const struct reed_irc_client *client,
                                                   const struct reed_irc_channel *channel,
                                                   struct reed_slice nick)
{
	struct irc_named *named = reed_irc_table_find(&client->users, nick);
	struct irc_member *member;

	if (!named)
		return NULL;
	member = reed_irc_client_member(channel_of(channel),
	                                reed_container_of(named, struct irc_user, named));
	return member ? &member->is : NULL;
}

const struct reed_irc_member *reed_irc_member_next(const struct reed_irc_channel *channel,
                                                   const struct reed_irc_member *after)
{
	struct irc_channel *self = channel_of(channel);
	struct reed_list *link = &self->members;

	if (after)
		link = &((struct irc_member *)(uintptr_t)after)->in_channel;
	return link->next == &self->members ? NULL : &member_at(link->next)->is;
}

bool reed_irc_member_is(const struct reed_irc_client *client, const struct reed_irc_member *member,
                        char letter)
{
	const struct reed_irc_modes *modes = &client->isupport.modes;

	return *member->modes &&
	       reed_irc_mode_rank(modes, *member->modes) <= reed_irc_mode_rank(modes, letter);
}

const struct reed_irc_user *reed_irc_user_find(const struct reed_irc_client *client,
                                               struct reed_slice nick)
{
	struct irc_named *named = reed_irc_table_find(&client->users, nick);

	return named ? &reed_container_of(named, struct irc_user, named)->is : NULL;
}
