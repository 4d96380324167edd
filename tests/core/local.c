/* What task-local values promise: they follow what a task starts, and nobody else. */

#include "tests/core/tools.h"

static const struct reed_local user = { "user" }, door = { "door" };

static const char *seen(const struct reed_local *key)
{
	const char *value = reed_local_get(loop, key);

	return value ? value : "nobody";
}

struct reader {
	struct reed_co co;
	const char *said[3];
	const char **out;
};

static void reader_run(struct reed_co *co)
{
	struct reader *self = reed_frame(co, struct reader);

	reed_coroutine (co) {
		self->said[0] = seen(&user);
		reed_try(co, reed_sleep(co->loop, 10));
		self->said[1] = seen(&user);
		reed_local_set(co->loop, &user, "changed");
		reed_try(co, reed_sleep(co->loop, 10));
		self->said[2] = seen(&user);
	}
}

static void reader_deliver(struct reed_co *co)
{
	struct reader *self = reed_frame(co, struct reader);

	memcpy(self->out, self->said, sizeof(self->said));
}

static const struct reed_co_kind reader_kind = {
	.name = "reader",
	.size = sizeof(struct reader),
	.run = reader_run,
	.deliver = reader_deliver,
};

static struct reed_future *reader(const char **out)
{
	struct reader *self = reed_co_new(loop, &reader_kind);

	self->out = out;
	return reed_start(&self->co);
}

static struct reed_future *note(void *arg, enum reed_err err)
{
	check(!err);
	*(const char **)arg = seen(&user);
	return NULL;
}

struct setter {
	struct reed_co co;
	const char *name;
	const char *read[3], *chained, *after;
};

static struct setter *finished[2];
static char names[2][16];

static void setter_run(struct reed_co *co)
{
	struct setter *self = reed_frame(co, struct setter);

	reed_coroutine (co) {
		check_str(seen(&user), "nobody");
		reed_local_set(co->loop, &user, names[self->name[0] - 'a']);
		reed_local_set(co->loop, &door, "irc");
		check_str(seen(&door), "irc");
		reed_try(co, reed_all(reader(self->read),
		                      reed_then(reed_sleep(co->loop, 5), note, &self->chained)));
		self->after = seen(&user);
		*finished[self->name[0] - 'a'] = *self;
	}
}

static const struct reed_co_kind setter_kind = {
	.name = "setter",
	.size = sizeof(struct setter),
	.run = setter_run,
};

static struct reed_future *setter(const char *name)
{
	struct setter *self = reed_co_new(loop, &setter_kind);

	self->name = name;
	return reed_start(&self->co);
}

static void check_followed(const struct setter *s, const char *name)
{
	check_str(s->read[0], name);
	check_str(s->read[1], name);
	check_str(s->read[2], "changed"); /* by a child, for itself */
	check_str(s->chained, name);
	check_str(s->after, name);
}

static void a_value_follows_what_its_task_starts(void)
{
	struct setter a, b;

	snprintf(names[0], sizeof(names[0]), "ada");
	snprintf(names[1], sizeof(names[1]), "bob");
	finished[0] = &a;
	finished[1] = &b;
	check_int(outcome(reed_all(setter("a"), setter("b"))), REED_OK);
	check_followed(&a, "ada");
	check_followed(&b, "bob");
	check_str(seen(&user), "nobody");
	check_str(seen(&door), "nobody");
}

static struct reed_future *set_and_go_on(void *arg, enum reed_err err)
{
	check(!err);
	reed_local_set(loop, &user, "ada");
	return reader(arg);
}

static void a_value_set_in_a_chain_is_seen_by_what_comes_next(void)
{
	const char *read[3] = { NULL };
	const char *after = NULL;
	struct reed_future *f = reed_then(reed_sleep(loop, 1), set_and_go_on, read);

	check_int(outcome(reed_then(f, note, &after)), REED_OK);
	check_str(read[0], "ada");
	check_str(read[2], "changed");
	check_str(after, "nobody"); /* that chain was made before */
	check_str(seen(&user), "nobody");
}

static void a_value_set_outside_any_task_is_seen_by_all_later_ones(void)
{
	const char *before[3] = { NULL }, *after[3] = { NULL };
	struct reed_future *f = reader(before);

	reed_local_set(loop, &user, "root");
	check_int(outcome(reed_all(f, reader(after))), REED_OK);
	check_str(before[0], "nobody");
	check_str(after[0], "root");
	check_str(seen(&user), "root");
	reed_local_set(loop, &user, NULL);
	check_str(seen(&user), "nobody");
}

static void values_are_let_go_with_their_tasks(void)
{
	const char *read[3];
	size_t live;
	struct owner o;

	live = memory.live;
	own(&o, reed_then(reed_ready(loop, REED_OK), set_and_go_on, read));
	for (int i = 0; i < 4; i++)
		step();
	disown(&o);
	check_int(memory.live, live);
}

int main(void)
{
	lab_open();
	RUN(a_value_follows_what_its_task_starts);
	RUN(a_value_set_in_a_chain_is_seen_by_what_comes_next);
	RUN(a_value_set_outside_any_task_is_seen_by_all_later_ones);
	RUN(values_are_let_go_with_their_tasks);
	lab_close();
	return 0;
}
