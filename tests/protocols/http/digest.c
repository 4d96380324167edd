/* HTTP Digest: its fields, and the nonces. */

#include "tests/check.h"

#include "protocols/http/digest.h"
#include "reed/base64.h"
#include "reed/sim.h"

/* ---- RFC 7616 3.9 ---- */

#define FIRST_NONCE  "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define FIRST_OPAQUE "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"

static struct digest parsed;

static void ask_mufasa(const char *algorithm, struct reed_buf *out)
{
	struct digest_question q = { .login = "Mufasa:Circle of Life",
		                     .method = "GET",
		                     .uri = REED_STR("/dir/index.html"),
		                     .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
		                     .count = 1 };
	struct reed_buf value = { 0 };
	struct reed_slice rest;

	reed_buf_printf(&value,
	                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
	                "algorithm=%s, nonce=\"" FIRST_NONCE "\", opaque=\"" FIRST_OPAQUE "\"",
	                algorithm);
	rest = reed_buf_slice(&value);
	check(digest_challenge_next(&rest, &parsed));
	reed_buf_finish(&value);
	check_int(digest_answer(&parsed, &q, out), REED_OK);
	reed_buf_add_char(out, '\0');
}

static void the_example_of_the_rfc_comes_out(void)
{
	struct reed_buf out = { 0 };

	ask_mufasa("MD5", &out);
	check_str(out.p, "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
	                 "uri=\"/dir/index.html\", nonce=\"" FIRST_NONCE "\", nc=00000001, "
	                 "qop=auth, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", "
	                 "response=\"8ca523f5e9506fed4657c9700eebdbec\", algorithm=MD5, "
	                 "opaque=\"" FIRST_OPAQUE "\"");
	reed_buf_clear(&out);
	ask_mufasa("SHA-256", &out);
	check(strstr(out.p, "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db58"
	                    "56cb6c1\""));
	reed_buf_finish(&out);
}

/* RFC 7616 3.9.2, with SHA-512/256 as FIPS 180-4 has it and not what the example was made with. */
static void a_name_may_be_hidden(void)
{
	struct digest_question q = { .login = "J\xc3\xa4s\xc3\xb8n Doe:Secret, or not?",
		                     .method = "GET",
		                     .uri = REED_STR("/doe.json"),
		                     .cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm",
		                     .count = 1 };
	struct reed_slice rest =
		REED_STR("Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, "
	                 "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
	                 "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, "
	                 "userhash=true");
	struct reed_buf out = { 0 };

	check(digest_challenge_next(&rest, &parsed));
	check_int(digest_answer(&parsed, &q, &out), REED_OK);
	reed_buf_add_char(&out, '\0');
	check(strstr(out.p, "username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06e"
	                    "ce9b0b\""));
	check(strstr(out.p, "response=\"7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca30197484"
	                    "3d840c\""));
	check(strstr(out.p, "userhash=true"));
	reed_buf_finish(&out);
}

/* RFC 2617 3.5, whose key is of this nonce only, and RFC 2069's form, without qop. */
static void older_servers_are_answered_as_they_ask(void)
{
	struct digest_question q = { .login = "Mufasa:Circle Of Life",
		                     .method = "GET",
		                     .uri = REED_STR("/dir/index.html"),
		                     .cnonce = "0a4f113b",
		                     .count = 1 };
	struct reed_slice rest = REED_STR("Digest realm=\"testrealm@host.com\", "
	                                  "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"");
	struct reed_slice session = REED_STR("Digest realm=\"testrealm@host.com\", qop=auth, "
	                                     "algorithm=MD5-sess, "
	                                     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"");
	struct reed_buf out = { 0 };

	check(digest_challenge_next(&rest, &parsed));
	check_int(digest_answer(&parsed, &q, &out), REED_OK);
	reed_buf_add_char(&out, '\0');
	check(strstr(out.p, "response=\"670fd8c2df070c60b045671b8b24ff02\""));
	check(!strstr(out.p, "cnonce"));
	reed_buf_clear(&out);
	check(digest_challenge_next(&session, &parsed));
	check_int(digest_answer(&parsed, &q, &out), REED_OK);
	reed_buf_add_char(&out, '\0');
	check(strstr(out.p, "response=\"8e3825c57e897f5a0dec6c2d4e5059d0\""));
	reed_buf_finish(&out);
}

/* ---- fields ---- */

static void what_is_quoted_is_read_as_it_was_meant(void)
{
	check_int(digest_parse(REED_STR("username=\"a \\\"b\\\", c\" , nc=00000001,, x=\"1,2\""),
	                       &parsed),
	          REED_OK);
	check_slice(parsed.username, "a \"b\", c");
	check_slice(parsed.nc, "00000001");
	check(!parsed.realm.p);
}

static void what_two_could_read_in_two_ways_is_refused(void)
{
	static const char *const wrong[] = {
		"nc=1, nc=2",
		"nc",
		"nc=",
		"=1",
		"nc=\"1",
		"nc=\"1\" x",
		"nc=1 2",
		"n c=1",
		"nc=a\"b\"",
		"uri=/path",
		"username=\"\x01\"",
		"nc=\"1\\",
		"username=\"a\"b",
	};
	char large[DIGEST_MOST + 16] = "nonce=\"";

	for (size_t i = 0; i < REED_COUNT(wrong); i++)
		check_int(digest_parse(reed_slice_of(wrong[i]), &parsed), REED_ESYNTAX);
	memset(large + 7, 'x', sizeof(large) - 9);
	large[sizeof(large) - 2] = '"';
	check_int(digest_parse(reed_slice_of(large), &parsed), REED_ETOOBIG);
}

static void a_challenge_is_found_among_others(void)
{
	struct reed_slice value =
		REED_STR("Negotiate abc==, Basic realm=\"x\", Digest realm=\"a, b\", "
	                 "nonce=1, Digest nonce=2, Digest realm=c, nonce=3, Bearer");

	check(digest_challenge_next(&value, &parsed));
	check_slice(parsed.realm, "a, b");
	check_slice(parsed.nonce, "1");
	check(digest_challenge_next(&value, &parsed));
	check_slice(parsed.realm, "c");
	check(!digest_challenge_next(&value, &parsed));
}

/* ---- nonces ---- */

static struct reed_sim *sim;
static struct reed_loop *loop;

static void begin(void)
{
	sim = reed_sim_new(NULL);
	loop = reed_sim_host(sim, "here");
}

static struct nonce issue(struct nonces *nonces)
{
	char text[NONCE_ROOM];
	struct nonce nonce = { .id = 0 };

	nonces_issue(nonces, text);
	check(nonces_know(nonces, reed_slice_of(text), &nonce));
	return nonce;
}

static void a_count_of_a_nonce_is_good_once(void)
{
	struct nonces *nonces;
	struct nonce nonce;

	begin();
	nonces = nonces_new(loop);
	nonce = issue(nonces);
	check(!nonces_use(nonces, &nonce, 0));
	check(nonces_use(nonces, &nonce, 1));
	check(!nonces_use(nonces, &nonce, 1));
	check(nonces_use(nonces, &nonce, 5) && nonces_use(nonces, &nonce, 3));
	check(!nonces_use(nonces, &nonce, 3) && !nonces_use(nonces, &nonce, 1));
	check(nonces_use(nonces, &nonce, 68) && !nonces_use(nonces, &nonce, 4));
	check(nonces_use(nonces, &nonce, 6) && nonces_use(nonces, &nonce, UINT32_MAX));
	nonces_free(nonces);
	reed_sim_free(sim);
}

static void a_nonce_of_others_is_none(void)
{
	struct nonces *nonces, *others;
	char text[NONCE_ROOM];
	struct nonce nonce;

	begin();
	nonces = nonces_new(loop);
	others = nonces_new(loop);
	nonces_issue(others, text);
	check(!nonces_know(nonces, reed_slice_of(text), &nonce));
	nonces_issue(nonces, text);
	text[3] = text[3] == 'A' ? 'B' : 'A';
	check(!nonces_know(nonces, reed_slice_of(text), &nonce));
	check(!nonces_know(nonces, REED_STR(""), &nonce));
	nonces_free(nonces);
	nonces_free(others);
	reed_sim_free(sim);
}

static void however_many_are_used_none_is_good_twice(void)
{
	enum { MANY = 1000 };
	struct nonces *nonces;
	struct nonce *all = reed_alloc(MANY * sizeof(*all));

	begin();
	nonces = nonces_new(loop);
	for (int i = 0; i < MANY; i++) {
		reed_sim_run_for(sim, 1);
		all[i] = issue(nonces);
		check(nonces_use(nonces, &all[i], 1));
	}
	for (int i = 0; i < MANY; i++)
		check(!nonces_use(nonces, &all[i], 1));
	check(nonces_use(nonces, &all[MANY - 1], 2));
	check(!nonces_use(nonces, &all[0], 2)); /* forgotten, and so good for nothing */
	nonces_free(nonces);
	reed_free(all);
	reed_sim_free(sim);
}

int main(void)
{
	RUN(the_example_of_the_rfc_comes_out);
	RUN(a_name_may_be_hidden);
	RUN(older_servers_are_answered_as_they_ask);
	RUN(what_is_quoted_is_read_as_it_was_meant);
	RUN(what_two_could_read_in_two_ways_is_refused);
	RUN(a_challenge_is_found_among_others);
	RUN(a_count_of_a_nonce_is_good_once);
	RUN(a_nonce_of_others_is_none);
	RUN(however_many_are_used_none_is_good_twice);
	return 0;
}
