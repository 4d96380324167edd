#include "forward.h"

#include "reed/alloc.h"

#include <string.h>

enum { NAME_MOST = 253 };

/* ---- reading ---- */

static enum reed_err wrong(struct reed_buf *why, struct reed_slice text)
{
	reed_buf_printf(why,
	                REED_FMT " is no rule; write HOST or HOST:PORTS: example.org, "
	                         "*.example.org, *:443, 192.0.2.0/24:8000-8100, [2001:db8::/32]",
	                REED_ARG(text));
	return REED_ESYNTAX;
}

static bool is_name(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '_' && (c != '.' || i == 0 || s.p[i - 1] == '.'))
			return false;
	}
	return s.n > 0 && s.n <= NAME_MOST && s.p[s.n - 1] != '.';
}

static bool read_port(struct reed_slice text, uint16_t *port)
{
	uint64_t n;

	if (reed_slice_u64(text, UINT16_MAX, &n) || n == 0)
		return false;
	*port = (uint16_t)n;
	return true;
}

static bool read_ports(struct reed_slice text, struct rule *rule)
{
	struct reed_slice last = text, first = reed_slice_cut(&last, '-');

	if (reed_slice_is(text, "*")) {
		rule->first = 1;
		rule->last = UINT16_MAX;
		return true;
	}
	return read_port(first, &rule->first) &&
	       read_port(first.n < text.n ? last : first, &rule->last) && rule->first <= rule->last;
}

static bool read_host(struct reed_slice host, struct rule *rule)
{
	if (reed_slice_is(host, "*")) {
		rule->kind = RULE_ANY;
		return true;
	}
	if (!reed_prefix_parse(host, &rule->prefix)) {
		rule->kind = RULE_PREFIX;
		return true;
	}
	rule->kind = reed_slice_starts(host, REED_STR("*.")) ? RULE_BELOW : RULE_NAME;
	if (!is_name(reed_slice_from(host, rule->kind == RULE_BELOW ? 2 : 0)))
		return false;
	rule->name = reed_slice_dup(reed_slice_from(host, rule->kind == RULE_BELOW));
	return true;
}

enum reed_err rule_parse(struct reed_slice text, struct rule *rule, struct reed_buf *why)
{
	bool bracketed = text.n > 0 && text.p[0] == '[';
	size_t end = reed_slice_find(text, bracketed ? ']' : ':');
	struct reed_slice host =
		bracketed ? reed_slice(text.p + 1, end - 1) : reed_slice_first(text, end);
	struct reed_slice rest = reed_slice_from(text, end + bracketed);

	*rule = (struct rule){ .kind = RULE_ANY };
	if ((bracketed && end == text.n) || !read_host(host, rule) ||
	    (bracketed && rule->kind != RULE_PREFIX))
		return wrong(why, text);
	if (rest.n > 0 && (rest.p[0] != ':' || !read_ports(reed_slice_from(rest, 1), rule)))
		return wrong(why, text);
	return REED_OK;
}

void rule_finish(struct rule *rule)
{
	reed_free(rule->name);
}

enum reed_err rules_parse(const char *const *texts, struct rules *rules, struct reed_buf *why)
{
	size_t n = 0;
	enum reed_err err = REED_OK;

	while (texts && texts[n])
		n++;
	rules->list = reed_alloc((n + 1) * sizeof(*rules->list));
	for (rules->count = 0; rules->count < n && !err; rules->count++)
		err = rule_parse(reed_slice_of(texts[rules->count]), &rules->list[rules->count],
		                 why);
	return err;
}

void rules_finish(struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		rule_finish(&rules->list[i]);
	reed_free(rules->list);
	*rules = (struct rules){ .count = 0 };
}

/* ---- asking ---- */

static bool has_port(const struct rule *rule, uint16_t port)
{
	if (rule->first == 0)
		return port == 80 || port == 443;
	return port >= rule->first && port <= rule->last;
}

static bool names(const struct rule *rule, struct reed_slice host)
{
	size_t n;

	switch (rule->kind) {
	case RULE_ANY:
		return true;
	case RULE_NAME:
		return reed_slice_is_nocase(host, rule->name);
	case RULE_BELOW:
		n = strlen(rule->name);
		return host.n > n &&
		       reed_slice_is_nocase(reed_slice_from(host, host.n - n), rule->name);
	case RULE_PREFIX:
		return false;
	}
	return false;
}

bool rules_name(const struct rules *rules, struct reed_slice host, uint16_t port)
{
	for (size_t i = 0; i < rules->count; i++)
		if (has_port(&rules->list[i], port) && names(&rules->list[i], host))
			return true;
	return false;
}

bool rules_have(const struct rules *rules, const struct reed_address *address)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->list[i].kind == RULE_PREFIX &&
		    has_port(&rules->list[i], address->port) &&
		    reed_prefix_has(&rules->list[i].prefix, address))
			return true;
	return false;
}

bool rules_have_port(const struct rules *rules, uint16_t port)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->list[i].kind == RULE_PREFIX && has_port(&rules->list[i], port))
			return true;
	return false;
}
