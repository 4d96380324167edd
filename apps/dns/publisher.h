/* Who tells DNS of the daemon it runs in; its settings are a struct reed_publishing. */

#ifndef REED_APPS_DNS_PUBLISHER_H
#define REED_APPS_DNS_PUBLISHER_H

#include "reed/service.h"

extern const struct reed_service_kind reed_dns_publisher;

#endif
