/* The files of an onion service: its key, its address, who may be its client. */

#include <string.h>

#include "private.h"
#include "reed/file.h"
#include "reed/offload.h"

enum { KEY_FILE = 4096, CLIENTS_FILE = 64 << 10 };

struct keeping {
	struct reed_job job;
	char *key, *clients;
	struct tor_kept kept, *out;
};

void reed_tor_kept_finish(struct tor_kept *kept)
{
	for (size_t i = 0; i < kept->client_count; i++)
		reed_free(kept->clients[i]);
	reed_wipe(kept, sizeof(*kept));
}

/* ---- the key ---- */

static enum reed_err make_key(struct keeping *self)
{
	struct reed_file_stamp stamp;
	char text[REED_TOR_KEY + 1];
	enum reed_err err;
	int n = snprintf(text, sizeof(text), "%s\n", self->kept.key);

	err = reed_file_replace(self->key, reed_slice(text, (size_t)n), &stamp);
	reed_wipe(text, sizeof(text));
	return err ? reed_job_fail(&self->job, err,
	                           "%s: the key of the onion service cannot be written: %s",
	                           self->key, reed_strerror(err))
	           : REED_OK;
}

static enum reed_err judge_key(struct keeping *self, struct reed_slice text,
                               const struct reed_file_stamp *stamp)
{
	if (stamp->mode & 077)
		return reed_job_fail(&self->job, REED_EACCES,
		                     "%s: others may read this key; chmod 600 it, and take a new "
		                     "one if somebody has",
		                     self->key);
	if (reed_tor_key_read(text, self->kept.key))
		return reed_job_fail(&self->job, REED_ECORRUPT,
		                     "%s: this is no key of an onion service; a line "
		                     "ED25519-V3:BASE64 or tor's hs_ed25519_secret_key is; without "
		                     "the file a new one is made",
		                     self->key);
	return REED_OK;
}

static enum reed_err read_key(struct keeping *self)
{
	struct reed_buf text = { .limit = KEY_FILE };
	struct reed_file_stamp stamp = { .mode = 0 };
	enum reed_err err = reed_file_read(self->key, &text, &stamp);

	if (err == REED_ENOENT)
		err = make_key(self);
	else if (err)
		reed_job_fail(&self->job, err, "%s: %s", self->key, reed_strerror(err));
	else
		err = judge_key(self, reed_buf_slice(&text), &stamp);
	if (text.p)
		reed_wipe(text.p, text.size);
	reed_buf_finish(&text);
	return err;
}

/* ---- clients ---- */

/* Tor's own files have "descriptor:x25519:" in front of the key. */
static enum reed_err take_client(struct keeping *self, struct reed_slice line, unsigned number)
{
	struct reed_slice head = REED_STR("descriptor:x25519:");

	if (reed_slice_starts(line, head))
		line = reed_slice_from(line, head.n);
	if (!reed_tor_is_client_key(line))
		return reed_job_fail(&self->job, REED_ESYNTAX,
		                     "%s:%u: a client's public key must stand here, x25519 in "
		                     "base32 (52 characters)",
		                     self->clients, number);
	if (self->kept.client_count == REED_TOR_CLIENTS)
		return reed_job_fail(&self->job, REED_ETOOBIG, "%s:%u: more than %d clients",
		                     self->clients, number, REED_TOR_CLIENTS);
	self->kept.clients[self->kept.client_count++] = reed_slice_dup(line);
	return REED_OK;
}

static enum reed_err take_clients(struct keeping *self, struct reed_slice rest)
{
	enum reed_err err = REED_OK;
	unsigned number = 0;

	while (rest.n > 0 && !err) {
		struct reed_slice line = reed_slice_trim(reed_slice_cut(&rest, '\n'));

		number++;
		if (line.n > 0 && line.p[0] != '#')
			err = take_client(self, line, number);
	}
	/* Nobody at all is not what an empty list would mean to tor. */
	if (!err && self->kept.client_count == 0)
		return reed_job_fail(&self->job, REED_EINVAL,
		                     "%s: no client is named in it, and without clients= anybody "
		                     "may come in",
		                     self->clients);
	return err;
}

static enum reed_err read_clients(struct keeping *self)
{
	struct reed_buf text = { .limit = CLIENTS_FILE };
	struct reed_file_stamp stamp;
	enum reed_err err = reed_file_read(self->clients, &text, &stamp);

	if (err)
		reed_job_fail(&self->job, err, "%s: %s", self->clients, reed_strerror(err));
	else
		err = take_clients(self, reed_buf_slice(&text));
	reed_buf_finish(&text);
	return err;
}

/* ---- both ---- */

static enum reed_err keeping_run(struct reed_job *job)
{
	struct keeping *self = reed_job_frame(job, struct keeping);
	enum reed_err err = self->clients ? read_clients(self) : REED_OK;

	return !err && self->key ? read_key(self) : err;
}

static void keeping_deliver(struct reed_job *job)
{
	struct keeping *self = reed_job_frame(job, struct keeping);

	*self->out = self->kept;
	self->kept.client_count = 0;
}

static void keeping_end(struct reed_job *job)
{
	struct keeping *self = reed_job_frame(job, struct keeping);

	reed_tor_kept_finish(&self->kept);
	reed_free(self->key);
	reed_free(self->clients);
}

static const struct reed_job_kind keeping_kind = {
	.name = "the key of an onion service",
	.size = sizeof(struct keeping),
	.run = keeping_run,
	.deliver = keeping_deliver,
	.end = keeping_end,
};

struct reed_future *reed_tor_keep(struct reed_loop *loop, const char *key, const char *clients,
                                  struct tor_kept *kept)
{
	struct keeping *self = reed_job_new(loop, &keeping_kind);

	self->key = reed_strdup(key);
	self->clients = reed_strdup(clients);
	self->out = kept;
	reed_tor_key_new(loop, self->kept.key);
	return reed_offload(&self->job);
}

/* ---- the address ---- */

struct naming {
	struct reed_job job;
	char *path, *text;
};

static enum reed_err naming_run(struct reed_job *job)
{
	struct naming *self = reed_job_frame(job, struct naming);
	struct reed_file_stamp stamp;
	enum reed_err err;

	err = reed_file_replace(self->path, reed_slice_of(self->text), &stamp);
	return err ? reed_job_fail(job, err, "%s: %s", self->path, reed_strerror(err)) : REED_OK;
}

static void naming_end(struct reed_job *job)
{
	struct naming *self = reed_job_frame(job, struct naming);

	reed_free(self->path);
	reed_free(self->text);
}

static const struct reed_job_kind naming_kind = {
	.name = "the address of an onion service",
	.size = sizeof(struct naming),
	.run = naming_run,
	.end = naming_end,
};

struct reed_future *reed_tor_keep_name(struct reed_loop *loop, const char *key,
                                       const struct reed_tor_onion *onion)
{
	struct naming *self = reed_job_new(loop, &naming_kind);

	self->path = reed_sprintf("%s.hostname", key);
	self->text = reed_sprintf("%s.onion\n", onion->address);
	return reed_offload(&self->job);
}
