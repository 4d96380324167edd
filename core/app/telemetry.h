/* Listeners that tell how a daemon is. */

#ifndef REED_TELEMETRY_H
#define REED_TELEMETRY_H

#include "daemon_private.h"

/* The i-th of the settings; served in the scope of the service from then on. */
struct reed_future *reed_telemetry_listen(struct daemon *d, struct reed_service *service, size_t i);

#endif
