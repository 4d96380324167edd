/* Authorization, which anybody may send: what is taken from it lies in its room. */

#include "check.h"
#include "reed/http/auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool lies_in(const struct reed_http_authorization *a, struct reed_slice s)
{
	return s.n == 0 || (s.p >= a->room && s.p + s.n <= a->room + sizeof(a->room));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reed_http_authorization a;
	enum reed_err err = reed_http_authorization(reed_slice(data, size), &a);

	check(err == REED_OK || err == REED_ESYNTAX);
	if (err)
		return 0;
	check(lies_in(&a, a.user) && lies_in(&a, a.secret));
	check(a.scheme == REED_HTTP_BASIC || a.user.n == 0);
	return 0;
}
