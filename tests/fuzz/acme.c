/* What a certificate authority says: directories, orders, authorizations, windows, problems. */

#include "check.h"
#include "protocols/acme/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct reed_slice text, struct reed_pool *pool)
{
	struct acme_authorization a;
	struct acme_directory d = { .binding = false };
	struct acme_problem p;
	struct acme_order o;
	char why[ACME_WORDS] = "";
	int64_t from, to;

	if (!acme_read_directory(text, "https://ca/", pool, &d, why))
		check(acme_is_url(d.order, "https://ca/"));
	reed_pool_clear(pool);
	if (!acme_read_order(text, "https://ca/", pool, &o, why))
		check(o.count > 0 && o.count <= ACME_NAMES && o.finalize);
	reed_pool_clear(pool);
	if (!acme_read_authorization(text, "https://ca/", pool, &a, why))
		for (size_t i = 0; i < a.count; i++)
			check(acme_is_base64url(reed_slice_of(a.offers[i].token)));
	if (!acme_read_window(text, &from, &to, why))
		check(from > 0 && from < to);
	acme_read_problem(text, 400, &p);
	check(strlen(p.words) > 0 && strlen(p.words) < ACME_WORDS);
	check(strpbrk(p.words, "\r\n\x1b") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice text = reed_slice(data, size);
	uint8_t bytes[256];
	struct reed_pool pool;
	size_t n;

	if (size > ACME_BODY)
		return 0;
	reed_pool_init(&pool, ACME_POOL);
	read_all(text, &pool);
	reed_pool_finish(&pool);
	if (!reed_base64url_decode(text, bytes, sizeof(bytes), &n))
		check(n <= sizeof(bytes));
	return 0;
}
