/* Rdata from text: a function a kind of field, and the walk that calls them. */

#include "name_text.h"
#include "text.h"

enum reed_err dns_emit(struct reader *r, const void *p, size_t n)
{
	if (n > r->room - r->n)
		return REED_ETOOBIG;
	if (n)
		memcpy(r->out + r->n, p, n);
	r->n += n;
	return REED_OK;
}

enum reed_err dns_emit_number(struct reader *r, uint64_t value, unsigned bytes)
{
	uint8_t p[8];

	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
	return dns_emit(r, p, bytes);
}

enum reed_err dns_read_number(struct reader *r, uint64_t max, const char *wanted, uint64_t *value)
{
	struct word word;
	enum reed_err err = dns_lex_need(&r->lx, &word, wanted);

	if (!err && reed_slice_u64(word.text, max, value))
		err = dns_lex_wanted(&r->lx, wanted);
	return err;
}

enum reed_err dns_unescape_all(struct reed_slice text, uint8_t *into, size_t room, size_t *n)
{
	size_t at = 0, took;

	for (size_t i = 0; i < text.n; i += took, at++) {
		uint8_t byte = (uint8_t)text.p[i];

		took = 1;
		if (byte == '\\' && !(took = dns_unescape(text.p + i, text.n - i, &byte)))
			return REED_ESYNTAX;
		if (at >= room)
			return REED_ETOOBIG;
		into[at] = byte;
	}
	*n = at;
	return REED_OK;
}

/* ---- numbers ---- */

static enum reed_err read_number(struct reader *r, enum field_kind kind)
{
	static const struct {
		uint8_t bytes;
		uint64_t max;
		const char *wanted;
	} of[] = {
		[FIELD_U8] = { 1, UINT8_MAX, "a number up to 255" },
		[FIELD_U16] = { 2, UINT16_MAX, "a number up to 65535" },
		[FIELD_U32] = { 4, UINT32_MAX, "a number up to 4294967295" },
		[FIELD_U48] = { 6, (UINT64_C(1) << 48) - 1, "a number of 48 bits" },
	};
	uint64_t value;
	enum reed_err err = dns_read_number(r, of[kind].max, of[kind].wanted, &value);

	return err ? err : dns_emit_number(r, value, of[kind].bytes);
}

static enum reed_err read_seconds(struct reader *r, enum field_kind kind)
{
	const char *wanted = kind == FIELD_PERIOD ? "a time in seconds, or as 1h30m"
	                                          : "a time as YYYYMMDDHHmmSS, or in seconds";
	struct word word;
	uint32_t seconds;
	enum reed_err err = dns_lex_need(&r->lx, &word, wanted);

	if (err)
		return err;
	err = kind == FIELD_PERIOD ? dns_read_period(word.text, &seconds)
	                           : dns_read_stamp(word.text, &seconds);
	return err ? dns_lex_wanted(&r->lx, wanted) : dns_emit_number(r, seconds, 4);
}

static enum reed_err read_mnemonic(struct reader *r, enum field_kind kind)
{
	const char *wanted = kind == FIELD_ALGORITHM ? "an algorithm, as 13 or ECDSAP256SHA256"
	                                             : "a kind of certificate, as 1 or PKIX";
	bool one = kind == FIELD_ALGORITHM;
	struct word word;
	uint64_t value;
	enum reed_err err = dns_lex_need(&r->lx, &word, wanted);

	if (err)
		return err;
	if (reed_slice_u64(word.text, one ? UINT8_MAX : UINT16_MAX, &value) &&
	    !(one ? dns_algorithm(word.text, &value) : dns_cert_type(word.text, &value)))
		return dns_lex_wanted(&r->lx, wanted);
	return dns_emit_number(r, value, one ? 1 : 2);
}

static enum reed_err read_type(struct reader *r)
{
	static const char wanted[] = "a type, as AAAA or TYPE65280";
	struct word word;
	uint16_t type = 0;
	enum reed_err err = dns_lex_need(&r->lx, &word, wanted);

	if (!err && reed_dns_type_parse(word.text, &type))
		err = dns_lex_wanted(&r->lx, wanted);
	return err ? err : dns_emit_number(r, type, 2);
}

/* ---- addresses and names ---- */

static enum reed_err read_address(struct reader *r, bool four)
{
	const char *wanted = four ? "an address, as 192.0.2.1" : "an address, as 2001:db8::1";
	uint8_t bytes[16];
	struct word word;
	enum reed_err err = dns_lex_need(&r->lx, &word, wanted);

	if (err)
		return err;
	if (!(four ? dns_address4(word.text, bytes) : dns_address6(word.text, bytes)))
		return dns_lex_wanted(&r->lx, wanted);
	return dns_emit(r, bytes, four ? 4 : 16);
}

/* Groups of hexadecimal digits with one character between them. */
static enum reed_err read_groups(struct reader *r, size_t bytes, size_t group, char between,
                                 const char *wanted)
{
	size_t digits = 2 * group, groups = bytes / group, n = 0;
	struct word word;
	enum reed_err err = dns_lex_need(&r->lx, &word, wanted);

	if (err)
		return err;
	if (word.text.n != groups * (digits + 1) - 1)
		return dns_lex_wanted(&r->lx, wanted);
	for (size_t i = 0; i < groups; i++) {
		const char *p = word.text.p + i * (digits + 1);

		if (i && p[-1] != between)
			return dns_lex_wanted(&r->lx, wanted);
		if ((err = dns_read_hex_word(r, reed_slice(p, digits), &n)))
			return err == REED_ESYNTAX ? dns_lex_wanted(&r->lx, wanted) : err;
	}
	return REED_OK;
}

static enum reed_err emit_name(struct reader *r, struct reed_slice text)
{
	struct reed_dns_name name;
	enum reed_err err = reed_dns_name_parse(text, r->origin, &name);

	if (err == REED_ETOOBIG)
		return dns_lex_wrong(&r->lx, "this name is too long: labels have 63 bytes at most, "
		                             "names 255");
	if (err)
		return dns_lex_wanted(&r->lx, "a name");
	return dns_emit(r, name.wire, name.n);
}

static enum reed_err read_name(struct reader *r)
{
	struct word word;
	enum reed_err err = dns_lex_need(&r->lx, &word, "a name");

	return err ? err : emit_name(r, word.text);
}

static enum reed_err read_names(struct reader *r)
{
	struct word word;
	enum reed_err err;

	while (!(err = dns_lex_next(&r->lx, &word)))
		if ((err = emit_name(r, word.text)))
			return err;
	return err == REED_EEOF ? REED_OK : err;
}

/* ---- strings ---- */

static enum reed_err emit_text(struct reader *r, struct reed_slice text, size_t room)
{
	size_t n, left = r->room - r->n;
	enum reed_err err = dns_unescape_all(text, r->out + r->n, room < left ? room : left, &n);

	if (err == REED_ESYNTAX)
		return dns_lex_wrong(&r->lx,
		                     "a backslash is followed by one character, or by three "
		                     "digits up to 255");
	if (err == REED_ETOOBIG && room <= left)
		return dns_lex_wrong(&r->lx, "a string has 255 bytes at most: write it as several");
	if (!err)
		r->n += n;
	return err;
}

static enum reed_err emit_string(struct reader *r, struct reed_slice text)
{
	size_t at = r->n;
	enum reed_err err = dns_emit_number(r, 0, 1);

	if (!err)
		err = emit_text(r, text, 255);
	if (!err)
		r->out[at] = (uint8_t)(r->n - at - 1);
	return err;
}

static enum reed_err read_string(struct reader *r, enum field_kind kind)
{
	const char *wanted = kind == FIELD_TAG ? "a tag, as issue" : "a string";
	struct word word;
	enum reed_err err = dns_lex_need(&r->lx, &word, wanted);

	if (!err && kind == FIELD_TAG && !word.text.n)
		err = dns_lex_wanted(&r->lx, wanted);
	return err ? err : emit_string(r, word.text);
}

static enum reed_err read_strings(struct reader *r)
{
	struct word word;
	enum reed_err err = dns_lex_need(&r->lx, &word, "a string");

	while (!err && !(err = emit_string(r, word.text)))
		err = dns_lex_next(&r->lx, &word);
	return err == REED_EEOF ? REED_OK : err;
}

static enum reed_err read_text(struct reader *r)
{
	struct word word;
	enum reed_err err = dns_lex_need(&r->lx, &word, "a string");

	return err ? err : emit_text(r, word.text, REED_DNS_RDATA_MAX + 1);
}

/* ---- bytes with a length in front ---- */

static enum reed_err read_counted(struct reader *r, enum field_kind kind)
{
	static const char salt[] = "hexadecimal digits, or - for none", hash[] = "base32hex";
	const char *wanted = kind == FIELD_SALT ? salt : hash;
	size_t at = r->n, n = 0;
	struct word word;
	enum reed_err err = dns_lex_need(&r->lx, &word, wanted);

	if (err || (err = dns_emit_number(r, 0, 1)))
		return err;
	if (kind == FIELD_HASH)
		err = dns_read_base32_word(r, word.text, &n);
	else if (!reed_slice_is(word.text, "-"))
		err = dns_read_hex_word(r, word.text, &n);
	if (!err && (n > 255 || (n == 0 && kind == FIELD_HASH)))
		err = dns_lex_wanted(&r->lx, wanted);
	r->out[at] = (uint8_t)n;
	return err;
}

static enum reed_err read_data16(struct reader *r)
{
	size_t at = r->n;
	struct word word;
	uint64_t n;
	enum reed_err err = dns_read_number(r, UINT16_MAX, "a number of bytes", &n);

	if (!err)
		err = dns_emit_number(r, n, 2);
	if (err || n == 0)
		return err;
	if ((err = dns_lex_need(&r->lx, &word, "base64")))
		return err;
	if ((err = dns_read_base64_word(r, word.text)))
		return err;
	return r->n - at - 2 == n
	               ? REED_OK
	               : dns_lex_wrong(&r->lx, "this is not as long as said in front of it");
}

/* The second of the three bytes in front says which. */
static enum reed_err read_gateway(struct reader *r)
{
	unsigned kind = r->out[r->n - 2];
	struct word word;
	enum reed_err err;

	if (kind == 1 || kind == 2)
		return read_address(r, kind == 1);
	if (kind == 3)
		return read_name(r);
	err = dns_lex_need(&r->lx, &word, "a gateway: \".\" as its type is 0");
	if (!err && (kind || !reed_slice_is(word.text, ".")))
		err = dns_lex_wanted(&r->lx, "a gateway: \".\" for type 0, IPv4 for 1, IPv6 for 2, "
		                             "a name for 3");
	return err;
}

/* RFC 8005 6: the lengths are not written. */
static enum reed_err read_hip(struct reader *r)
{
	size_t at = r->n, tag;
	struct word word = { REED_STR(""), false };
	uint64_t algorithm;
	enum reed_err err = dns_read_number(r, UINT8_MAX, "a number up to 255", &algorithm);

	if (!err)
		err = dns_emit_number(r, algorithm << 16, 4);
	if (!err)
		err = dns_lex_need(&r->lx, &word, "hexadecimal digits");
	if (err || (err = dns_read_hex_word(r, word.text, &tag)))
		return err;
	if (tag == 0 || tag > 255)
		return dns_lex_wanted(&r->lx, "up to 255 bytes as hexadecimal digits");
	if ((err = dns_lex_need(&r->lx, &word, "base64")) ||
	    (err = dns_read_base64_word(r, word.text)))
		return err;
	r->out[at] = (uint8_t)tag;
	dns_put16(r->out + at + 2, (unsigned)(r->n - at - 4 - tag));
	return r->n - at - 4 - tag ? REED_OK : dns_lex_wanted(&r->lx, "base64");
}

/* ---- the walk ---- */

static enum reed_err read_special(struct reader *r, enum field_kind kind)
{
	size_t n;

	switch ((unsigned)kind) {
	case FIELD_EUI48:
		return read_groups(r, 6, 1, '-', "six bytes, as 00-00-5e-00-53-2a");
	case FIELD_EUI64:
		return read_groups(r, 8, 1, '-', "eight bytes, as 00-00-5e-ef-10-00-00-2a");
	case FIELD_ID64:
		return read_groups(r, 8, 2, ':', "64 bits, as 0014:4fff:ff20:ee64");
	case FIELD_LOC:
		return dns_read_loc(r);
	case FIELD_DATA16:
		return read_data16(r);
	case FIELD_GATEWAY:
		return read_gateway(r);
	case FIELD_HIP:
		return read_hip(r);
	case FIELD_NAMES:
		return read_names(r);
	case FIELD_STRINGS:
		return read_strings(r);
	case FIELD_TEXT:
		return read_text(r);
	case FIELD_HEX:
		return dns_read_hex_rest(r, &n);
	case FIELD_BASE64:
		return dns_read_base64_rest(r);
	case FIELD_TYPES:
		return dns_read_types(r);
	case FIELD_PREFIXES:
		return dns_read_prefixes(r);
	default:
		return dns_read_params(r);
	}
}

static enum reed_err read_field(struct reader *r, enum field_kind kind)
{
	switch ((unsigned)kind) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U48:
		return read_number(r, kind);
	case FIELD_PERIOD:
	case FIELD_STAMP:
		return read_seconds(r, kind);
	case FIELD_ALGORITHM:
	case FIELD_CERT_TYPE:
		return read_mnemonic(r, kind);
	case FIELD_TYPE:
		return read_type(r);
	case FIELD_A:
	case FIELD_AAAA:
		return read_address(r, kind == FIELD_A);
	case FIELD_NAME:
	case FIELD_NAME_EXPAND:
	case FIELD_NAME_FOLD:
	case FIELD_NAME_AS_IS:
		return read_name(r);
	case FIELD_STRING:
	case FIELD_TAG:
		return read_string(r, kind);
	case FIELD_SALT:
	case FIELD_HASH:
		return read_counted(r, kind);
	default:
		return read_special(r, kind);
	}
}

/* RFC 3597 5: \# LENGTH HEXADECIMAL */
static enum reed_err read_generic(struct reader *r, uint16_t type)
{
	size_t at = r->n, n = 0;
	uint64_t wanted;
	enum reed_err err = dns_read_number(r, UINT16_MAX, "a number of bytes", &wanted);

	if (!err)
		err = dns_read_hex_rest(r, &n);
	if (err)
		return err;
	if (n != wanted)
		return dns_lex_wrong(&r->lx, "there are not as many bytes as said behind \\#");
	if (reed_dns_rdata_check(type, reed_slice(r->out + at, n)))
		return dns_lex_wrong(&r->lx, "these bytes are no rdata of this type");
	return REED_OK;
}

static enum reed_err read_end(struct reader *r)
{
	struct word word;
	enum reed_err err = dns_lex_next(&r->lx, &word);

	if (!err)
		return dns_lex_wrong(&r->lx, "the record should have ended here");
	return err == REED_EEOF ? REED_OK : err;
}

/* Whether the first word is \#; nothing is read then but this word. */
static enum reed_err read_first(struct reader *r, bool *generic)
{
	struct lexer before = r->lx;
	struct word word = { REED_STR(""), false };
	enum reed_err err = dns_lex_next(&r->lx, &word);

	*generic = !err && !word.quoted && reed_slice_is(word.text, "\\#");
	if (!*generic && (!err || err == REED_EEOF)) {
		r->lx = before;
		return REED_OK;
	}
	return err;
}

enum reed_err dns_read_rdata(struct reader *r, uint16_t type)
{
	const uint8_t *kinds = dns_fields(type);
	size_t at = r->n;
	bool generic;
	enum reed_err err = read_first(r, &generic);

	if (err)
		return err;
	if (generic)
		return read_generic(r, type);
	if (!kinds) {
		struct word word;

		err = dns_lex_next(&r->lx, &word);
		return err && err != REED_EEOF
		               ? err
		               : dns_lex_wanted(&r->lx, "\\#, a number of bytes and the bytes in "
		                                        "hexadecimal: there is no other form "
		                                        "for this type");
	}
	for (; !err && *kinds; kinds++)
		err = read_field(r, (enum field_kind) * kinds);
	if (!err)
		err = read_end(r);
	return !err && r->n - at > REED_DNS_RDATA_MAX ? REED_ETOOBIG : err;
}

enum reed_err reed_dns_rdata_parse(uint16_t type, struct reed_slice text,
                                   const struct reed_dns_name *origin, void *into, size_t room,
                                   struct reed_slice *rdata, struct reed_dns_mistake *mistake)
{
	struct reader r = { .origin = origin, .out = into, .room = room };
	enum reed_err err;

	dns_lex(&r.lx, text, true);
	err = dns_read_rdata(&r, type);
	if (!err && r.lx.p < r.lx.end)
		err = dns_lex_wrong(&r.lx, "a record ends with its line");
	*rdata = reed_slice(into, err ? 0 : r.n);
	if (err == REED_ESYNTAX && mistake) {
		*mistake = (struct reed_dns_mistake){ 0, r.lx.word, r.lx.wanted, r.lx.wrong };
		mistake->at = (size_t)(r.lx.word.p - text.p);
	}
	return err;
}

void reed_dns_mistake_print(const struct reed_dns_mistake *mistake, struct reed_buf *out)
{
	enum { SHOWN = 60 };
	struct reed_slice word = reed_slice_first(mistake->word, SHOWN);

	if (word.n)
		reed_buf_printf(out, "\"" REED_FMT "%s\"", REED_ARG(word),
		                word.n < mistake->word.n ? "..." : "");
	if (mistake->wrong)
		reed_buf_printf(out, "%s%s", word.n ? ": " : "", mistake->wrong);
	else if (word.n)
		reed_buf_printf(out, " is not %s", mistake->wanted);
	else
		reed_buf_printf(out, "the record ends here, where it needs %s", mistake->wanted);
}
