/* Lines, words, keys: what the control port says, without a connection. */

#include "protocols/tor/private.h"
#include "reed/base64.h"
#include "tests/check.h"

/* lines end with '\n' */
static enum reed_err collect(const char *lines, size_t limit, struct reed_tor_reply *reply)
{
	struct tor_collect c = { .bytes = { .limit = limit } };
	struct reed_slice rest = reed_slice_of(lines);
	const char *wrong = NULL;
	enum reed_err err = REED_OK;
	bool done = false;

	while (rest.n > 0 && !done && !err)
		err = reed_tor_collect(&c, reed_slice_cut(&rest, '\n'), &done, &wrong);
	check(err != REED_EPROTO || wrong);
	if (!err && done)
		reed_tor_collected(&c, reply);
	reed_tor_collect_finish(&c);
	return err ? err : done ? REED_OK : REED_EAGAIN;
}

static void a_reply_has_lines_and_data(void)
{
	struct reed_tor_reply r;
	struct reed_slice value;

	check_int(
		collect("250-version=0.4.8.10\n250+config-text=\nLog notice\n..hidden\n.\n250 OK\n",
	                0, &r),
		REED_OK);
	check_int(r.code, 250);
	check_int(r.count, 3);
	check_slice(r.lines[0].text, "version=0.4.8.10");
	check(r.lines[1].has_data && !r.lines[2].has_data);
	check(reed_tor_reply_value(&r, "config-text", 0, &value));
	check_slice(value, "Log notice\n.hidden\n");
	check(reed_tor_reply_value(&r, "version", 0, &value));
	check_slice(value, "0.4.8.10");
	check(!reed_tor_reply_value(&r, "version", 1, &value));
	check(!reed_tor_reply_value(&r, "OK", 0, &value));
	reed_tor_reply_finish(&r);
}

static void a_reply_is_not_whole_before_its_last_line(void)
{
	struct reed_tor_reply r;

	check_int(collect("250-a\n", 0, &r), REED_EAGAIN);
	check_int(collect("250+a\n250 OK\n", 0, &r), REED_EAGAIN);
}

static void what_is_no_reply_is_refused(void)
{
	static const char *const cases[] = {
		"HTTP/1.1 400 Bad Request\n",
		"25 OK\n",
		"250\n",
		"250:OK\n",
		"\n",
		"250-a\n551 b\n",
	};
	struct reed_tor_reply r;

	for (size_t i = 0; i < REED_COUNT(cases); i++)
		check_int(collect(cases[i], 0, &r), REED_EPROTO);
}

static void a_reply_has_a_limit_and_empty_lines_count(void)
{
	struct reed_tor_reply r;
	char lines[26 * 40 + 1] = "";

	check_int(collect("250-0123456789\n250 0123456789\n", 100, &r), REED_OK);
	reed_tor_reply_finish(&r);
	check_int(collect("250-0123456789\n250-0123456789\n250-01234567890123456789\n", 100, &r),
	          REED_ETOOBIG);
	for (int i = 0; i < 40; i++)
		strcat(lines, "250-\n");
	check_int(collect(lines, 1000, &r), REED_ETOOBIG);
}

static void next_is(struct reed_slice *rest, const char *key, const char *value)
{
	struct reed_slice got;
	char *text;

	check_int(reed_tor_next(rest, &got, &text), REED_OK);
	check_slice(got, key);
	check_str(text, value);
	reed_free(text);
}

static void words_may_be_quoted(void)
{
	struct reed_slice rest =
		REED_STR("METHODS=COOKIE,SAFECOOKIE  FILE=\"/a b\\\"\\\\a\\164\\n\" plain k= x\"y");
	struct reed_slice key;
	char *text;

	next_is(&rest, "METHODS", "COOKIE,SAFECOOKIE");
	next_is(&rest, "FILE", "/a b\"\\at\n");
	next_is(&rest, "", "plain");
	next_is(&rest, "k", "");
	next_is(&rest, "", "x\"y");
	check_int(reed_tor_next(&rest, &key, &text), REED_EEOF);
}

static void quotes_without_an_end_are_an_error(void)
{
	static const char *const cases[] = { "a=\"", "a=\"b", "\"\\", "a=\"b\\\"" };

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		struct reed_slice rest = reed_slice_of(cases[i]), key;
		char *text;

		check_int(reed_tor_next(&rest, &key, &text), REED_ESYNTAX);
		check(!reed_tor_value(reed_slice_of(cases[i]), "b"));
	}
}

static void what_is_quoted_is_read_back(void)
{
	struct reed_buf b = { .limit = 0 };
	struct reed_slice rest;

	check_int(reed_tor_quote(&b, REED_STR("a \"b\" \\c\t")), REED_OK);
	rest = reed_buf_slice(&b);
	next_is(&rest, "", "a \"b\" \\c\t");
	reed_buf_clear(&b);
	check_int(reed_tor_quote(&b, REED_STR("a\r\nSIGNAL HALT")), REED_EINVAL);
	check_int(reed_buf_held(&b), 0);
	reed_buf_finish(&b);
}

/* ---- keys ---- */

#define A88 \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

static void a_key_is_read_from_our_file_and_from_tors(void)
{
	char own[96] = "== ed25519v1-secret: type0 ==", key[REED_TOR_KEY];

	check_int(reed_tor_key_read(REED_STR("ED25519-V3:" A88 "\n"), key), REED_OK);
	check_str(key, "ED25519-V3:" A88);
	memset(key, 'x', sizeof(key));
	check_int(reed_tor_key_read(reed_slice(own, 96), key), REED_OK);
	check_str(key, "ED25519-V3:" A88);
}

static void what_is_no_key_is_refused(void)
{
	char own[97] = "== ed25519v1-secret: type0 ==", key[REED_TOR_KEY] = "untouched";

	check_int(reed_tor_key_read(REED_STR(""), key), REED_ECORRUPT);
	check_int(reed_tor_key_read(REED_STR(A88), key), REED_ECORRUPT);
	check_int(reed_tor_key_read(REED_STR("RSA1024:" A88), key), REED_ECORRUPT);
	check_int(reed_tor_key_read(REED_STR("ED25519-V3:AAAA"), key), REED_ECORRUPT);
	check_int(reed_tor_key_read(REED_STR("ED25519-V3:" A88 A88), key), REED_ECORRUPT);
	check_int(reed_tor_key_read(reed_slice(own, 95), key), REED_ECORRUPT);
	check_int(reed_tor_key_read(reed_slice(own, 97), key), REED_ECORRUPT);
	check_str(key, "untouched");
}

#define CLIENT "AEBAGBAFAYDQQCIKBMGA2DQPCAIREEYUCULBOGAZDINRYHI6D4QA"

static void a_clients_key_may_be_base32_or_base64(void)
{
	char key[REED_TOR_KEY];

	check(reed_tor_is_client_key(REED_STR(CLIENT)));
	check(reed_tor_client_secret(REED_STR(CLIENT), key));
	check_str(key, "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=");
	check(reed_tor_client_secret(REED_STR("x:descriptor:x25519:" CLIENT), key));
	check(reed_tor_client_secret(REED_STR("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="),
	                             key));
	check_str(key, "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=");
	check(!reed_tor_client_secret(REED_STR("AQID"), key));
	check(!reed_tor_client_secret(REED_STR(""), key));
	check(!reed_tor_is_client_key(
		REED_STR("AEBAGBAFAYDQQCIKBMGA2DQPCAIREEYUCULBOGAZDINRYHI6D41A")));
}

static void a_safe_cookie_is_proven_as_the_specification_has_it(void)
{
	/* computed by Python's hmac, from bytes 0..31, 32..63 and 64..95 */
	unsigned char bytes[96], out[TOR_HASH];
	char hex[REED_HEX_ROOM(TOR_HASH)];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	reed_tor_cookie_hash(true, bytes, bytes + 32, bytes + 64, out);
	reed_hex(reed_slice(out, sizeof(out)), hex);
	check_str(hex, "3c8780ab52365c0d080750447e5f64dabc00428c6c434579c2043e18c1f85389");
	reed_tor_cookie_hash(false, bytes, bytes + 32, bytes + 64, out);
	reed_hex(reed_slice(out, sizeof(out)), hex);
	check_str(hex, "b47642df2d5abb84f69e6d02d41bed6b44aee33e69562528a82166fc98bc0b1e");
}

/* ---- what a sandbox is told ---- */

static void note(void *arg, enum reed_scheme_need need, const char *text)
{
	reed_buf_printf(arg, "%c %s\n", "erw"[need], text);
}

static void needs_are(const struct reed_scheme *scheme, const char *endpoint, const char *wanted)
{
	struct reed_buf told = { .limit = 0 };
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;

	check_int(reed_endpoint_parse(reed_slice_of(endpoint), &e, &fault), REED_OK);
	scheme->needs(&e, note, &told);
	check_slice(reed_buf_slice(&told), wanted);
	reed_endpoint_finish(&e);
	reed_buf_finish(&told);
}

static void a_sandbox_knows_what_an_endpoint_needs(void)
{
	needs_are(&reed_onion_scheme, "onion:6667",
	          "e tcp:0\ne unix:/run/tor/control\ne tcp:127.0.0.1:9051\n"
	          "r /run/tor/control.authcookie\n");
	needs_are(&reed_onion_scheme, "onion:6667:key=/a/b:clients=/c:control=[tcp:h:1]:cookie=/d",
	          "e tcp:0\ne tcp:h:1\nr /d\nr /c\nw /a\n");
	needs_are(&reed_tor_scheme, "tor:example.org:80", "e tcp:127.0.0.1:9050\n");
	needs_are(&reed_tor_scheme, "tor:x.onion:80:socks=[unix:/s]:auth=/k:control=[tcp:h:1]",
	          "e unix:/s\nr /k\ne tcp:h:1\nr /run/tor/control.authcookie\n");
}

static void says(const char *endpoint, enum reed_endpoint_use use, const char *wanted)
{
	struct reed_fault *fault;

	reed_endpoint_check(reed_slice_of(endpoint), use, &fault);
	check_str(fault ? fault->sentence : "", wanted);
	reed_fault_free(fault);
}

static void endpoints_are_checked(void)
{
	check_int(reed_scheme_register(&reed_onion_scheme), REED_OK);
	check_int(reed_scheme_register(&reed_tor_scheme), REED_OK);
	says("onion:6667:key=a:control=[tcp:h:1]", REED_ENDPOINT_LISTEN, "");
	says("onion:0", REED_ENDPOINT_LISTEN,
	     "\"onion:0\", column 7: a port from 1 to 65535 must stand here");
	says("onion:1:control=tcp", REED_ENDPOINT_LISTEN,
	     "\"onion:1:control=tcp\", column 17: an endpoint in brackets must stand here, as in "
	     "control=[tcp:127.0.0.1:9051]");
	says("onion:1", REED_ENDPOINT_DIAL, "\"onion:1\": onion cannot be dialled");
	says("tor:h:1:isolate=*:timeout=5", REED_ENDPOINT_DIAL, "");
	says("tor:h:1:isolate=", REED_ENDPOINT_DIAL,
	     "\"tor:h:1:isolate=\", column 17: a word of up to 255 bytes must stand here, or *");
	says("tor:h:1:auth=f", REED_ENDPOINT_DIAL,
	     "\"tor:h:1:auth=f\", column 14: only an onion service can want a client's key");
	says("tor:h:1:timeout=x", REED_ENDPOINT_DIAL,
	     "\"tor:h:1:timeout=x\", column 17: a number up to 86400 must stand here");
	says("tor:h", REED_ENDPOINT_DIAL,
	     "\"tor:h\": something is missing; write tor:HOST:PORT[:isolate=WORD][:auth=FILE]");
}

int main(void)
{
	RUN(a_reply_has_lines_and_data);
	RUN(a_reply_is_not_whole_before_its_last_line);
	RUN(what_is_no_reply_is_refused);
	RUN(a_reply_has_a_limit_and_empty_lines_count);
	RUN(words_may_be_quoted);
	RUN(quotes_without_an_end_are_an_error);
	RUN(what_is_quoted_is_read_back);
	RUN(a_key_is_read_from_our_file_and_from_tors);
	RUN(what_is_no_key_is_refused);
	RUN(a_clients_key_may_be_base32_or_base64);
	RUN(a_safe_cookie_is_proven_as_the_specification_has_it);
	RUN(a_sandbox_knows_what_an_endpoint_needs);
	RUN(endpoints_are_checked);
	return 0;
}
