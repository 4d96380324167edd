/* Sending: answers and their tags, and the bound on what may wait. */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

/* ---- what leaves ---- */

static bool is_corked(const struct irc_conn *c)
{
	return c->server->corked == c;
}

static bool is_full(struct irc_conn *c, size_t n)
{
	size_t waits = reed_queued(c->protocol.stream);

	if (is_corked(c))
		waits += reed_buf_held(&c->server->cork);
	if (waits + n <= c->server->options.limits.sendq)
		return false;
	reed_irc_send_away(c, IRC_PARTING_SENDQ, "SendQ exceeded: %u bytes wait for you to read",
	                   (unsigned)waits);
	return true;
}

static void put(struct irc_conn *c, struct reed_slice bytes)
{
	if (is_corked(c))
		reed_buf_add(&c->server->cork, bytes);
	else
		reed_write(c->protocol.stream, bytes);
}

void reed_irc_cork(struct irc_conn *c)
{
	if (!c->server->corked)
		c->server->corked = c;
}

void reed_irc_uncork(struct irc_conn *c)
{
	struct reed_irc_server *server = c->server;

	if (!is_corked(c))
		return;
	server->corked = NULL;
	reed_write(c->protocol.stream, reed_buf_slice(&server->cork));
	reed_buf_clear(&server->cork);
}

void reed_irc_put(struct irc_conn *c, struct reed_slice tags, struct reed_slice body)
{
	if (c->closing || is_full(c, tags.n + body.n))
		return;
	irc_count_line(c);
	if (tags.n > 0) {
		put(c, REED_STR("@"));
		put(c, tags);
		put(c, REED_STR(" "));
	}
	put(c, body);
}

void reed_irc_send_last(struct irc_conn *c, struct reed_slice line)
{
	irc_count_line(c);
	reed_irc_uncork(c);
	reed_write(c->protocol.stream, line);
}

static void emit(struct irc_conn *c, struct reed_slice tags, struct reed_slice body)
{
	if (c->label)
		reed_irc_label_add(c, tags, body);
	else
		reed_irc_put(c, tags, body);
}

struct reed_slice reed_irc_time_tag(struct irc_conn *c, char into[40])
{
	if (!irc_has(c, IRC_CAP_SERVER_TIME))
		return REED_STR("");
	memcpy(into, "time=", 5);
	reed_irc_time_format(reed_wall(c->server->loop) / 1000000, into + 5);
	return reed_slice_of(into);
}

void reed_irc_send(struct irc_conn *c, struct reed_slice line)
{
	char tag[40];

	if (!c->closing)
		emit(c, reed_irc_time_tag(c, tag), line);
}

void reed_irc_send_blob(struct irc_conn *c, struct reed_blob *blob)
{
	struct reed_slice line = reed_blob_slice(blob), tags = REED_STR("");

	if (c->closing)
		return;
	if (!c->label) {
		if (is_full(c, blob->n))
			return;
		irc_count_line(c);
		reed_irc_uncork(c);
		reed_write_blob(c->protocol.stream, blob);
		return;
	}
	if (line.n > 0 && line.p[0] == '@') {
		tags = reed_slice_cut(&line, ' ');
		tags = reed_slice_from(tags, 1);
	}
	reed_irc_label_add(c, tags, line);
}

/* ---- lines ---- */

void reed_irc_begin(struct irc_line *l, struct reed_slice source, const char *verb)
{
	reed_irc_build(&l->b, l->p, sizeof(l->p));
	reed_irc_build_command(&l->b, source, reed_slice_of(verb));
}

struct reed_slice reed_irc_client_name(const struct irc_conn *c)
{
	if (c->session.user)
		return reed_slice_of(c->session.user->nick);
	if (c->newcomer && c->newcomer->nick)
		return reed_slice_of(c->newcomer->nick);
	return REED_STR("*");
}

/* Of those who are not in yet; see judge() of server_input.c. */
static void count_error(struct irc_conn *c)
{
	if (c->newcomer)
		c->newcomer->errors++;
}

static bool is_error(unsigned numeric)
{
	return (numeric >= 400 && numeric < 600) ||
	       (numeric >= REED_IRC_ERR_NICKLOCKED && numeric <= REED_IRC_ERR_SASLABORTED);
}

void reed_irc_begin_numeric(struct irc_conn *c, struct irc_line *l, unsigned numeric)
{
	if (is_error(numeric))
		count_error(c);
	reed_irc_build(&l->b, l->p, sizeof(l->p));
	reed_irc_build_numeric(&l->b, c->server->name, reed_irc_client_name(c), numeric);
}

void reed_irc_end(struct irc_conn *c, struct irc_line *l)
{
	struct reed_slice line;

	if (!reed_irc_build_end(&l->b, &line))
		reed_irc_send(c, line);
}

void reed_irc_end_from(struct irc_conn *c, struct irc_line *l, const struct reed_user *user)
{
	struct reed_buf tags = { .limit = 0 };
	struct reed_slice line;
	char time[40];

	if (c->closing || reed_irc_build_end(&l->b, &line))
		return;
	reed_buf_add(&tags, reed_irc_time_tag(c, time));
	if (user->account && irc_has(c, IRC_CAP_ACCOUNT_TAG))
		reed_buf_printf(&tags, "%saccount=%s", reed_buf_held(&tags) ? ";" : "",
		                user->account->name);
	if (user->flags & REED_USER_BOT && irc_has(c, IRC_CAP_MESSAGE_TAGS))
		reed_buf_add_str(&tags, reed_buf_held(&tags) ? ";bot" : "bot");
	emit(c, reed_buf_slice(&tags), line);
	reed_buf_finish(&tags);
}

/* ---- words, in as many lines as they need ---- */

void reed_irc_words(struct irc_words *w, struct irc_conn *c, unsigned numeric, char between)
{
	/* ":server 303 nick :" and CR LF */
	size_t around = c->server->name.n + reed_irc_client_name(c).n + 10;

	w->c = c;
	w->numeric = numeric;
	w->between = between;
	w->used = 0;
	w->room = around < sizeof(w->p) ? sizeof(w->p) - around : 0;
}

static void words_flush(struct irc_words *w)
{
	struct irc_line l;

	reed_irc_begin_numeric(w->c, &l, w->numeric);
	reed_irc_build_text(&l.b, reed_slice(w->p, w->used));
	reed_irc_end(w->c, &l);
	w->used = 0;
}

void reed_irc_words_add(struct irc_words *w, struct reed_slice word)
{
	if (word.n > w->room)
		return; /* not even a line of its own has room for it */
	if (w->used > 0 && w->used + 1 + word.n > w->room)
		words_flush(w);
	if (w->used > 0)
		w->p[w->used++] = w->between;
	memcpy(w->p + w->used, word.p, word.n);
	w->used += word.n;
}

void reed_irc_words_end(struct irc_words *w, bool always)
{
	if (w->used > 0 || always)
		words_flush(w);
}

/* ---- numerics ---- */

void reed_irc_tell(struct irc_conn *c, unsigned numeric)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, numeric);
	reed_irc_build_usual_text(&l.b);
	reed_irc_end(c, &l);
}

/* What a client sent may be anything; what cannot stand as a parameter becomes a star. */
static struct reed_slice param(struct reed_slice s)
{
	if (s.n == 0 || s.p[0] == ':' || reed_slice_find(s, ' ') < s.n)
		return REED_STR("*");
	return reed_slice_first(s, reed_slice_utf8_border(s, 200));
}

void reed_irc_tell1(struct irc_conn *c, unsigned numeric, struct reed_slice a)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, numeric);
	reed_irc_build_param(&l.b, param(a));
	reed_irc_build_usual_text(&l.b);
	reed_irc_end(c, &l);
}

void reed_irc_tell2(struct irc_conn *c, unsigned numeric, struct reed_slice a, struct reed_slice b)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, numeric);
	reed_irc_build_param(&l.b, param(a));
	reed_irc_build_param(&l.b, param(b));
	reed_irc_build_usual_text(&l.b);
	reed_irc_end(c, &l);
}

static void text_v(struct reed_irc_builder *b, const char *format, va_list args) REED_PRINTF(2, 0);

static void text_v(struct reed_irc_builder *b, const char *format, va_list args)
{
	char text[REED_IRC_LINE_MAX];

	vsnprintf(text, sizeof(text), format, args);
	reed_irc_build_text_cut(b, reed_slice_of(text));
}

void reed_irc_tell_text(struct irc_conn *c, unsigned numeric, struct reed_slice a,
                        const char *format, ...)
{
	struct irc_line l;
	va_list args;

	reed_irc_begin_numeric(c, &l, numeric);
	if (a.n > 0)
		reed_irc_build_param(&l.b, param(a));
	va_start(args, format);
	text_v(&l.b, format, args);
	va_end(args);
	reed_irc_end(c, &l);
}

static void standard(struct irc_conn *c, const char *kind, const char *command, const char *code,
                     struct reed_slice context, const char *text)
{
	struct irc_line l;

	reed_irc_begin(&l, c->server->name, kind);
	reed_irc_build_param(&l.b, reed_slice_of(command));
	reed_irc_build_param(&l.b, reed_slice_of(code));
	if (context.n > 0)
		reed_irc_build_param(&l.b, param(context));
	reed_irc_build_text_cut(&l.b, reed_slice_of(text));
	reed_irc_end(c, &l);
}

/* Other capabilities bring standard replies along for commands of theirs. */
static bool knows_standard(const struct irc_conn *c, const char *command)
{
	uint64_t caps = IRC_CAP_STANDARD_REPLIES;

	if (strcmp(command, "REGISTER") == 0 || strcmp(command, "VERIFY") == 0)
		caps |= IRC_CAP_REGISTRATION;
	if (strcmp(command, "SETNAME") == 0)
		caps |= IRC_CAP_SETNAME;
	return c->caps & caps;
}

void reed_irc_standard(struct irc_conn *c, const char *kind, const char *command, const char *code,
                       struct reed_slice context, const char *text)
{
	if (strcmp(kind, "FAIL") == 0)
		count_error(c);
	if (knows_standard(c, command))
		standard(c, kind, command, code, context, text);
	else
		reed_irc_notice(c, "%s: %s", command[0] == '*' ? code : command, text);
}

void reed_irc_notice(struct irc_conn *c, const char *format, ...)
{
	struct irc_line l;
	va_list args;

	reed_irc_begin(&l, c->server->name, "NOTICE");
	reed_irc_build_param(&l.b, reed_irc_client_name(c));
	va_start(args, format);
	text_v(&l.b, format, args);
	va_end(args);
	reed_irc_end(c, &l);
}

void reed_irc_service_notice(struct irc_conn *c, const char *service, const char *format, ...)
{
	char source[256];
	struct irc_line l;
	va_list args;

	snprintf(source, sizeof(source), "%s!%s@" REED_FMT, service, service,
	         REED_ARG(c->server->name));
	reed_irc_begin(&l, reed_slice_of(source), "NOTICE");
	reed_irc_build_param(&l.b, reed_irc_client_name(c));
	va_start(args, format);
	text_v(&l.b, format, args);
	va_end(args);
	reed_irc_end(c, &l);
}
