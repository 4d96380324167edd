/*
 * A URL on the first line, and what it sets on the others: what is kept goes back as a value, which
 * a server reads as it was.
 */

#include "check.h"
#include "reed/http/cookies.h"
#include "reed/http/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1800000000, MOST = 64 };

static void read_back(struct reed_slice field)
{
	struct reed_slice rest = field, name, value;

	while (reed_http_cookie_next(&rest, &name, &value)) {
		check(reed_slice_find(name, ';') == name.n && reed_slice_find(name, '=') == name.n);
		check(reed_slice_find(value, ';') == value.n);
		check(name.p >= field.p && value.p + value.n <= field.p + field.n);
	}
	check_int(rest.n, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice rest = reed_slice(data, size), url = reed_slice_cut(&rest, '\n');
	bool secure = reed_slice_starts(url, REED_STR("https://"));
	struct reed_http_jar *jar = reed_http_jar_new();
	struct reed_http_cookie_place place = { .secure = secure };
	struct reed_buf got = { .limit = 0 };

	url = reed_slice_from(url, secure ? 8 : 7);
	place.host = reed_slice_first(url, reed_slice_find(url, '/'));
	place.path = reed_slice_from(url, place.host.n);
	for (int i = 0; rest.n > 0 && i < MOST; i++) {
		size_t before = reed_http_jar_count(jar);
		enum reed_err err =
			reed_http_jar_set(jar, &place, reed_slice_cut(&rest, '\n'), NOW);

		check(reed_http_jar_count(jar) <= before + 1 || err);
		check(!err || reed_http_jar_count(jar) == before);
	}
	reed_http_jar_get(jar, &place, NOW, &got);
	check(memchr(reed_buf_slice(&got).p, '\n', reed_buf_held(&got)) == NULL);
	check(memchr(reed_buf_slice(&got).p, '\r', reed_buf_held(&got)) == NULL);
	read_back(reed_buf_slice(&got));
	read_back(reed_slice(data, size));
	place.secure = false;
	reed_http_jar_get(jar, &place, NOW + 86400, &got);
	reed_http_jar_end_session(jar);
	reed_buf_finish(&got);
	reed_http_jar_free(jar);
	return 0;
}
