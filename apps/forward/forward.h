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
	struct reed_counter *connections, *refused;
	struct reed_metric_source sent_source, received_source;
	uint64_t sent, received; /* by those that are gone */
};

/* ---- session.c: arg is the forwarder ---- */

struct reed_future *forward_session(void *arg, struct reed_stream *stream);
/* Bytes handed on, by all there were. */
int64_t forward_sent(struct reed_metric_source *source);
int64_t forward_received(struct reed_metric_source *source);

void forward_conns(struct reed_service *service, reed_conn_fn *each, void *arg);

#endif
