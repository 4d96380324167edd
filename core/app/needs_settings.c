/*
 * The needs of a process, from its settings: the paths and endpoints among
 * them, what its services say themselves, and what every daemon needs.
 */

#include "confine.h"
#include "daemon_private.h"
#include "needs.h"
#include "settings_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/checker.h"

/* ---- settings of the services ---- */

static void add_text(void *needs, const struct reed_setting *s, const char *text)
{
	if (s->type == REED_SETTING_PATH)
		reed_needs_read(needs, text);
	else if (s->type == REED_SETTING_ENDPOINT)
		reed_needs_endpoint(needs, text);
}

static bool is_of(const struct slot *slot, const void *values)
{
	return slot->values == values;
}

/* Those of the daemon itself are looked at one by one below. */
static void add_parts(struct reed_needs *needs, const struct reed_settings *settings)
{
	const void *general = reed_settings_part(settings, 0);
	const void *daemon = reed_settings_part(settings, 1);

	for (size_t i = 0; i < settings->table.count; i++) {
		const struct slot *slot = &settings->table.slots[i];

		if (!is_of(slot, general) && !is_of(slot, daemon))
			reed_slot_texts(slot, add_text, needs);
	}
}

/* Secrets that are in files may change there. */
static void add_secrets(struct reed_needs *needs, const struct reed_settings *settings)
{
	reed_list_each (link, &settings->secrets) {
		const struct secret *secret = reed_container_of(link, struct secret, link);

		if (secret->kind == SECRET_FILE)
			reed_needs_read(needs, secret->name);
	}
}

static void add_services(struct reed_needs *needs, const struct plan *plan,
                         const struct reed_settings *settings)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct reed_service_kind *kind = plan->services[i].kind;

		if (kind->needs)
			kind->needs(reed_settings_part(settings, PARTS_BEFORE + i), needs);
	}
}

/* ---- the daemon ---- */

static bool names_a_file(const char *auth)
{
	struct reed_slice rest = reed_slice_of(auth), kind = reed_slice_cut(&rest, ':');

	return rest.n > 0 && !reed_slice_starts(rest, REED_STR("{state}")) &&
	       (reed_slice_is(kind, "file") || reed_slice_is(kind, "sqlite") || rest.p[0] == '/');
}

/* Where the file lies; the caller frees it. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? reed_slice_dup(reed_slice(path, slash > path ? (size_t)(slash - path) : 1))
	             : reed_strdup(".");
}

/* Whoever writes such a file may put another in its place; "%u" is the name of an account. */
static void add_read(struct reed_needs *needs, const char *path)
{
	size_t n = reed_slice_search(reed_slice_of(path), REED_STR("%u"));
	char *before = reed_slice_dup(reed_slice_first(reed_slice_of(path), n));
	char *folder = folder_of(before);

	reed_needs_read(needs, folder);
	reed_free(folder);
	reed_free(before);
}

/* "file:/srv/accounts", "sqlite:a.db": a folder that others are made in beside. */
static void add_write(struct reed_needs *needs, const char *path)
{
	char *folder = folder_of(path);

	reed_needs_write(needs, folder);
	reed_free(folder);
}

static void add_account(struct reed_needs *needs, const char *auth)
{
	const char *path = strchr(auth, ':');
	const char *besides = reed_checker_folder(auth);

	if (besides)
		reed_needs_read(needs, besides);
	if (!path)
		return;
	if (reed_checker_reads(auth) || (besides && path[1] == '/'))
		add_read(needs, path + 1);
	else if (!besides && names_a_file(auth))
		add_write(needs, path + 1);
}

/* To speak to a UNIX socket takes no rule; only that there is one without a file is asked. */
static void add_peers(struct reed_needs *needs, struct reed_texts peers)
{
	for (size_t i = 0; i < peers.n; i++)
		if (strncmp(peers.items[i], "unix:/", 6) != 0)
			reed_needs_endpoint(needs, peers.items[i]);
}

static void add_publishing(struct reed_needs *needs, const struct reed_publishing *publish)
{
	if (!publish->server)
		return;
	reed_needs_endpoint(needs, publish->server);
	for (size_t i = 0; i < publish->next.n; i++)
		reed_needs_read(needs, publish->next.items[i]);
	for (size_t i = 0; i < publish->ssh.n; i++)
		reed_needs_read(needs, publish->ssh.items[i]);
}

/* Packing reads what was moved away, whatever it is called by then. */
static void add_log(struct reed_needs *needs, const struct daemon_settings *daemon)
{
	char *folder;

	if (!daemon->log.file)
		return;
	reed_needs_append(needs, daemon->log.file);
	if (!daemon->log.compress)
		return;
	folder = folder_of(daemon->log.file);
	reed_needs_read(needs, folder);
	reed_free(folder);
}

static void add_daemon(struct reed_needs *needs, const struct plan *plan,
                       const struct reed_settings *settings, const char *state)
{
	const struct daemon_settings *daemon = reed_settings_part(settings, 1);
	const char *file = reed_plan_file(plan, settings);
	const char *credentials = reed_settings_variable(settings, "CREDENTIALS_DIRECTORY");
	const char *notify = reed_settings_variable(settings, "NOTIFY_SOCKET");
	const char *driver = reed_daemon_driver(daemon);

	reed_needs_write(needs, state);
	for (size_t i = 0; i < daemon->auth.n; i++)
		add_account(needs, daemon->auth.items[i]);
	for (size_t i = 0; i < daemon->metrics.n; i++)
		reed_needs_endpoint(needs, daemon->metrics.items[i]);
	if (daemon->acme.names.n > 0)
		reed_automatic_needs(&daemon->acme, needs);
	add_publishing(needs, &daemon->publish);
	add_log(needs, daemon);
	add_peers(needs, daemon->log.ship.syslog);
	add_peers(needs, daemon->log.ship.json);
	if (file)
		reed_needs_read(needs, file);
	if (credentials)
		reed_needs_read(needs, credentials);
	if (notify && *notify == '@')
		needs->abstract = true;
	needs->rings = driver && strcmp(driver, "uring") == 0;
}

/* ---- the system ---- */

/* Public on every machine: names, time zones, roots of trust, libraries that load late. */
static const char *const system_files[] = {
	"/etc/hosts",
	"/etc/resolv.conf",
	"/etc/nsswitch.conf",
	"/etc/host.conf",
	"/etc/services",
	"/etc/localtime",
	"/usr/share/zoneinfo",
	"/etc/ssl/certs",
	"/etc/ssl/cert.pem",
	"/etc/ssl/openssl.cnf",
	"/usr/lib/ssl",
	"/usr/share/ca-certificates",
	"/etc/pki/tls/certs",
	"/etc/ca-certificates/extracted",
	"/usr/lib",
	"/usr/lib64",
	"/lib",
	"/lib64",
	"/usr/local/lib",
	"/dev/urandom",
	"/dev/random",
	"/proc/sys/vm/overcommit_memory",
#ifdef REED_SANITIZED
	"/proc",
#endif
};

static void add_variable(struct reed_needs *needs, const struct reed_settings *settings,
                         const char *name)
{
	const char *path = reed_settings_variable(settings, name);

	if (path && *path)
		reed_needs_read(needs, path);
}

static void add_system(struct reed_needs *needs, const struct reed_settings *settings)
{
	needs->own = true;
	for (size_t i = 0; i < REED_COUNT(system_files); i++)
		reed_needs_read(needs, system_files[i]);
	add_variable(needs, settings, "SSL_CERT_FILE");
	add_variable(needs, settings, "SSL_CERT_DIR");
	add_variable(needs, settings, "OPENSSL_CONF");
	reed_needs_device(needs, "/dev/null");
	reed_needs_dial(needs, 53); /* answers of name servers that are too long for UDP */
	needs->own = false;
}

void reed_needs_of(const struct plan *plan, const struct reed_settings *settings, const char *state,
                   struct reed_needs *needs)
{
	*needs = (struct reed_needs){ 0 };
	add_daemon(needs, plan, settings, state);
	add_parts(needs, settings);
	add_secrets(needs, settings);
	add_services(needs, plan, settings);
	add_system(needs, settings);
}
