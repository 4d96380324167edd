#include "auth_file_checker.h"

#include "reed/alloc.h"
#include "reed/file.h"
#include "reed/offload.h"
#include "reed/random.h"

enum { FILE_MAX = 16 << 20, WAITING = 256 };

struct file_checker {
	struct reed_checker checker;
	struct reed_checker_ops ops;
	const struct reed_file_checker_kind *kind;
	struct reed_auth_rules rules;
	struct reed_lane *lane;
	char *path;
};

static struct file_checker *self_of(struct reed_checker *checker)
{
	return reed_container_of(checker, struct file_checker, checker);
}

/* ---- lines ---- */

bool reed_file_line_next(struct reed_slice *text, size_t *line, struct reed_slice *name,
                         struct reed_slice *rest)
{
	while (text->n > 0) {
		*rest = reed_slice_cut(text, '\n');
		++*line;
		if (rest->n > 0 && rest->p[rest->n - 1] == '\r')
			rest->n--;
		if (reed_slice_trim(*rest).n == 0 || rest->p[0] == '#')
			continue;
		*name = reed_slice_cut(rest, ':');
		return true;
	}
	return false;
}

bool reed_file_line_of(struct reed_slice *text, const struct reed_file_attempt *attempt,
                       struct reed_slice *name, struct reed_slice *rest)
{
	char normal[REED_ACCOUNT_ROOM];
	const char *why;
	size_t line = 0;

	while (reed_file_line_next(text, &line, name, rest))
		if (!attempt->rules->account(attempt->rules, *name, normal, &why) &&
		    strcmp(normal, attempt->name) == 0)
			return true;
	return false;
}

/* ---- the file ---- */

static void forget_text(struct reed_buf *text)
{
	if (text->p)
		reed_wipe(text->p, text->size);
	reed_buf_finish(text);
}

static struct reed_fault *read_text(const struct reed_file_checker_kind *kind, const char *path,
                                    struct reed_buf *text)
{
	struct reed_file_stamp stamp;
	enum reed_err err = reed_file_read(path, text, &stamp);

	if (err == REED_ETOOBIG)
		return reed_fault(err, NULL, "%s: larger than 16 MiB", path);
	if (err)
		return reed_fault(err, NULL, "%s: %s", path,
		                  err == REED_EINVAL ? "not a file" : reed_strerror(err));
	if (stamp.mode & kind->forbidden)
		return reed_fault(REED_EACCES, NULL,
		                  "%s: others may %s it (mode %03o); chmod %s it", path,
		                  kind->forbidden & 04 ? "read or write" : "write",
		                  (unsigned)stamp.mode & 0777,
		                  kind->forbidden & 04 ? "600" : "go-w");
	return NULL;
}

static struct reed_fault *check_text(const struct reed_file_checker_kind *kind, const char *path)
{
	struct reed_buf text;
	struct reed_fault *fault;
	const char *why;
	size_t line = 0;

	reed_buf_init(&text, FILE_MAX);
	fault = read_text(kind, path, &text);
	if (!fault && kind->check && kind->check(reed_buf_slice(&text), &line, &why))
		fault = reed_fault(REED_ESYNTAX, NULL, "%s:%zu: %s", path, line, why);
	forget_text(&text);
	return fault;
}

static char *path_of(const struct file_checker *self, const char *name)
{
	char *mark = self->kind->each ? strstr(self->path, "%u") : NULL;

	if (!mark)
		return reed_strdup(self->path);
	return reed_sprintf("%.*s%s%s", (int)(mark - self->path), self->path, name, mark + 2);
}

/* ---- an attempt ---- */

enum { PARTS = 5 };

struct attempt {
	struct reed_job job;
	const struct reed_file_checker_kind *kind;
	struct reed_auth_rules rules;
	char *path;
	struct reed_file_attempt what;
	struct reed_credential credential; /* its slices lie in parts */
	struct reed_digest digest;
	char *parts[PARTS];
	size_t lengths[PARTS];
	struct reed_principal account, *out;
	uint8_t *key;
};

static struct attempt *attempt_of(struct reed_job *job)
{
	return reed_job_frame(job, struct attempt);
}

static struct reed_slice keep(struct attempt *self, int i, struct reed_slice s)
{
	self->parts[i] = reed_slice_dup(s);
	self->lengths[i] = s.n;
	return reed_slice(self->parts[i], s.n);
}

/* The login may be dropped while a thread reads these. */
static void keep_credential(struct attempt *self, const struct reed_credential *c)
{
	self->credential = (struct reed_credential){
		.kind = c->kind,
		.user = keep(self, 0, c->user),
		.secret = keep(self, 1, c->secret),
		.message = keep(self, 2, c->message),
		.signature = keep(self, 3, c->signature),
	};
	if (!c->digest)
		return;
	self->digest.realm = keep(self, 4, c->digest->realm);
	self->credential.digest = &self->digest;
	self->key = c->digest->key;
}

static enum reed_err judge(struct attempt *self, struct reed_slice text)
{
	struct reed_job *job = &self->job;
	enum reed_err err;

	self->what.text = text;
	err = self->kind->judge(&self->what);
	if (err && err != REED_EAUTH && err != REED_ENOENT)
		return reed_job_fail(job, err, "%s: %s", self->path,
		                     self->what.why ? self->what.why : reed_strerror(err));
	return err;
}

static enum reed_err attempt_run(struct reed_job *job)
{
	struct attempt *self = attempt_of(job);
	struct reed_fault *fault;
	struct reed_buf text;
	enum reed_err err;

	reed_buf_init(&text, FILE_MAX);
	fault = read_text(self->kind, self->path, &text);
	if (fault && fault->err == REED_ENOENT && self->kind->each)
		err = REED_ENOENT;
	else if (fault)
		err = reed_job_fail(job, fault->err == REED_ENOENT ? REED_EIO : fault->err, "%s",
		                    fault->sentence);
	else
		err = judge(self, reed_buf_slice(&text));
	reed_fault_free(fault);
	forget_text(&text);
	return err;
}

static void attempt_deliver(struct reed_job *job)
{
	struct attempt *self = attempt_of(job);

	*self->out = self->account;
	if (self->key)
		memcpy(self->key, self->what.key, sizeof(self->what.key));
}

static void attempt_end(struct reed_job *job)
{
	struct attempt *self = attempt_of(job);

	for (int i = 0; i < PARTS; i++) {
		if (self->parts[i])
			reed_wipe(self->parts[i], self->lengths[i]);
		reed_free(self->parts[i]);
	}
	reed_wipe(self->what.key, sizeof(self->what.key));
	reed_free(self->path);
}

static const struct reed_job_kind attempt_kind = { .name = "judge by file",
	                                           .size = sizeof(struct attempt),
	                                           .run = attempt_run,
	                                           .deliver = attempt_deliver,
	                                           .end = attempt_end };

/* A name that is against the rules is that of nobody. */
static struct reed_future *verify(struct reed_checker *checker,
                                  const struct reed_credential *credential,
                                  const struct reed_peer *from, struct reed_principal *out)
{
	struct file_checker *file = self_of(checker);
	struct attempt *self = reed_job_new(checker->loop, &attempt_kind);
	const char *why;

	(void)from;
	if (file->rules.account(&file->rules, credential->user, self->account.name, &why)) {
		reed_drop(&self->job.future);
		return reed_ready(checker->loop, REED_ENOENT);
	}
	self->kind = file->kind;
	self->rules = file->rules;
	self->path = path_of(file, self->account.name);
	self->out = out;
	keep_credential(self, credential);
	self->what.name = self->account.name;
	self->what.credential = &self->credential;
	self->what.rules = &self->rules;
	self->what.wall = reed_wall(checker->loop);
	return reed_lane_run(file->lane, &self->job);
}

/* ---- the checker ---- */

static void file_free(struct reed_checker *checker)
{
	struct file_checker *self = self_of(checker);

	reed_lane_close(self->lane);
	reed_free(self->path);
	reed_free(self);
}

static struct reed_fault *bad_path(const struct reed_checker_scheme *scheme, struct reed_slice path)
{
	const char *name = scheme->name;

	if (path.n == 0)
		return reed_fault(REED_EINVAL, NULL, "%s: which one? %s", name, scheme->form);
	if (scheme->file->each && reed_slice_search(path, REED_STR("%u")) == path.n)
		return reed_fault(REED_EINVAL, NULL,
		                  "%s: a file for each account: write %%u where its name comes, as "
		                  "in %s",
		                  name, scheme->form);
	return NULL;
}

void reed_file_checker_probe(const struct reed_checker_scheme *scheme, struct reed_slice path,
                             struct reed_fault **fault)
{
	char *text;

	*fault = bad_path(scheme, path);
	if (*fault || scheme->file->each)
		return;
	text = reed_slice_dup(path);
	*fault = check_text(scheme->file, text);
	reed_free(text);
}

struct opening {
	struct reed_job job;
	struct file_checker *checker; /* NULL: handed over */
	struct reed_checker **out;
};

static struct opening *opening_of(struct reed_job *job)
{
	return reed_job_frame(job, struct opening);
}

static enum reed_err opening_run(struct reed_job *job)
{
	struct opening *self = opening_of(job);
	struct reed_fault *fault = NULL;
	enum reed_err err;

	if (!self->checker->kind->each)
		fault = check_text(self->checker->kind, self->checker->path);
	if (!fault)
		return REED_OK;
	err = reed_job_fail(job, fault->err, "%s", fault->sentence);
	reed_fault_free(fault);
	return err;
}

static void opening_deliver(struct reed_job *job)
{
	struct opening *self = opening_of(job);

	*self->out = &self->checker->checker;
	self->checker = NULL;
}

static void opening_end(struct reed_job *job)
{
	struct opening *self = opening_of(job);

	if (self->checker)
		file_free(&self->checker->checker);
}

static const struct reed_job_kind opening_kind = { .name = "read accounts",
	                                           .size = sizeof(struct opening),
	                                           .run = opening_run,
	                                           .deliver = opening_deliver,
	                                           .end = opening_end };

struct reed_future *reed_file_checker_open(struct reed_loop *loop,
                                           const struct reed_checker_scheme *scheme,
                                           struct reed_slice path,
                                           const struct reed_checker_options *options,
                                           struct reed_checker **out)
{
	struct reed_fault *fault = bad_path(scheme, path);
	struct file_checker *checker;
	struct opening *self;

	if (fault)
		return reed_failed_with(loop, fault);
	checker = reed_alloc(sizeof(*checker));
	checker->ops = (struct reed_checker_ops){ .name = scheme->name,
		                                  .takes = scheme->file->takes,
		                                  .verify = verify,
		                                  .free = file_free };
	checker->checker = (struct reed_checker){ .ops = &checker->ops, .loop = loop };
	checker->kind = scheme->file;
	checker->rules = *options->rules;
	checker->lane = reed_lane_new(loop, scheme->name, WAITING);
	checker->path = reed_slice_dup(path);
	self = reed_job_new(loop, &opening_kind);
	self->checker = checker;
	self->out = out;
	return reed_lane_run(checker->lane, &self->job);
}
