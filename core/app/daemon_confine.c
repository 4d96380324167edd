/*
 * What a daemon gives up before it serves: other users' rights, and by its
 * sandbox all that its settings do not ask for.
 *
 * All of it comes before the first thread, since threads get what the process
 * has then, and before the first byte of anybody else's is read.  UNIX sockets
 * in folders of root are bound before, and stay (os_early.c).  Of ports the
 * right to bind low ones stays, since a service that has failed binds them again
 * when it is restarted, and the sandbox leaves it only the ports of the settings.
 */

#include "daemon_private.h"

#include "confine.h"
#include "reed/alloc.h"

enum { SANDBOX_OFF = 1, SANDBOX_REQUIRE = 2, FEW_DESCRIPTORS = 1024, OTHERS = 64 };

/* ---- becoming somebody else ---- */

static void rights_of(const struct reed_needs *needs, const struct run_as *who,
                      struct rights *rights)
{
	rights->low_ports = reed_needs_low_ports(needs);
	rights->files = who->uid == 0;
	rights->users = who->uid == 0 && reed_needs_programs(needs);
}

static enum reed_err make_for(struct daemon *d, const struct run_as *who, struct reed_fault **fault)
{
	const char *log = reed_generation_daemon(d->first)->log.file;
	enum reed_err err = reed_user_own_folder(who, d->state, fault);

	if (!err && log)
		err = reed_user_own_file(who, log, fault);
	return err;
}

enum reed_err reed_daemon_become(struct daemon *d, struct reed_fault **fault)
{
	const struct daemon_settings *settings = reed_generation_daemon(d->first);
	struct run_as who;
	struct rights rights;
	enum reed_err err;

	err = reed_os_user_find(settings->user, settings->group, &who, fault);
	if (!err)
		err = make_for(d, &who, fault);
	if (!err) {
		reed_daemon_bind_early(d, &who);
		rights_of(d->needs, &who, &rights);
		if (!d->needs->everything)
			reed_rights_keep(&rights);
		err = reed_user_take(&who, fault);
		if (!d->needs->everything)
			reed_rights_limit(&rights);
	}
	reed_user_finish(&who);
	return err;
}

/* ---- the sandbox ---- */

static enum reed_err give_up(struct reed_fault **fault)
{
	enum reed_err err = (*fault)->err;

	*fault = reed_fault(err, *fault,
	                    "the sandbox that --sandbox require asks for is not to be had");
	return err;
}

/* Its fault is kept for the log, which is not open yet. */
static bool enter(struct daemon *d,
                  enum reed_err (*one)(const struct reed_needs *, struct reed_fault **),
                  char **without)
{
	struct reed_fault *fault = NULL;

	if (!one(d->needs, &fault))
		return true;
	if (!*without)
		*without = reed_strdup(fault->sentence);
	reed_fault_free(fault);
	return false;
}

enum reed_err reed_daemon_enter_sandbox(struct daemon *d, struct reed_fault **fault)
{
	int sandbox = reed_generation_daemon(d->first)->sandbox;

	d->descriptors = reed_descriptors_raise();
	if (!d->needs->everything)
		reed_no_new_rights();
	if (sandbox == SANDBOX_OFF)
		return REED_OK;
	if (d->needs->everything) {
		d->without = reed_strdup("the programs that it runs need what they need");
	} else {
		reed_secrets_shield();
		d->landlock = enter(d, reed_landlock_enter, &d->without) ? reed_landlock_abi() : 0;
		d->seccomp = enter(d, reed_seccomp_enter, &d->without);
	}
	if (sandbox != SANDBOX_REQUIRE || !d->without)
		return REED_OK;
	*fault = reed_fault(REED_ENOTSUP, NULL, "%s", d->without);
	return give_up(fault);
}

/* ---- what is told of it ---- */

static void log_limits(struct daemon *d)
{
	uint64_t wanted = d->needs->descriptors ? d->needs->descriptors + OTHERS : FEW_DESCRIPTORS;

	if (d->descriptors < wanted)
		reed_log(d->loop, REED_LOG_WARN,
		         "fewer files can be open than the settings ask for; raise the limit "
		         "(LimitNOFILE=, ulimit -n) limit=%ju wanted=%ju",
		         (uintmax_t)d->descriptors, (uintmax_t)wanted);
}

void reed_daemon_log_sandbox(struct daemon *d)
{
	bool off = reed_generation_daemon(d->first)->sandbox == SANDBOX_OFF;
	struct reed_buf rights = { 0 };
	char *capabilities;

	reed_rights_print(&rights);
	capabilities = reed_buf_take(&rights);
	reed_log(d->loop, off ? REED_LOG_WARN : REED_LOG_INFO,
	         "sandbox landlock=%d seccomp=%s uid=%u capabilities=%s files=%ju why=%s",
	         d->landlock, d->seccomp ? "on" : "off", reed_own_uid(), capabilities,
	         (uintmax_t)d->descriptors, off ? "--sandbox off" : d->without);
	reed_free(capabilities);
	log_limits(d);
}

/* The rules stay what they were at the start. */
void reed_daemon_log_beyond(struct daemon *d, const struct reed_settings *settings,
                            struct reed_buf *told)
{
	struct reed_needs more;
	char *beyond;

	if (!d->landlock)
		return;
	reed_needs_of(d->plan, settings, d->state, &more);
	beyond = reed_needs_beyond(d->needs, &more);
	if (beyond) {
		reed_buf_printf(told, "the sandbox does not allow %s: that needs a restart\n",
		                beyond);
		reed_log(d->loop, REED_LOG_WARN,
		         "the sandbox does not allow what the settings ask for, so that needs a "
		         "restart what=%s",
		         beyond);
	}
	reed_free(beyond);
	reed_needs_finish(&more);
}
