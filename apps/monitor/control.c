/* `reed ctl program ...`: what an operator asks of programs, and tells them. */

#include "monitor.h"

#include "reed/co.h"

const struct reed_service_verb monitor_verbs[] = {
	{ "program", "ACTION [NAME]",
	  "list, start, stop, restart; without a name it is all of them" },
	{ NULL, NULL, NULL },
};

static void list_one(struct program *p, struct reed_buf *out)
{
	reed_buf_printf(out, "%s %s", p->name, program_state_name(p->state));
	if (p->pid > 0)
		reed_buf_printf(out, ", pid %d", p->pid);
	reed_buf_printf(out, ", for %lld s, started %llu times\n",
	                (long long)((reed_now(p->scope.loop) - p->since) / REED_S(1)),
	                (unsigned long long)p->starts);
}

static void restart_one(struct program *p, struct reed_buf *out)
{
	(void)out;
	program_stop(p);
	program_start(p);
}

static void start_one(struct program *p, struct reed_buf *out)
{
	(void)out;
	program_start(p);
}

static void stop_one(struct program *p, struct reed_buf *out)
{
	(void)out;
	program_stop(p);
}

static const struct action {
	const char *name;
	void (*run)(struct program *p, struct reed_buf *out);
} actions[] = {
	{ "list", list_one },
	{ "start", start_one },
	{ "stop", stop_one },
	{ "restart", restart_one },
};

static const struct action *find(struct reed_slice name)
{
	for (size_t i = 0; i < REED_COUNT(actions); i++)
		if (reed_slice_is(name, actions[i].name))
			return &actions[i];
	return NULL;
}

struct reed_future *monitor_control(struct reed_service *service, const struct reed_slice *words,
                                    size_t count, struct reed_buf *out)
{
	struct monitor *self = service->own;
	const struct action *action = count > 1 ? find(words[1]) : NULL;
	struct program *one = NULL;

	if (!action || count > 3)
		return reed_failed(
			service->loop, REED_EINVAL,
			"write program list, start, stop or restart, and perhaps a name");
	if (count == 3 && !(one = program_find(self, words[2])))
		return reed_failed(service->loop, REED_ENOENT, "there is no program " REED_FMT,
		                   REED_ARG(words[2]));
	reed_list_each (link, &self->programs) {
		struct program *p = reed_container_of(link, struct program, link);

		if (!one || p == one)
			action->run(p, out);
	}
	reed_cell_touch(&self->changed);
	return reed_ready(service->loop, REED_OK);
}
