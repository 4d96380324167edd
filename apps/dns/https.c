/* The door for DNS over HTTPS (RFC 8484). */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/doh.h"
#include "reed/http/server.h"

enum { HEAD = 16384 };

static struct reed_future *handle(void *arg, struct reed_http_request *request)
{
	struct dns_app *app = arg;

	if (reed_slice_is(reed_http_path(request), "/dns-query"))
		return reed_doh_handler(app->server, request);
	reed_http_fail(request, 404, "names are asked for at /dns-query");
	return NULL;
}

struct reed_future *dns_https_open(struct dns_app *app)
{
	const struct dns_settings *s = app->service->settings;
	struct reed_http_server_options o = REED_HTTP_SERVER_OPTIONS;

	if (!s->https.n)
		return reed_ready(app->service->loop, REED_OK);
	o.handler = handle;
	o.arg = app;
	o.limits.idle_ms = (uint32_t)(s->tcp.idle / 1000000);
	o.limits.body = REED_DNS_MESSAGE_MAX;
	o.wire.line = HEAD; /* a whole message may be in it */
	app->http = reed_http_server_new(app->service->loop, &o);
	app->serving = (struct reed_serve_options)REED_SERVE_OPTIONS;
	app->serving.sessions = (size_t)s->tcp.sessions;
	app->doors = (struct reed_doors){ .endpoints = &s->https,
		                          .cert = &s->tls_cert,
		                          .session = reed_http_session,
		                          .arg = app->http,
		                          .alpn = "h2,http/1.1",
		                          .options = &app->serving };
	return reed_doors_open(app->service, &app->doors);
}

void dns_https_finish(struct dns_app *app)
{
	reed_doors_finish(&app->doors);
	reed_http_server_free(app->http);
	app->http = NULL;
}
