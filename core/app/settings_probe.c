/* What values name on this machine is looked at before a program runs with them. */

#include "settings_private.h"

#include "reed/driver.h"
#include "reed/tls.h"

struct probing {
	struct reed_settings *self;
	bool running;
};

enum reed_err reed_setting_certificate(const char *path, struct reed_fault **fault)
{
	struct reed_tls_server_ctx_options o = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_tls_ctx *ctx = NULL;
	enum reed_err err;

	o.cert = path;
	o.wall = reed_system_wall(NULL);
	err = reed_tls_server_ctx(&o, &ctx, fault);
	reed_tls_ctx_release(ctx);
	return err;
}

/* Of an endpoint that others complete nothing can be said yet. */
static enum reed_err probe_endpoint(const char *text, struct reed_fault **fault)
{
	if (reed_endpoint_check(reed_slice_of(text), REED_ENDPOINT_ANY, fault)) {
		reed_fault_free(*fault);
		*fault = NULL;
		return REED_OK;
	}
	return reed_endpoint_probe(reed_slice_of(text), REED_ENDPOINT_ANY, fault);
}

static bool is_forbidden(enum reed_err err)
{
	return err == REED_EACCES || err == REED_EPERM;
}

static void probe_text(const struct probing *probing, const struct table *table,
                       const struct slot *slot, ptrdiff_t index, const char *text)
{
	reed_setting_probe_fn *probe = slot->setting.probe;
	enum layer layer = slot->origin.layer;
	struct reed_fault *fault = NULL;
	enum reed_err err;

	if (!probe && slot->setting.type == REED_SETTING_ENDPOINT)
		probe = probe_endpoint;
	err = probe && text && *text ? probe(text, &fault) : REED_OK;
	if (err && !(probing->running && is_forbidden(err)))
		reed_settings_problem_at(probing->self,
		                         index == NO_INDEX ? slot->origin.text
		                                           : slot->items[index].origin,
		                         reed_layer_names(layer, table)
		                                 ? ""
		                                 : reed_slot_path(&probing->self->pool, table, slot,
		                                                  index),
		                         "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
}

static const char *text_at(const char *at)
{
	const char *text;

	memcpy(&text, at, sizeof(text));
	return text;
}

static void probe_table(const struct probing *probing, const struct table *table);

/* Texts of a list, of a map, where they stand behind their names, or records. */
static void probe_items(const struct probing *probing, const struct table *table,
                        const struct slot *slot)
{
	size_t size = reed_slot_item_size(slot);
	const char *items = text_at(slot->values + slot->setting.offset);

	for (size_t i = 0; i < slot->count; i++) {
		if (slot->items[i].record)
			probe_table(probing, slot->items[i].record);
		else if (reed_setting_is_text(&slot->setting))
			probe_text(probing, table, slot, (ptrdiff_t)i,
			           text_at(items + (i + 1) * size - sizeof(char *)));
	}
}

static void probe_table(const struct probing *probing, const struct table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct slot *slot = &table->slots[i];

		if (slot->setting.type == REED_SETTING_GROUP)
			continue;
		if (slot->setting.shape != REED_SETTING_ONE)
			probe_items(probing, table, slot);
		else if (reed_setting_is_text(&slot->setting))
			probe_text(probing, table, slot, NO_INDEX,
			           text_at(slot->values + slot->setting.offset));
	}
}

enum reed_err reed_settings_probe(struct reed_settings *self, bool running)
{
	const struct probing probing = { self, running };

	if (self->problems.count == 0)
		probe_table(&probing, &self->table);
	return reed_settings_state(self);
}
