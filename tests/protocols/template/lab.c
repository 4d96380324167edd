#include "lab.h"

static char said[65536];

static struct reed_future *list_next(struct reed_template_list *list, struct reed_loop *loop,
                                     struct reed_template_data **item)
{
	struct lab_list *self = reed_container_of(list, struct lab_list, list);

	(void)loop;
	if (self->at < self->count) { /* nothing of the table is changed by those who read it */
		union {
			const struct reed_template_data *from;
			struct reed_template_data *to;
		} data = { .from = &self->items[self->at++].data };

		*item = data.to;
	}
	return NULL;
}

static void list_end(struct reed_template_list *list)
{
	struct lab_list *self = reed_container_of(list, struct lab_list, list);

	self->at = 0;
	self->ended++;
}

struct reed_template_list *lab_list(struct lab_list *self, const struct reed_template_pairs *items,
                                    size_t count)
{
	static const struct reed_template_list_ops ops = { list_next, list_end };

	self->list.ops = &ops;
	self->items = items;
	self->count = count;
	return &self->list;
}

static const struct reed_template *footer;

static const struct reed_template *include(void *arg, struct reed_slice name)
{
	(void)arg;
	return reed_slice_is(name, "footer") ? footer : NULL;
}

static enum reed_err parse(const char *text, enum reed_template_form form, struct reed_template **t,
                           struct reed_fault **fault)
{
	struct reed_template_options options = REED_TEMPLATE_OPTIONS;

	options.form = form;
	options.include = include;
	return reed_template_parse("a.html", reed_slice_of(text), &options, t, fault);
}

const char *lab_refused(const char *text, enum reed_template_form form, enum reed_err *err)
{
	struct reed_fault *fault;
	struct reed_template *t;
	enum reed_err got = parse(text, form, &t, &fault);

	check((t == NULL) == (got != REED_OK));
	snprintf(said, sizeof(said), "%s", fault ? fault->sentence : "");
	if (err)
		*err = got;
	reed_fault_free(fault);
	reed_template_free(t);
	return said;
}

const char *lab_written(const char *text, enum reed_template_form form,
                        const struct reed_template_pair *pairs, size_t count)
{
	struct reed_template_pairs table = { .count = 0 };
	struct reed_template *t, *foot;
	struct reed_fault *fault;
	struct reed_loop *loop;
	struct reed_buf out = { .limit = sizeof(said) - 1 };

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	check_int(reed_template_parse("footer.html", REED_STR("<hr/>"), NULL, &foot, NULL),
	          REED_OK);
	footer = foot;
	if (parse(text, form, &t, &fault))
		snprintf(said, sizeof(said), "! %s", fault->sentence);
	else if (reed_loop_run_until(loop,
	                             reed_template_print(t, loop,
	                                                 reed_template_pairs(&table, pairs, count),
	                                                 &out),
	                             &fault))
		snprintf(said, sizeof(said), "! %s", reed_fault_why(fault, REED_EIO));
	else
		snprintf(said, sizeof(said), REED_FMT, REED_ARG(reed_buf_slice(&out)));
	reed_fault_free(fault);
	reed_buf_finish(&out);
	reed_template_free(t);
	reed_template_free(foot);
	reed_loop_free(loop);
	return said;
}
