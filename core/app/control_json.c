/* What the control socket tells programs: an object on each line. */

#include "control.h"

#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/blame.h"
#include "service_private.h"

/* ---- text of others ---- */

void reed_control_add_json(struct reed_buf *out, const char *text)
{
	bool good = reed_slice_is_utf8(reed_slice_of(text));

	reed_buf_add_char(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			reed_buf_add_char(out, '\\');
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			reed_buf_printf(out, "\\u%04x", (unsigned char)*text);
		else
			reed_buf_add_char(out, (unsigned char)*text >= 0x80 && !good ? '?' : *text);
	}
	reed_buf_add_char(out, '"');
}

void reed_control_add_member(struct reed_buf *out, const char *name, const char *text)
{
	if (!text)
		return;
	reed_buf_printf(out, ",\"%s\":", name);
	reed_control_add_json(out, text);
}

/* ---- is it wanted? ---- */

enum reed_err reed_control_wants_json(const struct control_request *request, bool *json,
                                      struct reed_fault **fault)
{
	*json = request->count > 0;
	if (!*json || reed_slice_is(request->args[0], "--json"))
		return REED_OK;
	*fault = reed_fault(REED_EINVAL, NULL,
	                    "\"" REED_FMT "\" is not understood: write %s [--json]",
	                    REED_ARG(request->args[0]), request->word->name);
	return REED_EINVAL;
}

/* ---- tables ---- */

static void add_blamed(struct reed_buf *out, const struct reed_blamed *b)
{
	reed_buf_printf(out, "{\"seconds\":%.6f,\"times\":%ju,\"longest\":%.6f",
	                (double)b->ns / 1e9, (uintmax_t)b->times, (double)b->longest_ns / 1e9);
	reed_control_add_member(out, "task", b->name);
	reed_control_add_member(out, "file", b->file);
	if (b->file)
		reed_buf_printf(out, ",\"line\":%d", b->line);
	reed_buf_add_str(out, "}\n");
}

void reed_control_blame_json(struct daemon *d, uint64_t most, struct reed_buf *out)
{
	struct reed_blamed *list = reed_alloc((most + 1) * sizeof(*list));
	size_t n = reed_blame_list(d->loop, list, most);

	for (size_t i = 0; i < n; i++)
		add_blamed(out, &list[i]);
	reed_free(list);
}

/* path: the names of those around it, with slashes, and its own. */
static void add_service(struct reed_buf *out, const struct reed_service *self, const char *around)
{
	const struct service *s = reed_service_inner(self);
	char *path = reed_sprintf("%s%s%s", around, *around ? "/" : "", self->name);
	struct reed_service *child;

	reed_buf_printf(out, "{\"age\":%.3f", (double)(reed_now(self->loop) - s->since) / 1e9);
	reed_control_add_member(out, "service", path);
	reed_control_add_member(out, "state",
	                        reed_service_state_name(
					(enum reed_service_state)self->condition.value));
	reed_control_add_member(out, "status", s->status);
	reed_control_add_member(out, "error", s->err ? reed_fault_why(s->fault, s->err) : NULL);
	reed_buf_add_str(out, "}\n");
	for (size_t n = 0; (child = reed_service_child(self, n)); n++)
		add_service(out, child, path);
	reed_free(path);
}

void reed_control_services_json(struct daemon *d, struct reed_buf *out)
{
	add_service(out, d->root, "");
}
