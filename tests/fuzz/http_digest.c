/* Challenges of servers and answers of clients, which anybody may send. */

#include "protocols/http/digest.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void lies_in(const struct digest *d, struct reed_slice s)
{
	check(s.n == 0 || (s.p >= d->room && s.p + s.n <= d->room + d->used));
}

static void all_lie_in(const struct digest *d)
{
#define X(text) lies_in(d, d->text);
	DIGEST_TEXTS(X)
#undef X
}

/* What is answered is understood, and says who it is as it was told to. */
static void answer(const struct digest *challenge)
{
	static struct digest again;
	struct digest_question q = { .login = "a \"b\\:c",
		                     .method = "GET",
		                     .cnonce = "xyz",
		                     .uri = REED_STR("/?\"\\"),
		                     .count = 7 };
	struct reed_buf out = { 0 };
	struct reed_slice value;

	if (!digest_answer(challenge, &q, &out)) {
		value = reed_buf_slice(&out);
		check(reed_http_is_value(value));
		if (!digest_parse(reed_slice_from(value, 7), &again)) {
			check(reed_slice_eq(again.nonce, challenge->nonce));
			check(reed_slice_eq(again.realm, challenge->realm));
			check(again.username.n > 0 && reed_slice_eq(again.uri, q.uri));
		} else {
			check(value.n > DIGEST_MOST / 2);
		}
	}
	reed_buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct digest d;
	struct reed_slice all = reed_slice(data, size), rest = all;
	enum reed_err err = digest_parse(all, &d);

	check(err == REED_OK || err == REED_ESYNTAX || err == REED_ETOOBIG);
	all_lie_in(&d);
	while (digest_challenge_next(&rest, &d)) {
		all_lie_in(&d);
		check(d.realm.p && d.nonce.p);
		answer(&d);
	}
	return 0;
}
