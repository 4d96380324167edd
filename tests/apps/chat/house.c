#include "tests/apps/chat/house.h"

#include <dirent.h>
#include <unistd.h>

#include "apps/chat/chat.h"
#include "check.h"
#include "reed/alloc.h"
#include "reed/auth.h"
#include "reed/checker.h"
#include "reed/co.h"
#include "reed/log.h"
#include "reed/settings.h"
#include "reed/sqlite_checker.h"

void house_init(struct house *self, const char *host, const char *settings)
{
	*self = (struct house){ .host = host, .settings = settings };
	strcpy(self->state, "/tmp/reed-house-XXXXXX");
	check(mkdtemp(self->state) != NULL);
}

void house_finish(struct house *self)
{
	DIR *folder = opendir(self->state);
	char path[300];

	for (struct dirent *e; folder && (e = readdir(folder));) {
		snprintf(path, sizeof(path), "%s/%s", self->state, e->d_name);
		if (e->d_name[0] != '.')
			check_int(unlink(path), 0);
	}
	check(folder && closedir(folder) == 0);
	check_int(rmdir(self->state), 0);
}

/* ---- settings ---- */

static const struct reed_settings_part parts[] = { { NULL, &reed_chat_schema } };
static const struct reed_settings_program program =
	REED_SETTINGS_PROGRAM(.program = "reed", .command = "chat", .parts = parts,
                              .part_count = 1);

static struct reed_settings *settings_of(const struct house *house)
{
	struct reed_settings *settings = reed_settings_new(&program);

	reed_settings_parse(settings, "chat.yaml", reed_slice_of(house->settings));
	if (reed_settings_finish(settings))
		fprintf(stderr, "%s\n", reed_settings_problem(settings, 0));
	check(!reed_settings_problem(settings, 0));
	return settings;
}

/* ---- a life ---- */

struct life {
	struct reed_co co;
	struct house *house;
	struct reed_settings *settings;
	struct reed_checker *checker;
	struct reed_site site;
	struct reed_service *service;
	struct reed_scope scope;
};

static struct reed_future *open_accounts(struct life *self)
{
	struct reed_checker_options options = REED_CHECKER_OPTIONS;
	char text[100];

	reed_sqlite_checker_register();
	snprintf(text, sizeof(text), "sqlite:%s/accounts.db", self->house->state);
	return reed_checker_new(self->co.loop, text, &options, &self->checker);
}

static void start_service(struct life *self)
{
	struct reed_portal_options portal = REED_PORTAL_OPTIONS;
	struct reed_service_options options = REED_SERVICE_OPTIONS;

	self->site = (struct reed_site)REED_SITE;
	self->site.name = self->house->host;
	self->site.state = self->house->state;
	self->site.settings = self->settings;
	self->site.portal = reed_portal_new(self->co.loop, &portal);
	reed_portal_add(self->site.portal, self->checker);
	self->checker = NULL;
	options.kind = &reed_chat_service;
	options.settings = reed_settings_part(self->settings, 0);
	options.site = &self->site;
	self->service = reed_service_new(self->co.loop, &options);
	reed_scope_add(&self->scope, reed_service_run(self->service));
	self->house->scope = &self->scope;
	self->house->lives++;
}

static void life_run(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);

	reed_coroutine (co) {
		reed_try(co, open_accounts(self));
		start_service(self);
		reed_try(co, reed_scope_wait(&self->scope));
	}
}

static void life_end(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);

	self->house->scope = NULL;
	reed_scope_finish(&self->scope);
	reed_service_free(self->service);
	reed_portal_free(self->site.portal);
	reed_checker_free(self->checker);
	reed_settings_free(self->settings);
}

static const struct reed_co_kind life_kind = { .name = "daemon",
	                                       .size = sizeof(struct life),
	                                       .run = life_run,
	                                       .end = life_end };

struct reed_future *house_boot(void *arg, struct reed_loop *loop)
{
	struct life *self = reed_co_new(loop, &life_kind);
	struct reed_log_options log = REED_LOG_OPTIONS;

	log.to = REED_LOG_TO_NOBODY;
	check_int(reed_log_open(reed_log_of(loop), &log, NULL), REED_OK);
	self->house = arg;
	self->settings = settings_of(self->house);
	reed_scope_init(&self->scope, loop, NULL, "daemon");
	return reed_start(&self->co);
}

void house_stop(struct house *self)
{
	reed_scope_interrupt(self->scope);
}
