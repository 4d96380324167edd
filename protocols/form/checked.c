/* What came of a check: read by handlers, answered. */

#include <jansson.h>

#include "reed/co.h"
#include "schema.h"

static size_t index_of(const struct reed_checked *checked, const char *name)
{
	size_t i = 0;

	while (i < checked->schema->count && strcmp(checked->schema->fields[i].name, name) != 0)
		i++;
	return i;
}

const struct reed_form_schema_value *reed_checked_value(const struct reed_checked *checked,
                                                        const char *name)
{
	size_t i = index_of(checked, name);

	return i < checked->schema->count ? &checked->values[i] : NULL;
}

const char *reed_checked_error(const struct reed_checked *checked, const char *name)
{
	const struct reed_form_schema_value *value = reed_checked_value(checked, name);

	return value ? value->error : NULL;
}

void reed_checked_fail(struct reed_checked *checked, const char *name, const char *error)
{
	size_t i = index_of(checked, name);

	checked->wrong++;
	if (i < checked->schema->count)
		checked->values[i].error = error;
	else
		checked->error = error;
}

void reed_checked_refuse(const struct reed_checked *checked, struct reed_http_request *request)
{
	struct json_t *errors = json_object();

	if (checked->error)
		json_object_set_new(errors, "", json_string(checked->error));
	for (size_t i = 0; i < checked->schema->count; i++)
		if (checked->values[i].error)
			json_object_set_new(errors, checked->schema->fields[i].name,
			                    json_string(checked->values[i].error));
	reed_json_respondf(request, 422, "{s:o}", "errors", errors);
}

/* ---- whichever it is ---- */

struct take {
	struct reed_co co;
	struct reed_http_request *request;
	const struct reed_form_schema *schema;
	struct reed_form_options options;
	const struct reed_form *form;
	struct json_t *json;
	struct reed_checked *out;
};

static void take_run(struct reed_co *co)
{
	struct take *self = reed_frame(co, struct take);

	reed_coroutine (co) {
		if (reed_json_is_there(self->request))
			reed_try(co, reed_json_take(self->request, NULL, &self->json));
		else
			reed_try(co, reed_form_take(self->request, &self->options, &self->form));
	}
}

static void take_deliver(struct reed_co *co)
{
	struct take *self = reed_frame(co, struct take);
	struct reed_pool *pool = reed_http_pool(self->request);

	if (self->json)
		reed_form_schema_json(self->schema, self->json, pool, self->out);
	else
		reed_form_schema_form(self->schema, self->form, pool, self->out);
}

static const struct reed_co_kind take_kind = { "checked body", sizeof(struct take), take_run,
	                                       take_deliver, NULL };

struct reed_future *reed_form_schema_take(struct reed_http_request *request,
                                          const struct reed_form_schema *schema,
                                          const struct reed_form_options *options,
                                          struct reed_checked *checked)
{
	struct take *self = reed_co_new(reed_http_loop(request), &take_kind);
	struct reed_form_options *o = &self->options;

	self->request = request;
	self->schema = schema;
	o->size = sizeof(*o);
	if (options)
		memcpy(o, options, options->size < sizeof(*o) ? options->size : sizeof(*o));
	self->out = checked;
	return reed_start(&self->co);
}
