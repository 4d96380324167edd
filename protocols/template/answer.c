/* Templates as answers, and in memory; tables of data. */

#include "private.h"

#include "reed/co.h"

/* ---- tables ---- */

static enum reed_err pairs_get(struct reed_template_data *data, struct reed_slice name,
                               struct reed_template_value *value)
{
	struct reed_template_pairs *self =
		reed_container_of(data, struct reed_template_pairs, data);

	for (size_t i = 0; i < self->count; i++)
		if (reed_slice_is(name, self->pairs[i].name)) {
			*value = self->pairs[i].value;
			return REED_OK;
		}
	return REED_ENOENT;
}

struct reed_template_data *reed_template_pairs(struct reed_template_pairs *self,
                                               const struct reed_template_pair *pairs, size_t count)
{
	static const struct reed_template_data_ops ops = { .get = pairs_get };

	self->data.ops = &ops;
	self->pairs = pairs;
	self->count = count;
	return &self->data;
}

/* ---- answers ---- */

struct answer {
	struct reed_co co;
	struct reed_template_sink sink;
	struct reed_http_request *request;
	const struct reed_template *t;
	struct reed_template_data *data;
};

/* The head goes with the first bytes, so that what fails before them is an error of its own. */
static void answer_write(struct reed_template_sink *sink, struct reed_slice bytes)
{
	struct answer *self = reed_container_of(sink, struct answer, sink);
	bool xml = self->t->form == REED_TEMPLATE_XML;

	if (!reed_http_begun(self->request))
		reed_http_begin(self->request, 200,
		                xml ? "application/xml; charset=utf-8" : "text/html; charset=utf-8",
		                -1);
	reed_http_write(self->request, bytes);
}

static struct reed_future *answer_drain(struct reed_template_sink *sink)
{
	struct answer *self = reed_container_of(sink, struct answer, sink);

	return reed_http_must_drain(self->request) ? reed_http_drain(self->request) : NULL;
}

static const struct reed_template_sink_ops answer_ops = { answer_write, answer_drain };

static void answer_run(struct reed_co *co)
{
	struct answer *self = reed_frame(co, struct answer);

	reed_coroutine (co) {
		reed_try(co, reed_template_write(self->t, co->loop, self->data, &self->sink));
		answer_write(&self->sink, REED_STR(""));
		reed_http_end(self->request);
	}
}

static void answer_end(struct reed_co *co)
{
	template_release(reed_frame(co, struct answer)->t);
}

static const struct reed_co_kind answer_kind = { "template answer", sizeof(struct answer),
	                                         answer_run, NULL, answer_end };

struct reed_future *reed_template_respond(const struct reed_template *t,
                                          struct reed_http_request *request,
                                          struct reed_template_data *data)
{
	struct answer *self = reed_co_new(reed_http_loop(request), &answer_kind);

	self->sink.ops = &answer_ops;
	self->request = request;
	self->t = t;
	template_hold(t);
	self->data = data;
	return reed_start(&self->co);
}

/* ---- in memory ---- */

struct print {
	struct reed_co co;
	struct reed_template_sink sink;
	struct reed_buf *out;
	const struct reed_template *t;
	struct reed_template_data *data;
};

static void print_write(struct reed_template_sink *sink, struct reed_slice bytes)
{
	reed_buf_add(reed_container_of(sink, struct print, sink)->out, bytes);
}

/* A full buffer ends it. */
static struct reed_future *print_drain(struct reed_template_sink *sink)
{
	struct print *self = reed_container_of(sink, struct print, sink);

	return self->out->err ? reed_ready(self->co.loop, self->out->err) : NULL;
}

static const struct reed_template_sink_ops print_ops = { print_write, print_drain };

static void print_run(struct reed_co *co)
{
	struct print *self = reed_frame(co, struct print);

	reed_coroutine (co) {
		reed_try(co, reed_template_write(self->t, co->loop, self->data, &self->sink));
		reed_return(co, self->out->err);
	}
}

static void print_end(struct reed_co *co)
{
	template_release(reed_frame(co, struct print)->t);
}

static const struct reed_co_kind print_kind = { "template print", sizeof(struct print), print_run,
	                                        NULL, print_end };

struct reed_future *reed_template_print(const struct reed_template *t, struct reed_loop *loop,
                                        struct reed_template_data *data, struct reed_buf *out)
{
	struct print *self = reed_co_new(loop, &print_kind);

	self->sink.ops = &print_ops;
	self->out = out;
	self->t = t;
	template_hold(t);
	self->data = data;
	return reed_start(&self->co);
}
