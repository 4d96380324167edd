/*
 * file:PATH keeps accounts in a text file (auth_file_text.h).  All work on it is
 * done in a lane of its own, one job after another.  Each job looks whether the
 * file is still the one that was read, so an administrator may edit it.
 */

#include "auth_book.h"
#include "auth_schemes.h"
#include "reed/alloc.h"
#include "reed/file.h"
#include "reed/offload.h"

struct file {
	struct reed_checker checker;
	struct reed_lane *lane;
	struct reed_book *book;
};

struct errand {
	struct reed_job job;
	struct reed_book *book;
	struct reed_fault *complaint; /* about the file; not a reason to fail */
	struct reed_lookup lookup;
	struct reed_principal account; /* to be added, or found */
	struct reed_change change;
	struct reed_principal_list list;
	size_t max;
	struct reed_principal *account_out;
	struct reed_principal_list *list_out;
	struct file *file; /* being opened; NULL: handed over */
	struct reed_checker **checker_out;
};

static struct file *file_of(struct reed_checker *checker)
{
	return reed_container_of(checker, struct file, checker);
}

static struct errand *errand_of(struct reed_job *job)
{
	return reed_job_frame(job, struct errand);
}

static void release(struct reed_book *book)
{
	if (--book->users == 0)
		reed_book_free(book);
}

/* The checker may be gone when a job comes home that nobody waits for. */
static void errand_end(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_loop *loop = job->future.loop;

	if (self->complaint && !job->abandoned)
		reed_background(reed_failed_with(loop, self->complaint), NULL, NULL);
	else
		reed_fault_free(self->complaint);
	reed_free(self->list.accounts);
	release(self->book);
}

static struct errand *errand_new(struct file *file, const struct reed_job_kind *kind)
{
	struct errand *self = reed_job_new(file->checker.loop, kind);

	self->book = file->book;
	self->book->users++;
	return self;
}

static struct reed_future *go(struct file *file, struct errand *self)
{
	return reed_lane_run(file->lane, &self->job);
}

static enum reed_err fail_with(struct reed_job *job, struct reed_fault *fault)
{
	enum reed_err err = reed_job_fail(job, fault->err, "%s", fault->sentence);

	reed_fault_free(fault);
	return err;
}

/* ---- reading ---- */

static enum reed_err find_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	self->complaint = reed_book_refresh(self->book);
	return reed_table_lookup(&self->book->table, &self->lookup, &self->account);
}

static void find_deliver(struct reed_job *job)
{
	*errand_of(job)->account_out = errand_of(job)->account;
}

static const struct reed_job_kind find_kind = { .name = "find account in file",
	                                        .size = sizeof(struct errand),
	                                        .run = find_run,
	                                        .deliver = find_deliver,
	                                        .end = errand_end };

static struct reed_future *file_find(struct reed_checker *checker, const struct reed_lookup *what,
                                     struct reed_principal *out)
{
	struct file *file = file_of(checker);
	struct errand *self;

	if (what->by == REED_BY_TOKEN)
		return reed_ready(checker->loop, REED_ENOENT);
	self = errand_new(file, &find_kind);
	self->lookup = *what;
	self->account_out = out;
	return go(file, self);
}

static enum reed_err list_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	self->complaint = reed_book_refresh(self->book);
	reed_table_list(&self->book->table, self->lookup.name, self->max, &self->list);
	return REED_OK;
}

static void list_deliver(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	*self->list_out = self->list;
	self->list.accounts = NULL;
}

static const struct reed_job_kind list_kind = { .name = "list accounts of file",
	                                        .size = sizeof(struct errand),
	                                        .run = list_run,
	                                        .deliver = list_deliver,
	                                        .end = errand_end };

static struct reed_future *file_list(struct reed_checker *checker, const char *after, size_t max,
                                     struct reed_principal_list *out)
{
	struct errand *self = errand_new(file_of(checker), &list_kind);

	reed_slice_copy(self->lookup.name, sizeof(self->lookup.name), reed_slice_of(after));
	self->max = max;
	self->list_out = out;
	return go(file_of(checker), self);
}

/* ---- writing ---- */

static enum reed_err change_book(struct reed_job *job, const char *name, reed_book_edit *edit,
                                 const void *what)
{
	struct reed_fault *fault;
	enum reed_err err = reed_book_change(errand_of(job)->book, name, edit, what, &fault);

	return fault ? fail_with(job, fault) : err;
}

static enum reed_err add(struct reed_principal_table *table, const void *what)
{
	return reed_table_add(table, (const struct reed_principal *)what);
}

static enum reed_err add_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	return change_book(job, self->account.name, add, &self->account);
}

static const struct reed_job_kind add_kind = { .name = "add account to file",
	                                       .size = sizeof(struct errand),
	                                       .run = add_run,
	                                       .end = errand_end };

static struct reed_future *file_add(struct reed_checker *checker,
                                    const struct reed_principal *account)
{
	struct errand *self = errand_new(file_of(checker), &add_kind);

	self->account = *account;
	return go(file_of(checker), self);
}

static enum reed_err change(struct reed_principal_table *table, const void *what)
{
	return reed_table_change(table, (const struct reed_change *)what);
}

static enum reed_err change_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	return change_book(job, self->change.name, change, &self->change);
}

static const struct reed_job_kind change_kind = { .name = "change account in file",
	                                          .size = sizeof(struct errand),
	                                          .run = change_run,
	                                          .end = errand_end };

static struct reed_future *file_change(struct reed_checker *checker, const struct reed_change *c)
{
	struct errand *self;

	if (c->what == REED_ADD_TOKEN || c->what == REED_REMOVE_TOKEN)
		return reed_failed(checker->loop, REED_ENOTSUP,
		                   "a file of accounts keeps no app tokens; sqlite: does");
	self = errand_new(file_of(checker), &change_kind);
	self->change = *c;
	return go(file_of(checker), self);
}

static enum reed_err remove_account(struct reed_principal_table *table, const void *what)
{
	return reed_table_remove(table, (const char *)what);
}

static enum reed_err remove_run(struct reed_job *job)
{
	const char *name = errand_of(job)->lookup.name;

	return change_book(job, name, remove_account, name);
}

static const struct reed_job_kind remove_kind = { .name = "remove account from file",
	                                          .size = sizeof(struct errand),
	                                          .run = remove_run,
	                                          .end = errand_end };

static struct reed_future *file_remove(struct reed_checker *checker, const char *name)
{
	struct errand *self = errand_new(file_of(checker), &remove_kind);

	reed_slice_copy(self->lookup.name, sizeof(self->lookup.name), reed_slice_of(name));
	return go(file_of(checker), self);
}

/* ---- the checker ---- */

static void file_free(struct reed_checker *checker)
{
	struct file *file = file_of(checker);

	reed_lane_close(file->lane);
	release(file->book);
	reed_free(file);
}

static const struct reed_checker_ops file_ops = {
	.name = "file",
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_SCRAM) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_CERTIFICATE),
	.find = file_find,
	.add = file_add,
	.change = file_change,
	.remove = file_remove,
	.list = file_list,
	.free = file_free,
};

static enum reed_err open_run(struct reed_job *job)
{
	struct reed_fault *fault = reed_book_open(errand_of(job)->book);

	return fault ? fail_with(job, fault) : REED_OK;
}

static void open_deliver(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	*self->checker_out = &self->file->checker;
	self->file = NULL;
}

static void open_end(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	if (self->file)
		file_free(&self->file->checker);
	errand_end(job);
}

static const struct reed_job_kind open_kind = { .name = "open file of accounts",
	                                        .size = sizeof(struct errand),
	                                        .run = open_run,
	                                        .deliver = open_deliver,
	                                        .end = open_end };

static struct reed_book *book_new(struct reed_slice path, const struct reed_auth_rules *rules)
{
	struct reed_book *book = reed_alloc(sizeof(*book));

	book->path = reed_slice_dup(path);
	book->rules = *rules;
	book->users = 1;
	return book;
}

static struct file *file_new(struct reed_loop *loop, struct reed_slice path,
                             const struct reed_auth_rules *rules)
{
	struct file *file = reed_alloc(sizeof(*file));

	file->checker = (struct reed_checker){ .ops = &file_ops, .loop = loop };
	file->lane = reed_lane_new(loop, "accounts", 0);
	file->book = book_new(path, rules);
	return file;
}

static struct reed_fault *no_path(void)
{
	return reed_fault(REED_EINVAL, NULL, "file: which one? file:PATH");
}

/* To be opened it is read, and no more than that. */
static enum reed_err file_probe(struct reed_slice argument,
                                const struct reed_checker_options *options,
                                struct reed_fault **fault)
{
	struct reed_book *book;

	if (argument.n == 0) {
		*fault = no_path();
		return REED_EINVAL;
	}
	book = book_new(argument, options->rules);
	if (!reed_file_probe_end(book->path, fault))
		*fault = reed_book_open(book);
	release(book);
	return *fault ? (*fault)->err : REED_OK;
}

static struct reed_future *file_open(struct reed_loop *loop, struct reed_slice argument,
                                     const struct reed_checker_options *options,
                                     struct reed_checker **out)
{
	struct errand *self;
	struct file *file;

	if (argument.n == 0)
		return reed_failed_with(loop, no_path());
	file = file_new(loop, argument, options->rules);
	self = errand_new(file, &open_kind);
	self->file = file;
	self->checker_out = out;
	return go(file, self);
}

struct reed_checker_scheme reed_file_scheme = {
	.name = "file",
	.form = "file:PATH",
	.help = "A text file for small numbers, an account a line:\n"
		"  NAME:VERIFIER[:ROLE,ROLE...][:certfp=SHA256]...\n"
		"VERIFIER is SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY, or * for none.\n"
		"It may be edited at any time.  Mode 600.  Keeps no app tokens.\n",
	.open = file_open,
	.probe = file_probe,
};
