/* Anchors as they are written down: DS and DNSKEY records of zone files. */

#include "anchors.h"
#include "trust.h"

#include "reed/dns/zone.h"

/* IANA, root-anchors.xml: KSK-2017 and KSK-2024. */
static const char root[] =
	". DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
	". DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16\n";

enum { TTL = 3600 };

struct reed_slice reed_dns_root_anchors(void)
{
	return reed_slice(root, sizeof(root) - 1);
}

static bool is_anchor(const struct reed_dns_zone_record *r)
{
	return r->type == REED_DNS_TYPE_DS || r->type == REED_DNS_TYPE_DNSKEY;
}

struct reading {
	struct reed_dns_validator *v;    /* NULL: it is only looked at */
	const struct reed_dns_name *but; /* NULL */
	size_t taken;
	struct reed_fault **fault;
};

static enum reed_err take(struct reading *self, const struct reed_dns_zone_record *r)
{
	enum reed_err err = REED_OK;

	if (!is_anchor(r)) {
		if (self->fault)
			*self->fault = reed_fault(REED_ESYNTAX, NULL,
			                          "line %u: only DS and DNSKEY records are trusted",
			                          r->line - 1);
		return REED_ESYNTAX;
	}
	if (self->v && !(self->but && reed_dns_name_eq(r->owner, self->but)))
		err = reed_dns_validator_trust(self->v, r->owner, r->type, r->rdata);
	self->taken += err == REED_OK;
	return err == REED_ENOTSUP ? REED_OK : err;
}

/* A record need not have a TTL, which means nothing here. */
static void feed(struct reed_dns_scanner *s, struct reed_slice text)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "$TTL %d\n", TTL);

	reed_dns_scanner_feed(s, reed_slice(line, (size_t)n));
	reed_dns_scanner_feed(s, text);
	reed_dns_scanner_feed(s, REED_STR("\n"));
	reed_dns_scanner_finish(s);
}

/* The first line is ours: "anchors:3:1: ..." is line 2 of the text. */
static struct reed_fault *explain(const char *why)
{
	struct reed_slice rest = reed_slice_of(why);
	uint64_t line;

	reed_slice_cut(&rest, ':');
	if (reed_slice_u64(reed_slice_cut(&rest, ':'), UINT32_MAX, &line) || !line)
		return reed_fault(REED_ESYNTAX, NULL, "%s", why);
	return reed_fault(REED_ESYNTAX, NULL, "line %ju, column " REED_FMT, (uintmax_t)line - 1,
	                  REED_ARG(rest));
}

static enum reed_err read_all(struct reading *self, struct reed_dns_scanner *s)
{
	struct reed_dns_zone_record record;
	enum reed_err err;

	for (;;) {
		err = reed_dns_scanner_next(s, &record);
		if (err == REED_EAGAIN && reed_dns_scanner_wants(s)) {
			reed_dns_scanner_refuse(s, "anchors are of one text");
			continue;
		}
		if (err)
			break;
		err = take(self, &record);
		if (err)
			return err;
	}
	if (err == REED_EEOF)
		return REED_OK;
	if (self->fault)
		*self->fault = explain(reed_dns_scanner_why(s));
	return err;
}

enum reed_err dns_trust_text(struct reed_dns_validator *v, struct reed_slice text,
                             const struct reed_dns_name *but, struct reed_fault **fault)
{
	struct reed_dns_scanner_options options = { REED_DNS_SCANNER_OPTIONS, .name = "anchors" };
	struct reed_dns_scanner *s = reed_dns_scanner_new(&options);
	struct reading self = { .v = v, .but = but, .fault = fault };
	enum reed_err err;

	feed(s, text);
	err = read_all(&self, s);
	reed_dns_scanner_free(s);
	if (err || self.taken)
		return err;
	if (fault)
		*fault = reed_fault(REED_ENOENT, NULL, "there is no DS or DNSKEY record in it");
	return REED_ENOENT;
}

enum reed_err reed_dns_validator_trust_text(struct reed_dns_validator *v, struct reed_slice text,
                                            struct reed_fault **fault)
{
	return dns_trust_text(v, text, NULL, fault);
}
