/* Accounts in a database: the frame that goes between the two threads. */

#ifndef REED_SQLITE_CHECKER_PRIVATE_H
#define REED_SQLITE_CHECKER_PRIVATE_H

#include "reed/checker.h"
#include "reed/sqlite.h"
#include "reed/sqlite_checker.h"

struct accounts {
	struct reed_checker checker;
	struct reed_sqlite *db;
};

struct errand {
	struct reed_job job;
	struct reed_sqlite *db;
	struct reed_lookup lookup;
	struct reed_principal account; /* found, or to be added */
	struct reed_token token;       /* found */
	struct reed_change change;
	struct reed_principal_list accounts;
	struct reed_token *tokens;
	size_t max, token_count;
	uint8_t key[REED_KEY_BYTES];
	int64_t wall;

	struct reed_principal *account_out;
	struct reed_principal_list *accounts_out;
	struct reed_token **tokens_out;
	size_t *token_count_out;
	uint8_t *key_out;
};

extern const char *const reed_sqlite_account_migrations[];

/* ---- in the database's thread ---- */

enum reed_err reed_sqlite_account_find(struct reed_job *job);
enum reed_err reed_sqlite_account_list_some(struct reed_job *job);
enum reed_err reed_sqlite_account_tokens(struct reed_job *job);
enum reed_err reed_sqlite_account_add(struct reed_job *job);
enum reed_err reed_sqlite_account_change(struct reed_job *job);
enum reed_err reed_sqlite_account_remove(struct reed_job *job);
enum reed_err reed_sqlite_account_key(struct reed_job *job);

#endif
