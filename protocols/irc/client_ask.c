/*
 * Calls that wait for an answer, and whom an answer belongs to.
 *
 * A call stays in the client's list from the call to the end of its answer.
 * When the one who waits goes, after its line was sent, it stays as well: its
 * answer will come, and must not be taken for that of the next call.
 */

#include "client_private.h"

#include <string.h>

enum { DOUBT_MS = 5000, FIRST_ROWS = 8, VERB_ROOM = 32 };

static struct irc_ask *ask_of(struct reed_future *f)
{
	return reed_container_of(f, struct irc_ask, future);
}

static struct irc_ask *ask_at(struct reed_list *link)
{
	return reed_container_of(link, struct irc_ask, link);
}

struct reed_future *reed_irc_client_no_connection(struct reed_irc_client *c)
{
	return reed_failed(c->loop, REED_ECLOSED, "there is no connection to an IRC server");
}

/* ---- the end ---- */

static void destroy(struct irc_ask *ask)
{
	if (ask->kind->free)
		ask->kind->free(ask);
	reed_buf_finish(&ask->out.lines);
	reed_pool_finish(&ask->pool);
	reed_free(ask->verb);
	reed_free(ask->subject);
	reed_free(ask);
}

/* Waits for nothing more; whoever is told of it last frees it. */
static void detach(struct irc_ask *ask)
{
	struct reed_irc_client *c = ask->client;

	if (!c)
		return;
	ask->client = NULL;
	reed_irc_client_unqueue(c, &ask->out);
	reed_list_remove(&ask->link);
	reed_timer_stop(&ask->timer);
	c->ask_count--;
	if (ask->is_forgotten)
		destroy(ask);
}

static bool is_awaited(const struct irc_ask *ask)
{
	return !ask->is_forgotten && !ask->future.settled;
}

static void tell(struct irc_ask *ask, enum reed_err err)
{
	if (!is_awaited(ask))
		return;
	if (err == REED_ETIMEDOUT)
		reed_fail(&ask->future, err, "the server does not answer %s %s", ask->verb,
		          ask->subject);
	else if (err == REED_ECLOSED)
		reed_fail(&ask->future, err, "the connection ended before %s was answered",
		          ask->verb);
	else if (err == REED_ETOOBIG)
		reed_fail(&ask->future, err, "the answer to %s is too long", ask->verb);
	else
		reed_settle(&ask->future, err);
}

static void finish(struct irc_ask *ask, enum reed_err err)
{
	tell(ask, err);
	detach(ask);
}

void reed_irc_client_drop_asks(struct reed_irc_client *c, enum reed_err err)
{
	while (!reed_list_empty(&c->asks))
		finish(ask_at(c->asks.next), err);
}

/* ---- the future ---- */

static void ask_cancel(struct reed_future *f)
{
	struct irc_ask *ask = ask_of(f);

	if (!ask->is_sent)
		detach(ask);
}

static void ask_deliver(struct reed_future *f)
{
	struct irc_ask *ask = ask_of(f);

	if (f->err)
		return;
	if (ask->refusal_out)
		*ask->refusal_out = ask->refusal;
	if (ask->kind->deliver)
		ask->kind->deliver(ask);
}

static void ask_free(struct reed_future *f)
{
	struct irc_ask *ask = ask_of(f);

	ask->is_forgotten = true;
	if (!ask->client)
		destroy(ask);
}

static const struct reed_future_kind ask_future = { .name = "IRC call",
	                                            .cancel = ask_cancel,
	                                            .deliver = ask_deliver,
	                                            .free = ask_free };

/* ---- asking ---- */

static void on_timeout(struct reed_timer *t)
{
	struct irc_ask *ask = reed_container_of(t, struct irc_ask, timer);

	finish(ask, ask->is_doubted ? REED_OK : REED_ETIMEDOUT);
}

static void wait_on(struct irc_ask *ask)
{
	int64_t ms = ask->client->options.answer_ms;

	if (ms > 0)
		reed_timer_start(ask->client->loop, &ask->timer, REED_MS(ms));
}

static void on_sent(struct irc_out *out, enum reed_err err)
{
	struct irc_ask *ask = reed_container_of(out, struct irc_ask, out);

	if (err) {
		finish(ask, err);
		return;
	}
	ask->is_sent = true;
	wait_on(ask);
}

void *reed_irc_ask_new(struct reed_irc_client *c, const struct irc_ask_kind *kind,
                       struct reed_slice subject, struct reed_irc_refusal *refusal)
{
	struct irc_ask *ask = reed_alloc(kind->size);

	reed_future_init(&ask->future, c->loop, &ask_future);
	ask->kind = kind;
	ask->client = c;
	ask->subject = reed_slice_dup(subject);
	ask->refusal_out = refusal;
	ask->timer.fire = on_timeout;
	ask->out.priority = REED_IRC_SOON;
	ask->out.done = on_sent;
	reed_pool_init(&ask->pool, c->options.answer_bytes);
	reed_list_append(&c->asks, &ask->link);
	c->ask_count++;
	return ask;
}

/* It was never sent. */
static struct reed_future *fail_at_once(struct irc_ask *ask, enum reed_err err)
{
	if (err == REED_ECLOSED)
		reed_fail(&ask->future, err, "there is no connection to an IRC server");
	else if (err == REED_EINVAL)
		reed_fail(&ask->future, err,
		          "%s: an argument has spaces, line ends or nothing in it",
		          ask->verb ? ask->verb : "the line");
	else
		reed_settle(&ask->future, err);
	detach(ask);
	return &ask->future;
}

static void make_label(struct irc_ask *ask)
{
	struct reed_irc_client *c = ask->client;

	snprintf(ask->label, sizeof(ask->label), "reed-%llx", (unsigned long long)++c->last_label);
	ask->is_labeled = irc_is_on(c, IRC_CAP_LABELED_RESPONSE) && irc_is_on(c, IRC_CAP_BATCH) &&
	                  !ask->kind->no_label;
}

/* Without a label the answer to a PING is the end of what goes before it. */
static void add_fence(struct irc_ask *ask)
{
	if (ask->kind->fenced && !ask->is_labeled)
		reed_buf_printf(&ask->out.lines, "PING %s\r\n", ask->label);
}

static bool is_one_name(struct reed_slice name)
{
	return name.n > 0 && *name.p != ':' && reed_slice_find(name, ',') == name.n &&
	       reed_slice_find(name, ' ') == name.n;
}

static enum reed_err queue(struct irc_ask *ask)
{
	if (ask->kind->one_name && !is_one_name(reed_slice_of(ask->subject)))
		return REED_EINVAL;
	if (!reed_irc_client_is_online(ask->client))
		return REED_ECLOSED;
	if (ask->client->ask_count > IRC_ASKS_MOST)
		return REED_ETOOBIG;
	add_fence(ask);
	return reed_irc_client_queue(ask->client, &ask->out);
}

static void begin(struct irc_ask *ask, struct reed_irc_builder *b, char *p, size_t room)
{
	reed_irc_build(b, p, room);
	b->line_max = reed_irc_client_line_max(ask->client);
	make_label(ask);
	if (ask->is_labeled)
		reed_irc_build_tag(b, REED_STR("label"), reed_slice_of(ask->label));
}

static struct reed_future *send_queued(struct irc_ask *ask, enum reed_err err)
{
	if (!err)
		err = queue(ask);
	return err ? fail_at_once(ask, err == REED_ESYNTAX ? REED_EINVAL : err) : &ask->future;
}

static struct reed_future *send_built(struct irc_ask *ask, struct reed_irc_builder *b)
{
	struct reed_slice line;
	enum reed_err err = reed_irc_build_end(b, &line);

	reed_buf_add(&ask->out.lines, line);
	return send_queued(ask, err);
}

struct reed_future *reed_irc_ask_send_lines(struct irc_ask *ask)
{
	ask->verb = reed_strdup(ask->kind->verb);
	make_label(ask);
	return send_queued(ask, ask->out.lines.err);
}

static size_t count_params(const struct reed_slice *params, bool with_empty)
{
	size_t n = 0, last = 0;

	for (; params[n].p; n++)
		if (with_empty || params[n].n > 0)
			last = n + 1;
	return last;
}

struct reed_future *reed_irc_ask_send(struct irc_ask *ask, const struct reed_slice *params)
{
	char line[IRC_LINE_MOST];
	struct reed_irc_builder b;
	size_t n = count_params(params, ask->kind->keeps_empty);

	ask->verb = reed_strdup(ask->kind->verb);
	begin(ask, &b, line, sizeof(line));
	reed_irc_build_command(&b, REED_STR(""), reed_slice_of(ask->verb));
	for (size_t i = 0; i < n; i++)
		reed_irc_build_param(&b, params[i]);
	return send_built(ask, &b);
}

struct reed_future *reed_irc_ask_send_line(struct irc_ask *ask, struct reed_slice text)
{
	char line[IRC_LINE_MOST];
	struct reed_irc_builder b;
	struct reed_irc_message m;

	if (reed_irc_parse(text, NULL, &m) || m.command == REED_IRC_NOTHING || m.tags.n > 0)
		return fail_at_once(ask, REED_EINVAL);
	ask->verb = reed_slice_dup(m.verb);
	begin(ask, &b, line, sizeof(line));
	reed_irc_build_command(&b, REED_STR(""), m.verb);
	for (size_t i = 0; i < m.count; i++)
		reed_irc_build_param(&b, m.params[i]);
	return send_built(ask, &b);
}

/* ---- whose it is ---- */

static bool names_subject(const struct irc_ask *ask, const struct reed_irc_message *m, size_t i)
{
	return reed_irc_client_same(ask->client, reed_irc_param(m, i), reed_slice_of(ask->subject));
}

static bool is_verb(const struct irc_ask *ask, struct reed_slice verb)
{
	return reed_slice_is_nocase(verb, ask->verb);
}

/* Numbers that name the command they are about. */
static bool is_about_commands(unsigned numeric)
{
	return numeric == REED_IRC_RPL_TRYAGAIN || numeric == REED_IRC_ERR_UNKNOWNERROR ||
	       numeric == REED_IRC_ERR_UNKNOWNCOMMAND || numeric == REED_IRC_ERR_NEEDMOREPARAMS ||
	       numeric == REED_IRC_ERR_TOOMANYMATCHES;
}

static enum irc_verdict judge_numeric(struct irc_ask *ask, const struct reed_irc_message *m)
{
	const struct irc_clue *clue = ask->kind->clues;

	for (; clue && clue->numeric; clue++)
		if (clue->numeric == m->numeric &&
		    (clue->param == 0 || names_subject(ask, m, clue->param)))
			return clue->verdict;
	if (is_about_commands(m->numeric) && is_verb(ask, reed_irc_param(m, 1)))
		return IRC_REFUSED;
	if (ask->kind->any_error && *ask->subject && reed_irc_numeric_is_error(m->numeric) &&
	    names_subject(ask, m, 1))
		return IRC_REFUSED;
	return IRC_NOT_MINE;
}

static bool is_fence(const struct irc_ask *ask, const struct reed_irc_message *m)
{
	return ask->kind->fenced && m->command == REED_IRC_PONG &&
	       reed_slice_is(reed_irc_text(m), ask->label);
}

/* FAIL verb code [context...] :sentence */
static bool is_failure_of(const struct irc_ask *ask, const struct reed_irc_message *m)
{
	if (!is_verb(ask, reed_irc_param(m, 0)))
		return false;
	for (size_t i = 2; i + 1 < m->count; i++)
		if (names_subject(ask, m, i))
			return true;
	return m->count <= 3 || !*ask->subject;
}

static enum irc_verdict judge(struct irc_ask *ask, const struct reed_irc_message *m)
{
	enum irc_verdict verdict = IRC_NOT_MINE;

	if (is_fence(ask, m))
		return IRC_DONE;
	if (m->command == REED_IRC_FAIL && is_failure_of(ask, m))
		return IRC_REFUSED;
	if (m->command == REED_IRC_NUMERIC)
		verdict = judge_numeric(ask, m);
	if (verdict == IRC_NOT_MINE && ask->kind->judge)
		verdict = ask->kind->judge(ask, m);
	return verdict;
}

/* ---- what is made of it ---- */

static void note_refusal(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct reed_irc_refusal *r = &ask->refusal;

	if (reed_irc_is_refused(r))
		return;
	r->numeric = m->numeric;
	if (m->command == REED_IRC_FAIL)
		reed_slice_copy(r->code, sizeof(r->code), reed_irc_param(m, 1));
	reed_slice_copy(r->text, sizeof(r->text), reed_irc_text(m));
}

/* One that is too long may have no end: it is told at once, and what still comes is thrown away. */
static void take(struct irc_ask *ask, const struct reed_irc_message *m)
{
	if (!is_awaited(ask) || !ask->kind->take || m->command == REED_IRC_PONG)
		return;
	ask->err = ask->kind->take(ask, m);
	if (ask->err)
		tell(ask, ask->err);
}

static void doubt(struct irc_ask *ask)
{
	ask->is_doubted = true;
	reed_timer_start(ask->client->loop, &ask->timer, REED_MS(DOUBT_MS));
}

/* What every answer is made of; a long one is not silence. */
static void obey(struct irc_ask *ask, enum irc_verdict verdict, const struct reed_irc_message *m)
{
	if (verdict == IRC_REFUSED || verdict == IRC_DOUBTED)
		note_refusal(ask, m);
	take(ask, m);
	wait_on(ask);
}

static struct irc_ask *find_label(struct reed_irc_client *c, struct reed_slice label)
{
	reed_list_each (link, &c->asks) {
		if (ask_at(link)->is_labeled && reed_slice_is(label, ask_at(link)->label))
			return ask_at(link);
	}
	return NULL;
}

/* All of it belongs to the call, whatever it is; some of it may mean something. */
static void hear_labeled(struct irc_ask *ask, const struct reed_irc_message *m, bool is_last)
{
	enum irc_verdict verdict = judge(ask, m);

	if (verdict == IRC_NOT_MINE &&
	    (m->command == REED_IRC_FAIL ||
	     (m->command == REED_IRC_NUMERIC && reed_irc_numeric_is_error(m->numeric))))
		verdict = IRC_REFUSED;
	obey(ask, verdict, m);
	if (is_last)
		finish(ask, ask->err);
}

/* The fence is still to come when something before it was refused. */
static void hear_judged(struct irc_ask *ask, enum irc_verdict verdict,
                        const struct reed_irc_message *m)
{
	bool waits_for_fence = ask->kind->fenced && !ask->is_labeled;

	obey(ask, verdict, m);
	if (verdict == IRC_DONE || (verdict == IRC_REFUSED && !waits_for_fence))
		finish(ask, ask->err);
	else if (verdict == IRC_DOUBTED && !waits_for_fence)
		doubt(ask);
}

static bool hear_label(struct reed_irc_client *c, const struct irc_batch *batch,
                       const struct reed_irc_message *m)
{
	struct reed_slice label = reed_slice_of(batch ? batch->label : "");
	bool alone = m->tags.n > 0 && reed_irc_tag(m, REED_STR("label"), &label);
	struct irc_ask *ask = label.n > 0 ? find_label(c, label) : NULL;

	if (!ask)
		return false;
	hear_labeled(ask, m, alone);
	return true;
}

bool reed_irc_client_hear(struct reed_irc_client *c, const struct irc_batch *batch,
                          const struct reed_irc_message *m)
{
	if (c->ask_count == 0 || m->command == REED_IRC_BATCH)
		return false;
	if (hear_label(c, batch, m))
		return true;
	if (batch && batch->is_past)
		return false;
	reed_list_each (link, &c->asks) {
		struct irc_ask *ask = ask_at(link);
		enum irc_verdict verdict = ask->is_sent ? judge(ask, m) : IRC_NOT_MINE;

		if (verdict == IRC_NOT_MINE)
			continue;
		hear_judged(ask, verdict, m);
		return true;
	}
	return false;
}

bool reed_irc_client_answers(struct reed_irc_client *c, const struct reed_irc_message *m,
                             const char *verb)
{
	struct reed_slice label;
	struct irc_ask *ask;

	if (m->tags.n == 0 || !reed_irc_tag(m, REED_STR("label"), &label))
		return false;
	ask = find_label(c, label);
	return ask && is_verb(ask, reed_slice_of(verb));
}

void reed_irc_client_batch_ended(struct reed_irc_client *c, const char *label)
{
	struct irc_ask *ask = find_label(c, reed_slice_of(label));

	if (ask)
		finish(ask, ask->err);
}

/* ---- answers ---- */

int64_t reed_irc_number(const struct reed_irc_message *m, size_t i)
{
	uint64_t n;

	return reed_slice_u64(reed_irc_param(m, i), INT64_MAX, &n) ? 0 : (int64_t)n;
}

void reed_irc_ask_move(struct irc_ask *ask, struct reed_pool *to)
{
	*to = ask->pool;
	reed_pool_init(&ask->pool, 0);
}

enum reed_err reed_irc_ask_copy(struct irc_ask *ask, struct reed_slice s, struct reed_slice *out)
{
	*out = s.n > 0 ? reed_pool_copy(&ask->pool, s) : reed_slice("", 0);
	return out->p ? REED_OK : REED_ETOOBIG;
}

/* Doubled when it is full, which it is when the count is a power of two; what it was stays. */
void *reed_irc_ask_row(struct irc_ask *ask, void **rows, size_t size)
{
	size_t n = ask->rows;
	char *at = *rows, *bigger;

	if (n == 0 || (n >= FIRST_ROWS && (n & (n - 1)) == 0)) {
		bigger = reed_pool_alloc(&ask->pool, (n ? n * 2 : FIRST_ROWS) * size);
		if (!bigger)
			return NULL;
		if (n > 0)
			memcpy(bigger, at, n * size);
		*rows = at = bigger;
	}
	ask->rows++;
	return at + n * size;
}
