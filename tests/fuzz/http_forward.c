/* Rules of a forward proxy: what is one matches what it says, and what is none says why. */

#include "check.h"
#include "protocols/http/forward.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct rule *rule)
{
	struct rules rules = { rule, 1 };
	uint16_t port = rule->first ? rule->first : 443;

	check(rule->first <= rule->last);
	check(!rules_name(&rules, REED_STR("example.org"), 0));
	if (rule->kind == RULE_PREFIX) {
		rule->prefix.address.port = port;
		check(rules_have(&rules, &rule->prefix.address));
		check(rules_have_port(&rules, port));
	} else if (rule->kind == RULE_BELOW) {
		check(!rules_name(&rules, reed_slice_of(rule->name), port));
	} else {
		check(rules_name(&rules, reed_slice_of(rule->name), port));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice text = { (const char *)data, size };
	struct reed_buf why = { .limit = 0 };
	struct rule rule;
	enum reed_err err = rule_parse(text, &rule, &why);

	check((err == REED_ESYNTAX) == (reed_buf_slice(&why).n > 0));
	if (!err)
		judge(&rule);
	rule_finish(&rule);
	reed_buf_finish(&why);
	return 0;
}
