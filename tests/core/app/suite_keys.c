/* Which services a settings file names. */

#include "core/app/daemon_private.h"

#include "check.h"

static void are(const char *yaml, const char *wanted)
{
	struct reed_keys keys = { 0 };
	char got[256] = "";

	reed_keys_of(reed_slice_of(yaml), &keys);
	for (size_t i = 0; i < keys.count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", i ? " " : "",
		         keys.items[i]);
	check_str(got, wanted);
	reed_keys_finish(&keys);
	check(!keys.items);
}

static void only_keys_at_the_top_count(void)
{
	are("chat:\n  irc: [a, b]\n  limits: {x: 1}\ndns: 5\nweb:\n  - listen\n", "chat dns web");
	are("{chat: {irc: x}, dns: [y, {z: 1}], web: }", "chat dns web");
	are("chat:\nname: x\n", "chat name");
}

static void a_dotted_key_counts_as_what_it_begins_with(void)
{
	are("chat.irc: tcp:1\nchat.limits.sendq: 1\nlog.level: info\n", "chat log");
}

static void what_is_no_mapping_has_no_keys(void)
{
	are("", "");
	are("chat", "");
	are("- chat\n- dns\n", "");
	are("[{chat: 1}]", "");
}

static void what_is_broken_has_the_keys_before(void)
{
	are("chat: 1\ndns: [\n", "chat dns");
	are("chat: 1\n\tdns: 2\n", "chat");
}

static void only_the_first_document_counts(void)
{
	are("chat: 1\n---\ndns: 2\n", "chat");
}

static void nobody_can_go_too_deep(void)
{
	char deep[4096] = "chat: ";

	memset(deep + 6, '[', 4000);
	are(deep, "chat");
}

int main(void)
{
	RUN(only_keys_at_the_top_count);
	RUN(a_dotted_key_counts_as_what_it_begins_with);
	RUN(what_is_no_mapping_has_no_keys);
	RUN(what_is_broken_has_the_keys_before);
	RUN(only_the_first_document_counts);
	RUN(nobody_can_go_too_deep);
	return 0;
}
