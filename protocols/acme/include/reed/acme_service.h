/*
 * The service that keeps certificates for a daemon, as the daemon's settings say
 * (reed/automatic.h, whose struct its settings are); and that of the command
 * `reed acme`, which has no settings of its own and serves nothing.
 */

#ifndef REED_ACME_SERVICE_H
#define REED_ACME_SERVICE_H

#include "reed/service.h"

REED_BEGIN_DECLS

REED_API extern const struct reed_service_kind reed_acme_keeper_service;
REED_API extern const struct reed_service_kind reed_acme_service;

REED_END_DECLS

#endif
