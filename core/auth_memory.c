/* memory:alice:secret:bob:hunter22 holds accounts until the program ends. */

#include "auth_schemes.h"
#include "auth_table.h"
#include "auth_value.h"
#include "reed/alloc.h"
#include "reed/offload.h"
#include "reed/random.h"

struct memory {
	struct reed_checker checker;
	struct reed_principal_table table;
	struct reed_token *tokens;
	size_t token_count;
};

static struct memory *memory_of(struct reed_checker *checker)
{
	return reed_container_of(checker, struct memory, checker);
}

/* ---- tokens ---- */

static struct reed_token *find_token(struct memory *self, const char *account, const char *id)
{
	for (size_t i = 0; i < self->token_count; i++)
		if (strcmp(self->tokens[i].account, account) == 0 &&
		    strcmp(self->tokens[i].id, id) == 0)
			return &self->tokens[i];
	return NULL;
}

static size_t tokens_of(const struct memory *self, const char *account)
{
	size_t n = 0;

	for (size_t i = 0; i < self->token_count; i++)
		n += strcmp(self->tokens[i].account, account) == 0;
	return n;
}

static enum reed_err add_token(struct memory *self, const struct reed_change *change)
{
	if (find_token(self, change->name, change->token.id))
		return REED_EEXIST;
	if (tokens_of(self, change->name) >= REED_TOKENS_MAX)
		return REED_ETOOBIG;
	self->tokens =
		reed_realloc(self->tokens, (self->token_count + 1) * sizeof(self->tokens[0]));
	self->tokens[self->token_count++] = change->token;
	return REED_OK;
}

static void forget_token(struct memory *self, struct reed_token *token)
{
	*token = self->tokens[--self->token_count];
}

static enum reed_err remove_token(struct memory *self, const struct reed_change *change)
{
	struct reed_token *token = find_token(self, change->name, change->token.id);

	if (!token)
		return REED_ENOENT;
	forget_token(self, token);
	return REED_OK;
}

static struct reed_future *memory_tokens(struct reed_checker *checker, const char *name,
                                         struct reed_token **out, size_t *n)
{
	struct memory *self = memory_of(checker);
	struct reed_token *list;
	size_t count = 0;

	if (!reed_table_find(&self->table, name))
		return reed_ready(checker->loop, REED_ENOENT);
	list = reed_alloc(tokens_of(self, name) * sizeof(*list));
	for (size_t i = 0; i < self->token_count; i++)
		if (strcmp(self->tokens[i].account, name) == 0)
			list[count++] = self->tokens[i];
	return reed_value_owned(checker->loop, list, count, out, n);
}

/* ---- accounts ---- */

/* Its token's hash is the whole secret there is, so the first match may end the search. */
static struct reed_future *find_by_token(struct memory *self, const struct reed_lookup *what,
                                         struct reed_principal *out)
{
	struct reed_loop *loop = self->checker.loop;

	for (size_t i = 0; i < self->token_count; i++) {
		const struct reed_token *t = &self->tokens[i];
		const struct reed_principal *account;

		if (memcmp(t->hash, what->hash, sizeof(t->hash)) != 0)
			continue;
		account = reed_table_find(&self->table, t->account);
		return reed_all(reed_value(loop, t, sizeof(*t), what->token),
		                reed_value(loop, account, sizeof(*account), out));
	}
	return reed_ready(loop, REED_ENOENT);
}

static struct reed_future *memory_find(struct reed_checker *checker, const struct reed_lookup *what,
                                       struct reed_principal *out)
{
	struct memory *self = memory_of(checker);
	struct reed_principal account;

	if (what->by == REED_BY_TOKEN)
		return find_by_token(self, what, out);
	if (reed_table_lookup(&self->table, what, &account))
		return reed_ready(checker->loop, REED_ENOENT);
	return reed_value(checker->loop, &account, sizeof(account), out);
}

static struct reed_future *memory_add(struct reed_checker *checker,
                                      const struct reed_principal *account)
{
	return reed_ready(checker->loop, reed_table_add(&memory_of(checker)->table, account));
}

static enum reed_err change(struct memory *self, const struct reed_change *change)
{
	if (!reed_table_find(&self->table, change->name))
		return REED_ENOENT;
	if (change->what == REED_ADD_TOKEN)
		return add_token(self, change);
	if (change->what == REED_REMOVE_TOKEN)
		return remove_token(self, change);
	return reed_table_change(&self->table, change);
}

static struct reed_future *memory_change(struct reed_checker *checker, const struct reed_change *c)
{
	return reed_ready(checker->loop, change(memory_of(checker), c));
}

static struct reed_future *memory_remove(struct reed_checker *checker, const char *name)
{
	struct memory *self = memory_of(checker);
	enum reed_err err = reed_table_remove(&self->table, name);

	for (size_t i = self->token_count; !err && i-- > 0;)
		if (strcmp(self->tokens[i].account, name) == 0)
			forget_token(self, &self->tokens[i]);
	return reed_ready(checker->loop, err);
}

static struct reed_future *memory_list(struct reed_checker *checker, const char *after, size_t max,
                                       struct reed_principal_list *out)
{
	struct reed_principal_list list;

	reed_table_list(&memory_of(checker)->table, after, max, &list);
	return reed_value_owned(checker->loop, list.accounts, list.n, &out->accounts, &out->n);
}

static void memory_free(struct reed_checker *checker)
{
	struct memory *self = memory_of(checker);

	reed_table_finish(&self->table);
	reed_free(self->tokens);
	reed_free(self);
}

static const struct reed_checker_ops memory_ops = {
	.name = "memory",
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_SCRAM) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_CERTIFICATE) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_TOKEN),
	.find = memory_find,
	.add = memory_add,
	.change = memory_change,
	.remove = memory_remove,
	.list = memory_list,
	.tokens = memory_tokens,
	.free = memory_free,
};

/* ---- memory:NAME:PASSWORD:... ---- */

struct entry {
	struct reed_principal account;
	char password[REED_PASSWORD_ROOM];
};

/* Derives the keys of all, in a thread. */
struct opening {
	struct reed_job job;
	struct reed_checker **out;
	struct entry *entries;
	size_t n;
};

static struct opening *opening_of(struct reed_job *job)
{
	return reed_job_frame(job, struct opening);
}

static enum reed_err opening_run(struct reed_job *job)
{
	struct opening *self = opening_of(job);

	for (size_t i = 0; i < self->n; i++)
		reed_verifier_derive(&self->entries[i].account.verifier,
		                     reed_slice_of(self->entries[i].password));
	return REED_OK;
}

static void opening_deliver(struct reed_job *job)
{
	struct opening *self = opening_of(job);
	struct memory *memory = reed_alloc(sizeof(*memory));

	memory->checker = (struct reed_checker){ .ops = &memory_ops, .loop = job->future.loop };
	for (size_t i = 0; i < self->n; i++)
		reed_table_add(&memory->table, &self->entries[i].account);
	*self->out = &memory->checker;
}

static void forget_entries(struct opening *self)
{
	if (self->entries)
		reed_wipe(self->entries, self->n * sizeof(self->entries[0]));
	reed_free(self->entries);
}

static void opening_end(struct reed_job *job)
{
	forget_entries(opening_of(job));
}

static const struct reed_job_kind opening_kind = {
	.name = "memory",
	.size = sizeof(struct opening),
	.run = opening_run,
	.deliver = opening_deliver,
	.end = opening_end,
};

/* Up to the next colon; a backslash quotes what follows it. */
static enum reed_err cut_word(struct reed_slice *rest, char *into, size_t room)
{
	size_t n = 0;

	while (rest->n > 0 && rest->p[0] != ':' && n < room - 1) {
		if (rest->p[0] == '\\' && rest->n > 1)
			*rest = reed_slice_from(*rest, 1);
		into[n++] = rest->p[0];
		*rest = reed_slice_from(*rest, 1);
	}
	into[n] = '\0';
	if (rest->n > 0 && rest->p[0] != ':')
		return REED_ETOOBIG;
	*rest = reed_slice_from(*rest, 1);
	return REED_OK;
}

static bool is_known(const struct opening *self, const char *name)
{
	for (size_t i = 0; i < self->n; i++)
		if (strcmp(self->entries[i].account.name, name) == 0)
			return true;
	return false;
}

/* A fault, or NULL.  Passwords are not repeated in it. */
static struct reed_fault *read_entry(struct opening *self, struct reed_slice *rest,
                                     const struct reed_checker_options *options)
{
	struct entry *entry = &self->entries[self->n];
	struct reed_verifier *v = &entry->account.verifier;
	char name[REED_ACCOUNT_ROOM], password[REED_PASSWORD_ROOM];
	const char *why = "too long";
	enum reed_err err;

	if (cut_word(rest, name, sizeof(name)) || cut_word(rest, password, sizeof(password)))
		return reed_fault(REED_EINVAL, NULL, "memory: a name or password is too long");
	if (options->rules->account(options->rules, reed_slice_of(name), entry->account.name, &why))
		return reed_fault(REED_EINVAL, NULL, "memory: \"%s\": %s", name, why);
	if (is_known(self, entry->account.name))
		return reed_fault(REED_EINVAL, NULL, "memory: %s stands there twice", name);
	err = options->rules->password(options->rules, reed_slice_of(password), true,
	                               entry->password, &why);
	reed_wipe(password, sizeof(password));
	if (err)
		return reed_fault(REED_EINVAL, NULL, "memory: the password of %s: %s", name, why);
	entry->account.has_password = true;
	v->iterations = options->iterations;
	v->salt_length = REED_SALT_BYTES;
	self->n++;
	return NULL;
}

static struct reed_fault *read_entries(struct opening *self, struct reed_slice argument,
                                       const struct reed_checker_options *options)
{
	struct reed_fault *fault = NULL;

	/* a name and a colon are two bytes at least */
	self->entries = reed_alloc((argument.n / 2 + 1) * sizeof(self->entries[0]));
	while (argument.n > 0 && !fault)
		fault = read_entry(self, &argument, options);
	return fault;
}

static enum reed_err memory_probe(struct reed_slice argument,
                                  const struct reed_checker_options *options,
                                  struct reed_fault **fault)
{
	struct opening self = { .n = 0 };

	*fault = read_entries(&self, argument, options);
	forget_entries(&self);
	return *fault ? (*fault)->err : REED_OK;
}

static struct reed_future *memory_open(struct reed_loop *loop, struct reed_slice argument,
                                       const struct reed_checker_options *options,
                                       struct reed_checker **out)
{
	struct opening *self = reed_job_new(loop, &opening_kind);
	struct reed_fault *fault;

	self->out = out;
	fault = read_entries(self, argument, options);
	if (fault) {
		reed_drop(&self->job.future);
		return reed_failed_with(loop, fault);
	}
	for (size_t i = 0; i < self->n; i++)
		reed_random_bytes(loop, self->entries[i].account.verifier.salt, REED_SALT_BYTES);
	return reed_offload(&self->job);
}

struct reed_checker_scheme reed_memory_scheme = {
	.name = "memory",
	.form = "memory:NAME:PASSWORD:...",
	.help = "Accounts that last as long as the program, for trying things out.  Others can\n"
		"read them in the list of processes.  A backslash quotes a colon.\n",
	.open = memory_open,
	.probe = memory_probe,
};
