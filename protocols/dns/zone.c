/* The scanner: files within files, entries within what was fed. */

#include "zone.h"

#include <stdio.h>

enum { INCLUDES = 16, GENERATED = 1 << 20, ENTRY = 1 << 20, SMALL = 1 << 16 };

static void open_level(struct reed_dns_scanner *s, char *name)
{
	*dns_zone_level(s) = (struct level){ .name = name, .line = 1 };
}

static void close_level(struct reed_dns_scanner *s)
{
	reed_buf_finish(&dns_zone_level(s)->text);
	reed_free(dns_zone_level(s)->name);
}

struct reed_dns_scanner *reed_dns_scanner_new(const struct reed_dns_scanner_options *options)
{
	static const struct reed_dns_scanner_options none = { REED_DNS_SCANNER_OPTIONS };
	const struct reed_dns_scanner_options *o = options ? options : &none;
	struct reed_dns_scanner *s = reed_alloc(sizeof(*s));

	s->depth_max = o->includes ? o->includes : INCLUDES;
	s->generated_max = o->generated ? o->generated : GENERATED;
	s->entry_max = o->entry ? o->entry : ENTRY;
	s->klass = o->klass ? o->klass : REED_DNS_CLASS_IN;
	s->levels = reed_alloc((s->depth_max + 1) * sizeof(*s->levels));
	reed_dns_name_root(&s->origin);
	if (o->origin)
		s->origin = *o->origin;
	s->r.origin = &s->origin;
	s->r.out = s->rdata;
	s->r.room = sizeof(s->rdata);
	open_level(s, reed_strdup(o->name ? o->name : "zone"));
	return s;
}

void reed_dns_scanner_free(struct reed_dns_scanner *self)
{
	if (!self)
		return;
	for (self->top++; self->top-- > 0;)
		close_level(self);
	reed_buf_finish(&self->generate.pattern);
	reed_buf_finish(&self->generate.line);
	reed_free(self->levels);
	reed_free(self->wants);
	reed_free(self->why);
	reed_free(self);
}

/* The file that was wanted is there: it is the one that is read now. */
static void enter(struct reed_dns_scanner *s)
{
	if (!s->wants)
		return;
	s->top++;
	open_level(s, s->wants);
	s->wants = NULL;
}

static void leave(struct reed_dns_scanner *s)
{
	close_level(s);
	s->top--;
	/* RFC 1035 5.1: an included file changes neither around it. */
	s->origin = dns_zone_level(s)->origin;
	s->owner = dns_zone_level(s)->owner;
}

enum reed_err reed_dns_scanner_feed(struct reed_dns_scanner *self, struct reed_slice text)
{
	enter(self);
	if (dns_zone_level(self)->last)
		return REED_EINVAL;
	reed_buf_add(&dns_zone_level(self)->text, text);
	return dns_zone_level(self)->text.err;
}

void reed_dns_scanner_finish(struct reed_dns_scanner *self)
{
	enter(self);
	dns_zone_level(self)->last = true;
}

const char *reed_dns_scanner_wants(const struct reed_dns_scanner *self)
{
	return self->wants;
}

const char *reed_dns_scanner_why(const struct reed_dns_scanner *self)
{
	return self->why ? self->why : "";
}

/* ---- mistakes ---- */

static void say(struct reed_dns_scanner *s, unsigned line, size_t column,
                const struct reed_dns_mistake *mistake)
{
	struct reed_buf out = { 0 };

	reed_buf_printf(&out, "%s:%u:%zu: ", dns_zone_level(s)->name, line, column);
	reed_dns_mistake_print(mistake, &out);
	reed_free(s->why);
	s->why = reed_buf_take(&out);
}

/* Where the word is, counted from where its entry begins. */
static void say_where(struct reed_dns_scanner *s, const char *begin)
{
	const struct lexer *lx = &s->r.lx;
	struct reed_dns_mistake mistake = { 0, lx->word, lx->wanted, lx->wrong };
	unsigned line = s->entry_line;
	const char *from = begin;

	for (const char *p = begin; p < lx->word.p; p++) {
		if (*p == '\n') {
			line++;
			from = p + 1;
		}
	}
	say(s, line, (size_t)(lx->word.p - from) + 1, &mistake);
}

void reed_dns_scanner_refuse(struct reed_dns_scanner *self, const char *why)
{
	struct reed_dns_mistake mistake = { .word = reed_slice_of(self->wants), .wrong = why };

	if (!self->wants)
		return;
	say(self, self->entry_line, 1, &mistake);
	reed_free(self->wants);
	self->wants = NULL;
	self->origin = dns_zone_level(self)->origin;
	self->refused = self->why;
}

/* ---- entries ---- */

static unsigned lines_of(const char *p, const char *end)
{
	unsigned n = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		n++;
		p++;
	}
	return n;
}

static void consume(struct level *level, const char *begin, const char *end)
{
	level->line += lines_of(begin, end);
	level->retry = 0;
	reed_buf_skip(&level->text, (size_t)(end - begin));
}

/*
 * What was begun in parentheses goes with its line.  REED_EAGAIN: its end is not
 * here yet, and the mistake will be found anew.
 */
static enum reed_err skip_entry(struct reed_dns_scanner *s, struct level *level, const char *begin)
{
	struct lexer rest = s->r.lx;
	struct word word;
	enum reed_err err = REED_OK;

	while (rest.depth && !rest.ended && !err)
		err = dns_lex_next(&rest, &word);
	if (err == REED_EAGAIN || dns_lex_skip_line(&rest))
		return REED_EAGAIN;
	say_where(s, begin);
	consume(level, begin, rest.p);
	return REED_ESYNTAX;
}

/* Goes on with a line that is skipped; false: its end is not here yet. */
static bool skip_on(struct level *level)
{
	struct reed_slice text = reed_buf_slice(&level->text);
	const char *end = text.n ? memchr(text.p, '\n', text.n) : NULL;

	if (!level->skipping)
		return true;
	level->skipping = !end && !level->last;
	consume(level, text.p, end ? end + 1 : text.p + text.n);
	return !level->skipping;
}

/* An entry that is not here as a whole: not tried anew for every byte of a long one. */
static enum reed_err want_more(struct reed_dns_scanner *s, struct level *level,
                               struct reed_slice text)
{
	static const struct reed_dns_mistake too_long = { .wrong = "this record is too long: is a "
		                                                   "parenthesis not closed?" };

	level->retry = text.n > SMALL ? 2 * text.n : text.n;
	if (text.n <= s->entry_max)
		return REED_EAGAIN;
	say(s, level->line, 1, &too_long);
	level->skipping = true;
	consume(level, text.p, text.p + text.n);
	return REED_ESYNTAX;
}

static enum reed_err next_entry(struct reed_dns_scanner *s)
{
	struct level *level = dns_zone_level(s);
	struct reed_slice text;
	enum reed_err err;

	if (!skip_on(level))
		return REED_EAGAIN;
	text = reed_buf_slice(&level->text);
	if (text.n <= level->retry && !level->last)
		return REED_EAGAIN;
	dns_lex(&s->r.lx, text, level->last);
	s->entry_line = level->line;
	err = dns_zone_entry(s, text.n && (text.p[0] == ' ' || text.p[0] == '\t'));
	if (err && err != REED_EAGAIN)
		err = skip_entry(s, level, text.p);
	else if (!err)
		consume(level, text.p, s->r.lx.p);
	return err == REED_EAGAIN ? want_more(s, level, text) : err;
}

static enum reed_err next_generated(struct reed_dns_scanner *s)
{
	struct reed_slice line = reed_buf_slice(&s->generate.line);
	struct reed_dns_mistake mistake;

	dns_lex(&s->r.lx, line, true);
	if (!dns_zone_entry(s, false) && s->found)
		return REED_OK;
	s->generate.on = false;
	mistake = (struct reed_dns_mistake){ 0, s->r.lx.word, s->r.lx.wanted, s->r.lx.wrong };
	if (!mistake.wanted && !mistake.wrong)
		mistake.wrong = "$GENERATE makes records only";
	say(s, s->entry_line, 1, &mistake);
	return REED_ESYNTAX;
}

static enum reed_err advance(struct reed_dns_scanner *s)
{
	struct level *level = dns_zone_level(s);

	if (dns_zone_generate_next(s))
		return next_generated(s);
	if (s->wants)
		return REED_EAGAIN;
	if (level->last && !reed_buf_held(&level->text)) {
		if (s->top == 0)
			return REED_EEOF;
		leave(s);
		return REED_OK;
	}
	return next_entry(s);
}

enum reed_err reed_dns_scanner_next(struct reed_dns_scanner *self,
                                    struct reed_dns_zone_record *record)
{
	enum reed_err err;

	if (self->refused) {
		self->refused = NULL;
		return REED_ESYNTAX;
	}
	do {
		self->found = false;
		err = advance(self);
	} while (!err && !self->found);
	if (!err)
		*record = (struct reed_dns_zone_record){
			.owner = &self->owner,
			.type = self->type,
			.klass = self->klass,
			.ttl = self->ttl,
			.rdata = reed_slice(self->rdata, self->r.n),
			.file = dns_zone_level(self)->name,
			.line = self->entry_line,
		};
	return err;
}
