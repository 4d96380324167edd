/* What a command line asks to be run, and with which settings. */

#include "daemon_private.h"

#include <string.h>

#include "reed/alloc.h"

void reed_plan_init(struct plan *plan, size_t room, int argc, char **argv)
{
	*plan = (struct plan){ .argc = argc, .argv = argv };
	plan->parts = reed_alloc((PARTS_BEFORE + room) * sizeof(plan->parts[0]));
	plan->services = reed_alloc((room + 1) * sizeof(plan->services[0]));
	plan->parts[0].schema = &reed_general_schema;
	plan->parts[1].schema = &reed_daemon_schema;
	plan->program.size = sizeof(plan->program);
	plan->program.parts = plan->parts;
	plan->program.part_count = PARTS_BEFORE;
}

/* Services of a suite are told apart by their keys; one alone needs none. */
void reed_plan_add(struct plan *plan, const struct reed_service_kind *kind, const char *name)
{
	static const struct reed_schema none = { .size = sizeof(none), .about = "" };
	struct planned *planned = &plan->services[plan->count++];
	struct reed_settings_part *part = &plan->parts[plan->program.part_count++];

	planned->kind = kind;
	planned->name = reed_strdup(name);
	part->prefix = plan->catalog ? planned->name : NULL;
	part->schema = kind->schema ? kind->schema : &none;
}

void reed_plan_finish(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		reed_free(plan->services[i].name);
	reed_free(plan->services);
	reed_free(plan->parts);
}

bool reed_plan_has_service(const struct plan *plan, const char *name)
{
	struct reed_catalog_command c;

	if (strcmp(name, REED_AUTOMATIC) == 0) /* the daemon's own group: for all of them */
		return false;
	for (size_t n = 0; reed_catalog_command_at(plan->catalog, n, &c); n++)
		if (c.is_service && strcmp(c.name, name) == 0)
			return true;
	return false;
}

const char *reed_plan_accounts(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->services[i].kind->auth)
			return plan->services[i].kind->auth;
	return NULL;
}

const char *reed_plan_file(const struct plan *plan, const struct reed_settings *settings)
{
	const struct reed_general *general = reed_settings_part(settings, 0);

	return general->config ? general->config : plan->file;
}

struct reed_settings *reed_plan_gather(const struct plan *plan)
{
	struct reed_settings *settings = reed_settings_new(&plan->program);

	reed_settings_flags(settings, plan->argc, plan->argv);
	reed_settings_environment(settings, reed_environment());
	if (reed_plan_file(plan, settings))
		reed_settings_load(settings, reed_plan_file(plan, settings));
	reed_settings_finish(settings);
	return settings;
}
