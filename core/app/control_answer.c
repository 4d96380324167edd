/* What the control socket tells. */

#include "control.h"

#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/blame.h"
#include "reed/metric.h"
#include "reed/stream.h"

enum { BLAME_PRESET = 20 };

/* ---- what prints to a file ---- */

struct page {
	FILE *file;
	char *text;
	size_t n;
};

static bool open_page(struct page *page)
{
	*page = (struct page){ 0 };
	page->file = open_memstream(&page->text, &page->n);
	return page->file;
}

/* open_memstream() has its memory from the C library, whatever ours is. */
static void close_page(struct page *page, struct reed_buf *out)
{
	fclose(page->file);
	reed_buf_add(out, reed_slice(page->text, page->n));
	free(page->text);
}

static void tell_tasks(struct daemon *d, bool json, struct reed_buf *out)
{
	struct page page;

	if (!open_page(&page))
		return;
	if (json)
		reed_trace_all_json(page.file, d->loop);
	else
		reed_trace_all(page.file, d->loop);
	close_page(&page, out);
}

static void tell_services(struct daemon *d, struct reed_buf *out)
{
	struct page page;

	if (!open_page(&page))
		return;
	reed_service_print(page.file, d->root);
	close_page(&page, out);
}

/* ---- several loops ---- */

bool reed_control_wish(const struct control_request *request, struct crew_wish *wish)
{
	static const enum crew_what of[] = {
		[CONTROL_BLAME] = CREW_TELL,    [CONTROL_CONNS] = CREW_TELL,
		[CONTROL_KILL] = CREW_TELL,     [CONTROL_METRICS] = CREW_METRICS,
		[CONTROL_STATS] = CREW_METRICS, [CONTROL_SERVICES] = CREW_TELL,
		[CONTROL_TASKS] = CREW_TELL,    [CONTROL_TOP] = CREW_TOP,
	};
	enum control_what what = request->word->what;

	wish->what = (size_t)what < REED_COUNT(of) ? of[what] : CREW_BEGIN;
	return wish->what != CREW_BEGIN;
}

static bool is_json(const struct control_request *request)
{
	for (unsigned i = 0; i < request->count; i++)
		if (reed_slice_is(request->args[i], "--json"))
			return true;
	return false;
}

/* Objects are a line each, wherever they are from. */
static void add_others(const struct control_request *request, struct reed_buf *out)
{
	bool plain = is_json(request);

	for (size_t i = 0; request->others && i < request->others->count; i++) {
		if (!plain)
			reed_buf_printf(out, "\nloop %zu:\n", i + 1);
		reed_buf_add(out, reed_buf_slice(&request->others->all[i].text));
	}
}

static struct reed_metrics *sum_of(struct daemon *d, const struct control_request *request)
{
	struct reed_metrics *sum = reed_metrics_copy(d->loop);

	for (size_t i = 0; request->others && i < request->others->count; i++)
		if (request->others->all[i].metrics)
			reed_metrics_add(sum, request->others->all[i].metrics);
	return sum;
}

static void tell_metrics(struct daemon *d, const struct control_request *request,
                         struct reed_buf *out)
{
	struct reed_metrics *sum = sum_of(d, request);

	reed_metrics_print_copy(sum, out);
	reed_metrics_free(sum);
}

static void tell_stats(struct daemon *d, const struct control_request *request, bool json,
                       struct reed_buf *out)
{
	struct reed_metrics *sum = sum_of(d, request);

	if (json)
		reed_metrics_json_copy(sum, out);
	else
		reed_metrics_summary_copy(sum, out);
	reed_metrics_free(sum);
}

/* Its number is one loop's. */
static enum reed_err kill_one(struct daemon *d, const struct control_request *request,
                              struct reed_buf *out, struct reed_fault **fault)
{
	for (size_t i = 0; request->others && i < request->others->count; i++) {
		if (!request->others->all[i].done)
			continue;
		reed_buf_add(out, reed_buf_slice(&request->others->all[i].text));
		return REED_OK;
	}
	return reed_control_kill(d, request, out, fault);
}

/* Tables: for people, or for programs. */
static enum reed_err tell_table(struct daemon *d, const struct control_request *request,
                                struct reed_buf *out, struct reed_fault **fault)
{
	enum control_what what = request->word->what;
	bool json;

	if (reed_control_wants_json(request, &json, fault))
		return REED_EINVAL;
	if (what == CONTROL_STATS)
		tell_stats(d, request, json, out);
	else if (what == CONTROL_TASKS)
		tell_tasks(d, json, out);
	else if (json)
		reed_control_services_json(d, out);
	else
		tell_services(d, out);
	if (what != CONTROL_STATS)
		add_others(request, out);
	return REED_OK;
}

/* ---- the rest ---- */

/* Words are --json, and how many are to be shown. */
static enum reed_err tell_blame(struct daemon *d, const struct control_request *request,
                                struct reed_buf *out, struct reed_fault **fault)
{
	uint64_t most = BLAME_PRESET;
	bool json = false, counted = false;

	for (unsigned i = 0; i < request->count; i++) {
		if (reed_slice_is(request->args[i], "--json")) {
			json = true;
		} else if (!counted && !reed_slice_u64(request->args[i], REED_BLAME_NAMES, &most)) {
			counted = true;
		} else {
			*fault = reed_fault(REED_EINVAL, NULL,
			                    "\"" REED_FMT
			                    "\" is no number up to %d; how many are to be shown?",
			                    REED_ARG(request->args[i]), REED_BLAME_NAMES);
			return REED_EINVAL;
		}
	}
	if (json)
		reed_control_blame_json(d, most, out);
	else
		reed_blame_print(d->loop, out, most);
	add_others(request, out);
	return REED_OK;
}

static enum reed_err set_level(struct reed_log *log, struct reed_slice word,
                               struct reed_fault **fault)
{
	struct reed_log_module module;
	enum reed_log_level level;

	if (reed_slice_find(word, '=') == word.n) {
		if (reed_log_level_parse(word, &level)) {
			*fault = reed_control_no_level(word);
			return REED_EINVAL;
		}
		reed_log_set_level(log, level);
		return REED_OK;
	}
	if (reed_log_module_parse(word, &module, fault))
		return REED_EINVAL;
	if (reed_log_set_module(log, &module)) {
		*fault = reed_fault(REED_EINVAL, NULL, "%d parts have levels of their own already",
		                    REED_LOG_MODULES);
		return REED_EINVAL;
	}
	return REED_OK;
}

static enum reed_err tell_level(struct daemon *d, const struct control_request *request,
                                struct reed_buf *out, struct reed_fault **fault)
{
	struct reed_log *log = reed_log_of(d->loop);
	const struct reed_log_module *module;

	if (request->count > 0) {
		if (set_level(log, request->args[0], fault))
			return REED_EINVAL;
		reed_loops_tell_level(d);
	}
	reed_buf_printf(out, "%s\n", reed_log_level_name(reed_log_get_level(log)));
	for (size_t i = 0; (module = reed_log_module_at(log, i)); i++)
		reed_buf_printf(out, "%s=%s\n", module->name, reed_log_level_name(module->level));
	return REED_OK;
}

struct reed_fault *reed_control_no_level(struct reed_slice word)
{
	return reed_fault(REED_EINVAL, NULL,
	                  "\"" REED_FMT "\" is no level: debug, info, warn, error, critical",
	                  REED_ARG(word));
}

static const struct reed_service *first_unready(const struct reed_service *service)
{
	const struct reed_service *child, *found;

	for (size_t n = 0; (child = reed_service_child(service, n)); n++)
		if ((found = first_unready(child)))
			return found;
	return service->condition.value == REED_SERVICE_READY ||
	                       service->condition.value == REED_SERVICE_ENDED
	               ? NULL
	               : service;
}

static enum reed_err tell_ready(struct daemon *d, struct reed_buf *out, struct reed_fault **fault)
{
	const struct reed_service *unready;

	if (!d->stopping && !d->draining && reed_service_is_ready(d->root) &&
	    reed_loops_is_ready(d)) {
		reed_buf_add_str(out, "ready\n");
		return REED_OK;
	}
	unready = first_unready(d->root);
	*fault = unready ? reed_fault(REED_EBUSY, NULL, "not ready: %s is %s", unready->name,
	                              reed_service_state_name(
					      (enum reed_service_state)unready->condition.value))
	                 : reed_fault(REED_EBUSY, NULL, "not ready: it is %s",
	                              d->stopping   ? "stopping"
	                              : d->draining ? "draining"
	                                            : "starting on other loops");
	return REED_EBUSY;
}

enum reed_err reed_control_answer(struct daemon *d, const struct control_request *request,
                                  struct reed_buf *out, struct reed_fault **fault)
{
	switch (request->word->what) {
	case CONTROL_BLAME:
		return tell_blame(d, request, out, fault);
	case CONTROL_CONNS:
		return reed_control_conns(d, request, out, fault);
	case CONTROL_KILL:
		return kill_one(d, request, out, fault);
	case CONTROL_LEVEL:
		return tell_level(d, request, out, fault);
	case CONTROL_READYZ:
		return tell_ready(d, out, fault);
	case CONTROL_SERVICES:
	case CONTROL_STATS:
	case CONTROL_TASKS:
		return tell_table(d, request, out, fault);
	case CONTROL_HEALTHZ:
		reed_buf_add_str(out, "alive\n");
		break;
	case CONTROL_HELP:
		reed_control_help(out);
		reed_control_help_services(d, out);
		break;
	case CONTROL_METRICS:
		tell_metrics(d, request, out);
		break;
	case CONTROL_STOP:
		reed_daemon_stop(d, "reed ctl stop");
		break;
	case CONTROL_TOP:
		reed_control_top(d, request->others, out);
		break;
	case CONTROL_ACCOUNTS:
	case CONTROL_DRAIN:
	case CONTROL_HAND_OVER:
	case CONTROL_LOG:
	case CONTROL_RELOAD:
		break;
	}
	return REED_OK;
}
