/* What is done with a zone on disk; all of it in a thread. */

#include "seal.h"

#include <inttypes.h>

/* ---- the file ---- */

static enum reed_err print_item(void *arg, const struct dns_item *item)
{
	struct reed_dns_name owner;
	struct reed_buf *out = arg;

	reed_dns_name_take(item->owner, &owner);
	reed_dns_print_record(&owner, item->ttl, REED_DNS_CLASS_IN, item->type, item->rdata, out);
	reed_buf_add_char(out, '\n');
	return out->err;
}

enum reed_err dns_shelf_write(struct dns_shelf *shelf, const struct reed_dns_zone *zone,
                              struct reed_fault **fault)
{
	struct reed_buf text = { 0 };
	enum reed_err err = dns_zone_each(zone, print_item, &text);

	if (!err)
		err = reed_file_replace(shelf->file, reed_buf_slice(&text), &shelf->stamp);
	if (!err)
		shelf->file_serial = zone->serial;
	else
		*fault = reed_fault(err, NULL, "cannot write the zone file %s: %s", shelf->file,
		                    reed_strerror(err));
	reed_buf_finish(&text);
	return err;
}

/* ---- the journal ---- */

static enum reed_err journal_fault(struct dns_shelf *shelf, enum reed_err err,
                                   struct reed_fault **fault)
{
	if (err)
		*fault = reed_fault(err, NULL, "cannot write the journal %s: %s",
		                    shelf->journal.path, reed_strerror(err));
	return err;
}

/*
 * The newest, up to half of what there may be: it is not to be full again soon.  Holders
 * are not counted here, which is not the loop's thread.
 */
static enum reed_err shorten(struct dns_chore *c, const struct dns_history *changes, bool anew)
{
	size_t before = anew ? 0 : c->history.n, n = before + changes->n, first = n, bytes = 0;
	struct dns_delta **all = reed_alloc((n + 1) * sizeof(struct dns_delta *));
	struct dns_history kept = { .all = all };
	enum reed_err err;

	for (size_t i = 0; i < n; i++)
		all[i] = i < before ? c->history.all[i] : changes->all[i - before];
	while (first > 0 && bytes + all[first - 1]->n <= c->shelf->journal_most / 2)
		bytes += all[--first]->n;
	kept.all = all + first;
	kept.n = n - first;
	err = dns_journal_rewrite(&c->shelf->journal, &kept);
	reed_free(all);
	return err;
}

/*
 * The changes are for good: in the journal, or in the file when that would be too much.
 * The file has them then, whatever becomes of the journal.
 */
enum reed_err dns_chore_commit(struct dns_chore *c, const struct reed_dns_zone *zone,
                               const struct dns_history *changes, struct reed_fault **fault)
{
	struct dns_journal *journal = &c->shelf->journal;
	enum reed_err err;

	if (journal->size + changes->bytes < c->shelf->journal_most)
		return journal_fault(c->shelf, dns_journal_append(journal, changes), fault);
	err = dns_shelf_write(c->shelf, zone, fault);
	if (!err)
		shorten(c, changes, false);
	return err;
}

/* ---- loading ---- */

static void read_seen(struct dns_chore *c)
{
	struct reed_file_stamp stamp;
	struct reed_buf text = { .limit = 64 };
	uint64_t seconds;

	if (!reed_file_read(c->shelf->seen, &text, &stamp) &&
	    !reed_slice_u64(reed_slice_trim(reed_buf_slice(&text)), INT64_MAX / 1000000000,
	                    &seconds))
		c->result.seen = (int64_t)seconds * 1000000000;
	reed_buf_finish(&text);
}

enum reed_err dns_chore_seen(struct dns_chore *c, struct reed_fault **fault)
{
	struct reed_file_stamp stamp;
	char text[32];
	int n = snprintf(text, sizeof(text), "%" PRId64 "\n", c->wall / 1000000000);
	enum reed_err err = reed_file_replace(c->shelf->seen, reed_slice(text, (size_t)n), &stamp);

	if (err)
		*fault = reed_fault(err, NULL, "cannot write %s: %s", c->shelf->seen,
		                    reed_strerror(err));
	return err;
}

enum reed_err dns_chore_erase(struct dns_chore *c, struct reed_fault **fault)
{
	const char *const paths[] = { c->shelf->file, c->shelf->journal_path, c->shelf->seen };
	enum reed_err err = REED_OK;

	c->shelf->journal.is_read = false;
	for (size_t i = 0; i < REED_COUNT(paths) && !err; i++) {
		err = reed_file_remove(paths[i]);
		err = err == REED_ENOENT ? REED_OK : err;
		if (err)
			*fault = reed_fault(err, NULL, "cannot remove %s: %s", paths[i],
			                    reed_strerror(err));
	}
	return err;
}

static enum reed_err read_file(struct dns_shelf *shelf, struct reed_dns_zone **zone,
                               struct reed_fault **fault)
{
	struct reed_file_stamp stamp;
	enum reed_err err;

	*zone = NULL;
	err = reed_file_look(shelf->file, &stamp);
	if (err == REED_ENOENT && (shelf->is_secondary || shelf->seal))
		return REED_OK;
	err = reed_dns_zone_load(shelf->file, &shelf->name, zone, fault);
	if (err)
		return err;
	shelf->stamp = stamp;
	shelf->file_serial = (*zone)->serial;
	return REED_OK;
}

/* The file was changed while nobody looked: what the journal has is about another zone. */
static enum reed_err begin_anew(struct dns_chore *c, struct dns_history *h,
                                const struct reed_dns_zone *zone, struct reed_fault **fault)
{
	uint32_t last = h->n ? h->all[h->n - 1]->to : 0;

	if (h->n && zone && !c->shelf->is_secondary && !reed_dns_serial_newer(zone->serial, last)) {
		*fault = reed_fault(REED_ECORRUPT, NULL,
		                    "%s has serial %u, and the journal %s leads from %u to %u: "
		                    "give the file a serial above %u, or remove the journal",
		                    c->shelf->file, zone->serial, c->shelf->journal.path,
		                    h->all[0]->from, last, last);
		return REED_ECORRUPT;
	}
	dns_history_forget(h, h->n);
	return journal_fault(c->shelf, dns_journal_rewrite(&c->shelf->journal, h), fault);
}

/* What the journal leads to from the serial of the file. */
static enum reed_err replay(struct dns_chore *c, struct dns_history *h, struct reed_dns_zone **zone,
                            struct reed_fault **fault)
{
	size_t first = *zone ? dns_history_find(h, (*zone)->serial) : h->n;
	struct reed_dns_zone *after;
	enum reed_err err;

	if (!*zone || (first == h->n && (!h->n || h->all[h->n - 1]->to != (*zone)->serial)))
		return h->n ? begin_anew(c, h, *zone, fault) : REED_OK;
	if (first == h->n)
		return REED_OK;
	err = dns_delta_apply(*zone, h->all + first, h->n - first, &after, fault);
	if (err)
		return err;
	reed_dns_zone_release(*zone);
	*zone = after;
	return REED_OK;
}

enum reed_err dns_chore_load(struct dns_chore *c, struct reed_fault **fault)
{
	struct dns_chore_result *r = &c->result;
	struct dns_journal *journal = &c->shelf->journal;
	enum reed_err err = REED_OK;

	if (!journal->is_read)
		err = dns_journal_open(journal, 4 * c->shelf->journal_most, &r->changes, &r->torn);
	if (err)
		return journal_fault(c->shelf, err, fault);
	read_seen(c);
	err = read_file(c->shelf, &r->zone, fault);
	if (!err)
		err = replay(c, &r->changes, &r->zone, fault);
	if (err)
		journal->is_read = false; /* it is read again when this is tried again */
	r->anew = true;
	r->file_serial = c->shelf->file_serial;
	return err || !c->shelf->seal ? err : dns_seal_again(c, r->zone, fault);
}

/* ---- changes that came from others ---- */

static enum reed_err finish(struct dns_chore *c, struct reed_fault **fault)
{
	enum reed_err err = dns_seal_result(c, fault);

	if (!err)
		err = dns_chore_commit(c, c->result.zone, &c->result.changes, fault);
	c->result.file_serial = c->shelf->file_serial;
	return err;
}

enum reed_err dns_chore_apply(struct dns_chore *c, struct reed_fault **fault)
{
	enum reed_err err =
		dns_delta_apply(c->zone, c->deltas.all, c->deltas.n, &c->result.zone, fault);

	if (err)
		return err;
	c->result.changes = c->deltas;
	c->deltas = (struct dns_history){ 0 };
	return finish(c, fault);
}

static enum reed_err build(struct dns_chore *c, struct reed_fault **fault)
{
	struct reed_slice rest = reed_buf_slice(&c->items);
	struct dns_loading loading;
	struct dns_item item;
	enum reed_err err = REED_OK;

	dns_loading_begin(&loading, &c->shelf->name);
	while (!err && dns_item_next(&rest, &item))
		err = dns_item_load(&loading, &item);
	return dns_loading_finish(&loading, "what was received", err, &c->result.zone, fault);
}

enum reed_err dns_chore_replace(struct dns_chore *c, struct reed_fault **fault)
{
	struct dns_chore_result *r = &c->result;
	enum reed_err err = build(c, fault);
	bool newer = !err && c->zone && reed_dns_serial_newer(r->zone->serial, c->zone->serial);

	if (err)
		return err;
	if (c->zone && !newer && !c->force) {
		*fault = reed_fault(REED_EPROTO, NULL,
		                    "the serial that came is %u, which is not newer than %u",
		                    r->zone->serial, c->zone->serial);
		return REED_EPROTO;
	}
	err = dns_shelf_write(c->shelf, r->zone, fault);
	if (err)
		return err;
	if (newer)
		dns_history_add(&r->changes, dns_delta_between(c->zone, r->zone));
	r->anew = !newer;
	r->file_serial = r->zone->serial;
	err = shorten(c, &r->changes, r->anew);
	return newer ? REED_OK : journal_fault(c->shelf, err, fault);
}

/* ---- and from clients ---- */

/* Alone, when together they make a zone that breaks a rule. */
static enum reed_err update_some(struct dns_chore *c, struct reed_dns_zone **zone,
                                 struct dns_update *updates, size_t n, struct reed_fault **fault)
{
	struct dns_delta *delta;
	struct reed_dns_zone *after;
	enum reed_err err;

	dns_update_all(*zone, updates, n, c->serial, (uint64_t)(c->wall / 1000000000), &delta);
	if (!delta)
		return REED_OK;
	err = dns_delta_apply(*zone, &delta, 1, &after, fault);
	if (err) {
		dns_delta_release(delta);
		return err;
	}
	dns_history_add(&c->result.changes, delta);
	reed_dns_zone_release(c->result.zone);
	*zone = c->result.zone = after;
	return REED_OK;
}

static void update_each(struct dns_chore *c, struct reed_dns_zone *zone)
{
	for (size_t i = 0; i < c->update_count; i++) {
		struct reed_fault *fault = NULL;

		if (update_some(c, &zone, &c->updates[i], 1, &fault))
			c->updates[i].rcode = REED_DNS_RCODE_REFUSED;
		reed_fault_free(fault);
	}
}

enum reed_err dns_chore_update(struct dns_chore *c, struct reed_fault **fault)
{
	struct reed_dns_zone *zone = c->zone;
	struct reed_fault *together = NULL;

	if (update_some(c, &zone, c->updates, c->update_count, &together))
		update_each(c, zone);
	reed_fault_free(together);
	c->result.rcodes = reed_alloc(c->update_count * sizeof(unsigned));
	for (size_t i = 0; i < c->update_count; i++)
		c->result.rcodes[i] = c->updates[i].rcode;
	return c->result.zone ? finish(c, fault) : REED_OK;
}

/* ---- the file, again ---- */

enum reed_err dns_chore_flush(struct dns_chore *c, struct reed_fault **fault)
{
	enum reed_err err = REED_OK;

	if (c->shelf->file_serial != c->zone->serial || c->force)
		err = dns_shelf_write(c->shelf, c->zone, fault);
	if (!err && c->shelf->journal.size > c->shelf->journal_most / 2)
		shorten(c, &c->result.changes, false);
	c->result.file_serial = c->shelf->file_serial;
	return err;
}

static enum reed_err not_newer(struct dns_chore *c, uint32_t serial, struct reed_fault **fault)
{
	*fault = reed_fault(REED_EINVAL, NULL,
	                    "%s was changed, but its serial %u is not above %u, which the zone "
	                    "has; freeze the zone before you change its file",
	                    c->shelf->file, serial, c->zone->serial);
	return REED_EINVAL;
}

static enum reed_err take_file(struct dns_chore *c, struct reed_dns_zone *fresh,
                               struct reed_fault **fault)
{
	struct dns_chore_result *r = &c->result;
	bool newer = reed_dns_serial_newer(fresh->serial, c->zone->serial);
	enum reed_err err;

	r->zone = fresh;
	r->file_serial = fresh->serial;
	r->anew = !newer;
	if (!newer && c->strict)
		return not_newer(c, fresh->serial, fault);
	if (newer)
		dns_history_add(&r->changes, dns_delta_between(c->zone, fresh));
	err = shorten(c, &r->changes, r->anew);
	return newer ? REED_OK : journal_fault(c->shelf, err, fault);
}

enum reed_err dns_chore_reload(struct dns_chore *c, struct reed_fault **fault)
{
	struct reed_file_stamp stamp;
	struct reed_dns_zone *fresh;
	enum reed_err err;

	c->result.file_serial = c->shelf->file_serial;
	if (!reed_file_look(c->shelf->file, &stamp) && reed_file_same(&stamp, &c->shelf->stamp))
		return REED_OK;
	err = reed_dns_zone_load(c->shelf->file, &c->shelf->name, &fresh, fault);
	if (err)
		return err;
	err = take_file(c, fresh, fault);
	if (!err) {
		c->shelf->stamp = stamp;
		c->shelf->file_serial = fresh->serial;
	}
	return err;
}
