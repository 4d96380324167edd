/*
 * The data of a page with a form: what was typed and what is wrong with it, the
 * token of the session, and who has logged in.
 *
 *	<form method="post">
 *		<input type="hidden" name="csrf" value="{{csrf}}"/>
 *		<input name="age" value="{{age}}"/>
 *		<p class="error" r:if="age-error">Age {{age-error}}.</p>
 *	</form>
 *
 * "csrf" is the token, "account" who has logged in, "form-error" what is wrong
 * with the whole; of each field of the schema NAME is its text (of a flag whether
 * it is set, for r:attr-checked) and NAME-error the sentence.  What there is none
 * of is not there: r:if is false.  Other names are the page's own.
 */

#ifndef REED_TEMPLATE_FORM_H
#define REED_TEMPLATE_FORM_H

#include "reed/form/schema.h"
#include "reed/session.h"
#include "reed/template.h"

REED_BEGIN_DECLS

struct reed_form_page {
	struct reed_template_data data;
	const struct reed_form_schema *schema;
	const struct reed_checked *checked;
	struct reed_template_data *more;
	const char *account;
	char token[REED_WEB_SESSION_TOKEN];
};

/*
 * checked, of that schema, is NULL for a form that is still empty; more, which
 * has the other names, may be NULL.  As with whatever gets a session its cookie,
 * before the answer begins.  Returns the data of it.
 */
REED_API struct reed_template_data *reed_form_page(struct reed_form_page *self,
                                                   struct reed_http_request *request,
                                                   const struct reed_form_schema *schema,
                                                   const struct reed_checked *checked,
                                                   struct reed_template_data *more);

REED_END_DECLS

#endif
