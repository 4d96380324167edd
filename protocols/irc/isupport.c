/* Tokens of 005: kept, understood, looked up.  See isupport.h. */

#include "reed/irc/isupport.h"

#include "reed/alloc.h"

#include "bytes.h"

enum kind {
	FLAG, /* that it is told is all it tells */
	NUMBER,
	LETTER,
	TEXT, /* cut where the field ends */
	CASEMAPPING,
	CHANMODES,
	PREFIX,
	EXTBAN,
	ACCOUNTEXTBAN,
};

/* What becomes of a token; one may be here twice. */
struct field {
	const char *name;
	enum kind kind;
	size_t offset, size;
	const char *absent; /* the value to go by when it has not been told */
	const char *empty;  /* the same when told without a value */
};

#define FIELD(name, kind, member, absent, empty)                                       \
	{                                                                              \
		name, kind, offsetof(struct reed_irc_isupport, member),                \
			sizeof(((struct reed_irc_isupport *)0)->member), absent, empty \
	}

static const struct field fields[] = {
	FIELD("ACCEPT", NUMBER, accept, "0", "0"),
	FIELD("ACCOUNTEXTBAN", ACCOUNTEXTBAN, account_extban, "", ""),
	FIELD("AWAYLEN", NUMBER, awaylen, "0", "0"),
	FIELD("BOT", LETTER, bot, "", "B"),
	FIELD("CALLERID", LETTER, callerid, "", "g"),
	FIELD("CASEMAPPING", CASEMAPPING, casemap, "rfc1459", "rfc1459"),
	FIELD("CHANMODES", CHANMODES, modes, "b,k,l,imnpst", ""),
	FIELD("CHANNELLEN", NUMBER, channellen, "200", "0"),
	FIELD("CHANTYPES", TEXT, chantypes, "#&", ""),
	FIELD("CHATHISTORY", FLAG, has_chathistory, "", "1"),
	FIELD("CHATHISTORY", NUMBER, chathistory, "0", "0"),
	FIELD("CNOTICE", FLAG, cnotice, "", "1"),
	FIELD("CPRIVMSG", FLAG, cprivmsg, "", "1"),
	FIELD("DEAF", LETTER, deaf, "", "D"),
	FIELD("ELIST", TEXT, elist, "", ""),
	FIELD("EXCEPTS", LETTER, excepts, "", "e"),
	FIELD("EXTBAN", EXTBAN, extbans, "", ""),
	FIELD("EXTBAN", FLAG, has_extban, "", "1"),
	FIELD("HOSTLEN", NUMBER, hostlen, "63", "0"),
	FIELD("INVEX", LETTER, invex, "", "I"),
	FIELD("KEYLEN", NUMBER, keylen, "0", "0"),
	FIELD("KICKLEN", NUMBER, kicklen, "0", "0"),
	FIELD("KNOCK", FLAG, knock, "", "1"),
	FIELD("LINELEN", NUMBER, linelen, "512", "512"),
	FIELD("MAXTARGETS", NUMBER, maxtargets, "0", "0"),
	FIELD("MODES", NUMBER, modes_max, "3", "0"),
	FIELD("MONITOR", FLAG, has_monitor, "", "1"),
	FIELD("MONITOR", NUMBER, monitor, "0", "0"),
	FIELD("NAMELEN", NUMBER, namelen, "0", "0"),
	FIELD("NAMESX", FLAG, namesx, "", "1"),
	FIELD("NETWORK", TEXT, network, "", ""),
	FIELD("NICKLEN", NUMBER, nicklen, "9", "0"),
	FIELD("PREFIX", PREFIX, modes, "(ov)@+", ""),
	FIELD("SAFELIST", FLAG, safelist, "", "1"),
	FIELD("SILENCE", NUMBER, silence, "0", "0"),
	FIELD("STATUSMSG", TEXT, statusmsg, "", ""),
	FIELD("TOPICLEN", NUMBER, topiclen, "0", "0"),
	FIELD("UHNAMES", FLAG, uhnames, "", "1"),
	FIELD("USERIP", FLAG, userip, "", "1"),
	FIELD("USERLEN", NUMBER, userlen, "0", "0"),
	FIELD("UTF8ONLY", FLAG, utf8only, "", "1"),
	FIELD("WHOX", FLAG, whox, "", "1"),
	FIELD("draft/CHATHISTORY", FLAG, has_chathistory, "", "1"),
	FIELD("draft/CHATHISTORY", NUMBER, chathistory, "0", "0"),
	FIELD("draft/ICON", TEXT, icon, "", ""),
};

static enum reed_err read_number(struct reed_slice value, unsigned *out)
{
	uint64_t number;
	enum reed_err err = reed_slice_u64(value, UINT32_MAX, &number);

	if (err == REED_OK)
		*out = (unsigned)number;
	return err == REED_OK ? REED_OK : REED_ESYNTAX;
}

static enum reed_err read_letter(struct reed_slice value, char *out)
{
	*out = value.n == 1 ? *value.p : '\0';
	return value.n <= 1 ? REED_OK : REED_ESYNTAX;
}

static enum reed_err read_text(struct reed_slice value, char *out, size_t size)
{
	reed_slice_copy(out, size,
	                reed_slice_first(value, reed_slice_utf8_border(value, size - 1)));
	return REED_OK;
}

/* "$,ARar": what bans of this kind begin with, if anything, and their letters */
static enum reed_err read_extban(struct reed_slice value, struct reed_irc_isupport *is)
{
	struct reed_slice prefix = reed_slice_cut(&value, ',');

	if (prefix.n > 1)
		return REED_ESYNTAX;
	is->extban_prefix = prefix.n ? *prefix.p : '\0';
	return read_text(value, is->extbans, sizeof(is->extbans));
}

static enum reed_err apply(struct reed_irc_isupport *is, const struct field *field,
                           struct reed_slice value)
{
	char *at = (char *)is + field->offset;

	switch (field->kind) {
	case FLAG:
		*at = value.n > 0;
		return REED_OK;
	case NUMBER:
		return read_number(value, (unsigned *)(void *)at);
	case LETTER:
		return read_letter(value, at);
	case TEXT:
		return read_text(value, at, field->size);
	case CASEMAPPING:
		return reed_irc_casemap_of(value, &is->casemap) ? REED_OK : REED_ESYNTAX;
	case CHANMODES:
		return reed_irc_modes_set_chanmodes(&is->modes, value);
	case PREFIX:
		return reed_irc_modes_set_prefix(&is->modes, value);
	case EXTBAN:
		return read_extban(value, is);
	case ACCOUNTEXTBAN:
		return read_text(reed_slice_cut(&value, ','), at, field->size);
	}
	return REED_ESYNTAX;
}

void reed_irc_isupport_init(struct reed_irc_isupport *is)
{
	memset(is, 0, sizeof(*is));
	for (size_t i = 0; i < REED_COUNT(fields); i++)
		apply(is, &fields[i], reed_slice_of(fields[i].absent));
}

static void free_token(struct reed_irc_token *token)
{
	reed_free(token->name);
	reed_free(token->value);
}

void reed_irc_isupport_finish(struct reed_irc_isupport *is)
{
	for (size_t i = 0; i < is->count; i++)
		free_token(&is->tokens[i]);
	reed_free(is->tokens);
	is->tokens = NULL;
	is->count = 0;
}

static struct reed_irc_token *find(const struct reed_irc_isupport *is, struct reed_slice name)
{
	for (size_t i = 0; i < is->count; i++)
		if (reed_slice_is(name, is->tokens[i].name))
			return &is->tokens[i];
	return NULL;
}

static enum reed_err keep(struct reed_irc_isupport *is, struct reed_slice name,
                          struct reed_slice value)
{
	struct reed_irc_token *token = find(is, name);

	if (!token && is->count == REED_IRC_TOKENS_MAX)
		return REED_ETOOBIG;
	if (!token) {
		is->tokens = reed_realloc(is->tokens, (is->count + 1) * sizeof(*is->tokens));
		token = &is->tokens[is->count++];
		token->name = reed_slice_dup(name);
	} else {
		reed_free(token->value);
	}
	token->value = reed_slice_dup(value);
	return REED_OK;
}

/* "." and "/" are for vendors, "-" in front takes back. */
static bool is_name(struct reed_slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '.' && c != '/' && c != '_' && (c != '-' || i == 0))
			return false;
	}
	return name.n > 0;
}

static void apply_absent(struct reed_irc_isupport *is, struct reed_slice name)
{
	for (size_t i = 0; i < REED_COUNT(fields); i++)
		if (reed_slice_is(name, fields[i].name))
			apply(is, &fields[i], reed_slice_of(fields[i].absent));
}

enum reed_err reed_irc_isupport_set(struct reed_irc_isupport *is, struct reed_slice name,
                                    struct reed_slice value)
{
	enum reed_err err = REED_OK;

	if (!is_name(name) || (value.n > 0 && memchr(value.p, '\0', value.n)))
		return REED_ESYNTAX;
	if (name.n + 1 + value.n > REED_IRC_TOKEN_MAX)
		return REED_ETOOBIG;
	for (size_t i = 0; i < REED_COUNT(fields) && err == REED_OK; i++) {
		if (reed_slice_is(name, fields[i].name))
			err = apply(is, &fields[i],
			            value.n > 0 ? value : reed_slice_of(fields[i].empty));
	}
	if (err == REED_OK)
		err = keep(is, name, value);
	if (err != REED_OK)
		reed_irc_isupport_unset(is, name);
	return err;
}

void reed_irc_isupport_unset(struct reed_irc_isupport *is, struct reed_slice name)
{
	struct reed_irc_token *token = find(is, name);

	apply_absent(is, name);
	if (!token)
		return;
	free_token(token);
	is->count--;
	memmove(token, token + 1, (size_t)(is->tokens + is->count - token) * sizeof(*token));
}

const char *reed_irc_isupport_get(const struct reed_irc_isupport *is, const char *name)
{
	const struct reed_irc_token *token = find(is, reed_slice_of(name));

	return token ? token->value : NULL;
}
