/*
 * IRCv3 labeled-response: everything a labeled command answers to its sender
 * comes back under the label: one line with it, several in a batch, none as an
 * ACK.  So answers are collected until the command is over; when they are many,
 * or go on when it is over (server_pace.c), the batch begins before it is known
 * where it ends.
 */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

enum { LABEL_MAX = 64, COLLECTED = 16384 };

struct irc_label {
	char text[LABEL_MAX * 4 + 1]; /* as it came, escaped */
	char batch[24];               /* its reference; "" until it begins */
	struct reed_buf lines;        /* of struct collected, each with its bytes behind it */
	unsigned count;
	unsigned parts; /* that are not over: the command, and long answers */
	bool done;      /* the client has been told */
};

/* Tags without the '@', then the line with its CR LF. */
struct collected {
	uint32_t tags, body;
};

/* ---- the life of a label ---- */

void reed_irc_label_begin(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice text;
	struct irc_label *label;

	if (m->tags.n == 0 || !irc_has(c, IRC_CAP_LABELED_RESPONSE | IRC_CAP_BATCH) ||
	    !reed_irc_tag(m, REED_STR("label"), &text) || text.n == 0 || text.n > LABEL_MAX)
		return;
	label = reed_alloc(sizeof(*label));
	label->parts = 1;
	reed_slice_copy(label->text, sizeof(label->text), text);
	c->label = label;
}

void reed_irc_label_free(struct irc_label *label)
{
	if (!label)
		return;
	reed_buf_finish(&label->lines);
	reed_free(label);
}

struct irc_label *reed_irc_label_keep(struct irc_conn *c)
{
	struct irc_label *label = c->label;

	c->label = NULL;
	return label;
}

void reed_irc_label_resume(struct irc_conn *c, struct irc_label *label)
{
	assert(!c->label);
	c->label = label;
}

/* ---- lines of the answer ---- */

static void put_with(struct irc_conn *c, const char *name, const char *value,
                     struct reed_slice tags, struct reed_slice body)
{
	struct reed_buf all = { .limit = 0 };

	reed_buf_printf(&all, "%s=%s", name, value);
	if (tags.n > 0)
		reed_buf_printf(&all, ";" REED_FMT, REED_ARG(tags));
	reed_irc_put(c, reed_buf_slice(&all), body);
	reed_buf_finish(&all);
}

static void put_collected(struct irc_conn *c, struct irc_label *label, const char *name,
                          const char *value)
{
	struct reed_slice rest = reed_buf_slice(&label->lines);
	struct collected head;

	while (rest.n > 0) {
		memcpy(&head, rest.p, sizeof(head));
		rest = reed_slice_from(rest, sizeof(head));
		put_with(c, name, value, reed_slice_first(rest, head.tags),
		         reed_slice_first(reed_slice_from(rest, head.tags), head.body));
		rest = reed_slice_from(rest, (size_t)head.tags + head.body);
	}
	reed_buf_finish(&label->lines);
}

static void put_batch_word(struct irc_conn *c, struct irc_label *label, char sign)
{
	char word[32], tag[40];
	struct irc_line l;
	struct reed_slice line;

	snprintf(word, sizeof(word), "%c%s", sign, label->batch);
	reed_irc_begin(&l, c->server->name, "BATCH");
	reed_irc_build_param(&l.b, reed_slice_of(word));
	if (sign == '+')
		reed_irc_build_param(&l.b, REED_STR("labeled-response"));
	if (reed_irc_build_end(&l.b, &line))
		return;
	if (sign == '+')
		put_with(c, "label", label->text, reed_irc_time_tag(c, tag), line);
	else
		reed_irc_put(c, reed_irc_time_tag(c, tag), line);
}

static void begin_batch(struct irc_conn *c, struct irc_label *label)
{
	snprintf(label->batch, sizeof(label->batch), "L%llu",
	         (unsigned long long)++c->server->batches);
	put_batch_word(c, label, '+');
	put_collected(c, label, "batch", label->batch);
}

void reed_irc_label_add(struct irc_conn *c, struct reed_slice tags, struct reed_slice body)
{
	struct irc_label *label = c->label;
	struct collected head = { (uint32_t)tags.n, (uint32_t)body.n };

	if (label->batch[0]) {
		put_with(c, "batch", label->batch, tags, body);
		return;
	}
	reed_buf_add(&label->lines, reed_slice(&head, sizeof(head)));
	reed_buf_add(&label->lines, tags);
	reed_buf_add(&label->lines, body);
	label->count++;
	if (reed_buf_held(&label->lines) > COLLECTED)
		begin_batch(c, label);
}

/* ---- the end ---- */

static void put_ack(struct irc_conn *c, struct irc_label *label)
{
	char tag[40];
	struct reed_slice line;
	struct irc_line l;

	reed_irc_begin(&l, c->server->name, "ACK");
	if (!reed_irc_build_end(&l.b, &line))
		put_with(c, "label", label->text, reed_irc_time_tag(c, tag), line);
}

/* Writing may close the connection, whose last words must not come here again. */
static void tell(struct irc_conn *c, struct irc_label *label)
{
	if (label->done)
		return;
	label->done = true;
	if (label->count == 0 && !label->batch[0]) {
		put_ack(c, label);
	} else if (label->count == 1 && !label->batch[0]) {
		put_collected(c, label, "label", label->text);
	} else {
		if (!label->batch[0])
			begin_batch(c, label);
		put_batch_word(c, label, '-');
	}
}

bool reed_irc_label_last(struct irc_conn *c, struct reed_slice line)
{
	struct irc_label *label = c->label;
	char tag[40];

	if (!label || label->done || label->batch[0])
		return false;
	reed_irc_label_add(c, reed_irc_time_tag(c, tag), line);
	tell(c, label);
	return true;
}

void reed_irc_label_part(struct irc_label *label)
{
	if (label)
		label->parts++;
}

void reed_irc_label_part_over(struct irc_conn *c, struct irc_label *label)
{
	if (!label || --label->parts > 0)
		return;
	tell(c, label);
	reed_irc_label_free(label);
}

void reed_irc_label_end(struct irc_conn *c)
{
	struct irc_label *label = c->label;

	c->label = NULL;
	if (label && label->parts > 1 && !label->batch[0] && !label->done)
		begin_batch(c, label);
	reed_irc_label_part_over(c, label);
}
