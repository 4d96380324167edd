/* Lines of 005.  What has been understood, written out and read by another is the same. */

#include "check.h"
#include "reed/irc/isupport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(struct reed_irc_isupport *is, struct reed_slice line)
{
	struct reed_irc_message m;

	if (reed_irc_parse(line, NULL, &m) == REED_OK)
		reed_irc_isupport_add(is, &m);
}

/* All but the tokens, some of which may be too long to be written. */
static void same_values(const struct reed_irc_isupport *a, const struct reed_irc_isupport *b)
{
	check_int(a->casemap, b->casemap);
	check(memcmp(&a->modes.kinds, &b->modes.kinds, sizeof(a->modes.kinds)) == 0);
	check_str(a->modes.members, b->modes.members);
	check_str(a->modes.prefixes, b->modes.prefixes);
	check_str(a->chantypes, b->chantypes);
	check_str(a->statusmsg, b->statusmsg);
	check_str(a->network, b->network);
	check_str(a->extbans, b->extbans);
	check_str(a->account_extban, b->account_extban);
	check_int(a->extban_prefix, b->extban_prefix);
	check_int(a->excepts, b->excepts);
	check_int(a->bot, b->bot);
	check_int(a->nicklen, b->nicklen);
	check_int(a->modes_max, b->modes_max);
	check_int(a->has_monitor, b->has_monitor);
	check_int(a->monitor, b->monitor);
	check_int(a->utf8only, b->utf8only);
}

static void same_tokens(const struct reed_irc_isupport *a, const struct reed_irc_isupport *b)
{
	check_int(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		check_str(reed_irc_isupport_get(b, a->tokens[i].name), a->tokens[i].value);
}

/* False when a token was too long. */
static bool write_all(const struct reed_irc_isupport *from, struct reed_irc_isupport *to)
{
	char p[REED_IRC_LINE_MAX];
	bool all = true;
	size_t at = 0;

	while (at < from->count) {
		struct reed_irc_builder b;
		struct reed_slice line;
		size_t before = at;

		reed_irc_build(&b, p, sizeof(p));
		reed_irc_build_numeric(&b, REED_STR("s"), REED_STR("n"), 5);
		reed_irc_build_isupport(&b, from, &at);
		check(at > before && at <= before + REED_IRC_TOKENS_PER_LINE);
		if (reed_irc_build_end(&b, &line) == REED_OK)
			add(to, line);
		else
			all = false;
	}
	return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice rest = { (const char *)data, size }, prefixes;
	struct reed_irc_isupport is, back;
	struct reed_slice out;
	char p[64];

	reed_irc_isupport_init(&is);
	reed_irc_isupport_init(&back);
	while (rest.n > 0)
		add(&is, reed_slice_cut(&rest, '\n'));
	check(is.count <= REED_IRC_TOKENS_MAX);
	if (write_all(&is, &back)) {
		same_tokens(&is, &back);
		same_values(&is, &back);
	}
	reed_irc_targmax(&is, REED_STR("PRIVMSG"));
	reed_irc_chanlimit(&is, '#');
	reed_irc_maxlist(&is, 'b');
	out = reed_irc_without_statusmsg(&is, REED_STR("@+#c"), &prefixes);
	check_int(out.n + prefixes.n, 4);
	reed_irc_account_ban(&is, REED_STR("bob"), p, sizeof(p), &out);
	reed_irc_isupport_finish(&is);
	reed_irc_isupport_finish(&back);
	return 0;
}
