#include "tests/conformance/foreign.h"

#include <string.h>

#include "tests/core/tools.h"

#ifdef HAS_LIBUV
#include "reed/uv.h"
#endif
#ifdef HAS_LIBEV
#include "reed/ev.h"
#endif
#ifdef HAS_LIBEVENT
#include "reed/libevent.h"
#endif
#ifdef HAS_GLIB
#include "reed/glib.h"
#endif
#ifdef HAS_SD_EVENT
#include "reed/sd_event.h"
#endif

typedef enum reed_err open_fn(const struct reed_loop_options *options, struct reed_loop **out);

#ifdef HAS_LIBUV
static enum reed_err over_libuv(const struct reed_loop_options *options, struct reed_loop **out)
{
	return reed_uv_loop_new(options, NULL, out);
}
#endif

#ifdef HAS_LIBEV
static enum reed_err over_libev(const struct reed_loop_options *options, struct reed_loop **out)
{
	return reed_ev_loop_new(options, NULL, out);
}
#endif

#ifdef HAS_LIBEVENT
static enum reed_err over_libevent(const struct reed_loop_options *options, struct reed_loop **out)
{
	return reed_libevent_loop_new(options, NULL, out);
}
#endif

#ifdef HAS_GLIB
static enum reed_err over_glib(const struct reed_loop_options *options, struct reed_loop **out)
{
	return reed_glib_loop_new(options, NULL, out);
}
#endif

#ifdef HAS_SD_EVENT
static enum reed_err over_sd_event(const struct reed_loop_options *options, struct reed_loop **out)
{
	return reed_sd_event_loop_new(options, NULL, out);
}
#endif

static const struct {
	const char *name;
	open_fn *open;
} adapters[] = {
#ifdef HAS_LIBUV
	{ "libuv", over_libuv },
#endif
#ifdef HAS_LIBEV
	{ "libev", over_libev },
#endif
#ifdef HAS_LIBEVENT
	{ "libevent", over_libevent },
#endif
#ifdef HAS_GLIB
	{ "glib", over_glib },
#endif
#ifdef HAS_SD_EVENT
	{ "sd-event", over_sd_event },
#endif
	{ NULL, NULL },
};

static open_fn *find(const char *driver)
{
	for (int i = 0; driver && adapters[i].name; i++)
		if (strcmp(adapters[i].name, driver) == 0)
			return adapters[i].open;
	return NULL;
}

bool is_adapter(const char *driver)
{
	return find(driver) != NULL;
}

bool survives_without_descriptors(const char *driver)
{
	return strcmp(driver, "libuv") != 0 && strcmp(driver, "glib") != 0 &&
	       strcmp(driver, "libevent") != 0;
}

size_t watch_cost(const char *driver)
{
	return is_adapter(driver) ? 2 : 0;
}

bool has_host_fd(const char *driver)
{
	return strcmp(driver, "poll") != 0 && !is_adapter(driver);
}

enum reed_err open_loop(const struct reed_loop_options *options, struct reed_loop **out)
{
	open_fn *over = find(options->driver);
	enum reed_err err = over ? over(options, out) : reed_loop_new(options, out);

	if (!err && options->driver && strcmp(options->driver, "uring") == 0)
		uring_or_skip(*out);
	return err;
}
