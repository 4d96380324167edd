/*
 * Events of the hub as lines of IRC.
 *
 * An event becomes lines once for each form that receivers want it in
 * (extended-join or not, ...), and each line becomes bytes once for each set of
 * tags they take; a thousand receivers share them.
 */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

enum { FORMS = 2, LINES = 64 };

struct form {
	struct reed_irc_envelope *lines[LINES];
	unsigned count;
	bool made;
};

struct encoded {
	struct reed_pool pool; /* bodies, envelopes, keys of tags */
	struct form forms[FORMS];
	struct reed_irc_server *server;
	char time[REED_IRC_TIME_SIZE];
};

/* ---- tags ---- */

/* Names that all doors share, as IRC clients know them. */
static const char *const tag_names[][2] = {
	{ "reply", "+reply" },
	{ "react", "+draft/react" },
	{ "unreact", "+draft/unreact" },
	{ "typing", "+typing" },
	{ "channel-context", "+draft/channel-context" },
};

static struct reed_slice tag_key(struct encoded *e, struct reed_slice key)
{
	char *own;

	for (size_t i = 0; i < REED_COUNT(tag_names); i++)
		if (reed_slice_is(key, tag_names[i][0]))
			return reed_slice_of(tag_names[i][1]);
	own = reed_pool_alloc(&e->pool, key.n + 2);
	own[0] = '+';
	memcpy(own + 1, key.p, key.n);
	return reed_slice(own, key.n + 1);
}

/* What a client of ours says goes on as it came, whatever we call it. */
static struct reed_slice client_tags(struct encoded *e, const struct reed_hub_event *ev)
{
	char tags[REED_IRC_TAGS_MAX + 1];
	struct reed_irc_builder b;

	if (ev->tag_count == 0)
		return REED_STR("");
	if (ev->origin && ev->origin->ops == &reed_irc_door && e->server->client_tags.n > 0)
		return reed_pool_copy(&e->pool, e->server->client_tags);
	reed_irc_build(&b, tags, sizeof(tags));
	for (size_t i = 0; i < ev->tag_count; i++)
		reed_irc_build_tag(&b, tag_key(e, ev->tags[i].key), ev->tags[i].value);
	return b.n > 1 ? reed_pool_copy(&e->pool, reed_slice(tags + 1, b.n - 1)) : REED_STR("");
}

/* An id is that of one line; what is said in several has it, and its client's tags, once. */
static void add_tags(struct encoded *e, struct reed_irc_envelope *line,
                     const struct reed_hub_event *ev, bool first)
{
	reed_irc_envelope_tag(line, REED_STR("time"), reed_slice_of(e->time), IRC_CAP_SERVER_TIME);
	if (ev->kind == REED_EVENT_MESSAGE && first)
		reed_irc_envelope_tag(line, REED_STR("msgid"), reed_slice_of(ev->id.s),
		                      IRC_CAP_MESSAGE_TAGS);
	if (ev->actor && ev->actor->account)
		reed_irc_envelope_tag(line, REED_STR("account"),
		                      reed_slice_of(ev->actor->account->name), IRC_CAP_ACCOUNT_TAG);
	if (ev->actor && ev->actor->flags & REED_USER_BOT)
		reed_irc_envelope_tag(line, REED_STR("bot"), REED_STR(""), IRC_CAP_MESSAGE_TAGS);
	if (first)
		reed_irc_envelope_client_tags(line, client_tags(e, ev), IRC_CAP_MESSAGE_TAGS);
}

/* ---- lines ---- */

static void add_line(struct encoded *e, struct form *form, const struct reed_hub_event *ev,
                     struct reed_slice body)
{
	struct reed_irc_envelope *line;

	if (body.n == 0 || form->count == LINES)
		return;
	line = reed_pool_alloc(&e->pool, sizeof(*line));
	reed_irc_envelope_init(line, reed_pool_copy(&e->pool, body));
	add_tags(e, line, ev, form->count == 0);
	form->lines[form->count++] = line;
}

static void end_line(struct encoded *e, struct form *form, const struct reed_hub_event *ev,
                     struct irc_line *l)
{
	struct reed_slice body;

	if (!reed_irc_build_end(&l->b, &body))
		add_line(e, form, ev, body);
}

static struct reed_slice source_of(struct encoded *e, const struct reed_hub_event *ev)
{
	return ev->actor ? reed_slice_of(ev->actor->full) : e->server->name;
}

static struct reed_slice account_of(const struct reed_user *user)
{
	return user->account ? reed_slice_of(user->account->name) : REED_STR("*");
}

static struct reed_slice room_of(const struct reed_hub_event *ev)
{
	return reed_slice_of(ev->room->name);
}

/* "@#c" when only some hear it. */
static struct reed_slice target_of(const struct reed_hub_event *ev, char into[REED_NAME_MAX + 2])
{
	if (!ev->room)
		return ev->target ? reed_slice_of(ev->target->nick) : REED_STR("*");
	if (!ev->roles || !reed_irc_prefixes(ev->roles & (0u - ev->roles), false, into))
		return room_of(ev);
	snprintf(into + 1, REED_NAME_MAX + 1, "%s", ev->room->name);
	return reed_slice_of(into);
}

static void say_piece(struct encoded *e, struct form *form, const struct reed_hub_event *ev,
                      struct reed_slice target, struct reed_slice piece)
{
	char line[REED_IRC_LINE_MAX], act[REED_IRC_LINE_MAX];
	struct reed_slice body;
	int n;

	if (ev->manner == REED_ACT) {
		n = snprintf(act, sizeof(act), "\1ACTION " REED_FMT "\1", REED_ARG(piece));
		piece = reed_slice(act, (size_t)n < sizeof(act) ? (size_t)n : sizeof(act) - 1);
	}
	if (!reed_irc_compose(line, source_of(e, ev),
	                      ev->manner == REED_NOTE ? REED_STR("NOTICE") : REED_STR("PRIVMSG"),
	                      target, piece, &body))
		add_line(e, form, ev, body);
}

static void make_message(struct encoded *e, struct form *form, const struct reed_hub_event *ev)
{
	char name[REED_NAME_MAX + 2];
	struct reed_slice target = target_of(ev, name), piece;
	struct reed_irc_split split = { .rest = ev->text };
	struct irc_line l;

	if (ev->manner == REED_TAG) {
		reed_irc_begin(&l, source_of(e, ev), "TAGMSG");
		reed_irc_build_param(&l.b, target);
		end_line(e, form, ev, &l);
		return;
	}
	split.room = reed_irc_text_room(REED_IRC_LINE_MAX, source_of(e, ev).n, 7, target.n);
	if (ev->manner == REED_ACT && split.room > 9)
		split.room -= 9;
	if (ev->text.n <= split.room && reed_slice_find(ev->text, '\n') == ev->text.n)
		say_piece(e, form, ev, target, ev->text);
	else
		while (reed_irc_split_next(&split, &piece))
			say_piece(e, form, ev, target, piece);
}

/* What a member is from the first moment on is told behind the JOIN. */
static void add_roles(struct encoded *e, struct form *form, const struct reed_hub_event *ev)
{
	struct reed_member *member = reed_member_find(ev->room, ev->actor);
	struct reed_irc_mode_changes changes = { .count = 0 };
	struct irc_line l;
	size_t at = 0;

	if (ev->room->count == 1)
		return; /* the only one there reads it in the names */
	for (unsigned role = REED_ROLE_OWNER; member && role >= REED_ROLE_VOICE; role >>= 1)
		if (member->roles & role)
			reed_irc_mode_add(&changes, true, reed_irc_letter_of_role(role),
			                  REED_IRC_MODE_MEMBER, reed_slice_of(ev->actor->nick));
	if (changes.count == 0)
		return;
	reed_irc_begin(&l, e->server->name, "MODE");
	reed_irc_build_param(&l.b, room_of(ev));
	reed_irc_build_modes(&l.b, &changes, &at, 0);
	end_line(e, form, ev, &l);
}

static void make_join(struct encoded *e, struct form *form, const struct reed_hub_event *ev,
                      bool extended)
{
	struct irc_line l;

	reed_irc_begin(&l, source_of(e, ev), "JOIN");
	reed_irc_build_param(&l.b, room_of(ev));
	if (extended) {
		reed_irc_build_param(&l.b, account_of(ev->actor));
		reed_irc_build_text_cut(&l.b, reed_slice_of(ev->actor->realname));
	}
	end_line(e, form, ev, &l);
	add_roles(e, form, ev);
}

/* ":actor VERB a [b] [:text]" */
static void make_plain(struct encoded *e, struct form *form, const struct reed_hub_event *ev,
                       const char *verb, struct reed_slice a, struct reed_slice b, bool text)
{
	struct irc_line l;

	reed_irc_begin(&l, source_of(e, ev), verb);
	if (a.n > 0)
		reed_irc_build_param(&l.b, a);
	if (b.n > 0)
		reed_irc_build_param(&l.b, b);
	if (text)
		reed_irc_build_text_cut(&l.b, ev->text);
	end_line(e, form, ev, &l);
}

static void make_nick(struct encoded *e, struct form *form, const struct reed_hub_event *ev)
{
	struct irc_line l;

	reed_irc_begin(&l, ev->was->full, "NICK");
	reed_irc_build_param(&l.b, reed_slice_of(ev->actor->nick));
	end_line(e, form, ev, &l);
}

static void make_host(struct encoded *e, struct form *form, const struct reed_hub_event *ev)
{
	struct irc_line l;

	reed_irc_begin(&l, ev->was->full, "CHGHOST");
	reed_irc_build_param(&l.b, reed_slice_of(ev->actor->username));
	reed_irc_build_param(&l.b, reed_slice_of(ev->actor->host));
	end_line(e, form, ev, &l);
}

static void make_away(struct encoded *e, struct form *form, const struct reed_hub_event *ev)
{
	struct irc_line l;

	reed_irc_begin(&l, source_of(e, ev), "AWAY");
	if (ev->actor->away)
		reed_irc_build_text_cut(&l.b, reed_slice_of(ev->actor->away));
	end_line(e, form, ev, &l);
}

static void make_realname(struct encoded *e, struct form *form, const struct reed_hub_event *ev)
{
	struct irc_line l;

	reed_irc_begin(&l, source_of(e, ev), "SETNAME");
	reed_irc_build_text_cut(&l.b, reed_slice_of(ev->actor->realname));
	end_line(e, form, ev, &l);
}

static void make_change(struct encoded *e, struct form *form, const struct reed_hub_event *ev)
{
	struct reed_irc_mode_changes changes = { .count = 0 };
	struct irc_line l;

	reed_irc_changes_of(ev, &e->pool, &changes);
	for (size_t at = 0; at < changes.count;) {
		reed_irc_begin(&l, source_of(e, ev), "MODE");
		reed_irc_build_param(&l.b, room_of(ev));
		reed_irc_build_modes(&l.b, &changes, &at, e->server->options.limits.modes);
		end_line(e, form, ev, &l);
	}
}

static void make_by_name(struct encoded *e, struct form *form, const struct reed_hub_event *ev)
{
	struct reed_slice none = REED_STR("");

	switch ((int)ev->kind) {
	case REED_EVENT_PART:
		make_plain(e, form, ev, "PART", room_of(ev), none, ev->text.n > 0);
		break;
	case REED_EVENT_KICK:
		make_plain(e, form, ev, "KICK", room_of(ev), reed_slice_of(ev->target->nick), true);
		break;
	case REED_EVENT_QUIT:
		make_plain(e, form, ev, "QUIT", none, none, true);
		break;
	case REED_EVENT_ACCOUNT:
		make_plain(e, form, ev, "ACCOUNT", account_of(ev->actor), none, false);
		break;
	case REED_EVENT_TOPIC:
		make_plain(e, form, ev, "TOPIC", room_of(ev), none, true);
		break;
	case REED_EVENT_INVITE:
		make_plain(e, form, ev, "INVITE", reed_slice_of(ev->target->nick), room_of(ev),
		           false);
		break;
	default:
		break; /* for one client only, or nothing IRC has a word for */
	}
}

static void make(struct encoded *e, struct form *form, const struct reed_hub_event *ev, int which)
{
	switch ((int)ev->kind) {
	case REED_EVENT_MESSAGE:
		make_message(e, form, ev);
		break;
	case REED_EVENT_JOIN:
		make_join(e, form, ev, which == 1);
		break;
	case REED_EVENT_NICK:
		make_nick(e, form, ev);
		break;
	case REED_EVENT_HOST:
		make_host(e, form, ev);
		break;
	case REED_EVENT_REALNAME:
		make_realname(e, form, ev);
		break;
	case REED_EVENT_AWAY:
		make_away(e, form, ev);
		break;
	case REED_EVENT_CHANGE:
		make_change(e, form, ev);
		break;
	default:
		make_by_name(e, form, ev);
	}
}

/* ---- who gets which form ---- */

/* What must be had to hear of it at all. */
static uint64_t caps_for(const struct reed_hub_event *ev)
{
	switch ((int)ev->kind) {
	case REED_EVENT_HOST:
		return IRC_CAP_CHGHOST;
	case REED_EVENT_REALNAME:
		return IRC_CAP_SETNAME;
	case REED_EVENT_AWAY:
		return IRC_CAP_AWAY_NOTIFY;
	case REED_EVENT_ACCOUNT:
		return IRC_CAP_ACCOUNT_NOTIFY;
	case REED_EVENT_MESSAGE:
		return ev->manner == REED_TAG ? IRC_CAP_MESSAGE_TAGS : 0;
	default:
		return 0;
	}
}

static bool wants(const struct irc_conn *c, const struct reed_hub_event *ev)
{
	bool own = ev->origin == &c->session;

	if (ev->flags & REED_EVENT_WATCHED && !irc_has(c, IRC_CAP_EXTENDED_MONITOR))
		return false;
	if (!irc_has(c, caps_for(ev)))
		return false;
	if (ev->kind == REED_EVENT_MESSAGE && own)
		return irc_has(c, IRC_CAP_ECHO_MESSAGE);
	/* one's own away state is told by 305 and 306 */
	if (ev->kind == REED_EVENT_AWAY)
		return ev->actor != irc_user(c);
	if (ev->kind == REED_EVENT_INVITE && ev->target != irc_user(c))
		return irc_has(c, IRC_CAP_INVITE_NOTIFY) && !own;
	return true;
}

static struct encoded *encoded_of(struct irc_conn *c, const struct reed_hub_event *ev)
{
	void **slot = reed_event_slot(ev, &c->session);
	struct encoded *e = *slot;

	if (e)
		return e;
	e = reed_alloc(sizeof(*e));
	e->server = c->server;
	reed_irc_time_format(ev->time / 1000000, e->time);
	*slot = e;
	return e;
}

static void send_form(struct irc_conn *c, const struct reed_hub_event *ev, int which)
{
	struct encoded *e = encoded_of(c, ev);
	struct form *form = &e->forms[which];

	if (!form->made) {
		form->made = true;
		make(e, form, ev, which);
	}
	for (unsigned i = 0; i < form->count; i++) {
		struct reed_blob *line = reed_irc_envelope_line(form->lines[i], c->caps);

		if (line)
			reed_irc_send_blob(c, line);
	}
}

void reed_irc_event_release(void *encoded)
{
	struct encoded *e = encoded;

	for (int i = 0; i < FORMS; i++)
		for (unsigned j = 0; j < e->forms[i].count; j++)
			reed_irc_envelope_finish(e->forms[i].lines[j]);
	reed_pool_finish(&e->pool);
	reed_free(e);
}

/* ---- one event, one client ---- */

/*
 * Who speaks to itself hears it as everybody does whom somebody speaks to: no
 * answer to a command, which the echo is (labeled-response, "Tags").
 */
static void tell_to_oneself(struct irc_conn *c, const struct reed_hub_event *ev)
{
	struct irc_label *label = c->label;

	if (ev->kind != REED_EVENT_MESSAGE || ev->origin != &c->session || ev->room ||
	    ev->target != irc_user(c) || !irc_has(c, caps_for(ev)))
		return;
	c->label = NULL;
	send_form(c, ev, 0);
	c->label = label;
}

void reed_irc_event(struct reed_session *session, const struct reed_hub_event *ev)
{
	struct irc_conn *c = irc_conn_of(session);
	bool joins = ev->kind == REED_EVENT_JOIN;

	if (!c->registered || c->closing || reed_irc_tell_personally(c, ev))
		return;
	tell_to_oneself(c, ev);
	if (!wants(c, ev))
		return;
	send_form(c, ev, joins && irc_has(c, IRC_CAP_EXTENDED_JOIN));
	if (joins && ev->actor == session->user)
		reed_irc_show_room(c, ev->room);
	else if (joins)
		reed_irc_tell_that_away(c, ev->actor);
}
