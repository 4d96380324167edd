/* The text of file: accounts.  What is understood can be edited, and is understood again. */

#include "core/auth_file_text.h"

#include "tests/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(struct reed_slice text)
{
	struct reed_principal_table t = { 0 };
	struct reed_account_file_fault fault;
	size_t n;

	check(!reed_account_file_parse(text, &reed_auth_rules_ascii, &t, &fault));
	n = t.n;
	reed_table_finish(&t);
	return n;
}

static size_t count_after(struct reed_slice text, const char *name,
                          const struct reed_principal *account)
{
	struct reed_buf b;
	size_t n;

	reed_buf_init(&b, 0);
	reed_account_file_edit(text, name, account, &b);
	n = count(reed_buf_slice(&b));
	reed_buf_finish(&b);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct reed_principal fresh = { .name = "fresh_one", .roles = "guest" };
	struct reed_slice text = reed_slice(data, size);
	struct reed_principal_table t = { 0 };
	struct reed_account_file_fault fault = { 0 };

	if (reed_account_file_parse(text, &reed_auth_rules_ascii, &t, &fault)) {
		check(fault.line > 0 && fault.why);
	} else {
		for (size_t i = 0; i < t.n && i < 4; i++) {
			check(count_after(text, t.accounts[i]->name, t.accounts[i]) == t.n);
			check(count_after(text, t.accounts[i]->name, NULL) == t.n - 1);
		}
		if (!reed_table_find(&t, fresh.name))
			check(count_after(text, fresh.name, &fresh) == t.n + 1);
	}
	reed_table_finish(&t);
	return 0;
}
