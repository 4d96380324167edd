/* Jobs for a zone on disk: what they hold, and what they share. */

#include "seal.h"

struct dns_shelf *dns_shelf_new(const struct reed_dns_name *name, const char *file,
                                const char *journal, size_t most, bool is_secondary)
{
	struct dns_shelf *self = reed_alloc(sizeof(*self));

	self->holders = 1;
	self->name = *name;
	self->file = reed_strdup(file);
	self->seen = reed_sprintf("%s.seen", journal);
	self->journal_path = reed_strdup(journal);
	self->journal.path = self->journal_path;
	self->journal_most = most;
	self->is_secondary = is_secondary;
	return self;
}

/* The last to let go is in the loop's thread, and no job runs. */
void dns_shelf_release(struct dns_shelf *self)
{
	if (!self || --self->holders)
		return;
	dns_seal_free(self->seal);
	reed_free(self->file);
	reed_free(self->seen);
	reed_free(self->journal_path);
	reed_free(self);
}

/* ---- a job ---- */

static enum reed_err chore_run(struct reed_job *job)
{
	struct dns_chore *self = reed_job_frame(job, struct dns_chore);

	return self->fn(self, &job->fault);
}

static void chore_deliver(struct reed_job *job)
{
	struct dns_chore *self = reed_job_frame(job, struct dns_chore);

	if (self->out)
		*self->out = self->result;
	self->result = (struct dns_chore_result){ 0 };
}

void dns_chore_result_finish(struct dns_chore_result *result)
{
	reed_dns_zone_release(result->zone);
	dns_history_finish(&result->changes);
	reed_free(result->rcodes);
	*result = (struct dns_chore_result){ 0 };
}

static void chore_end(struct reed_job *job)
{
	struct dns_chore *self = reed_job_frame(job, struct dns_chore);

	reed_wipe(&self->entropy, sizeof(self->entropy));
	dns_chore_result_finish(&self->result);
	reed_dns_zone_release(self->zone);
	dns_history_finish(&self->history);
	dns_history_finish(&self->deltas);
	reed_buf_finish(&self->items);
	for (size_t i = 0; i < self->update_count; i++) {
		dns_rules_release(self->updates[i].rules);
		reed_free(self->updates[i].memory);
	}
	reed_free(self->updates);
	dns_shelf_release(self->shelf);
}

static const struct reed_job_kind chore_kind = {
	.name = "zone",
	.size = sizeof(struct dns_chore),
	.run = chore_run,
	.deliver = chore_deliver,
	.end = chore_end,
};

struct dns_chore *dns_chore_new(struct reed_loop *loop, struct dns_shelf *shelf, dns_chore_fn *fn,
                                struct reed_dns_zone *zone, const struct dns_history *history,
                                struct dns_chore_result *out)
{
	struct dns_chore *self = reed_job_new(loop, &chore_kind);

	shelf->holders++;
	self->shelf = shelf;
	self->fn = fn;
	self->zone = zone ? reed_dns_zone_share(zone) : NULL;
	if (history)
		dns_history_copy(history, 0, &self->history);
	self->out = out;
	return self;
}
