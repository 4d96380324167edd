#include "core/sasl/scram.h"

#include "reed/base64.h"

#include "check.h"

struct vector {
	bool sha1;
	const char *client_first, *server_first, *client_final_bare, *proof, *server_final;
};

/* RFC 5802 5, RFC 7677 3: user "user", password "pencil" */
static const struct vector vectors[] = {
	{ .sha1 = true,
	  .client_first = "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
	  .server_first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	                  "s=QSXCR+Q6sek8bf92,i=4096",
	  .client_final_bare = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
	  .proof = "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
	  .server_final = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=" },
	{ .client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
	  .server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	                  "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
	  .client_final_bare = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
	  .proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	  .server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" },
};

static void a_client_computes_the(const struct vector *v)
{
	struct scram_keys keys = { .sha1 = v->sha1 };
	struct scram_client_first first;
	struct scram_server_first challenge;
	struct scram_server_final final;
	uint8_t proof[SCRAM_KEY];
	char message[512], text[REED_BASE64_ROOM(SCRAM_KEY)];

	check(!reed_scram_parse_client_first(reed_slice_of(v->client_first), &first));
	check(!reed_scram_parse_server_first(reed_slice_of(v->server_first), &challenge));
	check(!reed_scram_parse_server_final(reed_slice_of(v->server_final), &final));
	snprintf(message, sizeof(message), REED_FMT ",%s,%s", REED_ARG(first.bare), v->server_first,
	         v->client_final_bare);
	reed_scram_derive(&keys, REED_STR("pencil"), &challenge);
	reed_scram_prove(&keys, reed_slice_of(message), proof);
	reed_base64(reed_slice(proof, reed_scram_key_length(&keys)), text);
	check_str(text, v->proof);
	check(reed_scram_proved(&keys, reed_slice_of(message), &final));
	final.signature[7] ^= 1;
	check(!reed_scram_proved(&keys, reed_slice_of(message), &final));
	final.signature[7] ^= 1;
	final.signature_length--;
	check(!reed_scram_proved(&keys, reed_slice_of(message), &final));
}

static void a_client_computes_what_the_rfcs_say(void)
{
	for (size_t i = 0; i < REED_COUNT(vectors); i++)
		a_client_computes_the(&vectors[i]);
}

static void a_first_message_has_its_parts(void)
{
	struct scram_client_first m;

	check(!reed_scram_parse_client_first(
		REED_STR("p=tls-exporter,a=bob=2Cjr,n=al=3Dice,r=xyz!,z=more"), &m));
	check_int(m.flag, 'p');
	check_slice(m.binding, "tls-exporter");
	check_slice(m.authzid, "bob=2Cjr");
	check_slice(m.user, "al=3Dice");
	check_slice(m.nonce, "xyz!");
	check_slice(m.gs2, "p=tls-exporter,a=bob=2Cjr,");
	check_slice(m.bare, "n=al=3Dice,r=xyz!,z=more");
	check(!reed_scram_parse_client_first(REED_STR("y,,n=u,r=x"), &m));
	check_int(m.flag, 'y');
	check_slice(m.gs2, "y,,");
	check_slice(m.authzid, "");
}

static void broken_first_messages_are_refused(void)
{
	static const char *const bad[] = {
		"",
		"n",
		"n,",
		"n,,",
		"n,,n=u",
		"n,,n=u,",
		"n,,r=x,n=u",
		"n,,n=u,r=",
		"n,,n=,r=x",
		"x,,n=u,r=x",
		"p,,n=u,r=x",
		"p=,,n=u,r=x",
		"nn,,n=u,r=x",
		"y=a,,n=u,r=x",
		"p=a b,,n=u,r=x",
		"n,b=c,n=u,r=x",
		"n,a=,n=u,r=x",
		"n,,m=ext,n=u,r=x",
		"n,,n=u,r=x,",
		"n,,n=u,r=x,,",
		"n,,n=u,r=x,1=a",
		"n,,n=u,r=x,a=",
		"n,,n=u,r=a b",
		"n,,n=u,r=\xc3\xa4",
		"n,,n=\xff,r=x",
		",,n=u,r=x",
	};
	struct scram_client_first m;

	for (size_t i = 0; i < REED_COUNT(bad); i++)
		check_int(reed_scram_parse_client_first(reed_slice_of(bad[i]), &m), REED_EPROTO);
	check_int(reed_scram_parse_client_first(reed_slice("n,,n=u\0v,r=x", 12), &m), REED_EPROTO);
}

static void a_message_of_endless_length_is_refused(void)
{
	static char text[REED_SASL_MESSAGE + 1];
	struct scram_client_first m;

	memset(text, 'x', sizeof(text));
	memcpy(text, "n,,n=u,r=", 9);
	check(!reed_scram_parse_client_first(reed_slice(text, REED_SASL_MESSAGE), &m));
	check_int(reed_scram_parse_client_first(reed_slice(text, sizeof(text)), &m), REED_EPROTO);
}

static void broken_challenges_are_refused(void)
{
	static const char *const bad[] = {
		"r=x,s=QQ==",
		"r=x,s=QQ==,i=0",
		"r=x,s=QQ==,i=",
		"r=x,s=,i=4096",
		"r=x,s=Q,i=4096",
		"s=QQ==,r=x,i=4096",
		"m=1,r=x,s=QQ==,i=4096",
		"r=x,s=QQ==,i=-1",
		"r=x,s=QQ==,i=1e3",
		"r=x,s=QQ==,i=99999999999",
		"e=other-error",
	};
	struct scram_server_first m;

	check(!reed_scram_parse_server_first(REED_STR("r=x,s=QQ==,i=4096,z=ext"), &m));
	check_int(m.iterations, 4096);
	check_int(m.salt_length, 1);
	for (size_t i = 0; i < REED_COUNT(bad); i++)
		check_int(reed_scram_parse_server_first(reed_slice_of(bad[i]), &m), REED_EPROTO);
}

static void a_final_message_has_its_parts(void)
{
	struct scram_client_final m;

	check(!reed_scram_parse_client_final(REED_STR("c=biws,r=xyz,z=p=1,p=QUI="), &m));
	check_slice(m.binding, "biws");
	check_slice(m.nonce, "xyz");
	check_slice(m.without_proof, "c=biws,r=xyz,z=p=1");
	check_int(m.proof_length, 2);
	check(memcmp(m.proof, "AB", 2) == 0);
}

static void broken_final_messages_are_refused(void)
{
	static const char *const bad[] = {
		"c=biws,r=x",
		"c=biws,p=QUI=",
		"r=x,c=biws,p=QUI=",
		"c=biws,r=x,p=QUI=,z=1",
		"c=biws,r=x,p=QUI",
		"c=biws,r=,p=QUI=",
		"p=QUI=",
		"c=biws,r=x,,p=QUI=",
	};
	struct scram_client_final m;

	for (size_t i = 0; i < REED_COUNT(bad); i++)
		check_int(reed_scram_parse_client_final(reed_slice_of(bad[i]), &m), REED_EPROTO);
}

static void a_server_may_end_with_an_error(void)
{
	struct scram_server_final m;

	check(!reed_scram_parse_server_final(REED_STR("e=invalid-proof"), &m));
	check_slice(m.error, "invalid-proof");
	check_int(reed_scram_parse_server_final(REED_STR("e="), &m), REED_EPROTO);
	check_int(reed_scram_parse_server_final(REED_STR("v=!"), &m), REED_EPROTO);
	check_int(reed_scram_parse_server_final(REED_STR("x"), &m), REED_EPROTO);
}

static void names_travel_without_commas(void)
{
	struct reed_buf b;
	char name[8];

	reed_buf_init(&b, 0);
	reed_scram_add_name(&b, REED_STR("a,b=c"));
	check(reed_slice_is(reed_buf_slice(&b), "a=2Cb=3Dc"));
	check(!reed_scram_name(reed_buf_slice(&b), name, sizeof(name)));
	check_str(name, "a,b=c");
	check_int(reed_scram_name(REED_STR("a=2"), name, sizeof(name)), REED_EPROTO);
	check_int(reed_scram_name(REED_STR("a=2c"), name, sizeof(name)), REED_EPROTO);
	check_int(reed_scram_name(REED_STR("="), name, sizeof(name)), REED_EPROTO);
	check_int(reed_scram_name(REED_STR("12345678"), name, sizeof(name)), REED_EPROTO);
	check(!reed_scram_name(REED_STR("1234567"), name, sizeof(name)));
	reed_buf_finish(&b);
}

int main(void)
{
	RUN(a_client_computes_what_the_rfcs_say);
	RUN(a_first_message_has_its_parts);
	RUN(broken_first_messages_are_refused);
	RUN(a_message_of_endless_length_is_refused);
	RUN(broken_challenges_are_refused);
	RUN(a_final_message_has_its_parts);
	RUN(broken_final_messages_are_refused);
	RUN(a_server_may_end_with_an_error);
	RUN(names_travel_without_commas);
	return 0;
}
