/* Accounts in a database: what is done in its thread. */

#include "checker.h"

#include "reed/alloc.h"

/* Once released, none of these is changed. */
const char *const reed_sqlite_account_migrations[] = {
	"CREATE TABLE account ("
	"  id INTEGER PRIMARY KEY,"
	"  name TEXT NOT NULL UNIQUE,"
	"  verifier TEXT," /* RFC 5803 */
	"  roles TEXT NOT NULL,"
	"  created INTEGER NOT NULL);" /* ns since 1970 */
	"CREATE TABLE account_fingerprint ("
	"  sha256 BLOB PRIMARY KEY,"
	"  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE"
	") WITHOUT ROWID;"
	"CREATE INDEX account_fingerprint_of ON account_fingerprint (account);"
	"CREATE TABLE account_token ("
	"  hash BLOB PRIMARY KEY,"
	"  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
	"  id TEXT NOT NULL,"
	"  door TEXT NOT NULL,"
	"  label TEXT NOT NULL,"
	"  created INTEGER NOT NULL,"
	"  expires INTEGER NOT NULL," /* 0: never */
	"  UNIQUE (account, id)"
	") WITHOUT ROWID;"
	"CREATE TABLE account_key (use TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;",
	NULL,
};

static struct errand *errand_of(struct reed_job *job)
{
	return reed_job_frame(job, struct errand);
}

static struct reed_slice hash_slice(const uint8_t hash[REED_KEY_BYTES])
{
	return reed_slice(hash, REED_KEY_BYTES);
}

/* ---- rows ---- */

#define COLUMNS "account.id, account.name, account.verifier, account.roles"

static void copy_text(char *into, size_t room, struct sqlite3_stmt *s, int column)
{
	reed_slice_copy(into, room, reed_sqlite_text(s, column));
}

static void read_fingerprints(struct reed_sqlite_work *w, int64_t id,
                              struct reed_principal *account)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w, "SELECT sha256 FROM account_fingerprint WHERE account = ? ORDER BY sha256");

	reed_sqlite_bind_int(s, 1, id);
	while (reed_sqlite_row(w, s)) {
		struct reed_slice bytes = reed_sqlite_text(s, 0);

		if (bytes.n != REED_FINGERPRINT_BYTES || account->fingerprints == REED_FINGERPRINTS)
			continue;
		memcpy(account->fingerprint[account->fingerprints++], bytes.p, bytes.n);
	}
}

/* s stands on a row that begins with COLUMNS. */
static void read_account(struct reed_sqlite_work *w, struct sqlite3_stmt *s,
                         struct reed_principal *account)
{
	int64_t id = reed_sqlite_int(s, 0);

	*account = (struct reed_principal){ .has_password = !reed_sqlite_is_null(s, 2) };
	copy_text(account->name, sizeof(account->name), s, 1);
	copy_text(account->roles, sizeof(account->roles), s, 3);
	if (account->has_password &&
	    reed_verifier_parse(reed_sqlite_text(s, 2), &account->verifier))
		reed_sqlite_fail(w, REED_ECORRUPT, "the verifier of %s is none", account->name);
	read_fingerprints(w, id, account);
}

/* s stands on a row that ends with id, door, label, created, expires. */
static void read_token(struct sqlite3_stmt *s, int first, struct reed_token *token)
{
	copy_text(token->id, sizeof(token->id), s, first);
	copy_text(token->door, sizeof(token->door), s, first + 1);
	copy_text(token->label, sizeof(token->label), s, first + 2);
	token->created = reed_sqlite_int(s, first + 3);
	token->expires = reed_sqlite_int(s, first + 4);
}

#define TOKEN_COLUMNS                                                                        \
	"account_token.id, account_token.door, account_token.label, account_token.created, " \
	"account_token.expires"

/* ---- asking ---- */

static struct sqlite3_stmt *ask(struct reed_sqlite_work *w, const struct reed_lookup *what)
{
	struct sqlite3_stmt *s;

	if (what->by == REED_BY_NAME) {
		s = reed_sqlite_sql(w, "SELECT " COLUMNS " FROM account WHERE name = ?");
		reed_sqlite_bind_text(s, 1, reed_slice_of(what->name));
		return s;
	}
	if (what->by == REED_BY_FINGERPRINT)
		s = reed_sqlite_sql(w, "SELECT " COLUMNS " FROM account "
		                       "JOIN account_fingerprint AS f ON f.account = account.id "
		                       "WHERE f.sha256 = ?");
	else
		s = reed_sqlite_sql(w, "SELECT " COLUMNS ", " TOKEN_COLUMNS " FROM account "
		                       "JOIN account_token ON account_token.account = account.id "
		                       "WHERE account_token.hash = ?");
	reed_sqlite_bind_blob(s, 1, hash_slice(what->hash));
	return s;
}

/* A file that has vanished is not an account that does not exist. */
static enum reed_err end(struct reed_sqlite_work *w, bool found)
{
	enum reed_err err = reed_sqlite_end(w);

	if (err)
		return err == REED_ENOENT ? REED_EIO : err;
	return found ? REED_OK : REED_ENOENT;
}

enum reed_err reed_sqlite_account_find(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_sqlite_work w = reed_sqlite_read(self->db, job);
	struct sqlite3_stmt *s = ask(&w, &self->lookup);
	bool found = reed_sqlite_row(&w, s);

	if (found && self->lookup.by == REED_BY_TOKEN) {
		read_token(s, 4, &self->token);
		copy_text(self->token.account, sizeof(self->token.account), s, 1);
		memcpy(self->token.hash, self->lookup.hash, sizeof(self->token.hash));
	}
	if (found)
		read_account(&w, s, &self->account);
	return end(&w, found);
}

enum reed_err reed_sqlite_account_list_some(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_principal_list *list = &self->accounts;
	struct reed_sqlite_work w = reed_sqlite_read(self->db, job);
	struct sqlite3_stmt *s =
		reed_sqlite_sql(&w, "SELECT " COLUMNS
	                            " FROM account WHERE name > ? ORDER BY name LIMIT ?");
	size_t room = 0;

	reed_sqlite_bind_text(s, 1, reed_slice_of(self->lookup.name));
	reed_sqlite_bind_int(s, 2, self->max < INT32_MAX ? (int64_t)self->max : INT32_MAX);
	while (reed_sqlite_row(&w, s)) {
		if (list->n == room) {
			room = room ? room * 2 : 16;
			list->accounts =
				reed_realloc(list->accounts, room * sizeof(list->accounts[0]));
		}
		read_account(&w, s, &list->accounts[list->n++]);
	}
	return end(&w, true);
}

/* 0: there is no such account. */
static int64_t id_of(struct reed_sqlite_work *w, const char *name)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(w, "SELECT id FROM account WHERE name = ?");
	int64_t id = 0;

	reed_sqlite_bind_text(s, 1, reed_slice_of(name));
	while (reed_sqlite_row(w, s))
		id = reed_sqlite_int(s, 0);
	return id;
}

enum reed_err reed_sqlite_account_tokens(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_sqlite_work w = reed_sqlite_read(self->db, job);
	int64_t id = id_of(&w, self->lookup.name);
	struct sqlite3_stmt *s = reed_sqlite_sql(&w, "SELECT " TOKEN_COLUMNS
	                                             ", hash FROM account_token WHERE account = ? "
	                                             "ORDER BY created, id");

	self->tokens = reed_alloc(REED_TOKENS_MAX * sizeof(self->tokens[0]));
	reed_sqlite_bind_int(s, 1, id);
	while (self->token_count < REED_TOKENS_MAX && reed_sqlite_row(&w, s)) {
		struct reed_token *token = &self->tokens[self->token_count++];
		struct reed_slice hash = reed_sqlite_text(s, 5);

		read_token(s, 0, token);
		memcpy(token->account, self->lookup.name, sizeof(token->account));
		if (hash.n == sizeof(token->hash))
			memcpy(token->hash, hash.p, hash.n);
	}
	return end(&w, id > 0);
}

/* ---- changing ---- */

static void add_fingerprint(struct reed_sqlite_work *w, int64_t id, const uint8_t *fingerprint)
{
	struct sqlite3_stmt *s =
		reed_sqlite_sql(w,
	                        "INSERT INTO account_fingerprint (sha256, account) VALUES (?, ?)");

	reed_sqlite_bind_blob(s, 1, hash_slice(fingerprint));
	reed_sqlite_bind_int(s, 2, id);
	reed_sqlite_run(w, s);
}

static void bind_verifier(struct sqlite3_stmt *s, int i, const struct reed_verifier *v,
                          char text[REED_VERIFIER_ROOM])
{
	size_t n = reed_verifier_print(v, text);

	reed_sqlite_bind_text(s, i, reed_slice(text, n));
}

enum reed_err reed_sqlite_account_add(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	const struct reed_principal *account = &self->account;
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);
	struct sqlite3_stmt *s = reed_sqlite_sql(
		&w, "INSERT INTO account (name, verifier, roles, created) VALUES (?, ?, ?, ?)");
	char text[REED_VERIFIER_ROOM];
	int64_t id;

	reed_sqlite_bind_text(s, 1, reed_slice_of(account->name));
	if (account->has_password)
		bind_verifier(s, 2, &account->verifier, text);
	reed_sqlite_bind_text(s, 3, reed_slice_of(account->roles));
	reed_sqlite_bind_int(s, 4, self->wall);
	reed_sqlite_run(&w, s);
	id = reed_sqlite_rowid(&w);
	for (uint32_t i = 0; i < account->fingerprints; i++)
		add_fingerprint(&w, id, account->fingerprint[i]);
	return end(&w, true);
}

/* How many rows of the table are of the account. */
static int64_t count_of(struct reed_sqlite_work *w, struct sqlite3_stmt *s, int64_t id)
{
	int64_t n = 0;

	reed_sqlite_bind_int(s, 1, id);
	while (reed_sqlite_row(w, s))
		n = reed_sqlite_int(s, 0);
	return n;
}

static void set_password(struct reed_sqlite_work *w, int64_t id, const struct reed_change *c)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w,
		"UPDATE account SET verifier = ? WHERE id = ? AND (?3 IS NULL OR verifier = ?3)");
	char text[REED_VERIFIER_ROOM], before[REED_VERIFIER_ROOM];

	bind_verifier(s, 1, &c->verifier, text);
	reed_sqlite_bind_int(s, 2, id);
	if (c->only_instead)
		bind_verifier(s, 3, &c->before, before);
	reed_sqlite_run(w, s);
	if (reed_sqlite_changes(w) == 0)
		reed_sqlite_fail(w, REED_EBUSY, "the password of %s is another by now", c->name);
}

static void set_roles(struct reed_sqlite_work *w, int64_t id, const struct reed_change *c)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(w, "UPDATE account SET roles = ? WHERE id = ?");

	reed_sqlite_bind_text(s, 1, reed_slice_of(c->roles));
	reed_sqlite_bind_int(s, 2, id);
	reed_sqlite_run(w, s);
}

static void add_one_fingerprint(struct reed_sqlite_work *w, int64_t id, const struct reed_change *c)
{
	struct sqlite3_stmt *s =
		reed_sqlite_sql(w, "SELECT count(*) FROM account_fingerprint WHERE account = ?");

	if (count_of(w, s, id) >= REED_FINGERPRINTS)
		reed_sqlite_fail(w, REED_ETOOBIG, "%s has %d certificates already", c->name,
		                 REED_FINGERPRINTS);
	add_fingerprint(w, id, c->fingerprint);
}

static void remove_fingerprint(struct reed_sqlite_work *w, int64_t id, const struct reed_change *c,
                               bool *found)
{
	struct sqlite3_stmt *s =
		reed_sqlite_sql(w,
	                        "DELETE FROM account_fingerprint WHERE account = ? AND sha256 = ?");

	reed_sqlite_bind_int(s, 1, id);
	reed_sqlite_bind_blob(s, 2, hash_slice(c->fingerprint));
	reed_sqlite_run(w, s);
	*found = reed_sqlite_changes(w) > 0;
}

static void add_token(struct reed_sqlite_work *w, int64_t id, const struct reed_change *c)
{
	const struct reed_token *token = &c->token;
	struct sqlite3_stmt *s =
		reed_sqlite_sql(w, "SELECT count(*) FROM account_token WHERE account = ?");

	if (count_of(w, s, id) >= REED_TOKENS_MAX)
		reed_sqlite_fail(w, REED_ETOOBIG, "%s has %d tokens already", c->name,
		                 REED_TOKENS_MAX);
	s = reed_sqlite_sql(w, "INSERT INTO account_token "
	                       "(hash, account, id, door, label, created, expires) "
	                       "VALUES (?, ?, ?, ?, ?, ?, ?)");
	reed_sqlite_bind_blob(s, 1, hash_slice(token->hash));
	reed_sqlite_bind_int(s, 2, id);
	reed_sqlite_bind_text(s, 3, reed_slice_of(token->id));
	reed_sqlite_bind_text(s, 4, reed_slice_of(token->door));
	reed_sqlite_bind_text(s, 5, reed_slice_of(token->label));
	reed_sqlite_bind_int(s, 6, token->created);
	reed_sqlite_bind_int(s, 7, token->expires);
	reed_sqlite_run(w, s);
}

static void remove_token(struct reed_sqlite_work *w, int64_t id, const struct reed_change *c,
                         bool *found)
{
	struct sqlite3_stmt *s =
		reed_sqlite_sql(w, "DELETE FROM account_token WHERE account = ? AND id = ?");

	reed_sqlite_bind_int(s, 1, id);
	reed_sqlite_bind_text(s, 2, reed_slice_of(c->token.id));
	reed_sqlite_run(w, s);
	*found = reed_sqlite_changes(w) > 0;
}

enum reed_err reed_sqlite_account_change(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	const struct reed_change *c = &self->change;
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);
	int64_t id = id_of(&w, c->name);
	bool found = id > 0;

	if (!found)
		return end(&w, false);
	switch (c->what) {
	case REED_CHANGE_PASSWORD:
		set_password(&w, id, c);
		break;
	case REED_CHANGE_ROLES:
		set_roles(&w, id, c);
		break;
	case REED_ADD_FINGERPRINT:
		add_one_fingerprint(&w, id, c);
		break;
	case REED_REMOVE_FINGERPRINT:
		remove_fingerprint(&w, id, c, &found);
		break;
	case REED_ADD_TOKEN:
		add_token(&w, id, c);
		break;
	case REED_REMOVE_TOKEN:
		remove_token(&w, id, c, &found);
		break;
	}
	return end(&w, found);
}

enum reed_err reed_sqlite_account_remove(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);
	struct sqlite3_stmt *s = reed_sqlite_sql(&w, "DELETE FROM account WHERE name = ?");
	bool found;

	reed_sqlite_bind_text(s, 1, reed_slice_of(self->lookup.name));
	reed_sqlite_run(&w, s);
	found = reed_sqlite_changes(&w) > 0;
	return end(&w, found);
}

/* ---- the key ---- */

enum reed_err reed_sqlite_account_key(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);
	struct sqlite3_stmt *s = reed_sqlite_sql(
		&w,
		"INSERT INTO account_key (use, key) VALUES ('nobody', ?) ON CONFLICT DO NOTHING");
	uint8_t drawn[REED_KEY_BYTES];

	memcpy(drawn, self->key, sizeof(drawn));
	reed_sqlite_bind_blob(s, 1, hash_slice(drawn));
	reed_sqlite_run(&w, s);
	s = reed_sqlite_sql(&w, "SELECT key FROM account_key WHERE use = 'nobody'");
	while (reed_sqlite_row(&w, s)) {
		struct reed_slice key = reed_sqlite_text(s, 0);

		if (key.n == sizeof(self->key))
			memcpy(self->key, key.p, key.n);
		else
			reed_sqlite_fail(&w, REED_ECORRUPT, "the key of accounts is none");
	}
	reed_wipe(drawn, sizeof(drawn));
	return end(&w, true);
}
