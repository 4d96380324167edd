#include "keep.h"

#include <string.h>

#include "private.h"
#include "reed/cert.h"
#include "reed/file.h"
#include "reed/folder.h"
#include "reed/offload.h"
#include "reed/random.h"

enum { FILE_MOST = 1 << 20, LINES_MOST = 4096, OWN_DAYS = 90, ENTRIES = 1000 };

/* All steps share a frame: what they are given, what they find, and whom it is for. */
struct keeping {
	struct reed_job job;
	enum reed_err (*step)(struct keeping *self);
	char *folder, *directory, *name, *order;
	char **names;
	size_t count;
	struct reed_buf key, chain; /* key: of the account too */
	struct acme_facts *facts;
	int64_t wall;
	bool is_first;
	struct reed_buf *key_out;
	char **order_out;
	struct acme_facts *facts_out;
};

/* ---- files ---- */

/* "*.example.org" is _.example.org.pem */
static char *path_of(const struct keeping *self, const char *sub, const char *name,
                     const char *suffix)
{
	bool any = name[0] == '*';

	return reed_sprintf("%s/%s/%s%s.%s", self->folder, sub, any ? "_" : "", name + any, suffix);
}

static enum reed_err complain(struct keeping *self, const char *path, enum reed_err err)
{
	return reed_job_fail(&self->job, err, "%s: %s", path, reed_strerror(err));
}

static void wipe(struct reed_buf *b)
{
	if (b->p)
		reed_wipe(b->p, b->size);
	reed_buf_finish(b);
}

static enum reed_err put(struct keeping *self, const char *path, struct reed_slice text)
{
	struct reed_file_stamp stamp;
	enum reed_err err = reed_file_replace(path, text, &stamp);

	return err ? complain(self, path, err) : REED_OK;
}

static enum reed_err get(const char *path, size_t most, struct reed_buf *text)
{
	struct reed_file_stamp stamp;

	reed_buf_init(text, most);
	return reed_file_read(path, text, &stamp);
}

static enum reed_err drop(struct keeping *self, const char *sub, const char *suffix)
{
	char *path = path_of(self, sub, self->name, suffix);
	enum reed_err err = reed_file_remove(path);

	if (err && err != REED_ENOENT)
		complain(self, path, err);
	else
		err = REED_OK;
	reed_free(path);
	return err;
}

/* ---- keys ---- */

static enum reed_err new_key(struct keeping *self, const char *path)
{
	enum reed_err err = reed_cert_make_key(REED_CERT_ECDSA, &self->key);

	return err ? complain(self, path, err) : put(self, path, reed_buf_slice(&self->key));
}

/* A key that others may have read is no key any more; one that is torn has never been used. */
static enum reed_err read_key(struct keeping *self, const char *path, bool precious)
{
	struct reed_file_stamp stamp = { .mode = 0 };
	enum reed_err err;

	wipe(&self->key);
	reed_buf_init(&self->key, FILE_MOST);
	err = reed_file_read(path, &self->key, &stamp);
	if (err == REED_ENOENT)
		return new_key(self, path);
	if (err)
		return complain(self, path, err);
	if (stamp.mode & 077 && precious)
		return reed_job_fail(&self->job, REED_EACCES,
		                     "%s: others may read this key; chmod 600 it, or move it away "
		                     "and a new account is made",
		                     path);
	if (reed_buf_held(&self->key) > 0 && !(stamp.mode & 077))
		return REED_OK;
	reed_buf_clear(&self->key);
	return new_key(self, path);
}

/* ---- what is served ---- */

static bool is_from_here(const struct keeping *self, const char *name)
{
	char *path = path_of(self, "orders", name, "from");
	struct reed_buf text;
	bool same = !get(path, LINES_MOST, &text) &&
	            reed_slice_is(reed_slice_trim(reed_buf_slice(&text)), self->directory);

	reed_buf_finish(&text);
	reed_free(path);
	return same;
}

static bool bears(const struct reed_cert *cert, const char *name)
{
	for (const char *const *n = cert->names; *n; n++)
		if (reed_slice_is_nocase(reed_slice_of(*n), name))
			return true;
	return false;
}

/* Whether it may be served, at least from its first day on: of this name, with its key. */
static bool look_at(const struct keeping *self, const char *name, struct reed_slice pem,
                    struct acme_facts *facts)
{
	struct reed_cert *cert;
	bool good;

	if (!acme_is_key_of(pem, pem) ||
	    reed_cert_read(pem, reed_slice(NULL, 0), self->wall, &cert, NULL))
		return false;
	facts->from = cert->not_before;
	facts->to = cert->not_after;
	facts->foreign = cert->self_signed || !is_from_here(self, name);
	acme_renewal_id(pem, facts->id);
	good = bears(cert, name) && self->wall < cert->not_after;
	reed_cert_free(cert);
	return good;
}

static enum reed_err make_own(struct keeping *self, const char *name, struct reed_buf *pem)
{
	const char *names[] = { name, NULL };
	struct reed_cert_options options = REED_CERT_OPTIONS;
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_cert_make_key(REED_CERT_ECDSA, pem);

	options.wall = self->wall;
	options.names = names;
	options.days = OWN_DAYS;
	if (!err)
		err = reed_cert_self_sign(reed_buf_slice(pem), &options, pem, &fault);
	if (err)
		reed_job_fail(&self->job, err, "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

static enum reed_err replace(struct keeping *self, size_t i, const char *path, struct reed_buf *pem)
{
	enum reed_err err;

	reed_buf_clear(pem);
	err = make_own(self, self->names[i], pem);
	if (err)
		return err;
	look_at(self, self->names[i], reed_buf_slice(pem), &self->facts[i]);
	return put(self, path, reed_buf_slice(pem));
}

/* Before a clock was set all certificates are of the future, and none is to be thrown away. */
static enum reed_err judge_clock(struct keeping *self, size_t i, const char *path)
{
	if (self->wall >= self->facts[i].from)
		return REED_OK;
	return reed_job_fail(&self->job, REED_ECERT, "%s is not valid yet: is the clock right?",
	                     path);
}

/* A listener does not start with a certificate that is out of date: ours is better. */
static enum reed_err settle(struct keeping *self, size_t i)
{
	char *path = path_of(self, "certs", self->names[i], "pem");
	char *first = path_of(self, "certs", "default", "pem");
	struct reed_buf pem;
	enum reed_err err = get(path, FILE_MOST, &pem);

	if (err && err != REED_ENOENT)
		complain(self, path, err);
	else if (!err && look_at(self, self->names[i], reed_buf_slice(&pem), &self->facts[i]))
		err = judge_clock(self, i, path);
	else
		err = replace(self, i, path, &pem);
	if (!err && i == 0)
		err = put(self, first, reed_buf_slice(&pem));
	wipe(&pem);
	reed_free(path);
	reed_free(first);
	return err;
}

static bool is_kept(const struct keeping *self, const char *file)
{
	bool kept = strcmp(file, "default.pem") == 0;

	for (size_t i = 0; i < self->count && !kept; i++) {
		char *path = path_of(self, "certs", self->names[i], "pem");

		kept = strcmp(strrchr(path, '/') + 1, file) == 0;
		reed_free(path);
	}
	return kept;
}

/* Of names that are wanted no longer: nobody renews them, and out of date they do harm. */
static enum reed_err clear(struct keeping *self)
{
	char *folder = reed_sprintf("%s/certs", self->folder);
	struct reed_folder_entry *entries = NULL;
	size_t count = 0;
	bool more;
	int fd = -1;
	enum reed_err err = reed_folder_open(folder, &fd);

	if (!err)
		err = reed_folder_list(fd, false, ENTRIES, &entries, &count, &more);
	for (size_t i = 0; i < count && !err; i++) {
		const char *name = entries[i].name;
		char *path = reed_sprintf("%s/%s", folder, name);

		if (reed_slice_ends(reed_slice_of(name), REED_STR(".pem")) && !is_kept(self, name))
			err = reed_file_remove(path);
		reed_free(path);
	}
	if (err)
		complain(self, folder, err);
	reed_folder_list_free(entries, count);
	reed_folder_close(fd);
	reed_free(folder);
	return err;
}

/* ---- steps ---- */

static enum reed_err make_folders(struct keeping *self)
{
	static const char *const subs[] = { "", "/certs", "/orders" };

	for (size_t i = 0; i < REED_COUNT(subs); i++) {
		char *path = reed_sprintf("%s%s", self->folder, subs[i]);
		enum reed_err err = reed_folder_make(path);

		if (err)
			complain(self, path, err);
		reed_free(path);
		if (err)
			return err;
	}
	return REED_OK;
}

static enum reed_err prepare(struct keeping *self)
{
	char *path = reed_sprintf("%s/account.pem", self->folder);
	enum reed_err err = make_folders(self);

	if (!err)
		err = read_key(self, path, true);
	for (size_t i = 0; !err && i < self->count; i++)
		err = settle(self, i);
	if (!err)
		err = clear(self);
	reed_free(path);
	return err;
}

/* An order of another authority, or one that cannot be read, is none. */
static void read_order(struct keeping *self)
{
	char *path = path_of(self, "orders", self->name, "order");
	struct reed_slice rest, directory;
	struct reed_buf text;

	if (!get(path, LINES_MOST, &text)) {
		rest = reed_buf_slice(&text);
		directory = reed_slice_cut(&rest, '\n');
		rest = reed_slice_trim(rest);
		if (reed_slice_is(directory, self->directory) && rest.n > 0)
			self->order = reed_slice_dup(rest);
	}
	reed_buf_finish(&text);
	reed_free(path);
}

static enum reed_err begin(struct keeping *self)
{
	char *path = path_of(self, "orders", self->name, "pem");
	enum reed_err err = read_key(self, path, false);

	reed_free(path);
	if (!err)
		read_order(self);
	return err;
}

static enum reed_err place_order(struct keeping *self)
{
	char *path = path_of(self, "orders", self->name, "order");
	char *text = reed_sprintf("%s\n%s\n", self->directory, self->order);
	enum reed_err err = put(self, path, reed_slice_of(text));

	reed_free(path);
	reed_free(text);
	return err;
}

static enum reed_err forget(struct keeping *self)
{
	return drop(self, "orders", "order");
}

/* Where it comes from first: that is at worst of a certificate made twice, not of none. */
static enum reed_err write_served(struct keeping *self, struct reed_slice pem)
{
	char *from = path_of(self, "orders", self->name, "from");
	char *path = path_of(self, "certs", self->name, "pem");
	char *first = path_of(self, "certs", "default", "pem");
	enum reed_err err = put(self, from, reed_slice_of(self->directory));

	if (!err)
		err = put(self, path, pem);
	if (!err && self->is_first)
		err = put(self, first, pem);
	reed_free(from);
	reed_free(path);
	reed_free(first);
	return err;
}

/* Now, so that DNS can tell of it long before it is served (RFC 7671 8.1). */
static enum reed_err next_key(struct keeping *self)
{
	char *path = path_of(self, "orders", self->name, "pem");
	enum reed_err err;

	wipe(&self->key);
	reed_buf_init(&self->key, FILE_MOST);
	err = new_key(self, path);
	reed_free(path);
	return err;
}

static enum reed_err install(struct keeping *self)
{
	struct reed_buf pem = { .limit = 0 };
	enum reed_err err;

	reed_buf_add(&pem, reed_buf_slice(&self->chain));
	reed_buf_add(&pem, reed_buf_slice(&self->key));
	err = write_served(self, reed_buf_slice(&pem));
	if (!err && !look_at(self, self->name, reed_buf_slice(&pem), self->facts))
		err = reed_job_fail(&self->job, REED_ECERT, "%s: the new certificate will not do",
		                    self->name);
	wipe(&pem);
	if (!err)
		err = forget(self);
	return err ? err : next_key(self);
}

/* ---- the job ---- */

static enum reed_err keeping_run(struct reed_job *job)
{
	struct keeping *self = reed_job_frame(job, struct keeping);

	return self->step(self);
}

static void keeping_deliver(struct reed_job *job)
{
	struct keeping *self = reed_job_frame(job, struct keeping);

	if (self->key_out)
		reed_buf_add(self->key_out, reed_buf_slice(&self->key));
	if (self->order_out) {
		*self->order_out = self->order;
		self->order = NULL;
	}
	if (self->facts_out)
		memcpy(self->facts_out, self->facts, self->count * sizeof(self->facts[0]));
}

static void keeping_end(struct reed_job *job)
{
	struct keeping *self = reed_job_frame(job, struct keeping);

	for (size_t i = 0; self->names && i < self->count; i++)
		reed_free(self->names[i]);
	reed_free(self->names);
	reed_free(self->facts);
	reed_free(self->folder);
	reed_free(self->directory);
	reed_free(self->name);
	reed_free(self->order);
	wipe(&self->key);
	wipe(&self->chain);
}

static const struct reed_job_kind keeping_kind = { .name = "acme files",
	                                           .size = sizeof(struct keeping),
	                                           .run = keeping_run,
	                                           .deliver = keeping_deliver,
	                                           .end = keeping_end };

static struct keeping *keeping_new(struct reed_loop *loop, struct acme_place place,
                                   const char *name, enum reed_err (*step)(struct keeping *))
{
	struct keeping *self = reed_job_new(loop, &keeping_kind);

	self->step = step;
	self->folder = reed_strdup(place.folder);
	self->directory = reed_strdup(place.directory);
	self->name = reed_strdup(name);
	self->wall = reed_wall(loop);
	return self;
}

struct reed_future *acme_keep_prepare(struct reed_loop *loop, struct acme_place place,
                                      const char *const *names, size_t count,
                                      struct reed_buf *account, struct acme_facts *facts)
{
	struct keeping *self = keeping_new(loop, place, NULL, prepare);

	self->names = reed_alloc((count + 1) * sizeof(self->names[0]));
	self->facts = reed_alloc((count + 1) * sizeof(self->facts[0]));
	for (; self->count < count; self->count++)
		self->names[self->count] = reed_strdup(names[self->count]);
	self->key_out = account;
	self->facts_out = facts;
	return reed_offload(&self->job);
}

struct reed_future *acme_keep_begin(struct reed_loop *loop, struct acme_place place,
                                    const char *name, struct reed_buf *key, char **order)
{
	struct keeping *self = keeping_new(loop, place, name, begin);

	self->key_out = key;
	self->order_out = order;
	return reed_offload(&self->job);
}

struct reed_future *acme_keep_order(struct reed_loop *loop, struct acme_place place,
                                    const char *name, const char *order)
{
	struct keeping *self = keeping_new(loop, place, name, place_order);

	self->order = reed_strdup(order);
	return reed_offload(&self->job);
}

struct reed_future *acme_keep_forget(struct reed_loop *loop, struct acme_place place,
                                     const char *name)
{
	return reed_offload(&keeping_new(loop, place, name, forget)->job);
}

struct reed_future *acme_keep_install(struct reed_loop *loop, struct acme_place place,
                                      const char *name, bool is_first, struct reed_slice key,
                                      struct reed_slice chain, struct acme_facts *facts)
{
	struct keeping *self = keeping_new(loop, place, name, install);

	self->is_first = is_first;
	reed_buf_add(&self->key, key);
	reed_buf_add(&self->chain, chain);
	self->facts = reed_alloc(sizeof(self->facts[0]));
	self->count = 1;
	self->facts_out = facts;
	return reed_offload(&self->job);
}
