/* Names of a page that are a form's. */

#include "reed/template-form.h"

#define ERROR "-error"

static struct reed_form_page *self_of(struct reed_template_data *data)
{
	return reed_container_of(data, struct reed_form_page, data);
}

/* Nothing of it is none: r:if is false, and no slot is filled. */
static struct reed_template_value text_of(struct reed_slice text)
{
	struct reed_template_value value = reed_template_text(text);

	if (text.n == 0)
		value.kind = REED_TEMPLATE_NONE;
	return value;
}

static struct reed_template_value field_of(const struct reed_form_page *self, size_t i)
{
	struct reed_template_value value = reed_template_text(REED_STR(""));

	if (self->schema->fields[i].type == REED_FORM_SCHEMA_FLAG) {
		value.kind = REED_TEMPLATE_FLAG;
		value.flag = self->checked && self->checked->values[i].flag;
	} else if (self->checked) {
		value.text = self->checked->values[i].text;
	}
	return value;
}

static struct reed_template_value error_of(const struct reed_form_page *self, size_t i)
{
	return text_of(reed_slice_of(self->checked ? self->checked->values[i].error : NULL));
}

static enum reed_err of_schema(const struct reed_form_page *self, struct reed_slice name,
                               struct reed_template_value *value)
{
	for (size_t i = 0; i < self->schema->count; i++) {
		struct reed_slice field = reed_slice_of(self->schema->fields[i].name);

		if (!reed_slice_starts(name, field))
			continue;
		if (name.n == field.n)
			*value = field_of(self, i);
		else if (reed_slice_is(reed_slice_from(name, field.n), ERROR))
			*value = error_of(self, i);
		else
			continue;
		return REED_OK;
	}
	return REED_ENOENT;
}

static enum reed_err get(struct reed_template_data *data, struct reed_slice name,
                         struct reed_template_value *value)
{
	struct reed_form_page *self = self_of(data);

	if (reed_slice_is(name, "csrf"))
		*value = reed_template_text(reed_slice_of(self->token));
	else if (reed_slice_is(name, "account"))
		*value = text_of(reed_slice_of(self->account));
	else if (reed_slice_is(name, "form-error"))
		*value = text_of(reed_slice_of(self->checked ? self->checked->error : NULL));
	else if (of_schema(self, name, value))
		return self->more ? self->more->ops->get(self->more, name, value) : REED_ENOENT;
	return REED_OK;
}

static const struct reed_template_data_ops page_ops = { .get = get };

struct reed_template_data *reed_form_page(struct reed_form_page *self,
                                          struct reed_http_request *request,
                                          const struct reed_form_schema *schema,
                                          const struct reed_checked *checked,
                                          struct reed_template_data *more)
{
	struct reed_web_session *session = reed_web_session_of(request);

	*self = (struct reed_form_page){ .schema = schema, .checked = checked, .more = more };
	self->data.ops = &page_ops;
	self->account = session ? reed_web_session_account(session) : "";
	if (session)
		reed_web_session_token(session, request, self->token);
	return &self->data;
}
