/* Names of numbers within rdata. */

#include "text.h"

struct mnemonic {
	const char *name;
	unsigned number;
};

/* RFC 4034 appendix A.1, RFC 5155, 5702, 5933, 6605, 8080 */
static const struct mnemonic algorithms[] = {
	{ "RSAMD5", 1 },
	{ "DH", 2 },
	{ "DSA", 3 },
	{ "RSASHA1", 5 },
	{ "DSA-NSEC3-SHA1", 6 },
	{ "RSASHA1-NSEC3-SHA1", 7 },
	{ "NSEC3RSASHA1", 7 },
	{ "RSASHA256", 8 },
	{ "RSASHA512", 10 },
	{ "ECC-GOST", 12 },
	{ "ECDSAP256SHA256", 13 },
	{ "ECDSAP384SHA384", 14 },
	{ "ED25519", 15 },
	{ "ED448", 16 },
	{ "INDIRECT", 252 },
	{ "PRIVATEDNS", 253 },
	{ "PRIVATEOID", 254 },
};

/* RFC 4398 2.1 */
static const struct mnemonic cert_types[] = {
	{ "PKIX", 1 }, { "SPKI", 2 },   { "PGP", 3 },     { "IPKIX", 4 }, { "ISPKI", 5 },
	{ "IPGP", 6 }, { "ACPKIX", 7 }, { "IACPKIX", 8 }, { "URI", 253 }, { "OID", 254 },
};

static bool find(const struct mnemonic *of, size_t count, struct reed_slice text, uint64_t *number)
{
	for (size_t i = 0; i < count; i++) {
		if (reed_slice_is_nocase(text, of[i].name)) {
			*number = of[i].number;
			return true;
		}
	}
	return false;
}

bool dns_algorithm(struct reed_slice text, uint64_t *number)
{
	return find(algorithms, REED_COUNT(algorithms), text, number);
}

bool dns_cert_type(struct reed_slice text, uint64_t *number)
{
	return find(cert_types, REED_COUNT(cert_types), text, number);
}

const char *dns_cert_type_name(unsigned number)
{
	for (size_t i = 0; i < REED_COUNT(cert_types); i++)
		if (cert_types[i].number == number)
			return cert_types[i].name;
	return NULL;
}
