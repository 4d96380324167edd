/*
 * Batches (IRCv3 batch): messages that belong together.  Most are told as they
 * come, with the type of their batch; the lines of a long message (multiline)
 * are told as one.
 */

#include "client_private.h"

#include <string.h>

static struct irc_batch *batch_at(struct reed_list *link)
{
	return reed_container_of(link, struct irc_batch, link);
}

static struct irc_batch *find(struct reed_irc_client *c, struct reed_slice ref)
{
	reed_list_each (link, &c->batches) {
		if (reed_slice_is(ref, batch_at(link)->ref))
			return batch_at(link);
	}
	return NULL;
}

struct irc_batch *reed_irc_client_batch_of(struct reed_irc_client *c,
                                           const struct reed_irc_message *m)
{
	struct reed_slice ref;

	if (m->tags.n == 0 || c->batch_count == 0 || !reed_irc_tag(m, REED_STR("batch"), &ref))
		return NULL;
	return find(c, ref);
}

static void free_batch(struct reed_irc_client *c, struct irc_batch *batch)
{
	reed_list_remove(&batch->link);
	c->batch_count--;
	reed_irc_box_release(batch->start);
	reed_irc_box_release(batch->first);
	reed_buf_finish(&batch->text);
	reed_free(batch->type);
	reed_free(batch);
}

void reed_irc_client_forget_batches(struct reed_irc_client *c)
{
	while (!reed_list_empty(&c->batches))
		free_batch(c, batch_at(c->batches.next));
}

/* ---- one message of many lines ---- */

static struct irc_box *keep(struct irc_box *box)
{
	box->holders++;
	return box;
}

bool reed_irc_client_collect(struct reed_irc_client *c, struct irc_batch *batch,
                             struct irc_box *box)
{
	const struct reed_irc_message *m = &box->message;
	struct reed_slice unused;

	(void)c;
	if (m->command != REED_IRC_PRIVMSG && m->command != REED_IRC_NOTICE)
		return false;
	if (!batch->first)
		batch->first = keep(box);
	else if (!reed_irc_tag(m, REED_STR("draft/multiline-concat"), &unused))
		reed_buf_add_char(&batch->text, '\n');
	reed_buf_add(&batch->text, reed_irc_param(m, 1));
	return true;
}

/* The first line, with the tags of the batch and the text of all lines. */
static void tell_collected(struct reed_irc_client *c, struct irc_batch *batch,
                           const struct irc_batch *outer)
{
	const struct reed_irc_event *start = &batch->start->event;
	struct irc_box *box = batch->first;
	struct reed_irc_event *e = &box->event;

	e->id = reed_irc_box_copy(box, start->id);
	e->account = reed_irc_box_copy(box, start->account);
	e->batch = reed_irc_box_copy(box, reed_slice_of(outer ? outer->type : ""));
	e->time = start->time;
	e->is_past = batch->is_past;
	reed_irc_client_tell_text(c, box, reed_irc_box_copy(box, reed_buf_slice(&batch->text)));
	reed_irc_client_publish(c, box);
}

/* ---- beginning and end ---- */

static bool is_history(struct reed_slice type)
{
	return reed_slice_is(type, "chathistory") || reed_slice_is(type, "znc.in/playback");
}

static void copy_label(struct irc_batch *batch, const struct reed_irc_message *m,
                       const struct irc_batch *outer)
{
	struct reed_slice label;

	if (reed_irc_tag(m, REED_STR("label"), &label))
		reed_slice_copy(batch->label, sizeof(batch->label), label);
	else if (outer)
		memcpy(batch->label, outer->label, sizeof(batch->label));
}

static void open_batch(struct reed_irc_client *c, struct irc_box *box, struct reed_slice ref)
{
	const struct irc_batch *outer = reed_irc_client_batch_of(c, &box->message);
	struct reed_slice type = reed_irc_param(&box->message, 1);
	struct irc_batch *batch;

	if (ref.n == 0 || ref.n > IRC_BATCH_REF_MOST || c->batch_count >= IRC_BATCHES_MOST ||
	    find(c, ref))
		return;
	batch = reed_alloc(sizeof(*batch));
	reed_slice_copy(batch->ref, sizeof(batch->ref), ref);
	batch->type = reed_slice_dup(type);
	batch->is_past = is_history(type) || (outer && outer->is_past);
	batch->is_labeled = box->message.tags.n > 0 && (!outer || !*outer->label);
	copy_label(batch, &box->message, outer);
	if (reed_slice_is(type, "draft/multiline") || reed_slice_is(type, "multiline")) {
		reed_buf_init(&batch->text, IRC_MULTILINE_MOST);
		batch->start = keep(box);
	}
	reed_list_append(&c->batches, &batch->link);
	c->batch_count++;
}

static void close_batch(struct reed_irc_client *c, struct irc_box *box, struct reed_slice ref)
{
	struct irc_batch *batch = find(c, ref);

	if (!batch)
		return;
	if (batch->first)
		tell_collected(c, batch, reed_irc_client_batch_of(c, &box->message));
	if (batch->is_labeled && *batch->label)
		reed_irc_client_batch_ended(c, batch->label);
	free_batch(c, batch);
}

void reed_irc_client_on_batch(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_slice ref = reed_irc_param(&box->message, 0);

	if (reed_slice_starts(ref, REED_STR("+")))
		open_batch(c, box, reed_slice_from(ref, 1));
	else if (reed_slice_starts(ref, REED_STR("-")))
		close_batch(c, box, reed_slice_from(ref, 1));
}
