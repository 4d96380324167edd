/* Cookies: what may be set, where it goes, what is forgotten (RFC 6265bis). */

#include "reed/http/cookies.h"
#include "tests/check.h"

enum { NOW = 1800000000 };

static struct reed_http_jar *jar;
static struct reed_buf got;

static struct reed_http_cookie_place place_of(const char *url)
{
	struct reed_slice s = reed_slice_of(url);
	bool secure = reed_slice_starts(s, REED_STR("https://"));
	struct reed_slice rest = reed_slice_from(s, secure ? 8 : 7);
	size_t n = reed_slice_find(rest, '/');

	return (struct reed_http_cookie_place){ .host = reed_slice_first(rest, n),
		                                .path = reed_slice_from(rest, n),
		                                .secure = secure };
}

static enum reed_err set(const char *url, const char *field)
{
	struct reed_http_cookie_place place = place_of(url);

	return reed_http_jar_set(jar, &place, reed_slice_of(field), NOW);
}

static const char *get_at(const char *url, int64_t wall)
{
	struct reed_http_cookie_place place = place_of(url);

	reed_buf_clear(&got);
	reed_http_jar_get(jar, &place, wall, &got);
	reed_buf_add_char(&got, '\0');
	return reed_buf_slice(&got).p;
}

static const char *get(const char *url)
{
	return get_at(url, NOW);
}

static void open_jar(void)
{
	jar = reed_http_jar_new();
	reed_buf_init(&got, 0);
}

static void close_jar(void)
{
	reed_http_jar_free(jar);
	reed_buf_finish(&got);
}

static void a_cookie_goes_to_who_set_it(void)
{
	open_jar();
	check_int(set("http://a.example/x/y", "n=v"), REED_OK);
	check_str(get("http://a.example/x/z"), "n=v");
	check_str(get("http://A.EXAMPLE/x"), "n=v");
	check_str(get("http://a.example/xy"), "");
	check_str(get("http://b.a.example/x/"), "");
	check_str(get("http://example/x/"), "");
	check_int(set("http://a.example/", "n=w; Path=/"), REED_OK);
	check_str(get("http://a.example/x/z"), "n=v; n=w"); /* the longer path first */
	check_int(set("http://a.example/", "n=u; Path=/"), REED_OK);
	check_str(get("http://a.example/"), "n=u");
	check_int(reed_http_jar_count(jar), 2);
	close_jar();
}

static void a_domain_covers_what_is_below_it(void)
{
	open_jar();
	check_int(set("http://www.a.example/", "n=v; Domain=.a.example"), REED_OK);
	check_str(get("http://a.example/"), "n=v");
	check_str(get("http://x.a.example/"), "n=v");
	check_str(get("http://xa.example/"), "");
	check_int(set("http://www.a.example/", "n=v; Domain=b.example"), REED_EACCES);
	check_int(set("http://a.example/", "n=v; Domain=www.a.example"), REED_EACCES);
	check_int(set("http://10.0.0.1/", "n=v; Domain=0.0.1"), REED_EACCES);
	close_jar();
}

static void a_public_suffix_gets_none(void)
{
	open_jar();
	check_int(set("http://a.co.uk/", "n=v; Domain=co.uk"), REED_EACCES);
	check_int(set("http://a.com/", "n=v; Domain=com"), REED_EACCES);
	check_int(set("http://me.github.io/", "n=v; Domain=github.io"), REED_EACCES);
	check_int(set("http://github.io/", "n=v; Domain=github.io"), REED_OK); /* for itself */
	check_str(get("http://github.io/"), "n=v");
	check_str(get("http://me.github.io/"), "");
	close_jar();
}

static void secure_ones_need_tls_and_are_not_overlaid(void)
{
	open_jar();
	check_int(set("http://a.example/", "n=v; Secure"), REED_EACCES);
	check_int(set("https://a.example/", "n=v; Secure; HttpOnly; SameSite=Lax"), REED_OK);
	check_str(get("http://a.example/"), "");
	check_str(get("https://a.example/"), "n=v");
	check_int(set("http://a.example/", "n=evil"), REED_EACCES);
	check_int(set("https://a.example/", "__Secure-n=v"), REED_EACCES);
	check_int(set("https://a.example/", "__Host-n=v; Secure"), REED_EACCES);
	check_int(set("https://a.example/", "__Host-n=v; Secure; Path=/; Domain=a.example"),
	          REED_EACCES);
	check_int(set("https://a.example/", "__Host-n=v; Secure; Path=/"), REED_OK);
	check_int(set("https://a.example/", "=__Host-n=v"), REED_ESYNTAX);
	close_jar();
}

static void cookies_end_when_they_say(void)
{
	open_jar();
	check_int(set("http://a.example/", "a=1; Max-Age=10"), REED_OK);
	check_int(set("http://a.example/", "b=2; Expires=Fri, 15 Jan 2027 08:00:05 GMT"), REED_OK);
	check_int(set("http://a.example/", "c=3; Max-Age=99999999999999999999"), REED_OK);
	check_int(set("http://a.example/", "d=4"), REED_OK);
	check_str(get_at("http://a.example/", NOW + 4), "a=1; b=2; c=3; d=4");
	check_str(get_at("http://a.example/", NOW + 6), "a=1; c=3; d=4");
	check_str(get_at("http://a.example/", NOW + 11), "c=3; d=4");
	check_str(get_at("http://a.example/", NOW + 401 * 86400), "d=4");
	check_int(set("http://a.example/", "d=; Max-Age=0"), REED_OK);
	check_int(set("http://a.example/", "d=; Expires=Thu, 01-Jan-1970 00:00:00 GMT"), REED_OK);
	check_str(get("http://a.example/"), "");
	check_int(set("http://a.example/", "e=5"), REED_OK);
	reed_http_jar_end_session(jar);
	check_int(reed_http_jar_count(jar), 0);
	close_jar();
}

static void what_is_no_cookie_is_not_kept(void)
{
	char big[5000];

	open_jar();
	memset(big, 'x', sizeof(big) - 1);
	big[1] = '=';
	big[sizeof(big) - 1] = '\0';
	check_int(set("http://a.example/", big), REED_ETOOBIG);
	check_int(set("http://a.example/", "a=\x01"), REED_ESYNTAX);
	check_int(set("http://a.example/", ";"), REED_ESYNTAX);
	check_int(set("http://a.example/", "alone"), REED_OK);
	check_str(get("http://a.example/"), "alone");
	close_jar();
}

static void a_jar_does_not_grow_without_end(void)
{
	char url[64], field[32];

	open_jar();
	for (int i = 0; i < 300; i++) {
		snprintf(field, sizeof(field), "n%d=v", i);
		check_int(set("http://a.example/", field), REED_OK);
	}
	check_int(reed_http_jar_count(jar), 180);
	for (int i = 0; i < 4000; i++) {
		snprintf(url, sizeof(url), "http://h%d.example/", i);
		check_int(set(url, "n=v"), REED_OK);
	}
	check_int(reed_http_jar_count(jar), 3000);
	close_jar();
}

static void what_is_same_site_stays_when_others_ask(void)
{
	static const char *const from_other[] = { "none=1", "none=1; lax=1", "none=1" };
	struct reed_http_cookie_place place = place_of("https://a.example/");

	open_jar();
	check_int(set("https://a.example/", "none=1; SameSite=None; Secure"), REED_OK);
	check_int(set("https://a.example/", "lax=1; SameSite=lax"), REED_OK);
	check_int(set("https://a.example/", "strict=1; SameSite=Strict"), REED_OK);
	check_int(set("https://a.example/", "no=1; SameSite=None"), REED_EACCES);
	check_str(get("https://a.example/"), "none=1; lax=1; strict=1");
	for (int i = REED_HTTP_LINK_FOLLOWED; i <= REED_HTTP_OTHER_SITE; i++) {
		place.from = i == 1 ? REED_HTTP_LINK_FOLLOWED : REED_HTTP_OTHER_SITE;
		reed_buf_clear(&got);
		reed_http_jar_get(jar, &place, NOW, &got);
		check_slice(reed_buf_slice(&got), from_other[i]);
	}
	check_int(reed_http_jar_set(jar, &place, REED_STR("x=1; SameSite=Lax"), NOW), REED_EACCES);
	check_int(reed_http_jar_set(jar, &place, REED_STR("x=1; SameSite=perhaps"), NOW), REED_OK);
	close_jar();
}

/* ---- as a file ---- */

static const char *written(void)
{
	reed_buf_clear(&got);
	reed_http_jar_write(jar, NOW, &got);
	reed_buf_add_char(&got, '\0');
	return strchr(strchr(reed_buf_slice(&got).p, '\n') + 1, '\n') + 1;
}

static enum reed_err read_text(const char *text, unsigned *line)
{
	return reed_http_jar_read(jar, reed_slice_of(text), NOW, line);
}

static void a_jar_is_written_and_read_again(void)
{
	static const char text[] =
		"www.example.org\tFALSE\t/\tFALSE\t0\ta\t1\n"
		".example.org\tTRUE\t/in\tTRUE\t1800000060\tb\t2\n"
		"#HttpOnly_example.org\tFALSE\t/\tTRUE\t1800000060\t__Host-c\t\n";
	unsigned line;

	open_jar();
	check_int(set("https://www.example.org/", "a=1"), REED_OK);
	check_int(set("https://www.example.org/",
	              "b=2; Domain=example.org; Path=/in; Secure; Max-Age=60"),
	          REED_OK);
	check_int(set("https://example.org/", "__Host-c=; Secure; HttpOnly; Path=/; Max-Age=60"),
	          REED_OK);
	check_int(set("https://example.org/", "gone=1; Max-Age=0"), REED_OK);
	check_str(written(), text);
	close_jar();
	open_jar();
	check_int(read_text(text, &line), REED_OK);
	check_int(reed_http_jar_count(jar), 3);
	check_str(written(), text);
	check_str(get("https://www.example.org/in"), "b=2; a=1");
	check_str(get("http://www.example.org/in"), "a=1");
	check_str(get_at("https://www.example.org/in", NOW + 60), "a=1");
	check_int(reed_http_jar_count(jar), 1); /* that look has found b and c expired */
	reed_http_jar_end_session(jar);
	check_int(reed_http_jar_count(jar), 0);
	close_jar();
}

static void what_others_write_is_read(void)
{
	unsigned line;

	open_jar();
	check_int(read_text("# Netscape HTTP Cookie File\r\n\r\n# by somebody\n"
	                    "example.org\ttrue\t/\tfalse\t1800000001\tx\ty=z\r\n"
	                    "example.org\tFALSE\t/\tFALSE\t1799999999\told\t1\n"
	                    ".co.uk\tTRUE\t/\tFALSE\t0\tsuffix\t1\n"
	                    "example.org\tFALSE\t/\tFALSE\t0\t__Secure-no\t1",
	                    &line),
	          REED_OK);
	check_str(get("http://www.example.org/"), "x=y=z");
	check_str(get("https://example.org/"), "x=y=z");
	check_str(get("http://shop.co.uk/"), ""); /* of a suffix its own host has it at most */
	check_str(get("http://co.uk/"), "suffix=1");
	check_int(reed_http_jar_count(jar), 2);
	close_jar();
}

static void what_is_no_line_is_named(void)
{
	static const char *const wrong[] = {
		"example.org FALSE / FALSE 0 a 1",
		"example.org\tFALSE\t/\tFALSE\t0",
		"example.org\tNO\t/\tFALSE\t0\ta\t1",
		"example.org\tFALSE\t/\tFALSE\tsoon\ta\t1",
		"example.org\tFALSE\t/\tFALSE\t-1\ta\t1",
		"example.org\tFALSE\tx\tFALSE\t0\ta\t1",
		"\tFALSE\t/\tFALSE\t0\ta\t1",
		"example.org\tFALSE\t/; Domain=net\tFALSE\t0\ta\t1",
		"example.org\tFALSE\t/\tFALSE\t0\ta\t1; Domain=net",
		"example.org\tFALSE\t/\tFALSE\t0\ta=b\t1",
	};

	open_jar();
	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		char text[200];
		unsigned line = 0;

		snprintf(text, sizeof(text), "# first\n%s\n", wrong[i]);
		check_int(read_text(text, &line), REED_ESYNTAX);
		check_int(line, 2);
	}
	check_int(reed_http_jar_count(jar), 0);
	close_jar();
}

static void is_date(const char *text, int64_t wanted)
{
	int64_t wall = -1;

	check_int(reed_http_cookie_date(reed_slice_of(text), &wall), wanted < 0 ? REED_ESYNTAX : 0);
	check_int(wall, wanted);
}

static void dates_are_read_as_people_write_them(void)
{
	is_date("Wed, 09 Jun 2021 10:18:14 GMT", 1623233894);
	is_date("Wednesday, 09-Jun-21 10:18:14 GMT", 1623233894);
	is_date("Wed Jun  9 10:18:14 2021", 1623233894);
	is_date("9 june 21 10:18:14", 1623233894);
	is_date("29 Feb 2000 0:0:0", 951782400);
	is_date("1 Jan 1970 00:00:00", 0);
	is_date("32 Jan 1970 00:00:00", -1);
	is_date("1 Jan 1970 24:00:00", -1);
	is_date("1 Jan 1600 00:00:00", -1);
	is_date("tomorrow", -1);
	is_date("", -1);
}

int main(void)
{
	RUN(a_cookie_goes_to_who_set_it);
	RUN(a_domain_covers_what_is_below_it);
	RUN(a_public_suffix_gets_none);
	RUN(secure_ones_need_tls_and_are_not_overlaid);
	RUN(cookies_end_when_they_say);
	RUN(what_is_no_cookie_is_not_kept);
	RUN(a_jar_does_not_grow_without_end);
	RUN(what_is_same_site_stays_when_others_ask);
	RUN(a_jar_is_written_and_read_again);
	RUN(what_others_write_is_read);
	RUN(what_is_no_line_is_named);
	RUN(dates_are_read_as_people_write_them);
	return 0;
}
