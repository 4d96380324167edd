/* A resolver that follows the keys of the root: asks, takes, writes down, trusts. */

#include "reed/dns/anchor.h"

#include "resolve.h"

#include "reed/alloc.h"
#include "reed/file.h"
#include "reed/log.h"
#include "reed/offload.h"
#include "reed/random.h"

enum { FILE_MOST = 1 << 20, SECOND = 1000000000 };

/* ---- the file ---- */

struct disk {
	struct reed_job job;
	char *path;
	struct reed_buf text, *out; /* out NULL: it is written */
};

static enum reed_err disk_run(struct reed_job *job)
{
	struct disk *self = reed_job_frame(job, struct disk);
	struct reed_file_stamp stamp;
	enum reed_err err =
		self->out ? reed_file_read(self->path, &self->text, &stamp)
			  : reed_file_replace(self->path, reed_buf_slice(&self->text), &stamp);

	return err ? reed_job_fail(job, err, "%s: %s", self->path, reed_strerror(err)) : REED_OK;
}

static void disk_deliver(struct reed_job *job)
{
	struct disk *self = reed_job_frame(job, struct disk);

	if (self->out)
		reed_buf_add(self->out, reed_buf_slice(&self->text));
}

static void disk_end(struct reed_job *job)
{
	struct disk *self = reed_job_frame(job, struct disk);

	reed_buf_finish(&self->text);
	reed_free(self->path);
}

static const struct reed_job_kind disk_kind = {
	.name = "dns anchors",
	.size = sizeof(struct disk),
	.run = disk_run,
	.deliver = disk_deliver,
	.end = disk_end,
};

static struct disk *disk_new(struct reed_loop *loop, const char *path)
{
	struct disk *self = reed_job_new(loop, &disk_kind);

	self->path = reed_strdup(path);
	self->text.limit = FILE_MOST;
	return self;
}

/* ---- a life ---- */

struct following {
	struct reed_co co;
	struct reed_dns_resolver *resolver;
	struct reed_dns_anchors *anchors;
	char *path; /* NULL: nothing is kept */
	struct reed_buf text, message;
	struct reed_dns_anchors_news news;
};

static struct reed_future *load(struct following *self)
{
	struct disk *disk = disk_new(self->co.loop, self->path);

	disk->out = &self->text;
	return reed_offload(&disk->job);
}

static struct reed_future *save(struct following *self)
{
	struct disk *disk = disk_new(self->co.loop, self->path);

	reed_dns_anchors_write(self->anchors, &disk->text);
	return reed_offload(&disk->job);
}

static void trust(struct following *self)
{
	struct reed_buf text = { 0 };

	reed_dns_anchors_trusted(self->anchors, &text);
	dns_proof_roll(self->resolver, reed_buf_slice(&text));
	reed_buf_finish(&text);
}

static void take_file(struct following *self)
{
	enum reed_err err = self->co.err;

	if (!err)
		err = reed_dns_anchors_read(self->anchors, reed_buf_slice(&self->text));
	if (!err)
		trust(self);
	else if (err != REED_ENOENT)
		reed_log(self->co.loop, REED_LOG_ERROR, "trust anchors begin anew file=%s why=%s",
		         self->path, reed_strerror(err));
}

/* Whatever the resolver is told to trust meanwhile: other anchors begin anew. */
static void begin(struct following *self)
{
	struct reed_dns_name root;

	reed_dns_name_root(&root);
	reed_dns_anchors_free(self->anchors);
	self->anchors = reed_dns_anchors_new(&root, dns_proof_anchors(self->resolver));
}

static struct reed_future *ask(struct following *self)
{
	struct reed_dns_name root;

	reed_dns_name_root(&root);
	reed_buf_clear(&self->message);
	return dns_proof_ask(self->resolver, &root, REED_DNS_TYPE_DNSKEY, &self->message);
}

static void take_answer(struct following *self)
{
	int64_t now = reed_wall(self->co.loop) / SECOND;
	enum reed_err err = self->co.err;

	self->news = (struct reed_dns_anchors_news){ .next = 3600 };
	if (!err)
		err = reed_dns_anchors_take(self->anchors, reed_buf_slice(&self->message), now,
		                            &self->news);
	if (err)
		reed_log(self->co.loop, REED_LOG_WARN, "keys of the root were not had why=%s",
		         err == REED_EAUTH ? "they are not signed by one that is trusted"
		                           : reed_strerror(err));
}

static void tell_trust(struct following *self)
{
	if (self->co.err)
		reed_log(self->co.loop, REED_LOG_ERROR, "trust anchors were not written why=%s",
		         reed_co_why(&self->co));
	if (!self->news.trust)
		return;
	reed_log(self->co.loop, REED_LOG_INFO, "other keys of the root are trusted from now on");
	trust(self);
}

static void following_run(struct reed_co *co)
{
	struct following *self = reed_frame(co, struct following);

	reed_coroutine (co) {
		begin(self);
		if (self->path) {
			reed_await(co, load(self));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			take_file(self);
		}
		for (;;) {
			reed_await(co, ask(self));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			take_answer(self);
			co->err = REED_OK;
			if (self->news.state && self->path)
				reed_await(co, save(self));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			tell_trust(self);
			reed_try(co, reed_sleep(co->loop, self->news.next * 1000));
		}
	}
}

static void following_end(struct reed_co *co)
{
	struct following *self = reed_frame(co, struct following);

	reed_dns_anchors_free(self->anchors);
	reed_buf_finish(&self->text);
	reed_buf_finish(&self->message);
	reed_free(self->path);
}

static const struct reed_co_kind following_kind = {
	.name = "dns anchors",
	.size = sizeof(struct following),
	.run = following_run,
	.end = following_end,
};

struct reed_future *reed_dns_resolver_follow(struct reed_dns_resolver *resolver, const char *path)
{
	struct following *self = reed_co_new(resolver->loop, &following_kind);

	self->resolver = resolver;
	self->path = path ? reed_strdup(path) : NULL;
	return reed_start(&self->co);
}
