/* Names of numbers, both ways. */

#include "reed/dns/type.h"

#include <stdio.h>

struct word {
	const char *p;
	uint16_t n, number;
};

#define X(name, number) { #name, sizeof(#name) - 1, number },
static const struct word types[] = { REED_DNS_TYPES(X) };
static const struct word opcodes[] = { REED_DNS_OPCODES(X) };
static const struct word rcodes[] = { REED_DNS_RCODES(X) };
#undef X

static const struct word classes[] = {
	{ "IN", 2, REED_DNS_CLASS_IN },     { "CH", 2, REED_DNS_CLASS_CH },
	{ "HS", 2, REED_DNS_CLASS_HS },     { "NONE", 4, REED_DNS_CLASS_NONE },
	{ "ANY", 3, REED_DNS_CLASS_ANY },   { "CHAOS", 5, REED_DNS_CLASS_CH },
	{ "HESIOD", 6, REED_DNS_CLASS_HS },
};

/* TYPE123, without leading zeros as there is one name only. */
static enum reed_err number_parse(struct reed_slice text, const char *prefix, uint16_t *number)
{
	size_t n = strlen(prefix);
	uint64_t value;

	if (text.n <= n || !reed_slice_is_nocase(reed_slice_first(text, n), prefix))
		return REED_ESYNTAX;
	if (reed_slice_u64(reed_slice_from(text, n), UINT16_MAX, &value))
		return REED_ESYNTAX;
	*number = (uint16_t)value;
	return REED_OK;
}

static bool word_is(const struct word *word, struct reed_slice text)
{
	return word->n == text.n && (word->p[0] | 32) == (text.p[0] | 32) &&
	       reed_slice_eq_nocase(reed_slice(word->p, word->n), text);
}

static enum reed_err word_parse(const struct word *words, size_t count, const char *prefix,
                                struct reed_slice text, uint16_t *number)
{
	for (size_t i = 0; i < count && text.n; i++) {
		if (word_is(&words[i], text)) {
			*number = words[i].number;
			return REED_OK;
		}
	}
	return number_parse(text, prefix, number);
}

static struct reed_slice word_format(const struct word *words, size_t count, const char *prefix,
                                     uint16_t number, char *into)
{
	for (size_t i = 0; i < count; i++) {
		if (words[i].number == number) {
			memcpy(into, words[i].p, words[i].n + 1U);
			return reed_slice(into, words[i].n);
		}
	}
	return reed_slice(into, (size_t)snprintf(into, REED_DNS_WORD_SIZE, "%s%u", prefix,
	                                         (unsigned)number));
}

enum reed_err reed_dns_type_parse(struct reed_slice text, uint16_t *type)
{
	return word_parse(types, REED_COUNT(types), "TYPE", text, type);
}

enum reed_err reed_dns_class_parse(struct reed_slice text, uint16_t *klass)
{
	return word_parse(classes, REED_COUNT(classes), "CLASS", text, klass);
}

enum reed_err reed_dns_rcode_parse(struct reed_slice text, uint16_t *rcode)
{
	if (reed_slice_is_nocase(text, "BADSIG")) {
		*rcode = REED_DNS_RCODE_BADSIG;
		return REED_OK;
	}
	return word_parse(rcodes, REED_COUNT(rcodes), "RCODE", text, rcode);
}

struct reed_slice reed_dns_type_format(uint16_t type, char into[REED_DNS_WORD_SIZE])
{
	return word_format(types, REED_COUNT(types), "TYPE", type, into);
}

struct reed_slice reed_dns_class_format(uint16_t klass, char into[REED_DNS_WORD_SIZE])
{
	return word_format(classes, REED_COUNT(classes), "CLASS", klass, into);
}

struct reed_slice reed_dns_rcode_format(uint16_t rcode, char into[REED_DNS_WORD_SIZE])
{
	return word_format(rcodes, REED_COUNT(rcodes), "RCODE", rcode, into);
}

struct reed_slice reed_dns_opcode_format(uint16_t opcode, char into[REED_DNS_WORD_SIZE])
{
	return word_format(opcodes, REED_COUNT(opcodes), "OPCODE", opcode, into);
}
