/* The name that follows another: RFC 4471 3.1. */

#include "dynamic.h"

#include "lower.h"

/* The next octet in canonical order, in which capitals are not; 0: there is none. */
static uint8_t octet_after(uint8_t c)
{
	return c == 0xff ? 0 : c == '@' ? '[' : (uint8_t)(c + 1);
}

/* Its last octet that can be is raised, and those behind it go (3.1.2); false: none can. */
static bool raise_label(const struct reed_dns_name *name, struct reed_dns_name *after)
{
	uint8_t label[REED_DNS_LABEL_MAX], n = name->wire[0], next = 0;
	struct reed_dns_name parent;

	for (unsigned i = 0; i < n; i++)
		label[i] = lower1(name->wire[1 + i]);
	while (n && !(next = octet_after(label[n - 1])))
		n--;
	if (!n)
		return false;
	label[n - 1] = next;
	reed_dns_name_suffix(name, name->labels - 1U, &parent);
	return !reed_dns_name_prepend(reed_slice(label, n), &parent, after);
}

/* One octet more in the first label: the room does for that, if not for a label. */
static bool lengthen(const struct reed_dns_name *name, struct reed_dns_name *after)
{
	uint8_t label[REED_DNS_LABEL_MAX] = { 0 }, n = name->wire[0];
	struct reed_dns_name parent;

	if (n == REED_DNS_LABEL_MAX)
		return false;
	memcpy(label, name->wire + 1, n);
	reed_dns_name_suffix(name, name->labels - 1U, &parent);
	return !reed_dns_name_prepend(reed_slice(label, n + 1U), &parent, after);
}

void dns_name_after(const struct reed_dns_name *name, const struct reed_dns_name *zone,
                    struct reed_dns_name *after)
{
	struct reed_dns_name at = *name;

	if (!reed_dns_name_prepend(reed_slice("", 1), name, after))
		return;
	while (!reed_dns_name_eq(&at, zone)) {
		if ((at.n == name->n && lengthen(&at, after)) || raise_label(&at, after))
			return;
		reed_dns_name_suffix(&at, at.labels - 1U, &at);
	}
	*after = *zone; /* it was the last one (RFC 4034 4.1.1) */
}
