/* Names: to A-labels, which are special, and what the search list makes of them. */

#include <idn2.h>
#include <stdio.h>
#include <string.h>

#include "resolve_private.h"

enum { LABEL_MAX = 63, INPUT_MAX = 1024 };

static enum reed_err refuse(struct reed_slice host, const char *why, struct reed_fault **fault)
{
	*fault = reed_fault(REED_ESYNTAX, NULL, "\"" REED_FMT "\" is no host name: %s",
	                    REED_ARG(reed_slice_first(host, REED_HOST_NAME_MAX)), why);
	return REED_ESYNTAX;
}

static bool is_ascii(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

static const char wrong_character[] = "letters, digits, hyphens and dots make one";

static bool has_wrong_character(struct reed_slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!(name.p[i] & 0x80) && name.p[i] != '.' && !is_name_char(name.p[i]))
			return true;
	return false;
}

/* NULL: none. */
static const char *fault_of_labels(struct reed_slice name)
{
	struct reed_slice rest = name;

	if (name.n == 0)
		return "it is empty";
	if (name.n > REED_HOST_NAME_MAX)
		return "it has more than 253 characters";
	if (has_wrong_character(name) || !is_ascii(name))
		return wrong_character;
	if (name.p[name.n - 1] == '.')
		return "two dots follow one another";
	while (rest.n > 0) {
		struct reed_slice label = reed_slice_cut(&rest, '.');

		if (label.n == 0)
			return "nothing stands before a dot";
		if (label.n > LABEL_MAX)
			return "more than 63 characters stand between dots";
	}
	return NULL;
}

bool reed_name_is_host(struct reed_slice text)
{
	return !fault_of_labels(text);
}

/* text is of A-labels and goes when this returns. */
static enum reed_err take_labels(struct reed_slice host, struct reed_slice text,
                                 struct reed_name *name, struct reed_fault **fault)
{
	const char *why;

	name->absolute = text.n > 1 && text.p[text.n - 1] == '.';
	text.n -= name->absolute;
	why = fault_of_labels(text);
	if (why)
		return refuse(host, why, fault);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		name->text[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	name->text[text.n] = '\0';
	return REED_OK;
}

/* RFC 5891 5, by way of UTS 46 */
static enum reed_err take_international(struct reed_slice host, struct reed_name *name,
                                        struct reed_fault **fault)
{
	char given[INPUT_MAX], *labels = NULL;
	enum reed_err err;
	int rc;

	if (has_wrong_character(host))
		return refuse(host, wrong_character, fault);
	if (!reed_slice_copy(given, sizeof(given), host))
		return refuse(host, "it is too long", fault);
	rc = idn2_to_ascii_8z(given, &labels, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	if (rc != IDN2_OK)
		return refuse(host, idn2_strerror(rc), fault);
	err = take_labels(host, reed_slice_of(labels), name, fault);
	idn2_free(labels);
	return err;
}

enum reed_err reed_name_read(struct reed_slice host, struct reed_name *name,
                             struct reed_fault **fault)
{
	*name = (struct reed_name){ .absolute = false };
	if (reed_slice_find(host, '\0') < host.n)
		return refuse(reed_slice_first(host, reed_slice_find(host, '\0')),
		              "a NUL byte follows", fault);
	return is_ascii(host) ? take_labels(host, host, name, fault)
	                      : take_international(host, name, fault);
}

bool reed_name_is_in(const char *name, const char *domain)
{
	size_t n = strlen(name), m = strlen(domain);

	if (n < m || strcmp(name + n - m, domain) != 0)
		return false;
	return n == m || name[n - m - 1] == '.';
}

void reed_name_of_address(const struct reed_address *a, struct reed_name *name)
{
	const unsigned char *ip = a->ip;
	char *out = name->text;

	*name = (struct reed_name){ .absolute = true };
	if (a->family == REED_FAMILY_IPV4) {
		snprintf(name->text, sizeof(name->text), "%d.%d.%d.%d.in-addr.arpa", ip[3], ip[2],
		         ip[1], ip[0]);
		return;
	}
	for (int i = 15; i >= 0; i--)
		out += snprintf(out, 5, "%x.%x.", ip[i] & 15, ip[i] >> 4);
	memcpy(out, "ip6.arpa", sizeof("ip6.arpa"));
}

/* ---- the search list ---- */

static int dots_in(const char *name)
{
	int n = 0;

	for (; *name; name++)
		n += *name == '.';
	return n;
}

/* A name too long to be one is nobody's. */
static bool join(const char *name, const char *domain, struct reed_name *joined)
{
	struct reed_slice end = reed_slice_of(domain);
	int n;

	if (end.n > 0 && end.p[end.n - 1] == '.')
		end.n--;
	n = snprintf(joined->text, sizeof(joined->text), "%s." REED_FMT, name, REED_ARG(end));
	joined->absolute = true;
	return n > 0 && n <= REED_HOST_NAME_MAX && reed_name_is_host(reed_slice_of(joined->text));
}

/* As resolver(5) has it: with ndots dots or more as it stands first, else last. */
bool reed_name_candidate(const struct reed_name *name, const struct reed_search *search, int n,
                         struct reed_name *candidate)
{
	int domains = search && !name->absolute ? search->count : 0;
	bool whole_first = !domains || dots_in(name->text) >= search->ndots;
	int left = n;

	for (int i = -1; i <= domains; i++) {
		bool whole = i == (whole_first ? -1 : domains);

		if (whole)
			*candidate = *name;
		else if (i < 0 || i == domains || !join(name->text, search->domains[i], candidate))
			continue;
		if (left-- == 0)
			return true;
	}
	return false;
}
