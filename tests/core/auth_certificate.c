#include "reed/auth.h"

#include "reed/base64.h"

#include "check.h"

/* Made with openssl req -x509, as are the hashes with openssl x509, pkey and dgst. */
static const char with_sha256[] =
	"MIIBrzCCAVWgAwIBAgIUATkBtYc61V8ksG3Dkj2aGnADWpAwCgYIKoZIzj0EAwIwLDEUMBIGA1UECgwL"
	"UsOpZWQsIEluYy4xFDASBgNVBAMMC3Rlc3Qgc2hhMjU2MCAXDTI2MTEyMTIyNTgwNloYDzIxMjYxMDI4"
	"MjI1ODA2WjAsMRQwEgYDVQQKDAtSw6llZCwgSW5jLjEUMBIGA1UEAwwLdGVzdCBzaGEyNTYwWTATBgcq"
	"hkjOPQIBBggqhkjOPQMBBwNCAAQ7f4f+e/oshey1aAFkeB/tjCbRfA4XN0p4wdfD5+z5YtuXRRqHY1q3"
	"IDbFU1eyRYjGpBxl9+T53T93tUDRS7k3o1MwUTAdBgNVHQ4EFgQUsn98O9xGwFC2RkfJWQtF9vdVolEw"
	"HwYDVR0jBBgwFoAUsn98O9xGwFC2RkfJWQtF9vdVolEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD"
	"AgNIADBFAiA5Z2gSAcwi8XcAPUJWHhWJRCRsgqyL9E7khBTJqTzIsQIhAOkt5ZoF3deVc1Vw/bFMYGTW"
	"kW1K6TZeIRu4jWZWhttB";
static const char with_sha384[] =
	"MIIBrzCCAVWgAwIBAgIUWNAryh9a18BTtQPmiwFWcZG33yswCgYIKoZIzj0EAwMwLDEUMBIGA1UECgwL"
	"UsOpZWQsIEluYy4xFDASBgNVBAMMC3Rlc3Qgc2hhMzg0MCAXDTI2MTEyMTIyNTgwNloYDzIxMjYxMDI4"
	"MjI1ODA2WjAsMRQwEgYDVQQKDAtSw6llZCwgSW5jLjEUMBIGA1UEAwwLdGVzdCBzaGEzODQwWTATBgcq"
	"hkjOPQIBBggqhkjOPQMBBwNCAARb1WeY+Fk2m5NiRqYkuLoSLUH/5KftOd0IUWQ3H/Z9x8YrnWrXLj15"
	"c0WPD/ipGOolRmAIjVEUzy5jM93jwgoSo1MwUTAdBgNVHQ4EFgQUP3evQ7ZGstrX3US4R1l/sqA31+Ew"
	"HwYDVR0jBBgwFoAUP3evQ7ZGstrX3US4R1l/sqA31+EwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD"
	"AwNIADBFAiB/kykxgE8Ya+da2vuLNzV3iwuNXjRN92/FayidOZeHrQIhAI/bXDxIynSDzjnGETbc+NLP"
	"qOvPQtk5mcTG6gprehBK";
static const char with_sha1[] =
	"MIIBqjCCAVCgAwIBAgIUCW5NE889NU1vs1dFE1ChSfpG3zQwCQYHKoZIzj0EATAqMRQwEgYDVQQKDAtS"
	"w6llZCwgSW5jLjESMBAGA1UEAwwJdGVzdCBzaGExMCAXDTI2MTEyMTIyNTgwNloYDzIxMjYxMDI4MjI1"
	"ODA2WjAqMRQwEgYDVQQKDAtSw6llZCwgSW5jLjESMBAGA1UEAwwJdGVzdCBzaGExMFkwEwYHKoZIzj0C"
	"AQYIKoZIzj0DAQcDQgAESTLELPBcLd/ceBzCjQ1JoH5f57J0POeIF737oZS4JLArwppQ6Nr8Q8SQSxJq"
	"oczyOp1gst8EvPTnlNki/nCRoKNTMFEwHQYDVR0OBBYEFAQdm6w/5pxsOrcB6lrdVVM9srvBMB8GA1Ud"
	"IwQYMBaAFAQdm6w/5pxsOrcB6lrdVVM9srvBMA8GA1UdEwEB/wQFMAMBAf8wCQYHKoZIzj0EAQNJADBG"
	"AiEAkeRyxRT6xjmV7LON32XOjp+rM8NVqho7ipTKQc6WsloCIQCHNZFFY05jF/sYyj6w389SuA1OHtHt"
	"xMhJC/LrSmiPFg==";
static const char with_ed25519[] =
	"MIIBMDCB46ADAgECAhRJ/TfStKwC2OLGR9Da85uP747cGDAFBgMrZXAwDTELMAkGA1UEAwwCZWQwIBcN"
	"MjYxMTIxMjI1ODA3WhgPMjEyNjEwMjgyMjU4MDdaMA0xCzAJBgNVBAMMAmVkMCowBQYDK2VwAyEAnDP0"
	"OhLp+k7MP1fpA7uGPA/uRB3AAaTmMh9xCpHJtvyjUzBRMB0GA1UdDgQWBBTzIDdvGqKJfk8l3T7dZHTI"
	"QHBuWjAfBgNVHSMEGDAWgBTzIDdvGqKJfk8l3T7dZHTIQHBuWjAPBgNVHRMBAf8EBTADAQH/MAUGAytl"
	"cANBAKAJN0bRsrgp8DO9V+xbb+L/tOgE0OK4HF4N1XVXFdH76W8gerg8IHSwszAQ/skVA88vaBlxSn44"
	"EqxHCb9mjAQ=";

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

static void a_certificate_has_two_fingerprints_and_a_subject(void)
{
	struct reed_certificate c;
	char der[1024];

	check(!reed_certificate_read(der_of(with_sha256, der), &c));
	is(c.sha256, 32, "b737ac0b8b47636b4f8f4553417801b862edd1b804d7a4c144e8b4e953353ce3");
	is(c.spki_sha256, 32, "b59fcb378358b644b0e50659cf09188fac88e206f5442f52f66867156f4235b6");
	check_str(c.subject, "CN=test sha256,O=R\xc3\xa9"
	                     "ed\\, Inc.");
	check(!reed_certificate_read(der_of(with_ed25519, der), &c));
	check_str(c.subject, "CN=ed");
}

static void what_is_no_certificate_is_refused(void)
{
	struct reed_certificate c;
	char der[1024];
	struct reed_slice s = der_of(with_sha256, der);
	uint8_t hash[64];
	size_t n;

	check_int(reed_certificate_read(REED_STR(""), &c), REED_ESYNTAX);
	check_int(reed_certificate_read(reed_slice(NULL, 0), &c), REED_ESYNTAX);
	check_int(reed_certificate_read(reed_slice_first(s, s.n - 1), &c), REED_ESYNTAX);
	check_int(reed_certificate_read(reed_slice(der, s.n + 1), &c), REED_ESYNTAX);
	check_int(reed_certificate_read(reed_slice_of(with_sha256), &c), REED_ESYNTAX);
	check_int(reed_certificate_end_point(REED_STR("0"), hash, &n), REED_ESYNTAX);
}

/* RFC 5929 4.1 */
static void the_end_point_is_hashed_as_it_was_signed(void)
{
	uint8_t hash[64];
	char der[1024];
	size_t n;

	check(!reed_certificate_end_point(der_of(with_sha256, der), hash, &n));
	is(hash, n, "b737ac0b8b47636b4f8f4553417801b862edd1b804d7a4c144e8b4e953353ce3");
	check(!reed_certificate_end_point(der_of(with_sha384, der), hash, &n));
	is(hash, n,
	   "8bd6da431c4129a2e1c5d6a9cd3b4631951a53164db094ef8f08f3dcfaa0a90e"
	   "f5f52f08060db6729f5508dc1944b7bb");
	check(!reed_certificate_end_point(der_of(with_sha1, der), hash, &n));
	is(hash, n, "b65ce4f1744506c915c34a27edb362ac6e40c1d2652330e2d20107c7d47eeb45");
	check_int(reed_certificate_end_point(der_of(with_ed25519, der), hash, &n), REED_ENOTSUP);
}

int main(void)
{
	RUN(a_certificate_has_two_fingerprints_and_a_subject);
	RUN(what_is_no_certificate_is_refused);
	RUN(the_end_point_is_hashed_as_it_was_signed);
	return 0;
}
