/* Changes of modes: what letters mean, from parameters to changes and back. */

#include "reed/irc/modes.h"

#include "bytes.h"

/* Letters are ASCII and not what separates them; servers do use digits. */
static bool may_be_letter(char c)
{
	return c > ' ' && (unsigned char)c < 0x7f && c != ',' && c != '+' && c != '-' && c != ':';
}

enum reed_err reed_irc_modes_set_chanmodes(struct reed_irc_modes *modes,
                                           struct reed_slice chanmodes)
{
	uint8_t kinds[128] = { 0 };
	unsigned kind = REED_IRC_MODE_LIST;

	for (size_t i = 0; i < chanmodes.n; i++) {
		char c = chanmodes.p[i];

		if (c == ',')
			kind++;
		else if (!may_be_letter(c))
			return REED_ESYNTAX;
		else if (kind <= REED_IRC_MODE_FLAG)
			kinds[(unsigned char)c] = (uint8_t)kind;
	}
	memcpy(modes->kinds, kinds, sizeof(kinds));
	return REED_OK;
}

enum reed_err reed_irc_modes_set_prefix(struct reed_irc_modes *modes, struct reed_slice prefix)
{
	struct reed_slice letters = { "", 0 };

	if (prefix.n > 0) {
		if (*prefix.p != '(' || reed_slice_find(prefix, ')') == prefix.n)
			return REED_ESYNTAX;
		prefix = reed_slice_from(prefix, 1);
		letters = reed_slice_cut(&prefix, ')');
	}
	if (letters.n != prefix.n || letters.n > REED_IRC_PREFIXES_MAX)
		return REED_ESYNTAX;
	for (size_t i = 0; i < letters.n; i++)
		if (!may_be_letter(letters.p[i]) || ends_lines(prefix.p[i]))
			return REED_ESYNTAX;
	reed_slice_copy(modes->members, sizeof(modes->members), letters);
	reed_slice_copy(modes->prefixes, sizeof(modes->prefixes), prefix);
	return REED_OK;
}

enum reed_err reed_irc_modes_init(struct reed_irc_modes *modes, struct reed_slice chanmodes,
                                  struct reed_slice prefix)
{
	struct reed_irc_modes made = { .members = "" };
	enum reed_err err = reed_irc_modes_set_chanmodes(&made, chanmodes);

	if (err == REED_OK)
		err = reed_irc_modes_set_prefix(&made, prefix);
	if (err == REED_OK)
		*modes = made;
	return err;
}

static size_t place(const char *list, char c)
{
	const char *at = c ? strchr(list, c) : NULL;

	return at ? (size_t)(at - list) : SIZE_MAX;
}

size_t reed_irc_mode_rank(const struct reed_irc_modes *modes, char letter)
{
	return place(modes->members, letter);
}

enum reed_irc_mode_kind reed_irc_mode_kind(const struct reed_irc_modes *modes, char letter)
{
	if (reed_irc_mode_rank(modes, letter) != SIZE_MAX)
		return REED_IRC_MODE_MEMBER;
	return (unsigned char)letter < sizeof(modes->kinds)
	               ? (enum reed_irc_mode_kind)modes->kinds[(unsigned char)letter]
	               : REED_IRC_MODE_UNKNOWN;
}

char reed_irc_prefix_of_mode(const struct reed_irc_modes *modes, char letter)
{
	size_t at = place(modes->members, letter);

	return at == SIZE_MAX ? '\0' : modes->prefixes[at];
}

char reed_irc_mode_of_prefix(const struct reed_irc_modes *modes, char prefix)
{
	size_t at = place(modes->prefixes, prefix);

	return at == SIZE_MAX ? '\0' : modes->members[at];
}

static bool takes_param(enum reed_irc_mode_kind kind, bool set)
{
	return kind == REED_IRC_MODE_LIST || kind == REED_IRC_MODE_PARAM ||
	       kind == REED_IRC_MODE_MEMBER || (kind == REED_IRC_MODE_SET_PARAM && set);
}

/* "-k" without the key is taken: who may unset it knows no key of another. */
static enum reed_irc_mode_what what_is(enum reed_irc_mode_kind kind, bool set, bool has_param)
{
	if (kind == REED_IRC_MODE_UNKNOWN)
		return REED_IRC_MODE_NO_SUCH;
	if (has_param || !takes_param(kind, set))
		return REED_IRC_MODE_CHANGE;
	if (kind == REED_IRC_MODE_LIST)
		return REED_IRC_MODE_QUERY;
	return kind == REED_IRC_MODE_PARAM && !set ? REED_IRC_MODE_CHANGE
	                                           : REED_IRC_MODE_LACKS_PARAM;
}

bool reed_irc_mode_add(struct reed_irc_mode_changes *changes, bool set, char letter,
                       enum reed_irc_mode_kind kind, struct reed_slice param)
{
	if (changes->count == REED_IRC_CHANGES_MAX)
		return false;
	changes->at[changes->count++] = (struct reed_irc_mode_change){
		.set = set,
		.letter = letter,
		.kind = kind,
		.param = param,
		.what = what_is(kind, set, param.n > 0),
	};
	return true;
}

enum reed_err reed_irc_modes_parse(const struct reed_irc_modes *modes,
                                   const struct reed_slice *params, size_t n,
                                   struct reed_irc_mode_changes *out)
{
	struct reed_slice letters = n > 0 ? params[0] : reed_slice("", 0);
	size_t next = 1;
	bool set = true;

	out->count = 0;
	for (size_t i = 0; i < letters.n; i++) {
		char c = letters.p[i];
		enum reed_irc_mode_kind kind = reed_irc_mode_kind(modes, c);
		struct reed_slice param = { "", 0 };

		if (c == '+' || c == '-') {
			set = c == '+';
			continue;
		}
		if (takes_param(kind, set) && next < n)
			param = params[next++];
		if (!reed_irc_mode_add(out, set, c, kind, param))
			return REED_ETOOBIG;
	}
	return REED_OK;
}

/* What goes into one line: from *at up to end. */
struct share {
	size_t end;
	size_t params;
	bool any;
};

static bool is_left_out(const struct reed_irc_mode_change *change)
{
	return change->what != REED_IRC_MODE_CHANGE && change->what != REED_IRC_MODE_QUERY;
}

static char sign_of(const struct reed_irc_mode_change *change)
{
	return change->set ? '+' : '-';
}

static bool must_be_last(struct reed_slice param)
{
	return param.n > 0 && (param.p[0] == ':' || memchr(param.p, ' ', param.n));
}

static struct share share_of(const struct reed_irc_mode_changes *changes, size_t at, size_t room,
                             size_t max_params)
{
	struct share share = { .end = at };
	size_t used = 1;
	char sign = '\0';

	for (; share.end < changes->count; share.end++) {
		const struct reed_irc_mode_change *change = &changes->at[share.end];
		bool last = must_be_last(change->param), turn = sign != sign_of(change);
		size_t more = turn + 1u + (change->param.n ? 1 + last + change->param.n : 0);

		if (is_left_out(change))
			continue;
		if (used + more > room || (change->param.n && share.params == max_params))
			break;
		sign = sign_of(change);
		used += more;
		share.params += change->param.n > 0;
		share.any = true;
		if (last) {
			share.end++;
			break;
		}
	}
	return share;
}

static void put_letters(struct reed_irc_builder *b, const struct reed_irc_mode_changes *changes,
                        size_t at, const struct share *share)
{
	char letters[2 * REED_IRC_CHANGES_MAX];
	char sign = '\0';
	size_t n = 0;

	for (; at < share->end; at++) {
		const struct reed_irc_mode_change *change = &changes->at[at];

		if (is_left_out(change))
			continue;
		if (sign != sign_of(change))
			letters[n++] = sign = sign_of(change);
		letters[n++] = change->letter;
	}
	reed_irc_build_param(b, reed_slice(letters, n));
}

void reed_irc_build_modes(struct reed_irc_builder *b, const struct reed_irc_mode_changes *changes,
                          size_t *at, size_t max_params)
{
	size_t room = b->n + 2 < b->end ? b->end - b->n - 2 : 0;
	size_t most =
		b->params < REED_IRC_PARAMS_MAX - 1u ? REED_IRC_PARAMS_MAX - 1u - b->params : 0;
	struct share share;

	max_params = max_params && max_params < most ? max_params : most;
	share = share_of(changes, *at, room, max_params);
	if (share.any) {
		put_letters(b, changes, *at, &share);
		for (size_t i = *at; i < share.end; i++)
			if (!is_left_out(&changes->at[i]) && changes->at[i].param.n > 0)
				reed_irc_build_param(b, changes->at[i].param);
	} else {
		if (b->err == REED_OK)
			b->err = share.end < changes->count ? REED_ETOOBIG : REED_EINVAL;
		share.end += share.end < changes->count;
	}
	*at = share.end;
}
