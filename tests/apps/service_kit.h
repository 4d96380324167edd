/* A service on a simulated host, with settings as somebody writes them. */

#ifndef REED_TESTS_SERVICE_KIT_H
#define REED_TESTS_SERVICE_KIT_H

#include "reed/service.h"
#include "reed/settings.h"
#include "reed/sim.h"

struct service_kit {
	struct reed_settings *settings;
	struct reed_service *service;
	struct reed_scope scope; /* in which it runs */
};

/* Nothing in them may be wrong. */
struct reed_settings *service_settings(const struct reed_service_kind *kind, const char *yaml);

/* What is wrong first, which there has to be. */
void service_refuses(const struct reed_service_kind *kind, const char *yaml, const char *why);

/* Its log goes nowhere. */
void service_kit_open(struct service_kit *self, struct reed_loop *loop,
                      const struct reed_service_kind *kind, const char *yaml);

/* It has time enough to stop. */
struct reed_future *service_kit_stop(struct service_kit *self);

void service_kit_close(struct service_kit *self);

/* Disturbs the scenario at each point: at so many there has to be nothing left. */
void service_survives(reed_sim_scenario_fn *scenario, void *arg, unsigned points);

#endif
