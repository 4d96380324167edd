/* What can be asked of a name, and made of it. */

#include "reed/dns/name.h"

#include "lower.h"

/* Where each label begins. */
static void label_starts(const struct reed_dns_name *name, uint8_t starts[REED_DNS_LABELS_MAX])
{
	unsigned at = 0;

	for (unsigned i = 0; i < name->labels; i++) {
		starts[i] = (uint8_t)at;
		at += name->wire[at] + 1U;
	}
}

/* Where the last n labels begin. */
static unsigned suffix_start(const struct reed_dns_name *name, unsigned n)
{
	unsigned at = 0;

	for (unsigned i = name->labels; i > n; i--)
		at += name->wire[at] + 1U;
	return at;
}

bool reed_dns_name_eq(const struct reed_dns_name *a, const struct reed_dns_name *b)
{
	return a->n == b->n && lower_eq(a->wire, b->wire, a->n);
}

static int label_cmp(const uint8_t *a, const uint8_t *b)
{
	int order = lower_cmp(a + 1, b + 1, *a < *b ? *a : *b);

	return order ? order : *a - *b;
}

int reed_dns_name_cmp(const struct reed_dns_name *a, const struct reed_dns_name *b)
{
	uint8_t in_a[REED_DNS_LABELS_MAX], in_b[REED_DNS_LABELS_MAX];
	unsigned i = a->labels, j = b->labels;

	label_starts(a, in_a);
	label_starts(b, in_b);
	while (i && j) {
		int order = label_cmp(a->wire + in_a[--i], b->wire + in_b[--j]);

		if (order)
			return order < 0 ? -1 : 1;
	}
	return (i > 0) - (j > 0);
}

uint64_t reed_dns_name_hash(const struct reed_dns_name *name, uint64_t seed)
{
	return lower_hash(name->wire, name->n, seed);
}

void reed_dns_name_lower(struct reed_dns_name *name)
{
	lower_copy(name->wire, name->wire, name->n);
}

bool reed_dns_name_is_under(const struct reed_dns_name *name, const struct reed_dns_name *of)
{
	unsigned at;

	if (name->n < of->n || name->labels < of->labels)
		return false;
	at = suffix_start(name, of->labels);
	return name->n - at == of->n && lower_eq(name->wire + at, of->wire, of->n);
}

unsigned reed_dns_name_common(const struct reed_dns_name *a, const struct reed_dns_name *b)
{
	uint8_t in_a[REED_DNS_LABELS_MAX], in_b[REED_DNS_LABELS_MAX];
	unsigned i = a->labels, j = b->labels;

	label_starts(a, in_a);
	label_starts(b, in_b);
	while (i && j && label_cmp(a->wire + in_a[i - 1], b->wire + in_b[j - 1]) == 0) {
		i--;
		j--;
	}
	return a->labels - i;
}

struct reed_slice reed_dns_name_label(const struct reed_dns_name *name, unsigned i)
{
	unsigned at;

	if (i >= name->labels)
		return REED_STR("");
	at = suffix_start(name, name->labels - i);
	return reed_slice(name->wire + at + 1, name->wire[at]);
}

void reed_dns_name_suffix(const struct reed_dns_name *name, unsigned labels,
                          struct reed_dns_name *out)
{
	unsigned at = suffix_start(name, labels), n = name->n - at;

	memmove(out->wire, name->wire + at, n);
	out->n = (uint8_t)n;
	out->labels = (uint8_t)(labels < name->labels ? labels : name->labels);
}

enum reed_err reed_dns_name_prepend(struct reed_slice label, const struct reed_dns_name *name,
                                    struct reed_dns_name *out)
{
	size_t n = label.n;

	if (!n)
		return REED_ESYNTAX;
	if (n > REED_DNS_LABEL_MAX || name->n + n + 1 > REED_DNS_NAME_MAX)
		return REED_ETOOBIG;
	memmove(out->wire + n + 1, name->wire, name->n);
	out->wire[0] = (uint8_t)n;
	memcpy(out->wire + 1, label.p, n);
	out->n = (uint8_t)(name->n + n + 1);
	out->labels = name->labels + 1;
	return REED_OK;
}

enum reed_err reed_dns_name_replace(const struct reed_dns_name *name,
                                    const struct reed_dns_name *from,
                                    const struct reed_dns_name *to, struct reed_dns_name *out)
{
	struct reed_dns_name made;
	size_t kept = (size_t)name->n - from->n;

	if (!reed_dns_name_is_under(name, from))
		return REED_EINVAL;
	if (kept + to->n > REED_DNS_NAME_MAX)
		return REED_ETOOBIG;
	memcpy(made.wire, name->wire, kept);
	memcpy(made.wire + kept, to->wire, to->n);
	made.n = (uint8_t)(kept + to->n);
	made.labels = (uint8_t)(name->labels - from->labels + to->labels);
	memcpy(out->wire, made.wire, made.n);
	out->n = made.n;
	out->labels = made.labels;
	return REED_OK;
}

static size_t add_label(uint8_t *into, const char *text)
{
	size_t n = strlen(text);

	into[0] = (uint8_t)n;
	memcpy(into + 1, text, n);
	return n + 1;
}

static size_t add_decimal(uint8_t *into, unsigned value)
{
	char text[4], *p = text + 3;

	*p = '\0';
	do
		*--p = (char)('0' + value % 10);
	while (value /= 10);
	return add_label(into, p);
}

enum reed_err reed_dns_name_reverse(struct reed_slice address, struct reed_dns_name *name)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = (const uint8_t *)address.p;
	size_t n = 0;

	if (address.n != 4 && address.n != 16)
		return REED_EINVAL;
	for (size_t i = address.n; i-- > 0;) {
		if (address.n == 4) {
			n += add_decimal(name->wire + n, bytes[i]);
			continue;
		}
		n += add_label(name->wire + n, (const char[]){ digits[bytes[i] & 15], '\0' });
		n += add_label(name->wire + n, (const char[]){ digits[bytes[i] >> 4], '\0' });
	}
	n += add_label(name->wire + n, address.n == 4 ? "in-addr" : "ip6");
	n += add_label(name->wire + n, "arpa");
	name->wire[n++] = 0;
	name->n = (uint8_t)n;
	name->labels = address.n == 4 ? 6 : 34;
	return REED_OK;
}
