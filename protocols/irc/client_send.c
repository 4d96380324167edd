/*
 * Lines that wait to be sent.  A queue for each priority; what is urgent goes
 * at once and is paid for all the same, so that the rest waits longer.
 */

#include "client_private.h"

#include <string.h>

enum { SHARED = 4096 };

/* ---- pace ---- */

void reed_irc_pace_init(struct irc_pace *pace, unsigned burst, int64_t ms)
{
	*pace = (struct irc_pace){ .period = ms > 0 ? REED_MS(ms) : 0, .burst = burst ? burst : 1 };
}

int64_t reed_irc_pace_wait(const struct irc_pace *pace, int64_t now)
{
	int64_t wait = pace->spent - now - pace->period * (int64_t)(pace->burst - 1);

	return wait > 0 ? wait : 0;
}

/* What is urgent may run up a debt, but of no more than one burst. */
void reed_irc_pace_spend(struct irc_pace *pace, int64_t now)
{
	int64_t most = now + 2 * pace->period * (int64_t)pace->burst;

	if (pace->spent < now)
		pace->spent = now;
	pace->spent += pace->period;
	if (pace->spent > most)
		pace->spent = most;
}

/* ---- queues ---- */

static struct irc_out *out_at(struct reed_list *link)
{
	return reed_container_of(link, struct irc_out, link);
}

static size_t count_lines(struct reed_slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

static enum reed_err may_queue(const struct reed_irc_client *c, size_t n)
{
	if (!c->stream)
		return REED_ECLOSED;
	return n > c->options.queue_bytes - c->out_bytes ? REED_ETOOBIG : REED_OK;
}

static void queued(struct reed_irc_client *c, size_t bytes, size_t lines)
{
	c->out_bytes += bytes;
	c->out_lines += lines;
	reed_cell_touch(&c->out_cell);
}

enum reed_err reed_irc_client_queue(struct reed_irc_client *c, struct irc_out *out)
{
	size_t n = reed_buf_held(&out->lines);
	enum reed_err err = out->lines.err ? out->lines.err : may_queue(c, n);

	if (err)
		return err;
	reed_list_append(&c->outs[out->priority], &out->link);
	queued(c, n, count_lines(reed_buf_slice(&out->lines)));
	return REED_OK;
}

void reed_irc_client_unqueue(struct reed_irc_client *c, struct irc_out *out)
{
	if (!reed_linked(&out->link))
		return;
	reed_list_remove(&out->link);
	c->out_bytes -= reed_buf_held(&out->lines);
	c->out_lines -= count_lines(reed_buf_slice(&out->lines));
}

static void finish_out(struct reed_irc_client *c, struct irc_out *out, enum reed_err err)
{
	reed_irc_client_unqueue(c, out);
	out->done(out, err);
}

void reed_irc_client_drop_outs(struct reed_irc_client *c, enum reed_err err)
{
	for (size_t i = 0; i < REED_IRC_PRIORITIES; i++)
		while (!reed_list_empty(&c->outs[i]))
			finish_out(c, out_at(c->outs[i].next), err);
}

/* ---- leaving ---- */

/* Before we are let in only what belongs to that may be said. */
static struct irc_out *next_out(const struct reed_irc_client *c)
{
	size_t n = reed_irc_client_is_online(c) ? REED_IRC_PRIORITIES : REED_IRC_AT_ONCE + 1;

	for (size_t i = 0; i < n; i++)
		if (!reed_list_empty(&c->outs[i]))
			return out_at(c->outs[i].next);
	return NULL;
}

static void write_line(struct reed_irc_client *c, struct irc_out *out)
{
	struct reed_slice all = reed_buf_slice(&out->lines), line = all;

	line = reed_slice_first(all, reed_slice_find(all, '\n') + 1);
	reed_write(c->stream, line);
	reed_irc_pace_spend(&c->pace, reed_now(c->loop));
	c->stats.lines_out++;
	c->out_bytes -= line.n;
	c->out_lines--;
	reed_buf_skip(&out->lines, line.n);
	if (reed_buf_held(&out->lines) == 0)
		finish_out(c, out, REED_OK);
}

int64_t reed_irc_client_write(struct reed_irc_client *c)
{
	struct irc_out *out;

	while ((out = next_out(c)) && !reed_must_drain(c->stream)) {
		int64_t wait = reed_irc_pace_wait(&c->pace, reed_now(c->loop));

		if (out->priority != REED_IRC_AT_ONCE && wait > 0)
			return wait;
		write_line(c, out);
	}
	return -1;
}

/* ---- lines nobody waits for ---- */

static void free_out(struct irc_out *out, enum reed_err err)
{
	(void)err;
	reed_buf_finish(&out->lines);
	reed_free(out);
}

/* They share memory, so that many short ones take little more than queue_bytes. */
static struct irc_out *out_for(struct reed_irc_client *c, enum reed_irc_priority priority)
{
	struct reed_list *outs = &c->outs[priority];
	struct irc_out *out = reed_list_empty(outs) ? NULL : out_at(outs->prev);

	if (out && out->done == free_out && reed_buf_held(&out->lines) < SHARED)
		return out;
	out = reed_alloc(sizeof(*out));
	out->priority = priority;
	out->done = free_out;
	reed_list_append(outs, &out->link);
	return out;
}

static enum reed_err send_line(struct reed_irc_client *c, enum reed_irc_priority priority,
                               struct reed_slice line)
{
	enum reed_err err = may_queue(c, line.n + 2);
	struct irc_out *out;

	if (err)
		return err;
	out = out_for(c, priority);
	reed_buf_add(&out->lines, line);
	reed_buf_add(&out->lines, REED_STR("\r\n"));
	queued(c, line.n + 2, 1);
	return REED_OK;
}

static struct reed_slice without_end(struct reed_slice line)
{
	while (line.n > 0 && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	return line;
}

size_t reed_irc_client_line_max(const struct reed_irc_client *c)
{
	unsigned told = c->isupport.linelen;

	return told > REED_IRC_LINE_MAX ? told < IRC_LINE_MOST ? told : IRC_LINE_MOST
	                                : REED_IRC_LINE_MAX;
}

enum reed_err reed_irc_client_send(struct reed_irc_client *client, enum reed_irc_priority priority,
                                   struct reed_slice line)
{
	struct reed_irc_limits limits = { .tags = 4096, .line = reed_irc_client_line_max(client) };
	struct reed_irc_message m;
	enum reed_err err;

	line = without_end(line);
	err = reed_irc_parse(line, &limits, &m);
	if (err == REED_ESYNTAX || m.command == REED_IRC_NOTHING)
		return REED_EINVAL;
	if (err)
		return err;
	if (priority != REED_IRC_AT_ONCE && !reed_irc_client_is_online(client))
		return REED_ECLOSED;
	return send_line(client, priority, line);
}

/* Our own machinery: what cannot be said, because a peer put it together, is not. */
void reed_irc_client_command(struct reed_irc_client *c, enum reed_irc_priority priority,
                             const char *verb, const struct reed_slice *params)
{
	char line[IRC_LINE_MOST];
	struct reed_irc_builder b;
	struct reed_slice out;

	reed_irc_build(&b, line, sizeof(line));
	b.line_max = reed_irc_client_line_max(c);
	reed_irc_build_command(&b, REED_STR(""), reed_slice_of(verb));
	for (; params->p; params++)
		reed_irc_build_param(&b, *params);
	if (reed_irc_build_end(&b, &out) == REED_OK)
		send_line(c, priority, without_end(out));
}

/* ---- many names in few lines ---- */

static void send_names(struct irc_lines *lines)
{
	struct reed_slice names = reed_buf_slice(&lines->names);

	if (lines->first.n > 0)
		reed_irc_client_tell(lines->client, lines->priority, lines->verb, lines->first,
		                     names);
	else
		reed_irc_client_tell(lines->client, lines->priority, lines->verb, names);
	reed_buf_clear(&lines->names);
	lines->count = 0;
}

void reed_irc_lines_add(struct irc_lines *lines, struct reed_slice name)
{
	size_t room = REED_IRC_LINE_MAX - strlen(lines->verb) - lines->first.n - 8;

	if (lines->count > 0 &&
	    (lines->count == lines->most || reed_buf_held(&lines->names) + 1 + name.n > room))
		send_names(lines);
	if (lines->count++ > 0)
		reed_buf_add_char(&lines->names, ',');
	reed_buf_add(&lines->names, name);
}

void reed_irc_lines_end(struct irc_lines *lines)
{
	if (lines->count > 0)
		send_names(lines);
	reed_buf_finish(&lines->names);
}
