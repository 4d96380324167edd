/* A connection to the control port: commands go out, replies and events come in. */

#include <string.h>

#include "private.h"
#include "reed/log.h"

enum { ASKED_AT_ONCE = 256 };

/* A reply that is due; nobody waits for it any more when by is NULL. */
struct slot {
	struct reed_list link;
	struct question *by;
};

/* ---- a question: the future of a reply ---- */

struct question {
	struct reed_future future;
	struct slot *slot; /* NULL: answered, or never will be */
	struct reed_tor_reply reply, *out;
};

static struct question *question_of(struct reed_future *f)
{
	return reed_container_of(f, struct question, future);
}

static void question_cancel(struct reed_future *f)
{
	struct question *self = question_of(f);

	if (self->slot)
		self->slot->by = NULL;
	self->slot = NULL;
}

static void question_deliver(struct reed_future *f)
{
	struct question *self = question_of(f);

	if (f->err)
		return;
	*self->out = self->reply;
	self->reply = (struct reed_tor_reply){ 0 };
}

static void question_free(struct reed_future *f)
{
	struct question *self = question_of(f);

	reed_tor_reply_finish(&self->reply);
	reed_free(self);
}

static const struct reed_future_kind question_kind = {
	.name = "tor's answer",
	.cancel = question_cancel,
	.deliver = question_deliver,
	.free = question_free,
};

static void answer(struct slot *slot, struct reed_tor_reply *reply)
{
	struct question *by = slot->by;

	reed_list_remove(&slot->link);
	reed_free(slot);
	if (!by) {
		reed_tor_reply_finish(reply);
		return;
	}
	by->slot = NULL;
	by->reply = *reply;
	reed_settle(&by->future, REED_OK);
}

/* Takes over fault. */
static void fail_asked(struct reed_tor *tor, struct reed_fault *fault)
{
	while (!reed_list_empty(&tor->asked)) {
		struct slot *slot = reed_container_of(tor->asked.next, struct slot, link);

		reed_list_remove(&slot->link);
		if (slot->by) {
			slot->by->slot = NULL;
			reed_fail_with(&slot->by->future, reed_fault_copy(fault));
		}
		reed_free(slot);
	}
	tor->asked_count = 0;
	reed_fault_free(fault);
}

static bool is_one_line(struct reed_slice command)
{
	for (size_t i = 0; i < command.n; i++)
		if (command.p[i] == '\r' || command.p[i] == '\n' || command.p[i] == '\0')
			return false;
	return command.n > 0;
}

static struct reed_future *put_question(struct reed_tor *tor, struct reed_tor_reply *reply)
{
	struct question *self = reed_alloc(sizeof(*self));
	struct slot *slot = reed_alloc(sizeof(*slot));

	reed_future_init(&self->future, tor->loop, &question_kind);
	self->out = reply;
	self->slot = slot;
	slot->by = self;
	reed_list_append(&tor->asked, &slot->link);
	tor->asked_count++;
	return &self->future;
}

struct reed_future *reed_tor_ask(struct reed_tor *tor, struct reed_slice command,
                                 struct reed_tor_reply *reply)
{
	struct reed_future *f;

	if (tor->err)
		return reed_failed_with(tor->loop, reed_fault(tor->err, reed_fault_copy(tor->fault),
		                                              "tor is gone"));
	if (!is_one_line(command))
		return reed_failed(tor->loop, REED_EINVAL,
		                   "a command of tor is one line, without a NUL");
	if (tor->asked_count >= ASKED_AT_ONCE)
		return reed_failed(tor->loop, REED_ETOOBIG,
		                   "%d commands wait for tor's answer already", ASKED_AT_ONCE);
	f = put_question(tor, reply);
	reed_write(tor->stream, command);
	reed_write(tor->stream, REED_STR("\r\n"));
	return tor->timeout_ms > 0 ? reed_within(tor->timeout_ms, f) : f;
}

/* ---- events ---- */

static void event_share(void *item)
{
	reed_blob_share(((struct reed_tor_event *)item)->memory);
}

static void event_release(void *item)
{
	reed_blob_release(((struct reed_tor_event *)item)->memory);
}

static const struct reed_item_kind event_kind = {
	.size = sizeof(struct reed_tor_event),
	.share = event_share,
	.release = event_release,
};

void reed_tor_event_release(struct reed_tor_event *event)
{
	reed_blob_release(event->memory);
	*event = (struct reed_tor_event){ .memory = NULL };
}

struct reed_channel *reed_tor_events(struct reed_tor *tor)
{
	return &tor->events;
}

static struct reed_blob *put_together(const struct reed_tor_reply *reply)
{
	struct reed_buf all = { .limit = 0 };
	struct reed_blob *blob;

	for (size_t i = 0; i < reply->count; i++) {
		reed_buf_add(&all, reply->lines[i].text);
		reed_buf_add_char(&all, '\n');
		reed_buf_add(&all, reply->lines[i].data);
	}
	blob = reed_blob_new(reed_buf_slice(&all));
	reed_buf_finish(&all);
	return blob;
}

/* control-spec 4.1 */
static void tell(struct reed_tor *tor, struct reed_tor_reply *reply)
{
	struct reed_tor_event event = { .memory = put_together(reply) };

	event.more = reed_blob_slice(event.memory);
	event.text = reed_slice_cut(&event.more, '\n');
	event.name = reed_slice_cut(&event.text, ' ');
	reed_publish(&tor->events, &event);
	reed_tor_event_release(&event);
	reed_tor_reply_finish(reply);
}

/* ---- reading ---- */

static struct reed_fault *hear_reply(struct reed_tor *tor)
{
	struct reed_tor_reply reply;

	reed_tor_collected(&tor->collect, &reply);
	if (reply.code / 100 == 6) {
		tell(tor, &reply);
		return NULL;
	}
	if (reed_list_empty(&tor->asked)) {
		reed_tor_reply_finish(&reply);
		return reed_fault(REED_EPROTO, NULL, "an answer to what was not asked");
	}
	tor->asked_count--;
	answer(reed_container_of(tor->asked.next, struct slot, link), &reply);
	return NULL;
}

static struct reed_fault *hear(struct reed_tor *tor, struct reed_slice line)
{
	const char *wrong = "a reply or event that is too long";
	bool done;
	enum reed_err err = reed_tor_collect(&tor->collect, line, &done, &wrong);

	if (err)
		return reed_fault(err, NULL, "tor's control port sent %s", wrong);
	return done ? hear_reply(tor) : NULL;
}

struct reader {
	struct reed_co co;
	struct reed_tor *tor;
	struct reed_slice line;
	struct reed_fault *fault;
};

static void reader_run(struct reed_co *co)
{
	struct reader *self = reed_frame(co, struct reader);
	struct reed_fault *fault;

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_read_line(self->tor->stream, &self->line));
			fault = hear(self->tor, self->line);
			if (fault)
				reed_try(co, reed_failed_with(co->loop, fault));
		}
	}
}

static const struct reed_co_kind reader_kind = {
	.name = "tor's control port",
	.size = sizeof(struct reader),
	.run = reader_run,
};

static void has_ended(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct reed_tor *tor = reed_container_of(w, struct reed_tor, reader);

	tor->err = err ? err : REED_EEOF;
	tor->fault = fault ? fault : reed_fault(tor->err, NULL, "tor has closed the connection");
	fail_asked(tor, reed_fault(tor->err, reed_fault_copy(tor->fault), "tor is gone"));
	reed_channel_close(&tor->events);
}

/* ---- its life ---- */

struct reed_tor_options reed_tor_options_of(const struct reed_tor_options *given)
{
	struct reed_tor_options o = REED_TOR_OPTIONS;

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	return o;
}

struct reed_tor *reed_tor_new(struct reed_stream *stream, const struct reed_tor_options *options)
{
	struct reader *reader = reed_co_new(stream->loop, &reader_kind);
	struct reed_tor *tor = reed_alloc(sizeof(*tor));

	tor->loop = stream->loop;
	tor->stream = stream;
	tor->timeout_ms = options->timeout_ms;
	tor->collect.bytes.limit = options->limit;
	tor->login = "";
	reed_list_init(&tor->asked);
	reed_channel_init(&tor->events, tor->loop, &event_kind);
	tor->reader.wake = has_ended;
	reader->tor = tor;
	reed_wait(reed_start(&reader->co), &tor->reader);
	return tor;
}

void reed_tor_close(struct reed_tor *tor)
{
	if (!tor)
		return;
	reed_unwait(tor->loop, &tor->reader);
	fail_asked(tor, reed_fault(REED_ECANCELED, NULL, "the connection to tor was closed"));
	reed_channel_close(&tor->events);
	reed_channel_finish(&tor->events);
	reed_tor_collect_finish(&tor->collect);
	reed_close(tor->stream);
	reed_tor_child_free(tor->child);
	reed_fault_free(tor->fault);
	reed_free(tor->version);
	reed_free(tor);
}

const char *reed_tor_version(const struct reed_tor *tor)
{
	return tor->version ? tor->version : "";
}

const char *reed_tor_login(const struct reed_tor *tor)
{
	return tor->login;
}

const char *reed_tor_why(const struct reed_tor *tor)
{
	return reed_fault_why(tor->fault, tor->err);
}
