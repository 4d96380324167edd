/* Entries of a zone file: RFC 1035 5.1. */

#include "zone.h"

enum { TTL_MAX = 0x7fffffff };

static const char ttl_wanted[] = "a TTL up to 2147483647, in seconds or as 1h30m";

static enum reed_err read_ttl(struct reed_dns_scanner *s, struct reed_slice text, uint32_t *ttl)
{
	if (dns_read_period(text, ttl) || *ttl > TTL_MAX) /* RFC 2181 8 */
		return dns_lex_wanted(&s->r.lx, ttl_wanted);
	return REED_OK;
}

static enum reed_err read_name(struct reed_dns_scanner *s, struct reed_slice text,
                               struct reed_dns_name *name)
{
	enum reed_err err = reed_dns_name_parse(text, &s->origin, name);

	if (err == REED_ETOOBIG)
		return dns_lex_wrong(&s->r.lx,
		                     "this name is too long: labels have 63 bytes at most, "
		                     "names 255");
	return err ? dns_lex_wanted(&s->r.lx, "a name") : REED_OK;
}

static enum reed_err read_end(struct reed_dns_scanner *s)
{
	struct word word;
	enum reed_err err = dns_lex_next(&s->r.lx, &word);

	if (!err)
		return dns_lex_wrong(&s->r.lx, "the line should have ended here");
	return err == REED_EEOF ? REED_OK : err;
}

/* ---- directives ---- */

static enum reed_err read_origin(struct reed_dns_scanner *s)
{
	struct reed_dns_name name = { 0 };
	struct word word;
	enum reed_err err = dns_lex_need(&s->r.lx, &word, "a name");

	if (!err)
		err = read_name(s, word.text, &name);
	if (!err && !(err = read_end(s)))
		s->origin = name;
	return err;
}

static enum reed_err read_default_ttl(struct reed_dns_scanner *s)
{
	struct word word;
	uint32_t ttl = 0;
	enum reed_err err = dns_lex_need(&s->r.lx, &word, ttl_wanted);

	if (!err)
		err = read_ttl(s, word.text, &ttl);
	if (!err && !(err = read_end(s))) {
		s->ttl_default = ttl;
		s->has_default = true;
	}
	return err;
}

/* Files that are being read may not be read anew within themselves. */
static enum reed_err check_include(struct reed_dns_scanner *s, const char *path)
{
	if (s->top >= s->depth_max)
		return dns_lex_wrong(&s->r.lx, "too many files include one another");
	for (unsigned i = 0; i <= s->top; i++)
		if (strcmp(s->levels[i].name, path) == 0)
			return dns_lex_wrong(&s->r.lx, "this file would include itself");
	return REED_OK;
}

static enum reed_err read_include(struct reed_dns_scanner *s)
{
	struct word path = { REED_STR(""), false }, word;
	struct reed_dns_name name = s->origin;
	uint8_t bytes[4096];
	size_t n;
	char *wants;
	enum reed_err err = dns_lex_need(&s->r.lx, &path, "a file");

	if (err)
		return err;
	if (dns_unescape_all(path.text, bytes, sizeof(bytes), &n) || !n || memchr(bytes, '\0', n))
		return dns_lex_wanted(&s->r.lx, "a file");
	wants = dns_zone_path(dns_zone_level(s)->name, reed_slice(bytes, n));
	err = check_include(s, wants);
	if (!err && !(err = dns_lex_next(&s->r.lx, &word)) &&
	    !(err = read_name(s, word.text, &name)))
		err = read_end(s);
	if (err && err != REED_EEOF) {
		reed_free(wants);
		return err;
	}
	dns_zone_level(s)->origin = s->origin;
	dns_zone_level(s)->owner = s->owner;
	s->origin = name;
	s->wants = wants;
	return REED_OK;
}

static enum reed_err read_directive(struct reed_dns_scanner *s, struct reed_slice text)
{
	static const struct {
		const char *name;
		enum reed_err (*read)(struct reed_dns_scanner *s);
	} known[] = {
		{ "$ORIGIN", read_origin },
		{ "$TTL", read_default_ttl },
		{ "$INCLUDE", read_include },
		{ "$GENERATE", dns_zone_generate },
	};

	for (size_t i = 0; i < REED_COUNT(known); i++)
		if (reed_slice_is_nocase(text, known[i].name))
			return known[i].read(s);
	return dns_lex_wanted(&s->r.lx, "$ORIGIN, $TTL, $INCLUDE or $GENERATE");
}

/* ---- records ---- */

/* TTL and class in either order, each may be left out; then the type. */
static enum reed_err read_head(struct reed_dns_scanner *s, bool *has_ttl, uint32_t *ttl)
{
	static const char wanted[] = "a type, as A or TYPE65280, nor a class, nor a TTL";
	bool has_class = false;
	struct word word;
	uint16_t klass;
	enum reed_err err;

	while (!(err = dns_lex_need(&s->r.lx, &word, "a type, as A or TYPE65280"))) {
		if (!*has_ttl && word.text.n && word.text.p[0] >= '0' && word.text.p[0] <= '9') {
			*has_ttl = true;
			err = read_ttl(s, word.text, ttl);
		} else if (!has_class && !reed_dns_class_parse(word.text, &klass)) {
			has_class = true;
			if (klass != s->klass)
				err = dns_lex_wrong(&s->r.lx, "this zone is of another class");
		} else {
			return reed_dns_type_parse(word.text, &s->type)
			               ? dns_lex_wanted(&s->r.lx, wanted)
			               : REED_OK;
		}
		if (err)
			break;
	}
	return err;
}

static enum reed_err choose_ttl(struct reed_dns_scanner *s, bool has_ttl, uint32_t ttl)
{
	if (has_ttl)
		s->ttl = ttl;
	else if (s->has_default)
		s->ttl = s->ttl_default;
	else if (!s->has_ttl && s->type == REED_DNS_TYPE_SOA)
		s->ttl = dns_get32(s->rdata + s->r.n - 4);
	else if (!s->has_ttl)
		return dns_lex_wrong(&s->r.lx,
		                     "no TTL is known here: write one in front of the type, "
		                     "or $TTL 3600 as the first line");
	s->has_ttl = true;
	return REED_OK;
}

static enum reed_err read_record(struct reed_dns_scanner *s)
{
	bool has_ttl = false;
	uint32_t ttl = 0;
	enum reed_err err = read_head(s, &has_ttl, &ttl);

	if (err)
		return err;
	if (reed_dns_type_is_meta(s->type))
		return dns_lex_wrong(&s->r.lx, "records of this type are never in a zone");
	s->r.n = 0;
	err = dns_read_rdata(&s->r, s->type);
	if (err == REED_ETOOBIG)
		return dns_lex_wrong(&s->r.lx, "rdata has 65535 bytes at most");
	if (!err)
		err = choose_ttl(s, has_ttl, ttl);
	s->found = !err;
	return err;
}

enum reed_err dns_zone_entry(struct reed_dns_scanner *s, bool blank)
{
	struct lexer before = s->r.lx;
	struct word word;
	enum reed_err err = dns_lex_next(&s->r.lx, &word);

	s->found = false;
	if (err)
		return err == REED_EEOF ? REED_OK : err;
	if (!blank && !word.quoted && word.text.n && word.text.p[0] == '$')
		return read_directive(s, word.text);
	if (!blank) {
		if ((err = read_name(s, word.text, &s->owner)))
			return err;
		s->has_owner = true;
		return read_record(s);
	}
	if (!s->has_owner)
		return dns_lex_wrong(&s->r.lx,
		                     "a line that begins with a space goes on with the name "
		                     "of the record before, and there is none");
	s->r.lx = before;
	return read_record(s);
}
