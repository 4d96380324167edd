/* The start of a program, and its end. */

#include "inetd.h"

#include "reed/alloc.h"
#include "reed/log.h"
#include "reed/metric.h"
#include "reed/programs.h"

/* What is the same for all of them. */
void inetd_prepare(struct inetd_one *one)
{
	const struct inetd_entry *e = one->entry;
	struct reed_loop *loop = one->inetd->service->loop;
	const char **argv = reed_pool_alloc(&one->pool, (e->command.n + 1) * sizeof(*argv));

	for (size_t i = 0; i < e->command.n; i++)
		argv[i] = e->command.items[i];
	one->argv = argv;
	one->more_count = e->environment.n;
	one->environment =
		reed_pool_alloc(&one->pool, (one->more_count + 1) * sizeof(*one->environment));
	for (size_t i = 0; i < one->more_count; i++) {
		char *pair = reed_sprintf("%s=%s", e->environment.items[i].name,
		                          e->environment.items[i].value);

		one->environment[i] = reed_pool_strdup(&one->pool, reed_slice_of(pair));
		reed_free(pair);
	}
	one->starts = reed_counter(loop, "reed_inetd_starts", "Programs that were started.",
	                           "name=%s", e->name);
	one->refused = reed_counter(loop, "reed_inetd_refused",
	                            "Connections and datagrams that no program was started for.",
	                            "name=%s", e->name);
}

/* As systemd has it with Accept=yes (systemd.exec(5)), and our own end too. */
static size_t add_address(struct inetd_start *self, size_t at, const char *whose,
                          const struct reed_address *address)
{
	char text[REED_ADDRESS_TEXT];

	if (!address ||
	    (address->family != REED_FAMILY_IPV4 && address->family != REED_FAMILY_IPV6))
		return at;
	reed_address_host(address, text);
	self->variables[at++] = reed_sprintf("%s_ADDR=%s", whose, text);
	self->variables[at++] = reed_sprintf("%s_PORT=%u", whose, (unsigned)address->port);
	return at;
}

void inetd_start_init(struct inetd_start *self, const struct inetd_one *one,
                      const struct reed_address *peer, const struct reed_address *local)
{
	size_t n = one->more_count, own = 0;

	*self = (struct inetd_start){ .options = REED_PROCESS_OPTIONS };
	own = add_address(self, own, "REMOTE", peer);
	own = add_address(self, own, "LOCAL", local);
	self->environment = reed_alloc((n + own + 1) * sizeof(*self->environment));
	for (size_t i = 0; i < n; i++)
		self->environment[i] = one->environment[i];
	for (size_t i = 0; i < own; i++)
		self->environment[n + i] = self->variables[i];
	self->options.argv = one->argv;
	self->options.env = self->environment;
	self->options.directory = one->entry->directory;
	self->options.grace_ms = one->entry->grace / REED_MS(1);
	self->options.err.is = REED_CHILD_WRITES;
	self->options.sweep = true;
}

void inetd_start_finish(struct inetd_start *self)
{
	for (size_t i = 0; i < INETD_VARIABLES; i++)
		reed_free(self->variables[i]);
	reed_free(self->environment);
}

bool inetd_may_start(struct inetd_one *one)
{
	struct reed_rate rate = { .amount = one->entry->rate, .every_ns = REED_S(60) };
	struct reed_loop *loop = one->inetd->service->loop;

	if (reed_bucket_take(&one->started, &rate, reed_now(loop), 1))
		return true;
	one->refused->value++;
	reed_log(loop, REED_LOG_WARN, "refused, as too many come in a minute name=%s most=%zu",
	         one->entry->name, one->entry->rate);
	return false;
}

struct reed_future *inetd_spawn(struct inetd_one *one, const struct inetd_start *start,
                                struct reed_process **process)
{
	return reed_spawn_as(one->inetd->service->loop, &start->options, one->entry->user,
	                     one->entry->group, process);
}

void inetd_started(struct inetd_one *one, struct reed_process *process, struct reed_scope *scope)
{
	struct reed_stream *said = reed_process_stream(process, 2);

	one->starts->value++;
	if (said)
		reed_scope_add(scope, reed_log_lines(said, one->entry->name, "stderr"));
}

void inetd_not_started(struct inetd_one *one, const char *why)
{
	one->refused->value++;
	reed_log(one->inetd->service->loop, REED_LOG_ERROR, "cannot be started name=%s why=%s",
	         one->entry->name, why);
}

void inetd_ended(struct inetd_one *one, int pid, const struct reed_exit *exit)
{
	char text[REED_EXIT_TEXT];

	reed_log(one->inetd->service->loop, reed_exit_well(exit) ? REED_LOG_DEBUG : REED_LOG_INFO,
	         "ended name=%s pid=%d how=%s", one->entry->name, pid, reed_exit_text(exit, text));
}
