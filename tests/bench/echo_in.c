/*
 * TCP echo by Reed inside another loop, or alone: echo_in_NAME ENDPOINT
 *
 * One of IN_* says whose loop it is.  echo_in_qt.cpp makes C++ of this file, and
 * echo_in.py loads it for its echo.
 */

#include <stdio.h>

#include "reed/alloc.h"
#include "reed/endpoint.h"
#include "reed/loop.h"

#if defined(IN_LIBUV)
#include <uv.h>

#include "reed/uv.h"

static void run(struct reed_loop *loop)
{
	struct reed_uv_guest *guest;

	if (!reed_uv_guest_new(loop, uv_default_loop(), &guest))
		uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
#elif defined(IN_LIBEV)
#include <ev.h>

#include "reed/ev.h"

static void run(struct reed_loop *loop)
{
	struct reed_ev_guest *guest;

	if (!reed_ev_guest_new(loop, EV_DEFAULT, &guest))
		ev_run(EV_DEFAULT, 0);
}
#elif defined(IN_LIBEVENT)
#include <event2/event.h>

#include "reed/libevent.h"

static void run(struct reed_loop *loop)
{
	struct event_base *base = event_base_new();
	struct reed_libevent_guest *guest;

	if (!reed_libevent_guest_new(loop, base, &guest))
		event_base_dispatch(base);
}
#elif defined(IN_GLIB)
#include <glib.h>

#include "reed/glib.h"

static void run(struct reed_loop *loop)
{
	struct reed_glib_guest *guest;

	if (!reed_glib_guest_new(loop, NULL, &guest))
		g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
#elif defined(IN_SD_EVENT)
#include <systemd/sd-event.h>

#include "reed/sd_event.h"

static void run(struct reed_loop *loop)
{
	struct reed_sd_event_guest *guest;
	sd_event *event = NULL;

	if (sd_event_default(&event) >= 0 && !reed_sd_event_guest_new(loop, event, &guest))
		sd_event_loop(event);
}
#elif defined(IN_QT6)
#include <QCoreApplication>

#include "reed/qt.h"

static void run(struct reed_loop *loop)
{
	static char name[] = "echo_in_qt6", *argv[] = { name, NULL };
	int argc = 1;
	QCoreApplication app(argc, argv);
	reed_qt_guest *guest;

	if (!reed_qt_guest::join(loop, &guest))
		QCoreApplication::exec();
}
#else
static void run(struct reed_loop *loop)
{
	reed_loop_run(loop);
}
#endif

static size_t data(struct reed_protocol *self, struct reed_slice in)
{
	reed_write(self->stream, in);
	return in.n;
}

static const struct reed_protocol_ops ops = { data, NULL, NULL, NULL };

REED_BEGIN_DECLS
REED_API struct reed_future *echo_session(void *arg, struct reed_stream *stream);
REED_END_DECLS

struct reed_future *echo_session(void *arg, struct reed_stream *stream)
{
	struct reed_protocol *self = (struct reed_protocol *)reed_alloc(sizeof(*self));

	(void)arg;
	self->ops = &ops;
	return reed_stream_attach(stream, self);
}

int main(int argc, char **argv)
{
	struct reed_loop *loop;

	if (argc != 2 || reed_loop_new(NULL, &loop)) {
		fputs("which endpoint?\n", stderr);
		return 2;
	}
	reed_background(reed_listen_and_serve(loop, argv[1], echo_session, NULL, NULL), NULL, NULL);
	run(loop);
	return 1; /* it serves until it is killed */
}
