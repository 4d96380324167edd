/*
 * Saying things: a text becomes lines that fit, and whoever said it waits until
 * the last of them has left.
 */

#include "client_private.h"

#include "reed/irc/text.h"

#include <string.h>

enum { USERHOST_GUESS = 20 + 1 + 63, REPLY_ROOM = 4096 };

struct saying {
	struct reed_future future;
	struct irc_out out;
	struct reed_irc_client *client;
};

/* ---- the future ---- */

static struct saying *saying_of(struct reed_future *f)
{
	return reed_container_of(f, struct saying, future);
}

static void saying_cancel(struct reed_future *f)
{
	reed_irc_client_unqueue(saying_of(f)->client, &saying_of(f)->out);
}

static void saying_free(struct reed_future *f)
{
	reed_buf_finish(&saying_of(f)->out.lines);
	reed_free(saying_of(f));
}

static const struct reed_future_kind saying_kind = { .name = "IRC say",
	                                             .cancel = saying_cancel,
	                                             .free = saying_free };

static void on_done(struct irc_out *out, enum reed_err err)
{
	struct saying *self = reed_container_of(out, struct saying, out);

	if (err == REED_ECLOSED)
		reed_fail(&self->future, err, "the connection ended before all was said");
	else
		reed_settle(&self->future, err);
}

static struct saying *saying_new(struct reed_irc_client *c)
{
	struct saying *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, c->loop, &saying_kind);
	self->client = c;
	self->out.priority = REED_IRC_IN_TURN;
	self->out.done = on_done;
	self->out.lines.limit = c->options.queue_bytes;
	return self;
}

static struct reed_future *send_it(struct saying *self, enum reed_err err)
{
	if (!err)
		err = reed_irc_client_is_online(self->client)
		              ? reed_irc_client_queue(self->client, &self->out)
		              : REED_ECLOSED;
	if (err == REED_ECLOSED)
		reed_fail(&self->future, err, "there is no connection to an IRC server");
	else if (err == REED_ETOOBIG)
		reed_fail(&self->future, err, "too much waits to be sent, or it fits into no line");
	else if (err)
		reed_fail(&self->future, REED_EINVAL,
		          "a target is one word, and a text has no NUL");
	return &self->future;
}

/* ---- lines ---- */

/* What is said the same way: PRIVMSG or NOTICE, to whom, with what around the text. */
struct manner {
	const char *verb;
	struct reed_slice target, tags, before, after;
};

static size_t room_for(const struct reed_irc_client *c, const struct manner *how)
{
	size_t userhost = *c->userhost ? strlen(c->userhost) : USERHOST_GUESS;
	size_t room =
		reed_irc_text_room(reed_irc_client_line_max(c), strlen(c->nick) + 1 + userhost,
	                           strlen(how->verb), how->target.n);
	size_t around = how->before.n + how->after.n;

	return room > around ? room - around : 0;
}

static enum reed_err add_line(struct saying *self, const struct manner *how, struct reed_slice tags,
                              struct reed_slice text)
{
	char line[IRC_LINE_MOST], body[IRC_LINE_MOST];
	struct reed_slice whole, out;
	struct reed_irc_builder b;
	enum reed_err err;

	snprintf(body, sizeof(body), REED_FMT REED_FMT REED_FMT, REED_ARG(how->before),
	         REED_ARG(text), REED_ARG(how->after));
	whole = reed_slice(body, how->before.n + text.n + how->after.n);
	reed_irc_build(&b, line, sizeof(line));
	b.line_max = reed_irc_client_line_max(self->client);
	if (tags.n > 0)
		reed_irc_build_tags(&b, tags);
	reed_irc_build_command(&b, REED_STR(""), reed_slice_of(how->verb));
	reed_irc_build_param(&b, how->target);
	reed_irc_build_text(&b, whole);
	err = reed_irc_build_end(&b, &out);
	reed_buf_add(&self->out.lines, out);
	return err;
}

static enum reed_err add_pieces(struct saying *self, const struct manner *how,
                                struct reed_slice text)
{
	struct reed_irc_split split = { .rest = text, .room = room_for(self->client, how) };
	struct reed_slice piece, tags = how->tags;
	enum reed_err err = split.room > 0 ? REED_OK : REED_ETOOBIG;
	size_t n = 0;

	/* what is about the whole goes with the first */
	while (!err && reed_irc_split_next(&split, &piece)) {
		err = add_line(self, how, n++ == 0 ? tags : REED_STR(""), piece);
		if (!err)
			err = self->out.lines.err;
	}
	if (!err && n == 0 && how->before.n > 0)
		err = add_line(self, how, tags, REED_STR(""));
	return err;
}

/* ---- one message of many lines, where the server has it ---- */

static size_t limit_of(const char *value, const char *key, size_t otherwise)
{
	struct reed_slice rest = reed_slice_of(value);
	uint64_t n;

	while (rest.n > 0) {
		struct reed_slice token = reed_slice_cut(&rest, ',');
		struct reed_slice name = reed_slice_cut(&token, '=');

		if (reed_slice_is(name, key) && reed_slice_u64(token, SIZE_MAX / 2, &n) == REED_OK)
			return (size_t)n;
	}
	return otherwise;
}

/* IRCv3 multiline: not for what is one line, and not for more than the server takes. */
static bool is_multiline(const struct reed_irc_client *c, const struct manner *how,
                         struct reed_slice text)
{
	const char *value = reed_irc_client_offers(c, "draft/multiline");
	struct reed_irc_split split = { .rest = text,
		                        .room = room_for(c, how),
		                        .flags = REED_IRC_SPLIT_KEEP };
	struct reed_slice piece;
	size_t lines = 0;

	if (!irc_is_on(c, IRC_CAP_MULTILINE) || !irc_is_on(c, IRC_CAP_BATCH) || !value ||
	    how->before.n > 0 || split.room == 0)
		return false;
	while (reed_irc_split_next(&split, &piece))
		lines++;
	return lines > 1 && lines <= limit_of(value, "max-lines", SIZE_MAX) &&
	       text.n <= limit_of(value, "max-bytes", 0);
}

static enum reed_err add_batch(struct saying *self, const struct manner *how,
                               struct reed_slice text)
{
	struct reed_irc_client *c = self->client;
	struct reed_irc_split split = { .rest = text,
		                        .room = room_for(c, how),
		                        .flags = REED_IRC_SPLIT_KEEP };
	unsigned long long ref = ++c->last_label;
	struct reed_slice piece;
	char tags[96];
	enum reed_err err = REED_OK;

	reed_buf_printf(&self->out.lines,
	                "%s" REED_FMT "%sBATCH +%llx draft/multiline " REED_FMT "\r\n",
	                how->tags.n ? "@" : "", REED_ARG(how->tags), how->tags.n ? " " : "", ref,
	                REED_ARG(how->target));
	while (!err && reed_irc_split_next(&split, &piece)) {
		snprintf(tags, sizeof(tags), "batch=%llx%s", ref,
		         split.joined ? ";draft/multiline-concat" : "");
		err = add_line(self, how, reed_slice_of(tags), piece);
	}
	reed_buf_printf(&self->out.lines, "BATCH -%llx\r\n", ref);
	return err ? err : self->out.lines.err;
}

static bool is_word(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ')
			return false;
	return s.n > 0 && *s.p != ':';
}

static struct reed_future *say(struct reed_irc_client *c, const struct manner *how,
                               struct reed_slice text)
{
	struct saying *self = saying_new(c);
	enum reed_err err;

	if (!is_word(how->target) || reed_slice_find(text, '\0') < text.n)
		err = REED_EINVAL;
	else if (is_multiline(c, how, text))
		err = add_batch(self, how, text);
	else
		err = add_pieces(self, how, text);
	if (!err && reed_buf_held(&self->out.lines) == 0) {
		reed_settle(&self->future, REED_OK); /* nothing is soon said */
		return &self->future;
	}
	return send_it(self, err);
}

/* ---- for everybody ---- */

struct reed_future *reed_irc_say(struct reed_irc_client *client, struct reed_slice target,
                                 struct reed_slice text)
{
	const struct manner how = { .verb = "PRIVMSG", .target = target };

	return say(client, &how, text);
}

static REED_PRINTF(3, 0) struct reed_future *say_v(struct reed_irc_client *client,
                                                   const struct manner *how, const char *format,
                                                   va_list args)
{
	va_list again;
	char *text;
	int n;
	struct reed_future *f;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = reed_alloc((size_t)(n < 0 ? 0 : n) + 1);
	vsnprintf(text, (size_t)(n < 0 ? 0 : n) + 1, format, args);
	f = say(client, how, reed_slice_of(text));
	reed_free(text);
	return f;
}

struct reed_future *reed_irc_sayf(struct reed_irc_client *client, struct reed_slice target,
                                  const char *format, ...)
{
	const struct manner how = { .verb = "PRIVMSG", .target = target };
	struct reed_future *f;
	va_list args;

	va_start(args, format);
	f = say_v(client, &how, format, args);
	va_end(args);
	return f;
}

struct reed_future *reed_irc_say_notice(struct reed_irc_client *client, struct reed_slice target,
                                        struct reed_slice text)
{
	const struct manner how = { .verb = "NOTICE", .target = target };

	return say(client, &how, text);
}

/* What is between two 0x01 has none of them. */
static struct reed_future *say_ctcp(struct reed_irc_client *c, const char *verb,
                                    struct reed_slice target, struct reed_slice command,
                                    struct reed_slice text)
{
	char before[64];
	struct manner how = { .verb = verb, .target = target, .after = REED_STR("\001") };

	if (!is_word(command) || command.n > 40 || reed_slice_find(command, '\001') < command.n ||
	    reed_slice_find(text, '\001') < text.n)
		return reed_failed(c->loop, REED_EINVAL, "a CTCP is a word and a text");
	snprintf(before, sizeof(before), "\001" REED_FMT "%s", REED_ARG(command),
	         text.n > 0 ? " " : "");
	how.before = reed_slice_of(before);
	return say(c, &how, text);
}

struct reed_future *reed_irc_act(struct reed_irc_client *client, struct reed_slice target,
                                 struct reed_slice text)
{
	return say_ctcp(client, "PRIVMSG", target, REED_STR("ACTION"), text);
}

struct reed_future *reed_irc_ctcp_ask(struct reed_irc_client *client, struct reed_slice target,
                                      struct reed_slice command, struct reed_slice text)
{
	return say_ctcp(client, "PRIVMSG", target, command, text);
}

struct reed_future *reed_irc_ctcp_answer(struct reed_irc_client *client, struct reed_slice target,
                                         struct reed_slice command, struct reed_slice text)
{
	return say_ctcp(client, "NOTICE", target, command, text);
}

/* ---- answers ---- */

/* IRCv3 reply: "+draft/reply=msgid" */
static struct reed_slice reply_tag(const struct reed_irc_client *c, const struct reed_irc_event *to,
                                   char p[REPLY_ROOM])
{
	struct reed_irc_builder b;

	if (!irc_is_on(c, IRC_CAP_MESSAGE_TAGS) || to->id.n == 0)
		return REED_STR("");
	reed_irc_build(&b, p, REPLY_ROOM);
	reed_irc_build_tag(&b, REED_STR("+draft/reply"), to->id);
	return b.err ? REED_STR("") : reed_slice(p + 1, b.n - 1);
}

struct reed_future *reed_irc_reply(struct reed_irc_client *client, const struct reed_irc_event *to,
                                   struct reed_slice text)
{
	char p[REPLY_ROOM];
	const struct manner how = { .verb = "PRIVMSG",
		                    .target = to->reply_to,
		                    .tags = reply_tag(client, to, p) };

	return say(client, &how, text);
}

struct reed_future *reed_irc_client_reply_v(struct reed_irc_client *c,
                                            const struct reed_irc_event *to, const char *format,
                                            va_list args)
{
	char p[REPLY_ROOM];
	const struct manner how = { .verb = "PRIVMSG",
		                    .target = to->reply_to,
		                    .tags = reply_tag(c, to, p) };

	return say_v(c, &how, format, args);
}

struct reed_future *reed_irc_replyf(struct reed_irc_client *client, const struct reed_irc_event *to,
                                    const char *format, ...)
{
	struct reed_future *f;
	va_list args;

	va_start(args, format);
	f = reed_irc_client_reply_v(client, to, format, args);
	va_end(args);
	return f;
}

struct reed_future *reed_irc_tagmsg(struct reed_irc_client *client, struct reed_slice target,
                                    struct reed_slice tags)
{
	struct saying *self;
	struct reed_irc_builder b;
	struct reed_slice line;
	char p[IRC_LINE_MOST];
	enum reed_err err;

	if (reed_irc_client_is_online(client) && !irc_is_on(client, IRC_CAP_MESSAGE_TAGS))
		return reed_failed(client->loop, REED_ENOTSUP, "the server has no message-tags");
	self = saying_new(client);
	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_tags(&b, tags);
	reed_irc_build_command(&b, REED_STR(""), REED_STR("TAGMSG"));
	reed_irc_build_param(&b, target);
	err = reed_irc_build_end(&b, &line);
	reed_buf_add(&self->out.lines, line);
	return send_it(self, err);
}
