/*
 * The first operator.  A server without one has an invitation: a word in a file
 * of its state directory, and on the operator's screen.  Whoever is logged in
 * to an account and says OPER owner WORD is an administrator from then on, and
 * the invitation is gone.
 */

#include <string.h>

#include "chat.h"

#include "reed/alloc.h"
#include "reed/auth.h"
#include "reed/cert.h"
#include "reed/file.h"
#include "reed/offload.h"
#include "reed/random.h"
#include "reed/verifier.h"

enum { WORD = 24 };

/* ---- reading or making it: in a thread ---- */

struct invite {
	struct reed_job job;
	struct chat *chat;
	char *path;
	char fresh[WORD + 1];
	char word[WORD + 1];
	char verifier[REED_VERIFIER_ROOM];
	uint8_t salt[REED_SALT_BYTES];
};

static void derive(struct invite *self)
{
	struct reed_verifier v = { .iterations = REED_ITERATIONS, .salt_length = REED_SALT_BYTES };

	memcpy(v.salt, self->salt, sizeof(self->salt));
	reed_verifier_derive(&v, reed_slice_of(self->word));
	reed_verifier_print(&v, self->verifier);
}

/* An empty file says that the invitation has been taken. */
static enum reed_err invite_run(struct reed_job *job)
{
	struct invite *self = reed_job_frame(job, struct invite);
	struct reed_buf text = { .limit = 4096 };
	struct reed_fault *fault = NULL;
	struct reed_file_stamp stamp;
	enum reed_err err = reed_file_read(self->path, &text, &stamp);

	if (err == REED_ENOENT) {
		memcpy(self->word, self->fresh, sizeof(self->word));
		err = reed_cert_write(self->path, reed_slice_of(self->word), true, &fault);
		if (err)
			reed_job_fail(job, err, "%s", reed_fault_why(fault, err));
		reed_fault_free(fault);
	} else if (!err) {
		reed_slice_copy(self->word, sizeof(self->word),
		                reed_slice_trim(reed_buf_slice(&text)));
	}
	reed_buf_finish(&text);
	if (!err && self->word[0])
		derive(self);
	return err;
}

static void invite_deliver(struct reed_job *job)
{
	struct invite *self = reed_job_frame(job, struct invite);

	if (!self->word[0])
		return;
	self->chat->invitation = reed_strdup(self->word);
	self->chat->invitation_verifier = reed_strdup(self->verifier);
}

static void invite_end(struct reed_job *job)
{
	reed_free(reed_job_frame(job, struct invite)->path);
}

static const struct reed_job_kind invite_kind = {
	.name = "invitation",
	.size = sizeof(struct invite),
	.run = invite_run,
	.deliver = invite_deliver,
	.end = invite_end,
};

static char *invitation_path(const struct chat *chat)
{
	return reed_sprintf("%s/invitation", chat->service->state);
}

struct reed_future *reed_chat_invite(struct chat *chat)
{
	struct reed_loop *loop = chat->service->loop;
	struct invite *self;

	if (!chat->service->site->portal || !chat->service->state)
		return reed_ready(loop, REED_OK);
	self = reed_job_new(loop, &invite_kind);
	self->chat = chat;
	self->path = invitation_path(chat);
	reed_random_word(loop, self->fresh, WORD);
	reed_random_bytes(loop, self->salt, sizeof(self->salt));
	return reed_offload(&self->job);
}

/* ---- taking it ---- */

struct take {
	struct reed_job job;
	char *path;
};

static enum reed_err take_run(struct reed_job *job)
{
	struct take *self = reed_job_frame(job, struct take);
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_cert_write(self->path, REED_STR(""), true, &fault);

	if (err)
		reed_job_fail(job, err, "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

static void take_end(struct reed_job *job)
{
	reed_free(reed_job_frame(job, struct take)->path);
}

static const struct reed_job_kind take_kind = {
	.name = "invitation taken",
	.size = sizeof(struct take),
	.run = take_run,
	.end = take_end,
};

void reed_chat_invited(void *arg, const char *operator_name, const char *account)
{
	struct chat *chat = arg;
	struct take *take;

	if (!chat->invitation || strcmp(operator_name, "owner") != 0)
		return;
	take = reed_job_new(chat->service->loop, &take_kind);
	take->path = invitation_path(chat);
	reed_free(chat->invitation);
	chat->invitation = NULL;
	reed_scope_add(&chat->service->scope, reed_offload(&take->job));
	reed_scope_add(&chat->service->scope,
	               reed_portal_set_roles(chat->service->site->portal, reed_slice_of(account),
	                                     REED_STR("admin")));
	reed_chat_apply(chat, chat->settings);
}
