/* sqlite:PATH: the checker, as the loop's thread sees it. */

#include "checker.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/file.h"
#include "reed/random.h"
#include "reed/sqlite_checker.h"

static const struct reed_sqlite_schema schema = { "accounts", reed_sqlite_account_migrations };

static struct reed_sqlite *db_of(struct reed_checker *checker)
{
	return reed_container_of(checker, struct accounts, checker)->db;
}

static struct errand *errand_new(struct reed_checker *checker, const struct reed_job_kind *kind)
{
	struct errand *self = reed_job_new(checker->loop, kind);

	self->db = db_of(checker);
	return self;
}

static struct reed_future *go(struct errand *self)
{
	return reed_sqlite_run_job(self->db, &self->job);
}

static void errand_end(struct reed_job *job)
{
	struct errand *self = reed_job_frame(job, struct errand);

	reed_free(self->accounts.accounts);
	reed_free(self->tokens);
}

/* ---- asking ---- */

static void find_deliver(struct reed_job *job)
{
	struct errand *self = reed_job_frame(job, struct errand);

	*self->account_out = self->account;
	if (self->lookup.by == REED_BY_TOKEN)
		*self->lookup.token = self->token;
}

static const struct reed_job_kind find_kind = { .name = "find account",
	                                        .size = sizeof(struct errand),
	                                        .run = reed_sqlite_account_find,
	                                        .deliver = find_deliver,
	                                        .end = errand_end };

static struct reed_future *find(struct reed_checker *checker, const struct reed_lookup *what,
                                struct reed_principal *out)
{
	struct errand *self = errand_new(checker, &find_kind);

	self->lookup = *what;
	self->account_out = out;
	return go(self);
}

static void list_deliver(struct reed_job *job)
{
	struct errand *self = reed_job_frame(job, struct errand);

	*self->accounts_out = self->accounts;
	self->accounts.accounts = NULL;
}

static const struct reed_job_kind list_kind = { .name = "list accounts",
	                                        .size = sizeof(struct errand),
	                                        .run = reed_sqlite_account_list_some,
	                                        .deliver = list_deliver,
	                                        .end = errand_end };

static struct reed_future *list(struct reed_checker *checker, const char *after, size_t max,
                                struct reed_principal_list *out)
{
	struct errand *self = errand_new(checker, &list_kind);

	reed_slice_copy(self->lookup.name, REED_ACCOUNT_ROOM, reed_slice_of(after));
	self->max = max;
	self->accounts_out = out;
	return go(self);
}

static void tokens_deliver(struct reed_job *job)
{
	struct errand *self = reed_job_frame(job, struct errand);

	*self->tokens_out = self->tokens;
	*self->token_count_out = self->token_count;
	self->tokens = NULL;
}

static const struct reed_job_kind tokens_kind = { .name = "list app tokens",
	                                          .size = sizeof(struct errand),
	                                          .run = reed_sqlite_account_tokens,
	                                          .deliver = tokens_deliver,
	                                          .end = errand_end };

static struct reed_future *tokens(struct reed_checker *checker, const char *name,
                                  struct reed_token **out, size_t *n)
{
	struct errand *self = errand_new(checker, &tokens_kind);

	reed_slice_copy(self->lookup.name, REED_ACCOUNT_ROOM, reed_slice_of(name));
	self->tokens_out = out;
	self->token_count_out = n;
	return go(self);
}

/* ---- changing ---- */

static const struct reed_job_kind add_kind = { .name = "add account",
	                                       .size = sizeof(struct errand),
	                                       .run = reed_sqlite_account_add,
	                                       .end = errand_end };
static const struct reed_job_kind change_kind = { .name = "change account",
	                                          .size = sizeof(struct errand),
	                                          .run = reed_sqlite_account_change,
	                                          .end = errand_end };
static const struct reed_job_kind remove_kind = { .name = "remove account",
	                                          .size = sizeof(struct errand),
	                                          .run = reed_sqlite_account_remove,
	                                          .end = errand_end };

static struct reed_future *add(struct reed_checker *checker, const struct reed_principal *account)
{
	struct errand *self = errand_new(checker, &add_kind);

	self->account = *account;
	self->wall = reed_wall(checker->loop);
	return go(self);
}

static struct reed_future *change(struct reed_checker *checker, const struct reed_change *c)
{
	struct errand *self = errand_new(checker, &change_kind);

	self->change = *c;
	return go(self);
}

static struct reed_future *remove_account(struct reed_checker *checker, const char *name)
{
	struct errand *self = errand_new(checker, &remove_kind);

	reed_slice_copy(self->lookup.name, REED_ACCOUNT_ROOM, reed_slice_of(name));
	return go(self);
}

/* The close runs whoever waits for it; what was given to the database is done first. */
static void checker_free(struct reed_checker *checker)
{
	reed_drop(reed_sqlite_close(db_of(checker)));
	reed_wipe(checker->key, sizeof(checker->key));
	reed_free(reed_container_of(checker, struct accounts, checker));
}

static const struct reed_checker_ops ops = {
	.name = "sqlite",
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_SCRAM) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_CERTIFICATE) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_TOKEN),
	.find = find,
	.add = add,
	.change = change,
	.remove = remove_account,
	.list = list,
	.tokens = tokens,
	.free = checker_free,
};

/* ---- opening ---- */

struct opening {
	struct reed_co co;
	char *path;
	struct reed_sqlite *db; /* NULL: handed over */
	uint8_t key[REED_KEY_BYTES];
	struct reed_checker **out;
};

static void key_deliver(struct reed_job *job)
{
	struct errand *self = reed_job_frame(job, struct errand);

	memcpy(self->key_out, self->key, sizeof(self->key));
}

static void key_end(struct reed_job *job)
{
	struct errand *self = reed_job_frame(job, struct errand);

	reed_wipe(self->key, sizeof(self->key));
}

static const struct reed_job_kind key_kind = { .name = "read key of accounts",
	                                       .size = sizeof(struct errand),
	                                       .run = reed_sqlite_account_key,
	                                       .deliver = key_deliver,
	                                       .end = key_end };

/* A new one is drawn here, as entropy comes from the loop, and kept if there is none yet. */
static struct reed_future *read_key(struct opening *opening)
{
	struct errand *self = reed_job_new(opening->co.loop, &key_kind);

	self->db = opening->db;
	self->key_out = opening->key;
	reed_random_bytes(opening->co.loop, self->key, sizeof(self->key));
	return go(self);
}

static void opening_run(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	reed_coroutine (co) {
		reed_try(co, reed_sqlite_open(co->loop, self->path, &schema, NULL, &self->db));
		reed_try(co, read_key(self));
	}
}

static void opening_deliver(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);
	struct accounts *accounts = reed_alloc(sizeof(*accounts));

	accounts->checker = (struct reed_checker){ .ops = &ops, .loop = co->loop, .has_key = true };
	memcpy(accounts->checker.key, self->key, sizeof(self->key));
	accounts->db = self->db;
	self->db = NULL;
	*self->out = &accounts->checker;
}

static void opening_end(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	if (self->db)
		reed_drop(reed_sqlite_close(self->db));
	reed_wipe(self->key, sizeof(self->key));
	reed_free(self->path);
}

static const struct reed_co_kind opening_kind = { .name = "open accounts",
	                                          .size = sizeof(struct opening),
	                                          .run = opening_run,
	                                          .deliver = opening_deliver,
	                                          .end = opening_end };

static struct reed_fault *no_path(void)
{
	return reed_fault(REED_EINVAL, NULL, "sqlite: which file? sqlite:PATH");
}

/* It is not opened: to close it would give up the locks of who has it open in this process. */
static enum reed_err checker_probe(struct reed_slice argument,
                                   const struct reed_checker_options *options,
                                   struct reed_fault **fault)
{
	char *path = reed_slice_dup(argument);

	(void)options;
	if (argument.n == 0)
		*fault = no_path();
	else
		reed_file_probe_end(path, fault);
	reed_free(path);
	return *fault ? (*fault)->err : REED_OK;
}

static struct reed_future *checker_open(struct reed_loop *loop, struct reed_slice argument,
                                        const struct reed_checker_options *options,
                                        struct reed_checker **out)
{
	struct opening *self;

	(void)options;
	if (argument.n == 0)
		return reed_failed_with(loop, no_path());
	self = reed_co_new(loop, &opening_kind);
	self->path = reed_slice_dup(argument);
	self->out = out;
	return reed_start(&self->co);
}

struct reed_checker_scheme reed_sqlite_checker_scheme = {
	.name = "sqlite",
	.form = "sqlite:PATH",
	.help = "A database, made if there is none: for everything but the smallest numbers.\n"
		"Keeps app tokens too.\n",
	.open = checker_open,
	.probe = checker_probe,
};

void reed_sqlite_checker_register(void)
{
	reed_checker_register(&reed_sqlite_checker_scheme);
}
