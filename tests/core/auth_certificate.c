#include "reed/auth.h"

#include "reed/base64.h"
#include "reed/cert.h"

#include "check.h"

/* Made with openssl req -x509, as are the hashes with openssl x509 and pkey. */
static const char with_sha256[] =
	"MIIBrzCCAVWgAwIBAgIUATkBtYc61V8ksG3Dkj2aGnADWpAwCgYIKoZIzj0EAwIwLDEUMBIGA1UECgwL"
	"UsOpZWQsIEluYy4xFDASBgNVBAMMC3Rlc3Qgc2hhMjU2MCAXDTI2MTEyMTIyNTgwNloYDzIxMjYxMDI4"
	"MjI1ODA2WjAsMRQwEgYDVQQKDAtSw6llZCwgSW5jLjEUMBIGA1UEAwwLdGVzdCBzaGEyNTYwWTATBgcq"
	"hkjOPQIBBggqhkjOPQMBBwNCAAQ7f4f+e/oshey1aAFkeB/tjCbRfA4XN0p4wdfD5+z5YtuXRRqHY1q3"
	"IDbFU1eyRYjGpBxl9+T53T93tUDRS7k3o1MwUTAdBgNVHQ4EFgQUsn98O9xGwFC2RkfJWQtF9vdVolEw"
	"HwYDVR0jBBgwFoAUsn98O9xGwFC2RkfJWQtF9vdVolEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD"
	"AgNIADBFAiA5Z2gSAcwi8XcAPUJWHhWJRCRsgqyL9E7khBTJqTzIsQIhAOkt5ZoF3deVc1Vw/bFMYGTW"
	"kW1K6TZeIRu4jWZWhttB";
static struct reed_slice der_of(const char *text, char into[1024])
{
	size_t n;

	check(!reed_base64_decode(reed_slice_of(text), into, 1024, &n));
	return reed_slice(into, n);
}

static void is(const uint8_t *bytes, size_t n, const char *hex)
{
	char text[REED_HEX_ROOM(64)];

	reed_hex(reed_slice(bytes, n), text);
	check_str(text, hex);
}

static void it_is_known_by_two_fingerprints_and_a_subject(void)
{
	struct reed_certificate c;
	struct reed_cert *cert;
	char der[1024];

	check(!reed_cert_read(der_of(with_sha256, der), REED_STR(""), 0, &cert, NULL));
	reed_certificate_of(cert, &c);
	is(c.sha256, 32, "b737ac0b8b47636b4f8f4553417801b862edd1b804d7a4c144e8b4e953353ce3");
	is(c.spki_sha256, 32, "b59fcb378358b644b0e50659cf09188fac88e206f5442f52f66867156f4235b6");
	check_str(c.subject, cert->subject);
	check(strncmp(c.subject, "CN=test sha256,O=", 17) == 0);
	reed_cert_free(cert);
}

static void a_long_subject_is_cut_between_characters(void)
{
	char subject[400];
	struct reed_cert cert = { .subject = subject };
	struct reed_certificate c;

	/* two bytes each, and one in front: a character would be cut in two */
	strcpy(subject, "x");
	for (int i = 0; i < 150; i++)
		strcat(subject, "\xc3\xa4");
	reed_certificate_of(&cert, &c);
	check_int(strlen(c.subject), REED_SUBJECT_ROOM - 1);
	strcpy(subject, "");
	for (int i = 0; i < 150; i++)
		strcat(subject, "\xc3\xa4");
	reed_certificate_of(&cert, &c);
	check_int(strlen(c.subject), REED_SUBJECT_ROOM - 2);
	check(reed_slice_is_utf8(reed_slice_of(c.subject)));
}

int main(void)
{
	RUN(it_is_known_by_two_fingerprints_and_a_subject);
	RUN(a_long_subject_is_cut_between_characters);
	return 0;
}
