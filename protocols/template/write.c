/*
 * A template is written by a coroutine that runs its instructions until one has
 * to wait.  What was written before goes to the sink first.
 */

#include "private.h"

#include "reed/co.h"

enum {
	DEPTH = 64,
	FLUSH = 16 << 10,
	STEPS = 20000, /* at once, before others have their turn */
	LATER = 16,    /* values that turn out to be later, one after another */
};

/* A part or an include, which goes on at back when it ends; or a list. */
struct level {
	const struct reed_template *back;
	uint32_t pc;
	struct reed_template_data *data; /* may be NULL */
	struct reed_template_list *items;
};

struct writing {
	struct reed_co co;
	const struct reed_template *t;
	struct reed_template_sink *sink;
	uint32_t pc, steps;
	struct level stack[DEPTH];
	unsigned depth;
	struct reed_template_value value; /* of the step at pc: */
	bool got, asked, refused;
	unsigned later;
	struct reed_template_data *item;
	struct reed_buf out;
	struct reed_future *next;
};

static const struct template_step *here(const struct writing *self)
{
	return &self->t->steps[self->pc];
}

static struct reed_slice text_of(const struct writing *self, uint32_t at, uint32_t n)
{
	return reed_slice_first(reed_slice_from(reed_buf_slice(&self->t->text), at), n);
}

static struct reed_slice name_of(const struct writing *self)
{
	return text_of(self, here(self)->name, here(self)->name_n);
}

#define refuse(self, err, format, ...)                                             \
	((self)->refused = true,                                                   \
	 reed_failed((self)->co.loop, (err), "%s:%u:%u: " format, (self)->t->name, \
	             here(self)->line, here(self)->column, __VA_ARGS__))

/* ---- data ---- */

/* The innermost first. */
static enum reed_err look_up(struct writing *self)
{
	enum reed_err err = REED_ENOENT;

	for (unsigned i = self->depth; i > 0 && err == REED_ENOENT; i--) {
		struct reed_template_data *data = self->stack[i - 1].data;

		self->value = (struct reed_template_value){ .kind = REED_TEMPLATE_NONE };
		if (data)
			err = data->ops->get(data, name_of(self), &self->value);
	}
	return err;
}

static bool may_be_missing(enum template_verb verb)
{
	return verb == VERB_IF || verb == VERB_UNLESS || verb == VERB_ATTR || verb == VERB_SLOT;
}

/* NULL: self->value is that of this step. */
static struct reed_future *fetch(struct writing *self)
{
	struct reed_template_value was;
	struct reed_future *f = NULL;
	enum reed_err err = self->got ? REED_OK : look_up(self);

	if (err == REED_ENOENT && may_be_missing(here(self)->verb))
		err = REED_OK;
	if (err == REED_ENOENT)
		return refuse(self, err, "nobody knows what " REED_FMT " is",
		              REED_ARG(name_of(self)));
	if (err)
		return refuse(self, err, REED_FMT ": %s", REED_ARG(name_of(self)),
		              reed_strerror(err));
	self->got = true;
	while (!f && self->value.kind == REED_TEMPLATE_LATER) {
		if (self->later++ == LATER)
			return refuse(self, REED_EINVAL, REED_FMT " is later, and later, and later",
			              REED_ARG(name_of(self)));
		was = self->value;
		self->value = (struct reed_template_value){ .kind = REED_TEMPLATE_NONE };
		f = was.later(was.arg, self->co.loop, &self->value);
	}
	return f;
}

static bool is_there(const struct reed_template_value *v)
{
	return v->kind != REED_TEMPLATE_NONE && (v->kind != REED_TEMPLATE_FLAG || v->flag);
}

static void go_to(struct writing *self, uint32_t pc)
{
	self->pc = pc;
	self->got = self->asked = false;
	self->later = 0;
}

static void go_on(struct writing *self)
{
	go_to(self, self->pc + 1);
}

static struct reed_future *deeper(struct writing *self, const struct level *level)
{
	if (self->depth == DEPTH)
		return refuse(self, REED_ETOOBIG, "parts and lists are more than %d deep", DEPTH);
	self->stack[self->depth++] = *level;
	return NULL;
}

static struct reed_future *enter(struct writing *self, const struct reed_template *part,
                                 struct reed_template_data *data, uint32_t back)
{
	struct level level = { .back = self->t, .pc = back, .data = data };
	struct reed_future *f = deeper(self, &level);

	if (f)
		return f;
	self->t = part;
	template_hold(part);
	go_to(self, 0);
	return NULL;
}

/* ---- what the verbs do; each returns what it waits for, and is run again then ---- */

static struct reed_future *put(struct writing *self, uint32_t then)
{
	const struct template_step *step = here(self);

	switch (self->value.kind) {
	case REED_TEMPLATE_TEXT:
		template_put(step->place, self->t->schemes, self->value.text, &self->out);
		break;
	case REED_TEMPLATE_PART:
		if (step->place == PLACE_TEXT)
			return enter(self, self->value.part, self->value.data, then);
		return refuse(self, REED_EINVAL, REED_FMT " is a part, and this is an attribute",
		              REED_ARG(name_of(self)));
	case REED_TEMPLATE_ITEMS:
		return refuse(self, REED_EINVAL, REED_FMT " is a list: r:repeat it",
		              REED_ARG(name_of(self)));
	case REED_TEMPLATE_FLAG:
	case REED_TEMPLATE_NONE:
	case REED_TEMPLATE_LATER:
		break; /* nothing to be seen */
	}
	go_to(self, then);
	return NULL;
}

static struct reed_future *do_data(struct writing *self)
{
	struct reed_future *f = fetch(self);

	return f ? f : put(self, self->pc + 1);
}

static struct reed_future *do_slot(struct writing *self)
{
	struct reed_future *f = fetch(self);

	if (f)
		return f;
	if (is_there(&self->value))
		return put(self, here(self)->jump);
	go_on(self);
	return NULL;
}

static struct reed_future *do_attr(struct writing *self)
{
	const struct template_step *step = here(self);
	struct reed_future *f = fetch(self);

	if (f)
		return f;
	if (!is_there(&self->value)) {
		go_on(self);
		return NULL;
	}
	reed_buf_add(&self->out, text_of(self, step->text, step->n));
	f = put(self, self->pc + 1);
	reed_buf_add_char(&self->out, '"');
	return f;
}

static struct reed_future *do_condition(struct writing *self)
{
	struct reed_future *f = fetch(self);

	if (f)
		return f;
	if (is_there(&self->value) == (here(self)->verb == VERB_IF))
		go_on(self);
	else
		go_to(self, here(self)->jump);
	return NULL;
}

static struct reed_future *do_repeat(struct writing *self)
{
	struct level level = { .back = NULL };
	struct reed_future *f = fetch(self);

	if (f)
		return f;
	if (!is_there(&self->value)) {
		go_to(self, here(self)->jump);
		return NULL;
	}
	if (self->value.kind != REED_TEMPLATE_ITEMS)
		return refuse(self, REED_EINVAL, REED_FMT " is no list to repeat",
		              REED_ARG(name_of(self)));
	level.items = self->value.items;
	f = deeper(self, &level);
	if (!f)
		go_on(self);
	return f;
}

static void leave(struct writing *self)
{
	struct level *level = &self->stack[--self->depth];

	if (level->items && level->items->ops->end)
		level->items->ops->end(level->items);
	if (level->back) {
		template_release(self->t);
		self->t = level->back;
	}
}

static struct reed_future *do_next(struct writing *self)
{
	struct level *level = &self->stack[self->depth - 1];
	struct reed_future *f = NULL;

	if (!self->asked) {
		self->asked = true;
		self->item = NULL;
		f = level->items->ops->next(level->items, self->co.loop, &self->item);
	}
	if (f)
		return f;
	level->data = self->item;
	if (self->item) {
		go_on(self);
		return NULL;
	}
	leave(self);
	go_to(self, here(self)->jump);
	return NULL;
}

static struct reed_future *do_step(struct writing *self)
{
	const struct template_step *step = here(self);

	switch (step->verb) {
	case VERB_TEXT:
		reed_buf_add(&self->out, text_of(self, step->text, step->n));
		go_on(self);
		return NULL;
	case VERB_DATA:
		return do_data(self);
	case VERB_SLOT:
		return do_slot(self);
	case VERB_ATTR:
		return do_attr(self);
	case VERB_IF:
	case VERB_UNLESS:
		return do_condition(self);
	case VERB_REPEAT:
		return do_repeat(self);
	case VERB_NEXT:
		return do_next(self);
	case VERB_JUMP:
		go_to(self, step->jump);
		return NULL;
	case VERB_INCLUDE:
		return enter(self, step->part, NULL, self->pc + 1);
	}
	return NULL;
}

/* ---- the coroutine ---- */

static void flush(struct writing *self)
{
	if (reed_buf_held(&self->out) == 0)
		return;
	self->sink->ops->write(self->sink, reed_buf_slice(&self->out));
	reed_buf_clear(&self->out);
}

/* The next to wait for, with everything before it written; NULL at the end. */
static struct reed_future *advance(struct writing *self)
{
	struct reed_future *f = NULL;

	while (!f) {
		if (self->pc == self->t->count) {
			if (self->depth == 1)
				break;
			leave(self);
			go_to(self, self->stack[self->depth].pc);
		} else if (reed_buf_held(&self->out) >= FLUSH && self->sink->ops->drain) {
			flush(self);
			f = self->sink->ops->drain(self->sink);
		} else if (++self->steps % STEPS == 0) {
			f = reed_yield(self->co.loop);
		} else {
			f = do_step(self);
		}
	}
	if (!self->refused) /* else nothing may have been written yet, which is worth something */
		flush(self);
	return f;
}

static void writing_run(struct reed_co *co)
{
	struct writing *self = reed_frame(co, struct writing);

	reed_coroutine (co) {
		for (;;) {
			self->next = advance(self);
			if (!self->next)
				break;
			reed_await(co, self->next);
			if (co->err && !self->refused && (self->got || self->asked))
				reed_return(co, reed_because(co, co->err, "%s:%u:%u: " REED_FMT,
				                             self->t->name, here(self)->line,
				                             here(self)->column,
				                             REED_ARG(name_of(self))));
			if (co->err)
				reed_return(co, co->err);
		}
	}
}

static void writing_end(struct reed_co *co)
{
	struct writing *self = reed_frame(co, struct writing);

	while (self->depth > 0)
		leave(self);
	template_release(self->t);
	reed_buf_finish(&self->out);
}

static const struct reed_co_kind writing_kind = { "template", sizeof(struct writing), writing_run,
	                                          NULL, writing_end };

struct reed_future *reed_template_write(const struct reed_template *t, struct reed_loop *loop,
                                        struct reed_template_data *data,
                                        struct reed_template_sink *sink)
{
	struct writing *self = reed_co_new(loop, &writing_kind);

	self->t = t;
	template_hold(t);
	self->sink = sink;
	self->stack[self->depth++].data = data;
	return reed_start(&self->co);
}
