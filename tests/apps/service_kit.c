#include "service_kit.h"

#include "reed/log.h"
#include "tests/check.h"

static const struct reed_settings_program *program_of(const struct reed_service_kind *kind)
{
	static struct reed_settings_part part;
	static struct reed_settings_program program =
		REED_SETTINGS_PROGRAM(.program = "test", .parts = &part, .part_count = 1);

	part.schema = kind->schema;
	return &program;
}

struct reed_settings *service_settings(const struct reed_service_kind *kind, const char *yaml)
{
	struct reed_settings *settings = reed_settings_new(program_of(kind));

	reed_settings_parse(settings, "test.yaml", reed_slice_of(yaml));
	if (reed_settings_finish(settings)) {
		fprintf(stderr, "%s\n", reed_settings_problem(settings, 0));
		abort();
	}
	return settings;
}

void service_refuses(const struct reed_service_kind *kind, const char *yaml, const char *why)
{
	struct reed_settings *settings = reed_settings_new(program_of(kind));

	reed_settings_parse(settings, "test.yaml", reed_slice_of(yaml));
	check_int(reed_settings_finish(settings), REED_ESYNTAX);
	check(strstr(reed_settings_problem(settings, 0), why));
	reed_settings_free(settings);
}

void service_kit_open(struct service_kit *self, struct reed_loop *loop,
                      const struct reed_service_kind *kind, const char *yaml)
{
	struct reed_service_options options = REED_SERVICE_OPTIONS;
	struct reed_log_options log = REED_LOG_OPTIONS;

	log.to = REED_LOG_TO_NOBODY;
	reed_log_open(reed_log_of(loop), &log, NULL);
	self->settings = service_settings(kind, yaml);
	options.kind = kind;
	options.settings = reed_settings_part(self->settings, 0);
	options.grace = REED_S(1000);
	self->service = reed_service_new(loop, &options);
	reed_scope_init(&self->scope, loop, NULL, "world");
	self->scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&self->scope, reed_service_run(self->service));
}

struct reed_future *service_kit_stop(struct service_kit *self)
{
	return reed_scope_stop(&self->scope, 3600000);
}

void service_kit_close(struct service_kit *self)
{
	reed_scope_finish(&self->scope);
	reed_service_free(self->service);
	reed_settings_free(self->settings);
}

void service_survives(reed_sim_scenario_fn *scenario, void *arg, unsigned points)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;
	struct reed_sim_options world = REED_SIM_OPTIONS;
	uint64_t found = 0;

	world.lenient = true;
	options.sim = &world;
	options.points = &found;
	check_int(reed_sim_each_suspension(scenario, NULL, arg, &options), REED_OK);
	check(found >= points);
}
