/* The page of guestbook.c: what it looks like, what its forms may say, what has been written. */

#ifndef REED_EXAMPLES_GUESTBOOK_PAGE_H
#define REED_EXAMPLES_GUESTBOOK_PAGE_H

#include <jansson.h>
#include <reed/co.h>
#include <reed/template-form.h>

static const struct reed_form_schema_field login_fields[] = { { .name = "user", .required = true },
	                                                      { .name = "password",
	                                                        .required = true } };
static const struct reed_form_schema_field entry_fields[] = {
	{ .name = "text", .required = true, .least = 2, .most = 200 },
};
static const struct reed_form_schema logins = { .fields = login_fields, .count = 2 };
static const struct reed_form_schema entries = { .fields = entry_fields, .count = 1 };

/* clang-format off */
static const char guest_text[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\"><head><title>Guest book</title>\n"
	"<meta name=\"viewport\" content=\"width=device-width\"/>\n"
	"<style>\n"
	":root { color-scheme: light dark; --paper: #f7f6f1; --ink: #22302a; --card: #fff; --soft: #66746c; --line: #dfdccf; }\n"
	"@media (prefers-color-scheme: dark) { :root { --paper: #141a17; --ink: #e6ece8; --card: #1d2521;\n"
	"\t--soft: #93a39a; --line: #2d3833; } }\n"
	"* { box-sizing: border-box; } body { margin: 0; background: var(--paper); color: var(--ink);\n"
	"\tfont: 16px/1.5 system-ui, sans-serif; }\n"
	"main { max-width: 36rem; margin: 0 auto; padding: 2.5rem 1.25rem; display: grid; gap: 1.25rem; }\n"
	"header { display: flex; align-items: center; gap: 1rem; } h1 { margin: 0; font-size: 1.5rem; }\n"
	"header form { margin-left: auto; color: var(--soft); }\n"
	"section, li { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem; }\n"
	"section form { display: grid; gap: .8rem; } label { display: grid; gap: .25rem; font-weight: 600; }\n"
	"input, textarea { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);\n"
	"\tborder-radius: 8px; padding: .55rem .7rem; width: 100%; }\n"
	"button { font: inherit; font-weight: 600; color: #fff; background: #3a7351; border: 0; border-radius: 8px;\n"
	"\tpadding: .55rem 1rem; justify-self: start; cursor: pointer; }\n"
	".wrong { margin: 0; color: #b3372c; font-weight: 400; } ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .7rem; }\n"
	"li p { margin: 0; overflow-wrap: anywhere; } li small, .none { color: var(--soft); }\n"
	"</style></head>\n"
	"<body><main>\n"
	"<header><h1>Guest book</h1>\n"
	"<form r:if=\"account\" method=\"post\" action=\"/book/logout\"><input type=\"hidden\" name=\"csrf\" value=\"{{csrf}}\"/>\n"
	"{{account}} <button id=\"logout\">Log out</button></form></header>\n"
	"<section r:unless=\"account\"><form method=\"post\" action=\"/login\">\n"
	"<input type=\"hidden\" name=\"csrf\" value=\"{{csrf}}\"/>\n"
	"<label>Name <input name=\"user\" autocomplete=\"username\" value=\"{{user}}\"/>\n"
	"<span class=\"wrong\" r:if=\"user-error\">Name {{user-error}}.</span></label>\n"
	"<label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\"/>\n"
	"<span class=\"wrong\" r:if=\"password-error\">Password {{password-error}}.</span></label>\n"
	"<button id=\"login\">Log in</button></form></section>\n"
	"<section r:if=\"account\"><form method=\"post\" action=\"/book/\">\n"
	"<input type=\"hidden\" name=\"csrf\" value=\"{{csrf}}\"/>\n"
	"<label>What would you like to say? <input name=\"text\" maxlength=\"400\" value=\"{{text}}\"/>\n"
	"<span class=\"wrong\" r:if=\"text-error\">It {{text-error}}.</span></label>\n"
	"<button id=\"write\">Write it down</button></form></section>\n"
	"<ul><li r:repeat=\"entries\"><p>{{said}}</p><small>{{by}}</small></li></ul>\n"
	"<p class=\"none\" r:unless=\"any\">Nobody has written anything yet.</p>\n"
	"</main></body></html>\n";
/* clang-format on */

enum { GUEST_ENTRIES = 20 };

static void guest_add(struct json_t *all, const struct reed_http_request *request,
                      struct reed_slice text)
{
	const char *by = reed_web_session_account(reed_web_session_of(request));

	json_array_insert_new(all, 0, json_pack("{s:s, s:s%}", "by", by, "text", text.p, text.n));
	json_array_remove(all, GUEST_ENTRIES);
}

static struct reed_future *guest_entries(void *all, struct reed_http_request *request)
{
	reed_json_respondf(request, 200, "{s:O}", "entries", all);
	return NULL;
}

/* To a program: the entry that was written, or what is wrong with it. */
static void guest_tell(struct json_t *all, struct reed_http_request *request,
                       const struct reed_checked *checked)
{
	if (checked->wrong)
		reed_checked_refuse(checked, request);
	else
		reed_json_respondf(request, 201, "O", json_array_get(all, 0));
}

struct guest_list {
	struct reed_template_list list;
	struct reed_template_pairs all, item;
	struct reed_template_pair names[2], values[2];
	struct json_t *entries;
	size_t next;
};

static struct reed_slice guest_member(const struct json_t *entry, const char *name)
{
	return reed_slice_of(json_string_value(json_object_get(entry, name)));
}

static struct reed_future *guest_next(struct reed_template_list *list, struct reed_loop *loop,
                                      struct reed_template_data **item)
{
	struct guest_list *self = (struct guest_list *)list;
	const struct json_t *entry = json_array_get(self->entries, self->next++);

	(void)loop;
	*item = NULL;
	if (!entry)
		return NULL;
	self->values[0] =
		(struct reed_template_pair){ "said",
		                             reed_template_text(guest_member(entry, "text")) };
	self->values[1] =
		(struct reed_template_pair){ "by", reed_template_text(guest_member(entry, "by")) };
	*item = reed_template_pairs(&self->item, self->values, 2);
	return NULL;
}

/* The names "entries" and "any". */
static struct reed_template_data *guest_list(struct guest_list *self, struct json_t *all)
{
	static const struct reed_template_list_ops ops = { .next = guest_next };

	self->list.ops = &ops;
	self->entries = all;
	self->next = 0;
	self->names[0] = (struct reed_template_pair){ "entries",
		                                      { .kind = REED_TEMPLATE_ITEMS,
		                                        .items = &self->list } };
	self->names[1] = (struct reed_template_pair){ "any",
		                                      { .kind = REED_TEMPLATE_FLAG,
		                                        .flag = json_array_size(all) > 0 } };
	return reed_template_pairs(&self->all, self->names, 2);
}

struct guest_page {
	struct reed_form_page form;
	struct guest_list list;
};

/* With what is wrong in checked, when something is. */
static struct reed_future *guest_show(struct guest_page *self, const struct reed_template *page,
                                      struct reed_http_request *request,
                                      const struct reed_checked *checked, struct json_t *all)
{
	bool known = reed_web_session_account(reed_web_session_of(request))[0];
	struct reed_template_data *own = guest_list(&self->list, all);

	return reed_template_respond(page, request,
	                             reed_form_page(&self->form, request,
	                                            known ? &entries : &logins,
	                                            checked->wrong ? checked : NULL, own));
}

#endif
