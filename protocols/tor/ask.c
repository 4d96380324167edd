/* Commands whose refusal is an error, and files that are read on the way. */

#include <string.h>

#include "private.h"
#include "reed/file.h"
#include "reed/offload.h"

void reed_tor_forget(char *secret)
{
	if (secret)
		reed_wipe(secret, strlen(secret));
	reed_free(secret);
}

/* ---- what a refusal means (control-spec 4) ---- */

static enum reed_err meaning(const struct reed_tor_reply *reply)
{
	static const struct {
		int code;
		enum reed_err err;
	} codes[] = {
		{ 451, REED_EBUSY },  { 510, REED_ENOTSUP }, { 511, REED_ENOTSUP },
		{ 512, REED_EINVAL }, { 513, REED_EINVAL },  { 514, REED_EAUTH },
		{ 515, REED_EAUTH },  { 552, REED_ENOENT },  { 553, REED_EINVAL },
	};
	struct reed_slice text = reply->lines[reply->count - 1].text;

	if (reply->code / 100 == 2)
		return REED_OK;
	/* It has no code of its own. */
	if (reply->code == 550 && reed_slice_search(text, REED_STR("collision")) < text.n)
		return REED_EEXIST;
	for (size_t i = 0; i < REED_COUNT(codes); i++)
		if (codes[i].code == reply->code)
			return codes[i].err;
	return reply->code / 100 == 5 || reply->code / 100 == 4 ? REED_EIO : REED_EPROTO;
}

struct order {
	struct reed_co co;
	struct reed_tor *tor;
	char *command; /* NULL when it has been said */
	char word[32]; /* its first */
	struct reed_tor_reply reply, *out;
};

static struct reed_future *say(struct order *self)
{
	struct reed_slice command = reed_slice_of(self->command), rest = command;
	struct reed_future *f;

	reed_slice_copy(self->word, sizeof(self->word), reed_slice_cut(&rest, ' '));
	f = reed_tor_ask(self->tor, command, &self->reply);
	reed_tor_forget(self->command);
	self->command = NULL;
	return f;
}

static void order_run(struct reed_co *co)
{
	struct order *self = reed_frame(co, struct order);
	enum reed_err err;

	reed_coroutine (co) {
		reed_await(co, say(self));
		if (co->err)
			reed_return(co, reed_because(co, co->err, "%s", self->word));
		err = meaning(&self->reply);
		if (err)
			reed_try(co, reed_failed(co->loop, err, "tor refuses %s: %d " REED_FMT,
			                         self->word, self->reply.code,
			                         REED_ARG(self->reply.lines[0].text)));
	}
}

static void order_deliver(struct reed_co *co)
{
	struct order *self = reed_frame(co, struct order);

	if (!self->out)
		return;
	*self->out = self->reply;
	self->reply = (struct reed_tor_reply){ 0 };
}

static void order_end(struct reed_co *co)
{
	struct order *self = reed_frame(co, struct order);

	reed_tor_forget(self->command);
	reed_tor_reply_finish(&self->reply);
}

static const struct reed_co_kind order_kind = {
	.name = "tor command",
	.size = sizeof(struct order),
	.run = order_run,
	.deliver = order_deliver,
	.end = order_end,
};

struct reed_future *reed_tor_do(struct reed_tor *tor, char *command, struct reed_tor_reply *reply)
{
	struct order *self = reed_co_new(tor->loop, &order_kind);

	self->tor = tor;
	self->command = command;
	self->out = reply;
	return reed_start(&self->co);
}

/* ---- options that are kept ---- */

void reed_tor_options_copy(struct reed_tor_options *into, const struct reed_tor_options *from)
{
	*into = reed_tor_options_of(from);
	into->size = sizeof(*into);
	into->control = reed_strdup(into->control);
	into->password = reed_strdup(into->password);
	into->cookie = reed_strdup(into->cookie);
	into->launch = reed_strdup(into->launch);
}

static void forget(const char *text)
{
	reed_tor_forget((char *)(uintptr_t)text);
}

void reed_tor_options_finish(struct reed_tor_options *options)
{
	forget(options->control);
	forget(options->password);
	forget(options->cookie);
	forget(options->launch);
}

/* ---- files ---- */

struct reading {
	struct reed_job job;
	char *path;
	struct reed_buf text, *out;
};

static enum reed_err reading_run(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);
	struct reed_file_stamp stamp;
	enum reed_err err = reed_file_read(self->path, &self->text, &stamp);

	return err ? reed_job_fail(job, err, "%s: %s", self->path, reed_strerror(err)) : REED_OK;
}

static void reading_deliver(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	*self->out = self->text;
	self->text = (struct reed_buf){ .limit = 0 };
}

static void reading_end(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	if (self->text.p)
		reed_wipe(self->text.p, self->text.size);
	reed_buf_finish(&self->text);
	reed_free(self->path);
}

static const struct reed_job_kind reading_kind = {
	.name = "read a file of tor",
	.size = sizeof(struct reading),
	.run = reading_run,
	.deliver = reading_deliver,
	.end = reading_end,
};

struct reed_future *reed_tor_read_file(struct reed_loop *loop, const char *path, size_t most,
                                       struct reed_buf *text)
{
	struct reading *self = reed_job_new(loop, &reading_kind);

	self->path = reed_strdup(path);
	self->out = text;
	reed_buf_init(&self->text, most);
	return reed_offload(&self->job);
}
