/* `reed ctl zone ...`: what an operator asks of zones, and tells them. */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/co.h"

const struct reed_service_verb dns_verbs[] = {
	{ "zone", "ACTION [ZONE]",
	  "status, reload, refresh, retransfer, flush, freeze, thaw, notify, keys, ds, ds-seen, "
	  "roll, roll-zsk" },
	{ "publish", "RECORD", "adds a record, as _acme-challenge.example.org 60 TXT token" },
	{ "withdraw", "RECORD", "removes it, or without data all of its type" },
	{ NULL, NULL, NULL },
};

/* ---- status ---- */

static long long seconds_until(const struct dns_app *app, int64_t at)
{
	return (long long)((at - reed_now(app->service->loop)) / 1000000000);
}

static void tell_timers(const struct dns_app *app, const struct reed_dns_keeper_facts *f,
                        struct reed_buf *out)
{
	if (f->refresh_at != REED_NEVER)
		reed_buf_printf(out, ", refresh in %lld s", seconds_until(app, f->refresh_at));
	if (f->has_zone && f->expire_at != REED_NEVER)
		reed_buf_printf(out, ", expires in %lld s", seconds_until(app, f->expire_at));
}

static void tell_kept(const struct dns_app *app, const struct dns_kept *kept, struct reed_buf *out)
{
	struct reed_dns_keeper_facts f = { .size = sizeof(f) };

	reed_dns_keeper_facts(kept->keeper, &f);
	if (f.has_zone)
		reed_buf_printf(out, " serial %u", f.serial);
	else
		reed_buf_add_str(out, f.has_expired ? " expired" : " no zone yet");
	reed_buf_add_str(out, f.is_secondary ? ", secondary" : ", primary");
	if (f.has_zone && f.file_serial != f.serial)
		reed_buf_printf(out, ", file has serial %u", f.file_serial);
	if (f.changes)
		reed_buf_printf(out, ", %zu changes", f.changes);
	if (f.is_secondary)
		tell_timers(app, &f, out);
	if (f.is_frozen)
		reed_buf_add_str(out, ", frozen");
	if (f.is_busy)
		reed_buf_add_str(out, ", busy");
	if (f.mistake)
		reed_buf_printf(out, "; %s", f.mistake);
}

static void tell_status(const struct dns_app *app, const struct reed_dns_name *name,
                        struct reed_buf *out)
{
	const struct reed_dns_zone *zone = reed_dns_server_zone(app->server, name);
	const struct dns_kept *kept = dns_kept_find(app, name);
	struct reed_dns_zone_facts facts = { .size = sizeof(facts) };
	char text[REED_DNS_NAME_TEXT_SIZE];

	reed_dns_name_format(name, text);
	reed_buf_add_str(out, text);
	if (kept) {
		tell_kept(app, kept, out);
	} else if (zone) {
		reed_dns_zone_facts(zone, &facts);
		reed_buf_printf(out, " serial %u, from its file", facts.serial);
	} else {
		reed_buf_add_str(out, " not read");
	}
	reed_buf_add_char(out, '\n');
}

void dns_zones_tell(const struct dns_app *app, size_t most, struct reed_buf *out)
{
	struct dns_zone_entry entry;

	for (size_t i = 0; i < most && dns_app_entry(app, i, &entry); i++)
		tell_status(app, &entry.name, out);
}

/* ---- actions ---- */

static enum reed_err freeze(struct reed_dns_keeper *keeper)
{
	return reed_dns_keeper_freeze(keeper, true);
}

static enum reed_err thaw(struct reed_dns_keeper *keeper)
{
	return reed_dns_keeper_freeze(keeper, false);
}

/* ---- of zones that are signed here ---- */

static enum reed_err look_at_keys(struct reed_dns_keeper *keeper)
{
	struct reed_dns_key_facts f = { .size = sizeof(f) };

	return reed_dns_keeper_key(keeper, 0, &f) == REED_ENOTSUP ? REED_ENOTSUP : REED_OK;
}

static enum reed_err roll_ksk(struct reed_dns_keeper *keeper)
{
	return reed_dns_keeper_roll(keeper, REED_DNS_ROLE_KSK);
}

static enum reed_err roll_zsk(struct reed_dns_keeper *keeper)
{
	return reed_dns_keeper_roll(keeper, REED_DNS_ROLE_ZSK);
}

static void tell_keys(const struct dns_kept *kept, struct reed_buf *out)
{
	static const char *const roles[] = { "", "KSK", "ZSK", "CSK" };
	static const char *const ds[] = { "", ", its DS is wanted at the parent",
		                          ", the parent has its DS" };
	struct reed_dns_key_facts f = { .size = sizeof(f) };

	for (size_t i = 0; !reed_dns_keeper_key(kept->keeper, i, &f); i++)
		reed_buf_printf(out, "%s %u algorithm %u %s%s\n", roles[f.roles & 3], f.tag,
		                f.algorithm, reed_dns_key_state_name(f.state), ds[f.ds]);
}

/* All that the parent should have, now or soon. */
static void tell_ds(const struct dns_kept *kept, struct reed_buf *out)
{
	struct reed_dns_key_facts f = { .size = sizeof(f) };
	uint8_t room[REED_DNS_DS_MAX];
	struct reed_slice ds;

	for (size_t i = 0; !reed_dns_keeper_key(kept->keeper, i, &f); i++) {
		if (!(f.roles & REED_DNS_ROLE_KSK) || f.state == REED_DNS_KEY_RETIRED)
			continue;
		reed_dns_ds_make(&kept->name, f.dnskey, REED_DNS_DIGEST_SHA256, room, &ds);
		reed_dns_print_record(&kept->name, 86400, REED_DNS_CLASS_IN, REED_DNS_TYPE_DS, ds,
		                      out);
		reed_buf_add_char(out, '\n');
	}
}

static const struct action {
	const char *name;
	enum reed_err (*run)(struct reed_dns_keeper *keeper);
	const char *of; /* which zones it is for */
	bool waits;     /* for what it has come to */
	void (*tell)(const struct dns_kept *kept, struct reed_buf *out); /* NULL: its status */
} actions[] = {
	{ "reload", reed_dns_keeper_reload, "a primary", true, NULL },
	{ "refresh", reed_dns_keeper_refresh, "a secondary", true, NULL },
	{ "retransfer", reed_dns_keeper_retransfer, "a secondary", true, NULL },
	{ "flush", reed_dns_keeper_flush, "a zone that is kept, and there", true, NULL },
	{ "freeze", freeze, "a primary", true, NULL },
	{ "thaw", thaw, "a primary", true, NULL },
	{ "keys", look_at_keys, "a zone that is signed here", true, tell_keys },
	{ "ds", look_at_keys, "a zone that is signed here", true, tell_ds },
	{ "ds-seen", reed_dns_keeper_ds_seen, "a zone that is signed here", true, tell_keys },
	{ "roll", roll_ksk, "a zone that is signed here", true, tell_keys },
	{ "roll-zsk", roll_zsk, "a zone that is signed here", true, tell_keys },
	{ "notify", reed_dns_keeper_notify, "a zone that is kept, and there", false, NULL },
};

static const struct action *action_of(struct reed_slice word)
{
	for (size_t i = 0; i < REED_COUNT(actions); i++)
		if (reed_slice_is(word, actions[i].name))
			return &actions[i];
	return NULL;
}

struct doing {
	struct reed_co co;
	struct dns_app *app;
	const struct action *action;
	struct reed_dns_name name;
	struct reed_buf *out;
	enum reed_err err;
};

static struct reed_future *settled(struct doing *self)
{
	struct dns_kept *kept = dns_kept_find(self->app, &self->name);

	return kept && self->action->waits ? reed_dns_keeper_idle(kept->keeper)
	                                   : reed_ready(self->co.loop, REED_OK);
}

/* What went wrong is what the operator is told. */
static enum reed_err judge(struct doing *self)
{
	struct reed_dns_keeper_facts f = { .size = sizeof(f) };
	struct dns_kept *kept = dns_kept_find(self->app, &self->name);

	if (!kept)
		return REED_OK;
	reed_dns_keeper_facts(kept->keeper, &f);
	return f.mistake && self->action->waits
	               ? reed_because(&self->co, REED_EINVAL, "%s", f.mistake)
	               : REED_OK;
}

static void tell(struct doing *self)
{
	const struct dns_kept *kept = dns_kept_find(self->app, &self->name);

	if (kept && self->action->tell)
		self->action->tell(kept, self->out);
	else
		tell_status(self->app, &self->name, self->out);
}

static void doing_run(struct reed_co *co)
{
	struct doing *self = reed_frame(co, struct doing);

	reed_coroutine (co) {
		reed_try(co, settled(self));
		self->err = judge(self);
		if (self->err)
			reed_return(co, self->err);
		tell(self);
	}
}

static const struct reed_co_kind doing_kind = {
	.name = "zone",
	.size = sizeof(struct doing),
	.run = doing_run,
};

static bool find_zone(const struct dns_app *app, struct reed_slice word,
                      struct dns_zone_entry *entry)
{
	struct reed_dns_name name;

	if (reed_dns_name_parse(word, NULL, &name))
		return false;
	for (size_t i = 0; dns_app_entry(app, i, entry); i++)
		if (reed_dns_name_eq(&entry->name, &name))
			return true;
	return false;
}

/* Of a zone that is just a file: that may have changed. */
static struct reed_future *reload_plain(struct dns_app *app, const struct reed_dns_name *name)
{
	if (app->loading)
		app->again = true;
	else
		reed_scope_add(&app->service->scope, dns_load(app, name));
	return reed_ready(app->service->loop, REED_OK);
}

static struct reed_future *act(struct dns_app *app, const struct action *action,
                               const struct dns_zone_entry *entry, struct reed_buf *out)
{
	struct reed_loop *loop = app->service->loop;
	struct dns_kept *kept = dns_kept_find(app, &entry->name);
	struct doing *self;

	if (!kept && action->run == reed_dns_keeper_reload)
		return reload_plain(app, &entry->name);
	if (!kept || action->run(kept->keeper))
		return reed_failed(loop, REED_ENOTSUP, "%s is for %s, which this is not",
		                   action->name, action->of);
	self = reed_co_new(loop, &doing_kind);
	self->app = app;
	self->action = action;
	self->name = entry->name;
	self->out = out;
	return reed_start(&self->co);
}

struct reed_future *dns_control(struct reed_service *service, const struct reed_slice *words,
                                size_t count, struct reed_buf *out)
{
	struct dns_app *app = service->own;
	const struct action *action = count > 1 ? action_of(words[1]) : NULL;
	bool is_status = count > 1 && reed_slice_is(words[1], "status");
	struct dns_zone_entry entry;

	if (!reed_slice_is(words[0], "zone"))
		return dns_control_publish(app, words, count);
	if (count > 3 || count < 2 || (!action && !is_status) || (action && count != 3))
		return reed_failed(service->loop, REED_EINVAL,
		                   "write zone status [ZONE], or zone reload, refresh, retransfer, "
		                   "flush, freeze, thaw, notify, keys, ds, ds-seen, roll or "
		                   "roll-zsk ZONE");
	if (count == 2) {
		dns_zones_tell(app, SIZE_MAX, out);
		return reed_ready(service->loop, REED_OK);
	}
	if (!find_zone(app, words[2], &entry))
		return reed_failed(service->loop, REED_ENOENT, "there is no zone " REED_FMT,
		                   REED_ARG(words[2]));
	if (action)
		return act(app, action, &entry, out);
	tell_status(app, &entry.name, out);
	return reed_ready(service->loop, REED_OK);
}
