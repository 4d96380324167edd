/* The forwarder: what its files share. */

#ifndef REED_APPS_FORWARD_H
#define REED_APPS_FORWARD_H

#include "reed/doors.h"
#include "reed/metric.h"
#include "reed/service.h"
#include "reed/setting.h"

struct forward_settings {
	struct reed_texts listen;
	const char *to, *tls_cert;
	size_t connections;
	uint32_t buffer;
	int64_t connect;
};

extern const struct reed_schema forward_schema;
extern const struct reed_service_kind forward_service;

struct forward {
	struct reed_service *service;
	const struct forward_settings *settings; /* after a reload the new ones */
	struct reed_doors doors;
	struct reed_serve_options serve;
	struct reed_stream_limits limits;
	struct reed_list sessions;
	struct reed_counter *connections, *refused, *sent, *received;
};

/* ---- session.c: arg is the forwarder ---- */

struct reed_future *forward_session(void *arg, struct reed_stream *stream);
void forward_conns(struct reed_service *service, reed_conn_fn *each, void *arg);

#endif
