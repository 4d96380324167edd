/*
 * The numbers of the DNS and their names: types, classes, opcodes, response
 * codes; serial numbers.
 *
 * A number without a name is TYPE123, CLASS123 (RFC 3597 5), OPCODE3, RCODE12;
 * the name of one that has one may be written so too.  Case does not matter.
 */

#ifndef REED_DNS_TYPE_H
#define REED_DNS_TYPE_H

#include "reed/slice.h"

REED_BEGIN_DECLS

/* The common ones first, as they are looked for in this order. */
#define REED_DNS_TYPES(X) \
	X(A, 1)           \
	X(AAAA, 28)       \
	X(NS, 2)          \
	X(CNAME, 5)       \
	X(MX, 15)         \
	X(TXT, 16)        \
	X(SOA, 6)         \
	X(PTR, 12)        \
	X(SRV, 33)        \
	X(DS, 43)         \
	X(RRSIG, 46)      \
	X(NSEC, 47)       \
	X(DNSKEY, 48)     \
	X(NSEC3, 50)      \
	X(HTTPS, 65)      \
	X(SVCB, 64)       \
	X(TLSA, 52)       \
	X(CAA, 257)       \
	X(NAPTR, 35)      \
	X(DNAME, 39)      \
	X(SSHFP, 44)      \
	X(MD, 3)          \
	X(MF, 4)          \
	X(MB, 7)          \
	X(MG, 8)          \
	X(MR, 9)          \
	X(NULL, 10)       \
	X(WKS, 11)        \
	X(HINFO, 13)      \
	X(MINFO, 14)      \
	X(RP, 17)         \
	X(AFSDB, 18)      \
	X(X25, 19)        \
	X(ISDN, 20)       \
	X(RT, 21)         \
	X(NSAP, 22)       \
	X(SIG, 24)        \
	X(KEY, 25)        \
	X(PX, 26)         \
	X(GPOS, 27)       \
	X(LOC, 29)        \
	X(NXT, 30)        \
	X(EID, 31)        \
	X(NIMLOC, 32)     \
	X(ATMA, 34)       \
	X(KX, 36)         \
	X(CERT, 37)       \
	X(A6, 38)         \
	X(SINK, 40)       \
	X(OPT, 41)        \
	X(APL, 42)        \
	X(IPSECKEY, 45)   \
	X(DHCID, 49)      \
	X(NSEC3PARAM, 51) \
	X(SMIMEA, 53)     \
	X(HIP, 55)        \
	X(NINFO, 56)      \
	X(RKEY, 57)       \
	X(TALINK, 58)     \
	X(CDS, 59)        \
	X(CDNSKEY, 60)    \
	X(OPENPGPKEY, 61) \
	X(CSYNC, 62)      \
	X(ZONEMD, 63)     \
	X(SPF, 99)        \
	X(UINFO, 100)     \
	X(UID, 101)       \
	X(GID, 102)       \
	X(UNSPEC, 103)    \
	X(NID, 104)       \
	X(L32, 105)       \
	X(L64, 106)       \
	X(LP, 107)        \
	X(EUI48, 108)     \
	X(EUI64, 109)     \
	X(NXNAME, 128)    \
	X(TKEY, 249)      \
	X(TSIG, 250)      \
	X(IXFR, 251)      \
	X(AXFR, 252)      \
	X(MAILB, 253)     \
	X(MAILA, 254)     \
	X(ANY, 255)       \
	X(URI, 256)       \
	X(AVC, 258)       \
	X(DOA, 259)       \
	X(AMTRELAY, 260)  \
	X(RESINFO, 261)   \
	X(WALLET, 262)    \
	X(CLA, 263)       \
	X(IPN, 264)       \
	X(TA, 32768)      \
	X(DLV, 32769)

enum reed_dns_type {
#define X(name, number) REED_DNS_TYPE_##name = (number),
	REED_DNS_TYPES(X)
#undef X
};

enum reed_dns_class {
	REED_DNS_CLASS_IN = 1,
	REED_DNS_CLASS_CH = 3,
	REED_DNS_CLASS_HS = 4,
	REED_DNS_CLASS_NONE = 254, /* RFC 2136 */
	REED_DNS_CLASS_ANY = 255,
};

#define REED_DNS_OPCODES(X) \
	X(QUERY, 0) X(IQUERY, 1) X(STATUS, 2) X(NOTIFY, 4) X(UPDATE, 5) X(DSO, 6)

enum reed_dns_opcode {
#define X(name, number) REED_DNS_OPCODE_##name = (number),
	REED_DNS_OPCODES(X)
#undef X
};

/* Those above 15 need EDNS; from 16 to 18 TSIG and TKEY have their own. */
#define REED_DNS_RCODES(X) \
	X(NOERROR, 0)      \
	X(FORMERR, 1)      \
	X(SERVFAIL, 2)     \
	X(NXDOMAIN, 3)     \
	X(NOTIMP, 4)       \
	X(REFUSED, 5)      \
	X(YXDOMAIN, 6)     \
	X(YXRRSET, 7)      \
	X(NXRRSET, 8)      \
	X(NOTAUTH, 9)      \
	X(NOTZONE, 10)     \
	X(DSOTYPENI, 11)   \
	X(BADVERS, 16)     \
	X(BADKEY, 17)      \
	X(BADTIME, 18)     \
	X(BADMODE, 19)     \
	X(BADNAME, 20)     \
	X(BADALG, 21)      \
	X(BADTRUNC, 22)    \
	X(BADCOOKIE, 23)

enum reed_dns_rcode {
#define X(name, number) REED_DNS_RCODE_##name = (number),
	REED_DNS_RCODES(X)
#undef X
		REED_DNS_RCODE_BADSIG = 16, /* RFC 8945 */
};

/* What the longest of these names takes, with a NUL. */
enum { REED_DNS_WORD_SIZE = 16 };

/* REED_ESYNTAX: nothing of that name. */
REED_API enum reed_err reed_dns_type_parse(struct reed_slice text, uint16_t *type);
REED_API enum reed_err reed_dns_class_parse(struct reed_slice text, uint16_t *klass);
REED_API enum reed_err reed_dns_rcode_parse(struct reed_slice text, uint16_t *rcode);

/* What is returned is in `into`, NUL-terminated. */
REED_API struct reed_slice reed_dns_type_format(uint16_t type, char into[REED_DNS_WORD_SIZE]);
REED_API struct reed_slice reed_dns_class_format(uint16_t klass, char into[REED_DNS_WORD_SIZE]);
REED_API struct reed_slice reed_dns_rcode_format(uint16_t rcode, char into[REED_DNS_WORD_SIZE]);
REED_API struct reed_slice reed_dns_opcode_format(uint16_t opcode, char into[REED_DNS_WORD_SIZE]);

/* OPT, TKEY, TSIG and what is asked for only: never in a zone (RFC 6895 3.1). */
static inline bool reed_dns_type_is_meta(uint16_t type)
{
	return type == REED_DNS_TYPE_OPT || (type >= 128 && type <= 255) || type == 0;
}

/*
 * Serial numbers (RFC 1982): a is newer than b.  Two that are 2^31 apart are
 * neither newer nor older; then this is false both ways.
 */
static inline bool reed_dns_serial_newer(uint32_t a, uint32_t b)
{
	uint32_t ahead = a - b;

	return ahead != 0 && ahead < UINT32_C(0x80000000);
}

/* n is at most 2^31 - 1 (RFC 1982 3.1). */
static inline uint32_t reed_dns_serial_add(uint32_t serial, uint32_t n)
{
	return serial + n;
}

REED_END_DECLS

#endif
