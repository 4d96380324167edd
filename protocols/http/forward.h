/* Where a forward proxy may go: rules, which know nothing of connections. */

#ifndef REED_HTTP_FORWARD_RULES_H
#define REED_HTTP_FORWARD_RULES_H

#include "reed/address.h"
#include "reed/buf.h"

struct rule {
	enum { RULE_ANY, RULE_NAME, RULE_BELOW, RULE_PREFIX } kind;
	char *name; /* of RULE_NAME; of RULE_BELOW with its dot */
	struct reed_prefix prefix;
	uint16_t first, last; /* of its ports; 0: 80 and 443 */
};

struct rules {
	struct rule *list;
	size_t count;
};

/* REED_ESYNTAX: why says what is wrong. */
enum reed_err rule_parse(struct reed_slice text, struct rule *rule, struct reed_buf *why);
void rule_finish(struct rule *rule);

/* texts may be NULL. */
enum reed_err rules_parse(const char *const *texts, struct rules *rules, struct reed_buf *why);
void rules_finish(struct rules *rules);

/* By its name, or as it was written; host is without brackets and a dot at its end. */
bool rules_name(const struct rules *rules, struct reed_slice host, uint16_t port);
bool rules_have(const struct rules *rules, const struct reed_address *address);
/* Some address would do. */
bool rules_have_port(const struct rules *rules, uint16_t port);

#endif
