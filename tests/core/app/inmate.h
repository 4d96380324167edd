/* A service for tests: does what a client tells it to, and says how that went. */

#ifndef REED_TESTS_INMATE_H
#define REED_TESTS_INMATE_H

#include "reed/service.h"

extern const struct reed_service_kind inmate_service;

#endif
