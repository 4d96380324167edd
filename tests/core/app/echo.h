/* A service for tests: says back what it hears. */

#ifndef REED_TESTS_ECHO_H
#define REED_TESTS_ECHO_H

#include "reed/service.h"
#include "reed/setting.h"

struct echo_settings {
	struct reed_texts listen;
	const char *greeting; /* live */
	int mood;             /* what goes wrong, see echo.c */
};

extern const struct reed_schema echo_schema;
extern const struct reed_service_kind echo_service;

#endif
