#include "reed/verifier.h"

#include "reed/base64.h"

#include "check.h"

/* RFC 7677 3: user "user", password "pencil" */
#define SERVER_FIRST \
	"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define AUTH_MESSAGE                                      \
	"n=user,r=rOprNGfwEbeRWgbNEkqO," SERVER_FIRST "," \
	"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

static struct reed_verifier of_the_rfc(void)
{
	struct reed_verifier v = { .iterations = 4096 };
	size_t n;

	check(!reed_base64_decode(REED_STR("W22ZaJ0SNY7soEsUEjb6gQ=="), v.salt, sizeof(v.salt),
	                          &n));
	v.salt_length = (uint32_t)n;
	reed_verifier_derive(&v, REED_STR("pencil"));
	return v;
}

static struct reed_slice bytes_of(const char *text, uint8_t into[REED_KEY_BYTES])
{
	size_t n;

	check(!reed_base64_decode(reed_slice_of(text), into, REED_KEY_BYTES, &n));
	return reed_slice(into, n);
}

static void the_proof_of_rfc_7677_is_accepted(void)
{
	struct reed_verifier v = of_the_rfc();
	uint8_t proof[REED_KEY_BYTES];
	struct reed_slice s = bytes_of("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", proof);

	check(reed_verifier_proves(&v, REED_STR(AUTH_MESSAGE), s));
	check(!reed_verifier_proves(&v, REED_STR(AUTH_MESSAGE "0"), s));
	proof[31] ^= 1;
	check(!reed_verifier_proves(&v, REED_STR(AUTH_MESSAGE), s));
	check(!reed_verifier_proves(&v, REED_STR(AUTH_MESSAGE), reed_slice_first(s, 31)));
	check(!reed_verifier_proves(&v, REED_STR(AUTH_MESSAGE), REED_STR("")));
}

static void the_signature_is_that_of_rfc_7677(void)
{
	struct reed_verifier v = of_the_rfc();
	uint8_t signature[REED_KEY_BYTES];
	char text[REED_BASE64_ROOM(REED_KEY_BYTES)];

	reed_verifier_sign(&v, REED_STR(AUTH_MESSAGE), signature);
	reed_base64(reed_slice(signature, sizeof(signature)), text);
	check_str(text, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

static void the_password_matches_and_no_other(void)
{
	struct reed_verifier v = of_the_rfc();

	check(reed_verifier_matches(&v, REED_STR("pencil")));
	check(!reed_verifier_matches(&v, REED_STR("Pencil")));
	check(!reed_verifier_matches(&v, REED_STR("pencil ")));
	check(!reed_verifier_matches(&v, REED_STR("")));
}

static void its_text_comes_back_as_it_was(void)
{
	struct reed_verifier v = of_the_rfc(), back;
	char text[REED_VERIFIER_ROOM], again[REED_VERIFIER_ROOM];
	size_t n = reed_verifier_print(&v, text);

	check_int(n, strlen(text));
	check(strncmp(text, "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$", 43) == 0);
	check_int(reed_verifier_parse(reed_slice_of(text), &back), REED_OK);
	check(reed_verifier_matches(&back, REED_STR("pencil")));
	reed_verifier_print(&back, again);
	check_str(again, text);
}

static void the_longest_text_fits(void)
{
	struct reed_verifier v = { .iterations = UINT32_MAX, .salt_length = REED_SALT_MAX };
	char text[REED_VERIFIER_ROOM];

	check(reed_verifier_print(&v, text) < REED_VERIFIER_ROOM);
}

/* Made by PostgreSQL 15's form: the same bytes, other software. */
static void what_others_wrote_is_read(void)
{
	struct reed_verifier v;

	check(!reed_verifier_parse(REED_STR("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
	                                    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
	                                    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="),
	                           &v));
	check(reed_verifier_matches(&v, REED_STR("pencil")));
}

#define KEY "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="

static enum reed_err parsing(const char *text)
{
	struct reed_verifier v;

	return reed_verifier_parse(reed_slice_of(text), &v);
}

static void what_is_no_verifier_is_refused(void)
{
	check_int(parsing("SCRAM-SHA-256$4096:QQ==$" KEY ":" KEY), REED_OK);
	check_int(parsing(""), REED_ESYNTAX);
	check_int(parsing("secret"), REED_ESYNTAX);
	check_int(parsing("SCRAM-SHA-1$4096:QQ==$" KEY ":" KEY), REED_ESYNTAX);
	check_int(parsing("SCRAM-SHA-256$4096:$" KEY ":" KEY), REED_ESYNTAX);
	check_int(parsing("SCRAM-SHA-256$:QQ==$" KEY ":" KEY), REED_ESYNTAX);
	check_int(parsing("SCRAM-SHA-256$4096:QQ==$" KEY), REED_ESYNTAX);
	check_int(parsing("SCRAM-SHA-256$4096:QQ==$" KEY ":" KEY ":"), REED_ESYNTAX);
	check_int(parsing("SCRAM-SHA-256$4096:QQ==$QQ==:" KEY), REED_ESYNTAX);
	check_int(parsing("SCRAM-SHA-256$+4096:QQ==$" KEY ":" KEY), REED_ESYNTAX);
}

static void cheap_and_endless_ones_are_refused(void)
{
	check_int(parsing("SCRAM-SHA-256$4095:QQ==$" KEY ":" KEY), REED_ERANGE);
	check_int(parsing("SCRAM-SHA-256$10000001:QQ==$" KEY ":" KEY), REED_ERANGE);
	check_int(parsing("SCRAM-SHA-256$99999999999999999999:QQ==$" KEY ":" KEY), REED_ERANGE);
}

static void a_salt_of_endless_length_is_refused(void)
{
	char text[1024] = "SCRAM-SHA-256$4096:";

	for (int i = 0; i < 88; i++)
		strcat(text, "A");
	strcat(text, "$" KEY ":" KEY);
	check_int(parsing(text), REED_ERANGE);
}

int main(void)
{
	RUN(the_proof_of_rfc_7677_is_accepted);
	RUN(the_signature_is_that_of_rfc_7677);
	RUN(the_password_matches_and_no_other);
	RUN(its_text_comes_back_as_it_was);
	RUN(the_longest_text_fits);
	RUN(what_others_wrote_is_read);
	RUN(what_is_no_verifier_is_refused);
	RUN(cheap_and_endless_ones_are_refused);
	RUN(a_salt_of_endless_length_is_refused);
	return 0;
}
