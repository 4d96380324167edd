/* Instructions out of text and attributes. */

#include "private.h"

void template_refuse_at(struct template_steps *self, enum reed_err err, const char *file, int line,
                        const char *format, ...)
{
	char text[512];
	va_list args;

	if (self->fault)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	self->fault = reed_fault_new(err, NULL, file, line, "%s:%u:%u: %s", self->t->name,
	                             self->line, self->column, text);
}

static struct template_step *push(struct template_steps *self, enum template_verb verb)
{
	struct reed_template *t = self->t;

	if (t->count == t->room) {
		t->room = t->room ? t->room * 2 : 32;
		t->steps = reed_realloc(t->steps, t->room * sizeof(*t->steps));
	}
	t->steps[t->count] =
		(struct template_step){ .verb = verb, .line = self->line, .column = self->column };
	return &t->steps[t->count++];
}

static uint32_t keep(struct template_steps *self, struct reed_slice s)
{
	size_t at = reed_buf_held(&self->t->text);

	reed_buf_add(&self->t->text, s);
	return (uint32_t)at;
}

void template_say(struct template_steps *self, struct reed_slice text)
{
	struct reed_template *t = self->t;
	struct template_step *last = t->count > self->fence ? &t->steps[t->count - 1] : NULL;

	if (text.n == 0)
		return;
	if (!last || last->verb != VERB_TEXT || last->text + last->n != reed_buf_held(&t->text)) {
		last = push(self, VERB_TEXT);
		last->text = (uint32_t)reed_buf_held(&t->text);
	}
	keep(self, text);
	last->n += (uint32_t)text.n;
}

uint32_t template_add(struct template_steps *self, enum template_verb verb, struct reed_slice name)
{
	struct template_step *step = push(self, verb);

	step->name = keep(self, name);
	step->name_n = (uint32_t)name.n;
	return self->t->count - 1;
}

void template_land(struct template_steps *self, uint32_t step)
{
	self->t->steps[step].jump = self->fence = self->t->count;
}

bool template_is_name(struct reed_slice s)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-.";

	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(allowed, s.p[i]))
			return false;
	return s.n > 0 && strchr(allowed, s.p[0]) - allowed < 53;
}

bool template_piece(struct template_steps *self, struct reed_slice *rest, struct reed_slice *said,
                    struct reed_slice *name)
{
	size_t n = reed_slice_search(*rest, REED_STR("{{"));

	*said = reed_slice_first(*rest, n);
	*name = reed_slice(NULL, 0);
	if (rest->n == 0 || self->fault)
		return false;
	*rest = reed_slice_from(*rest, n);
	if (n > 0)
		return true;
	n = reed_slice_search(*rest, REED_STR("}}"));
	*name = reed_slice_trim(reed_slice_from(reed_slice_first(*rest, n), 2));
	if (n == rest->n) {
		template_refuse(self, REED_ESYNTAX, "{{ without }}; two braces are written {{}}");
		return false;
	}
	*rest = reed_slice_from(*rest, n + 2);
	if (name->n == 0) {
		*said = REED_STR("{{");
		*name = reed_slice(NULL, 0);
	} else if (!template_is_name(*name)) {
		template_refuse(self, REED_ESYNTAX,
		                "\"" REED_FMT "\" is no name: letters, digits, '_', '-' and '.', "
		                "the first a letter or '_'",
		                REED_ARG(reed_slice_first(*name, 60)));
	}
	return true;
}

/* ---- attributes ---- */

static void say_escaped(struct template_steps *self, struct reed_slice s)
{
	struct reed_buf out = { .limit = 0 };

	template_escape(s, &out);
	template_say(self, reed_buf_slice(&out));
	reed_buf_finish(&out);
}

static void refuse_data(struct template_steps *self, const char *element, const char *name,
                        const char *why)
{
	template_refuse(self, REED_EACCES, "no data in the attribute %s of %s: %s", name, element,
	                why);
}

/* What stands before data in a URL, as of the first piece. */
static void check_prefix(struct template_steps *self, const char *element, const char *name,
                         struct reed_slice said)
{
	if (!template_url_passes(said, self->t->schemes))
		refuse_data(self, element, name, "the scheme before it is none of those allowed");
}

struct attribute {
	const char *element, *name;
	enum template_place place;
	const char *why;
	struct reed_slice before; /* what was said at the beginning */
	bool has_data, any;
	bool settled; /* whether it has a scheme is known from what was said */
};

/* Data that is followed by a colon would be, or end, a scheme: java{{x}}: */
static bool makes_scheme(struct attribute *a, struct reed_slice said)
{
	for (size_t i = 0; i < said.n && !a->settled; i++) {
		if (!strchr(":/?#", said.p[i]))
			continue;
		a->settled = true;
		return said.p[i] == ':' && a->has_data;
	}
	return false;
}

static void add_data(struct template_steps *self, struct attribute *a, struct reed_slice data)
{
	uint32_t step;

	if (a->place == PLACE_REFUSED)
		refuse_data(self, a->element, a->name, a->why);
	if (a->place == PLACE_URL && !a->has_data)
		check_prefix(self, a->element, a->name, a->before);
	step = template_add(self, VERB_DATA, data);
	self->t->steps[step].place = a->place;
	if (a->place == PLACE_URL && a->any)
		self->t->steps[step].place = PLACE_URL_PART;
	a->has_data = true;
}

static void add_said(struct template_steps *self, struct attribute *a, struct reed_slice said)
{
	if (!a->any)
		a->before = said;
	if (makes_scheme(a, said) && a->place == PLACE_URL)
		refuse_data(self, a->element, a->name, "a colon behind it makes it a scheme");
	say_escaped(self, said);
}

void template_attribute(struct template_steps *self, const char *element, const char *name,
                        struct reed_slice value)
{
	struct attribute a = { .element = element, .name = name };
	struct reed_slice said, data;

	a.place = template_place_of(element, name, &a.why);
	template_say(self, REED_STR(" "));
	template_say(self, reed_slice_of(name));
	template_say(self, REED_STR("=\""));
	while (template_piece(self, &value, &said, &data)) {
		if (data.p)
			add_data(self, &a, data);
		else
			add_said(self, &a, said);
		a.any = true;
	}
	template_say(self, REED_STR("\""));
}

void template_optional(struct template_steps *self, const char *element, const char *name,
                       struct reed_slice data)
{
	struct reed_buf text = { .limit = 0 };
	enum template_place place;
	const char *why;
	uint32_t step;

	place = template_place_of(element, name, &why);
	if (place == PLACE_REFUSED)
		refuse_data(self, element, name, why);
	reed_buf_printf(&text, " %s=\"", name);
	step = template_add(self, VERB_ATTR, data);
	self->t->steps[step].place = place;
	self->t->steps[step].text = keep(self, reed_buf_slice(&text));
	self->t->steps[step].n = (uint32_t)reed_buf_held(&text);
	reed_buf_finish(&text);
}
