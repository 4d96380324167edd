/*
 * Log files that were moved away are packed, one after another, in a worker.
 *
 * A packed file is written under another name, and takes the place of the one it
 * was made from when it is complete: whatever is called FILE.n.gz can be read to
 * its end, and after a crash the other one is still there.  One that cannot be
 * packed stays as it is until the next is moved away.
 */

#include "daemon_private.h"
#include "pack.h"
#include "reed/alloc.h"
#include "reed/cell.h"
#include "reed/co.h"
#include "reed/offload.h"

struct packed {
	bool found;
	char *into; /* owned */
	struct reed_log_file of;
};

/* ---- one ---- */

struct job {
	struct reed_job job;
	struct packing packing;
	struct packed *out;
	bool delivered;
};

static enum reed_err job_run(struct reed_job *job)
{
	struct packing *p = &reed_job_frame(job, struct job)->packing;
	enum reed_err err = reed_pack_run(p);

	return err ? reed_job_fail(job, err, "%s: %s", p->into, reed_strerror(err)) : REED_OK;
}

static void job_deliver(struct reed_job *job)
{
	struct job *self = reed_job_frame(job, struct job);

	self->delivered = true;
	self->out->found = self->packing.found;
	self->out->of = self->packing.of;
	self->out->into = self->packing.into;
	self->packing.into = NULL;
}

static void job_end(struct reed_job *job)
{
	struct job *self = reed_job_frame(job, struct job);

	if (!self->delivered && self->packing.found)
		reed_pack_forget(&self->packing);
	reed_free(self->packing.path);
	reed_free(self->packing.into);
}

static const struct reed_job_kind job_kind = {
	.name = "pack a log file",
	.size = sizeof(struct job),
	.run = job_run,
	.deliver = job_deliver,
	.end = job_end,
};

static struct reed_future *pack_one(struct daemon *d, struct packed *out)
{
	const struct daemon_settings *s = reed_generation_daemon(d->latest);
	struct job *self = reed_job_new(d->loop, &job_kind);

	self->packing.path = reed_strdup(s->log.file);
	self->packing.into = reed_sprintf("%s.packing", s->log.file);
	self->packing.keep = (unsigned)s->log.keep;
	self->out = out;
	return reed_offload(&self->job);
}

/* ---- all of them ---- */

struct packer {
	struct reed_co co;
	struct daemon *daemon;
	struct packed packed;
	uint64_t seen;
};

static struct reed_log *log_of(const struct packer *self)
{
	return reed_log_of(self->daemon->loop);
}

static bool is_wanted(const struct packer *self)
{
	const struct daemon_settings *s = reed_generation_daemon(self->daemon->latest);

	return s->log.file && s->log.compress;
}

static void take(struct packer *self)
{
	struct reed_co *co = &self->co;

	if (co->err && co->err != REED_ECANCELED)
		reed_log(co->loop, REED_LOG_ERROR,
		         "a log file cannot be packed, so it stays as it is why=%s",
		         reed_co_why(co));
	else if (!co->err && self->packed.found)
		reed_log_packed(log_of(self), self->packed.into, self->packed.of);
	reed_free(self->packed.into);
	self->packed = (struct packed){ .found = false };
}

static void packer_run(struct reed_co *co)
{
	struct packer *self = reed_frame(co, struct packer);

	reed_coroutine (co) {
		for (;;) {
			self->seen = reed_log_moved(log_of(self))->count;
			if (is_wanted(self)) {
				reed_await(co, pack_one(self->daemon, &self->packed));
				take(self);
			}
			reed_try(co, reed_cell_changed(co->loop, reed_log_moved(log_of(self)),
			                               self->seen));
		}
	}
}

static void packer_end(struct reed_co *co)
{
	reed_free(reed_frame(co, struct packer)->packed.into);
}

static const struct reed_co_kind packer_kind = {
	.name = "log packer",
	.size = sizeof(struct packer),
	.run = packer_run,
	.end = packer_end,
};

struct reed_future *reed_daemon_pack(struct daemon *d)
{
	struct packer *self = reed_co_new(d->loop, &packer_kind);

	self->daemon = d;
	return reed_start(&self->co);
}
