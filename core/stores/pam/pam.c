/* pam:SERVICE: the checker, as the loop's thread sees it. */

#include "reed/pam_checker.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/file.h"
#include "reed/offload.h"
#include "talk.h"

enum { WAITING = 64 };

/* Not all modules are fit for several threads, so there is one. */
struct pam {
	struct reed_checker checker;
	struct reed_auth_rules rules;
	struct reed_lane *lane;
	char *service, *folder; /* folder NULL: PAM's own */
};

static struct pam *pam_of(struct reed_checker *checker)
{
	return reed_container_of(checker, struct pam, checker);
}

/* ---- an attempt ---- */

struct errand {
	struct reed_job job;
	struct pam_attempt attempt;
	struct reed_auth_rules rules;
	char *service, *folder, *address, *door, *password;
	char user[REED_ACCOUNT_ROOM];
	struct reed_principal account, *out;
};

static struct errand *errand_of(struct reed_job *job)
{
	return reed_job_frame(job, struct errand);
}

/* Who PAM says it is has to be a name of ours too. */
static enum reed_err take_name(struct errand *self)
{
	const char *why;

	if (!self->rules.account(&self->rules, reed_slice_of(self->attempt.name),
	                         self->account.name, &why))
		return REED_OK;
	return reed_job_fail(&self->job, REED_EIO, "PAM (%s) made a user of it that is no name: %s",
	                     self->service, why);
}

static enum reed_err errand_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	enum reed_err err;

	self->attempt.service = self->service;
	self->attempt.folder = self->folder;
	self->attempt.user = self->user;
	self->attempt.password = self->password;
	self->attempt.address = self->address;
	self->attempt.door = self->door;
	err = pam_attempt(&self->attempt);
	if (err == REED_EIO)
		return reed_job_fail(job, err, "%s", self->attempt.why);
	return err ? err : take_name(self);
}

static void errand_deliver(struct reed_job *job)
{
	*errand_of(job)->out = errand_of(job)->account;
}

static void errand_end(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	if (self->password)
		reed_wipe(self->password, strlen(self->password));
	reed_free(self->password);
	reed_free(self->service);
	reed_free(self->folder);
	reed_free(self->address);
	reed_free(self->door);
}

static const struct reed_job_kind errand_kind = { .name = "ask PAM",
	                                          .size = sizeof(struct errand),
	                                          .run = errand_run,
	                                          .deliver = errand_deliver,
	                                          .end = errand_end };

/* PAM's texts end with a NUL, so what has one inside is no password. */
static struct reed_future *verify(struct reed_checker *checker,
                                  const struct reed_credential *credential,
                                  const struct reed_peer *from, struct reed_principal *out)
{
	struct pam *pam = pam_of(checker);
	struct errand *self = reed_job_new(checker->loop, &errand_kind);
	const char *why;

	if (pam->rules.account(&pam->rules, credential->user, self->user, &why) ||
	    reed_slice_find(credential->secret, '\0') < credential->secret.n) {
		reed_drop(&self->job.future);
		return reed_ready(checker->loop, REED_ENOENT);
	}
	self->rules = pam->rules;
	self->service = reed_strdup(pam->service);
	self->folder = reed_strdup(pam->folder);
	self->address = reed_strdup(from->address ? from->address : "");
	self->door = reed_strdup(from->door ? from->door : "");
	self->password = reed_slice_dup(credential->secret);
	self->out = out;
	return reed_lane_run(pam->lane, &self->job);
}

/* ---- the checker ---- */

static void pam_free(struct reed_checker *checker)
{
	struct pam *self = pam_of(checker);

	reed_lane_close(self->lane);
	reed_free(self->service);
	reed_free(self->folder);
	reed_free(self);
}

static const struct reed_checker_ops pam_ops = {
	.name = "pam",
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD),
	.verify = verify,
	.free = pam_free,
};

/* "reed", "/srv/pam/reed": the name behind the last slash, and what is before it. */
static void split(struct reed_slice argument, char **service, char **folder)
{
	char *text = argument.n > 0 ? reed_slice_dup(argument) : reed_strdup("reed");
	char *slash = strrchr(text, '/');

	*service = reed_strdup(slash ? slash + 1 : text);
	*folder =
		slash ? reed_slice_dup(reed_slice(text, slash > text ? (size_t)(slash - text) : 1))
		      : NULL;
	reed_free(text);
}

static bool is_there(const char *folder, const char *service)
{
	struct reed_file_stamp stamp;
	char *path = reed_sprintf("%s/%s", folder, service);
	bool there = !reed_file_look(path, &stamp);

	reed_free(path);
	return there;
}

/* Without a file PAM takes that of "other", which lets nobody in, or everybody. */
static struct reed_fault *look(const char *service, const char *folder)
{
	if (!*service)
		return reed_fault(REED_EINVAL, NULL,
		                  "pam: which service? pam:SERVICE or "
		                  "pam:/FOLDER/SERVICE");
	if (folder ? is_there(folder, service)
	           : is_there("/etc/pam.d", service) || is_there("/usr/lib/pam.d", service))
		return NULL;
	return reed_fault(REED_ENOENT, NULL,
	                  "pam: there is no %s/%s; write one, as in \"@include common-auth\" and "
	                  "\"@include common-account\"",
	                  folder ? folder : "/etc/pam.d", service);
}

static enum reed_err pam_probe(struct reed_slice argument,
                               const struct reed_checker_options *options,
                               struct reed_fault **fault)
{
	char *service, *folder;

	(void)options;
	split(argument, &service, &folder);
	*fault = look(service, folder);
	reed_free(service);
	reed_free(folder);
	return *fault ? (*fault)->err : REED_OK;
}

struct opening {
	struct reed_job job;
	struct pam *pam; /* NULL: handed over */
	struct reed_checker **out;
};

static enum reed_err opening_run(struct reed_job *job)
{
	struct pam *pam = reed_job_frame(job, struct opening)->pam;
	struct reed_fault *fault = look(pam->service, pam->folder);
	enum reed_err err = REED_OK;

	if (fault)
		err = reed_job_fail(job, fault->err, "%s", fault->sentence);
	reed_fault_free(fault);
	return err;
}

static void opening_deliver(struct reed_job *job)
{
	struct opening *self = reed_job_frame(job, struct opening);

	*self->out = &self->pam->checker;
	self->pam = NULL;
}

static void opening_end(struct reed_job *job)
{
	struct opening *self = reed_job_frame(job, struct opening);

	if (self->pam)
		pam_free(&self->pam->checker);
}

static const struct reed_job_kind opening_kind = { .name = "look for PAM's service",
	                                           .size = sizeof(struct opening),
	                                           .run = opening_run,
	                                           .deliver = opening_deliver,
	                                           .end = opening_end };

static struct reed_future *pam_open(struct reed_loop *loop, struct reed_slice argument,
                                    const struct reed_checker_options *options,
                                    struct reed_checker **out)
{
	struct opening *self = reed_job_new(loop, &opening_kind);
	struct pam *pam = reed_alloc(sizeof(*pam));

	pam->checker = (struct reed_checker){ .ops = &pam_ops, .loop = loop };
	pam->rules = *options->rules;
	pam->lane = reed_lane_new(loop, "pam", WAITING);
	split(argument, &pam->service, &pam->folder);
	self->pam = pam;
	self->out = out;
	return reed_lane_run(pam->lane, &self->job);
}

struct reed_checker_scheme reed_pam_checker_scheme = {
	.name = "pam",
	.form = "pam:SERVICE",
	.help = "Whoever PAM lets in by /etc/pam.d/SERVICE (without one: reed), or by another folder's\n"
		"file, pam:/FOLDER/SERVICE.  Passwords in clear only, and one question for each.\n",
	.open = pam_open,
	.probe = pam_probe,
	.folder = "/etc",
};

void reed_pam_checker_register(void)
{
	reed_checker_register(&reed_pam_checker_scheme);
}
