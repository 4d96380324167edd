/* A form as a whole: its values in memory, its files on disk. */

#include "reader.h"

#include "reed/alloc.h"

enum { FIRST = 16 };

/* What goes with the request. */
struct whole {
	struct reed_form form;
	struct reed_form_field *fields;
	size_t room;
	bool done;
};

static void whole_free(void *value)
{
	struct whole *self = value;

	reed_free(self->fields);
	reed_free(self);
}

static const struct reed_http_key whole_key = { "form", whole_free };

static struct reed_form_field *add_field(struct whole *self, const struct reed_form_part *part)
{
	struct reed_form_field *field;

	if (self->form.count == self->room) {
		self->room = self->room ? 2 * self->room : FIRST;
		self->fields = reed_realloc(self->fields, self->room * sizeof(*self->fields));
	}
	field = &self->fields[self->form.count++];
	*field = (struct reed_form_field){ .name = part->name,
		                           .value = REED_STR(""),
		                           .filename = part->filename,
		                           .type = part->type };
	self->form.fields = self->fields;
	return field;
}

struct take {
	struct reed_co co;
	struct reed_form_reader *reader;
	struct whole *whole;
	const struct reed_form_part *part;
	struct reed_slice value;
	struct reed_form_file *file;
	const struct reed_form **out;
};

/* Where nobody has chosen a file a browser sends one without name and bytes. */
static bool is_file(const struct take *self)
{
	return self->part->file && self->part->filename.n > 0;
}

static void take_run(struct reed_co *co)
{
	struct take *self = reed_frame(co, struct take);
	const char *folder = self->reader->options.folder;

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_form_next(self->reader, &self->part));
			if (!self->part)
				break;
			self->file = NULL;
			self->value = REED_STR("");
			if (is_file(self) && !folder)
				reed_return(co, form_reject(self->reader, co, REED_ESYNTAX,
				                            "no files are taken here"));
			if (is_file(self))
				reed_try(co, reed_form_store(self->reader, folder, &self->file));
			else
				reed_try(co, reed_form_value(self->reader, &self->value));
			add_field(self->whole, self->part)->value = self->value;
			self->whole->fields[self->whole->form.count - 1].file = self->file;
		}
		self->whole->done = true;
	}
}

static void take_deliver(struct reed_co *co)
{
	struct take *self = reed_frame(co, struct take);

	*self->out = &self->whole->form;
}

static const struct reed_co_kind take_kind = { "whole form", sizeof(struct take), take_run,
	                                       take_deliver, NULL };

struct reed_future *reed_form_take(struct reed_http_request *request,
                                   const struct reed_form_options *options,
                                   const struct reed_form **form)
{
	struct reed_loop *loop = reed_http_loop(request);
	struct whole *whole = reed_http_attached(request, &whole_key);
	struct take *self;

	if (whole && whole->done) {
		*form = &whole->form;
		return reed_ready(loop, REED_OK);
	}
	if (whole)
		return reed_failed(loop, REED_EBUSY, "the form is being read, or was refused");
	whole = reed_alloc(sizeof(*whole));
	reed_http_attach(request, &whole_key, whole);
	self = reed_co_new(loop, &take_kind);
	self->reader = reed_form_reader(request, options);
	self->whole = whole;
	self->out = form;
	return reed_start(&self->co);
}

bool reed_form_is_there(const struct reed_http_request *request)
{
	struct reed_slice type = reed_http_header(request, "Content-Type");
	struct reed_form_parser parser;

	return type.p && reed_form_parser_init(&parser, type, NULL) != REED_ENOTSUP;
}

/* ---- looking ---- */

const struct reed_form_field *reed_form_nth(const struct reed_form *form, const char *name,
                                            size_t n)
{
	for (size_t i = 0; i < form->count; i++)
		if (reed_slice_is(form->fields[i].name, name) && n-- == 0)
			return &form->fields[i];
	return NULL;
}

struct reed_slice reed_form_get(const struct reed_form *form, const char *name)
{
	const struct reed_form_field *field = reed_form_nth(form, name, 0);

	return field ? field->value : reed_slice(NULL, 0);
}

struct reed_form_file *reed_form_file(const struct reed_form *form, const char *name)
{
	const struct reed_form_field *field = reed_form_nth(form, name, 0);

	return field ? field->file : NULL;
}
