/* PRIVMSG, NOTICE, TAGMSG. */

#include "irc_server.h"

#include <string.h>

/* ---- tags ---- */

/* IRC's names of tags to those that all doors share. */
static struct reed_slice shared_name(struct reed_slice key)
{
	struct reed_slice draft = REED_STR("+draft/");

	if (reed_slice_starts(key, draft) &&
	    (reed_slice_is(key, "+draft/reply") || reed_slice_is(key, "+draft/react") ||
	     reed_slice_is(key, "+draft/unreact") || reed_slice_is(key, "+draft/typing") ||
	     reed_slice_is(key, "+draft/channel-context")))
		return reed_slice_from(key, draft.n);
	return reed_slice_from(key, 1);
}

/* Only what is meant for other clients goes on (IRCv3 message-tags). */
struct client_tags {
	struct reed_pool pool;
	struct reed_tag *list; /* for all doors */
	size_t count;
	struct reed_slice raw; /* as they came, for this one */
	bool passing;          /* a typing notice */
};

/* Of several with one key the last counts. */
static bool comes_again(struct reed_slice key, struct reed_slice rest)
{
	struct reed_irc_tag tag;

	while (reed_irc_tag_next(&rest, &tag))
		if (reed_slice_eq(tag.key, key))
			return true;
	return false;
}

static void take_tag(struct client_tags *out, const struct reed_irc_tag *tag)
{
	struct reed_slice whole =
		reed_slice(tag->key.p, (size_t)(tag->value.p + tag->value.n - tag->key.p));
	struct reed_tag *to = &out->list[out->count++];
	char *raw = (char *)(uintptr_t)out->raw.p;

	to->key = shared_name(tag->key);
	to->value =
		reed_irc_tag_unescape(tag->value, reed_pool_alloc(&out->pool, tag->value.n + 1));
	out->passing |= reed_slice_is(to->key, "typing");
	if (out->raw.n > 0)
		raw[out->raw.n++] = ';';
	memcpy(raw + out->raw.n, whole.p, whole.n);
	out->raw.n += whole.n;
}

static void take_tags(struct irc_conn *c, const struct reed_irc_message *m, struct client_tags *out)
{
	struct reed_slice rest = m->tags;
	struct reed_irc_tag tag;
	size_t most = 0;

	*out = (struct client_tags){ .count = 0 };
	if (!irc_has(c, IRC_CAP_MESSAGE_TAGS))
		return;
	while (reed_irc_tag_next(&rest, &tag))
		most += reed_irc_tag_is_for_clients(tag.key);
	if (most == 0)
		return;
	out->list = reed_pool_alloc(&out->pool, most * sizeof(*out->list));
	out->raw.p = reed_pool_alloc(&out->pool, m->tags.n + 1);
	for (rest = m->tags; reed_irc_tag_next(&rest, &tag);)
		if (reed_irc_tag_is_for_clients(tag.key) && !comes_again(tag.key, rest))
			take_tag(out, &tag);
}

/* ---- what is said ---- */

/* "/me waves" is CTCP on IRC, and a manner everywhere else. */
static void set_text(struct reed_speech *speech, struct reed_slice text)
{
	struct reed_irc_ctcp ctcp;

	speech->text = text;
	if (speech->manner != REED_SAY || !reed_irc_ctcp(text, &ctcp) ||
	    !reed_slice_is_nocase(ctcp.command, "ACTION"))
		return;
	speech->manner = REED_ACT;
	speech->text = ctcp.params;
}

static void tell_if_away(struct irc_conn *c, const struct reed_user *user)
{
	if (user->away)
		reed_irc_tell_text(c, REED_IRC_RPL_AWAY, reed_slice_of(user->nick), "%s",
		                   user->away);
}

/* Of what no user hears but we ourselves. */
static void echo(struct irc_conn *c, struct reed_slice target, struct reed_slice text)
{
	struct irc_line l;

	if (!irc_has(c, IRC_CAP_ECHO_MESSAGE))
		return;
	reed_irc_begin(&l, reed_slice_of(irc_user(c)->full), "PRIVMSG");
	reed_irc_build_param(&l.b, target);
	reed_irc_build_text_cut(&l.b, text);
	reed_irc_end_from(c, &l, irc_user(c));
}

static void say_to_user(struct irc_conn *c, const struct reed_irc_message *m,
                        struct reed_slice nick, const struct reed_speech *speech)
{
	struct reed_user *user = reed_user_find(c->server->hub, nick);
	bool silent = m->command == REED_IRC_NOTICE;
	enum reed_refusal why;

	if (m->command == REED_IRC_PRIVMSG && reed_irc_is_service(nick)) {
		echo(c, nick, m->params[1]);
		reed_irc_service_message(c, nick, speech->text);
		return;
	}
	if (!user) {
		if (!silent)
			reed_irc_tell1(c, REED_IRC_ERR_NOSUCHNICK, nick);
		return;
	}
	why = reed_user_say(&c->session, user, speech);
	if (why && !silent)
		reed_irc_refuse(c, why, "PRIVMSG", nick);
	else if (!why && m->command == REED_IRC_PRIVMSG)
		tell_if_away(c, user);
}

/* "@#c": the lowest prefix says who hears it, those above do too. */
static unsigned roles_from(struct reed_slice prefixes)
{
	unsigned least = 0;

	for (size_t i = 0; i < prefixes.n; i++) {
		unsigned role = reed_irc_role_of_prefix(prefixes.p[i]);

		if (role && (!least || role < least))
			least = role;
	}
	return least ? (unsigned)REED_ROLES & ~(least - 1) : 0;
}

static void say_to_room(struct irc_conn *c, const struct reed_irc_message *m,
                        struct reed_slice target, struct reed_speech *speech)
{
	struct reed_slice prefixes = REED_STR(""), name;
	bool silent = m->command == REED_IRC_NOTICE;
	struct reed_room *room;
	enum reed_refusal why;

	name = reed_irc_without_statusmsg(&c->server->isupport, target, &prefixes);
	room = reed_room_find(c->server->hub, name);
	if (!room) {
		if (!silent)
			reed_irc_tell1(c, REED_IRC_ERR_NOSUCHCHANNEL, name);
		return;
	}
	speech->roles = roles_from(prefixes);
	why = reed_room_say(&c->session, room, speech);
	if (why && !silent)
		reed_irc_refuse(c, why, "PRIVMSG", name);
}

static bool is_room(struct irc_conn *c, struct reed_slice target)
{
	struct reed_slice prefixes;

	return reed_irc_is_channel(&c->server->isupport,
	                           reed_irc_without_statusmsg(&c->server->isupport, target,
	                                                      &prefixes));
}

static void say(struct irc_conn *c, const struct reed_irc_message *m, enum reed_manner manner)
{
	struct reed_slice rest = m->params[0], target;
	struct reed_speech speech = REED_SPEECH;
	unsigned left = c->server->options.limits.targets;
	struct client_tags tags;

	take_tags(c, m, &tags);
	if (manner == REED_TAG && tags.count == 0)
		return; /* there is nothing in it */
	c->server->client_tags = tags.raw;
	while (reed_irc_next_target(c, &rest, &left, &target)) {
		speech = (struct reed_speech)REED_SPEECH;
		speech.manner = manner;
		speech.tags = tags.list;
		speech.tag_count = tags.count;
		/* what is said is said, whatever the client was typing */
		speech.passing = tags.passing && manner == REED_TAG;
		if (manner != REED_TAG)
			set_text(&speech, m->params[1]);
		if (is_room(c, target))
			say_to_room(c, m, target, &speech);
		else
			say_to_user(c, m, target, &speech);
	}
	c->server->client_tags = REED_STR("");
	reed_pool_finish(&tags.pool);
}

void reed_irc_cmd_privmsg(struct irc_conn *c, const struct reed_irc_message *m)
{
	if (m->count == 0)
		reed_irc_tell_text(c, REED_IRC_ERR_NORECIPIENT, REED_STR(""),
		                   "No recipient given (PRIVMSG)");
	else if (m->count == 1 || m->params[1].n == 0)
		reed_irc_tell(c, REED_IRC_ERR_NOTEXTTOSEND);
	else
		say(c, m, REED_SAY);
}

/* RFC 2812 3.3.2: nothing is ever answered to a NOTICE. */
void reed_irc_cmd_notice(struct irc_conn *c, const struct reed_irc_message *m)
{
	if (m->count >= 2 && m->params[1].n > 0)
		say(c, m, REED_NOTE);
}

void reed_irc_cmd_tagmsg(struct irc_conn *c, const struct reed_irc_message *m)
{
	if (irc_has(c, IRC_CAP_MESSAGE_TAGS))
		say(c, m, REED_TAG);
	else
		reed_irc_tell1(c, REED_IRC_ERR_UNKNOWNCOMMAND, REED_STR("TAGMSG"));
}
