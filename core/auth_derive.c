/* Keys from passwords, in threads, a few at a time. */

#include "auth_portal.h"

struct derivation {
	struct reed_job job;
	struct reed_verifier verifier;
	struct reed_verifier *out;
	char password[REED_PASSWORD_ROOM];
};

static struct derivation *derivation_of(struct reed_job *job)
{
	return reed_job_frame(job, struct derivation);
}

static enum reed_err derive_run(struct reed_job *job)
{
	struct derivation *self = derivation_of(job);

	reed_verifier_derive(&self->verifier, reed_slice_of(self->password));
	return REED_OK;
}

static void derive_deliver(struct reed_job *job)
{
	*derivation_of(job)->out = derivation_of(job)->verifier;
}

static void derive_end(struct reed_job *job)
{
	struct derivation *self = derivation_of(job);

	reed_wipe(self->password, sizeof(self->password));
	reed_wipe(&self->verifier, sizeof(self->verifier));
}

static const struct reed_job_kind derive_kind = { .name = "derive key",
	                                          .size = sizeof(struct derivation),
	                                          .run = derive_run,
	                                          .deliver = derive_deliver,
	                                          .end = derive_end };

/* All derivations take about as long, so taking turns is fair enough. */
struct reed_future *reed_portal_derive(struct reed_portal *portal, struct reed_verifier *v,
                                       const char *password)
{
	struct derivation *self = reed_job_new(portal->loop, &derive_kind);
	struct reed_lane *lane = portal->lanes[portal->next_lane];

	portal->next_lane = (portal->next_lane + 1) % portal->options.derivations;
	portal->stats.derivations++;
	portal->stats.iterations += v->iterations;
	self->verifier = *v;
	self->out = v;
	reed_slice_copy(self->password, sizeof(self->password), reed_slice_of(password));
	return reed_lane_run(lane, &self->job);
}

void reed_portal_salt(struct reed_portal *portal, struct reed_verifier *v)
{
	*v = (struct reed_verifier){ .iterations = portal->options.iterations,
		                     .salt_length = REED_SALT_BYTES };
	reed_random_bytes(portal->loop, v->salt, REED_SALT_BYTES);
}

void reed_portal_fake(struct reed_portal *portal, struct reed_slice name, struct reed_verifier *v)
{
	reed_verifier_fake(portal->key, name, portal->options.iterations, v);
}
