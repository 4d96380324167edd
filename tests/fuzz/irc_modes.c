/*
 * Three lines: CHANMODES, PREFIX and a MODE message; two more: a mask and a
 * text.  Changes written and read again are the same; matching agrees with a
 * slow way that is plainly right.
 */

#include "check.h"
#include "reed/irc/casemap.h"
#include "reed/irc/modes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_left_out(const struct reed_irc_mode_change *c)
{
	return c->what == REED_IRC_MODE_LACKS_PARAM || c->what == REED_IRC_MODE_NO_SUCH;
}

/* The changes of one line are those of all from *at on; *at goes on. */
static void same_changes(const struct reed_irc_modes *modes, struct reed_slice line,
                         const struct reed_irc_mode_changes *all, size_t *at, size_t end)
{
	struct reed_irc_mode_changes got;
	struct reed_irc_message m;

	check_int(reed_irc_parse(line, NULL, &m), REED_OK);
	check_int(reed_irc_modes_parse(modes, m.params + 1, m.count - 1u, &got), REED_OK);
	for (size_t i = 0; *at < end; ++*at) {
		const struct reed_irc_mode_change *c = &all->at[*at];

		if (is_left_out(c))
			continue;
		check(i < got.count);
		check_int(got.at[i].letter, c->letter);
		check_int(got.at[i].set, c->set);
		check_int(got.at[i].what, c->what);
		check(reed_slice_eq(got.at[i].param, c->param));
		i++;
		check(*at + 1 < end || i == got.count);
	}
}

/*
 * A parameter that is missing can come back only at the end of a line, where
 * it had been at the end of them all; elsewhere one that follows is taken for it.
 */
static bool is_plain(const struct reed_irc_mode_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		if (changes->at[i].param.n == 0 && changes->at[i].kind != REED_IRC_MODE_FLAG &&
		    (changes->at[i].kind != REED_IRC_MODE_SET_PARAM || changes->at[i].set))
			return false;
	return true;
}

static void written_and_back(const struct reed_irc_modes *modes,
                             const struct reed_irc_mode_changes *changes, size_t max_params)
{
	char p[REED_IRC_LINE_MAX];
	size_t at = 0, seen = 0;

	while (at < changes->count) {
		struct reed_irc_builder b;
		struct reed_slice line;
		size_t before = at;
		enum reed_err err;

		reed_irc_build(&b, p, sizeof(p));
		reed_irc_build_command(&b, REED_STR("s"), REED_STR("MODE"));
		reed_irc_build_param(&b, REED_STR("#c"));
		reed_irc_build_modes(&b, changes, &at, max_params);
		err = reed_irc_build_end(&b, &line);
		check(at > before);
		if (err == REED_OK && is_plain(changes))
			same_changes(modes, line, changes, &seen, at);
		seen = at;
	}
}

static size_t character(struct reed_slice s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];
	size_t most = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, n = 1;

	while (n < most && i + n < s.n && ((unsigned char)s.p[i + n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* By a table of which rest of the mask matches which rest of the text. */
static bool slow_match(struct reed_slice mask, struct reed_slice text)
{
	static bool matches[65][65];

	for (size_t m = mask.n + 1; m-- > 0;) {
		for (size_t t = text.n + 1; t-- > 0;) {
			bool wild = m < mask.n && (mask.p[m] == '*' || mask.p[m] == '?');
			bool escape = m + 1 < mask.n && mask.p[m] == '\\' &&
			              (mask.p[m + 1] == '*' || mask.p[m + 1] == '?');
			size_t at = m + escape;
			size_t k = at < mask.n ? character(mask, at) : 0;
			size_t n = t < text.n ? character(text, t) : 0;

			if (m == mask.n)
				matches[m][t] = t == text.n;
			else if (wild && mask.p[m] == '*')
				matches[m][t] = matches[m + 1][t] || (n && matches[m][t + n]);
			else if (wild)
				matches[m][t] = n && matches[m + 1][t + n];
			else
				matches[m][t] = n == k && matches[at + k][t + n] &&
				                reed_irc_eq(REED_IRC_CASEMAP_RFC1459,
				                            reed_slice(mask.p + at, k),
				                            reed_slice(text.p + t, n));
		}
	}
	return matches[0][0];
}

static void masks(struct reed_slice mask, struct reed_slice text)
{
	char p[512], q[512];
	struct reed_slice whole, again;
	bool match = reed_irc_match(REED_IRC_CASEMAP_RFC1459, mask, text);

	if (mask.n <= 64 && text.n <= 64)
		check_int(match, slow_match(mask, text));
	if (reed_irc_mask(mask, p, sizeof(p), &whole))
		return;
	check_int(reed_irc_mask(whole, q, sizeof(q), &again), REED_OK);
	check(reed_slice_eq(whole, again));
	if (reed_slice_find(mask, '!') < reed_slice_find(mask, '@') &&
	    reed_irc_source(mask).nick.n && reed_irc_source(mask).user.n &&
	    reed_irc_source(mask).host.n)
		check_int(reed_irc_match(REED_IRC_CASEMAP_RFC1459, whole, text), match);
}

static void extban(char prefix, struct reed_slice mask)
{
	struct reed_irc_extban ban;
	struct reed_slice out;
	char p[512];

	if (!reed_irc_extban(prefix, mask, &ban))
		return;
	if (reed_irc_extban_format(prefix, &ban, p, sizeof(p), &out) == REED_OK &&
	    !(prefix == '$' && ban.negated && mask.p[1] == '!') &&
	    !(!prefix && ban.negated && mask.p[0] == '~'))
		check(reed_slice_eq(out, mask));
}

static void folding(struct reed_slice a, struct reed_slice b)
{
	static const enum reed_irc_casemap maps[] = {
		REED_IRC_CASEMAP_ASCII,
		REED_IRC_CASEMAP_RFC1459_STRICT,
		REED_IRC_CASEMAP_RFC1459,
	};

	for (size_t i = 0; i < REED_COUNT(maps); i++) {
		bool same = reed_irc_cmp(maps[i], a, b) == 0;

		check_int(reed_irc_eq(maps[i], a, b), same);
		check(!same || reed_irc_hash(maps[i], a, 1) == reed_irc_hash(maps[i], b, 1));
	}
	reed_irc_nick_wrong(a, NULL);
	reed_irc_channel_wrong(a, &(struct reed_irc_name_rules){ .utf8 = true });
	reed_irc_user_wrong(a, &(struct reed_irc_name_rules){ .utf8 = true });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice rest = { (const char *)data, size };
	struct reed_slice chanmodes = reed_slice_cut(&rest, '\n');
	struct reed_slice prefix = reed_slice_cut(&rest, '\n');
	struct reed_slice line = reed_slice_cut(&rest, '\n');
	struct reed_slice mask = reed_slice_cut(&rest, '\n');
	struct reed_irc_mode_changes changes;
	struct reed_irc_modes modes;
	struct reed_irc_message m;

	masks(mask, rest);
	extban('$', mask);
	extban('~', mask);
	extban('\0', mask);
	folding(mask, rest);
	if (reed_irc_modes_init(&modes, chanmodes, prefix) || reed_irc_parse(line, NULL, &m) ||
	    m.count == 0)
		return 0;
	reed_irc_modes_parse(&modes, m.params + 1, m.count - 1u, &changes);
	written_and_back(&modes, &changes, 0);
	written_and_back(&modes, &changes, 3);
	return 0;
}
