/* The settings that every daemon has. */

#include "daemon_private.h"
#include "log_filter.h"
#include "settings_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/endpoint.h"
#include "reed/file.h"
#include "reed/ship.h"

enum { NAME_MOST = 63 };

const char *const reed_log_levels[] = { "debug", "info", "warn", "error", "critical", NULL };
static const char *const formats[] = { "auto", "text", "json", NULL };
static const char *const times[] = { "local", "utc", NULL };
static const char *const drivers[] = { "auto", "epoll", "poll", "uring", NULL };
static const char *const sandboxes[] = { "auto", "off", "require", NULL };
static const char *const restarts[] = { "never", "on-failure", NULL };

static bool check_auth(const char *text, struct reed_buf *why)
{
	struct reed_fault *fault = NULL;

	if (!reed_checker_check(text, &fault))
		return true;
	reed_buf_printf(why, ": %s", fault->sentence);
	reed_fault_free(fault);
	return false;
}

/* What is in the state directory, which need not be there yet, is looked at when it is opened. */
static enum reed_err probe_auth(const char *text, struct reed_fault **fault)
{
	return strstr(text, "{state}") ? REED_OK : reed_checker_probe(text, NULL, fault);
}

static bool check_module(const char *text, struct reed_buf *why)
{
	struct reed_log_module module;
	struct reed_fault *fault;

	if (!reed_log_module_parse(reed_slice_of(text), &module, &fault))
		return true;
	reed_buf_add_str(why, "is no level of a part; write one as in http=debug");
	reed_fault_free(fault);
	return false;
}

static bool is_label(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '_' && (c != '-' || i == 0))
			return false;
	}
	return s.n > 0;
}

/* It stands between blanks in protocols, and in certificates. */
static bool check_name(const char *text, struct reed_buf *why)
{
	struct reed_slice rest = reed_slice_of(text);
	bool good = rest.n > 0 && rest.n <= NAME_MOST && rest.p[rest.n - 1] != '.';

	while (good && rest.n > 0)
		good = is_label(reed_slice_cut(&rest, '.'));
	if (!good)
		reed_buf_add_str(why, "is no host name; write one as in chat.example.org, with no "
		                      "more than 63 letters, digits, hyphens and dots");
	return good;
}

/* Streams or datagrams; of what is neither the first is explained. */
static bool check_ship(const char *text, struct reed_buf *why)
{
	struct reed_buf other = { 0 };
	bool dgram = reed_setting_endpoint(text, REED_ENDPOINT_DGRAM_DIAL, &other);

	reed_buf_finish(&other);
	if (dgram)
		return true;
	return reed_setting_endpoint(text,
	                             reed_slice_starts(reed_slice_of(text), REED_STR("udp:"))
	                                     ? REED_ENDPOINT_DGRAM_DIAL
	                                     : REED_ENDPOINT_DIAL,
	                             why);
}

/* RFC 5424 6.3.2: NAME@NUMBER, in 32 characters. */
static bool check_id(const char *text, struct reed_buf *why)
{
	const char *at = strchr(text, '@');

	if (at && at > text && at[1] && strspn(at + 1, "0123456789") == strlen(at + 1) &&
	    strlen(text) <= 32 && !strpbrk(text, " =]\""))
		return true;
	reed_buf_add_str(why, ": it is a name, \"@\" and the number that your organisation has "
	                      "from IANA, in 32 characters");
	return false;
}

/* enum reed_dns_hmac */
static const char *const hmacs[] = { "hmac-sha256", "hmac-sha384", "hmac-sha512", NULL };

/* enum reed_automatic_proof */
static const char *const automatic_proofs[] = { "any", "http", "tls", "dns", NULL };

static const struct reed_setting table[] = {
	REED_SETTING(PATH, struct daemon_settings, state, .placeholder = "DIR",
	             .probe = reed_state_probe,
	             .help = "Where everything is kept that outlives the process."),
	REED_SETTING(
		STRING, struct daemon_settings, name, .placeholder = "HOST", .check = check_name,
		.help = "What the server calls itself; the name of the machine when not given."),
	REED_SETTING_LIST(STRING, struct daemon_settings, auth, .placeholder = "KIND:ARGUMENT",
	                  .check = check_auth, .probe = probe_auth,
	                  .help = "Where accounts are kept, in order; see --help-auth. {state} "
	                          "stands for the state directory."),
	REED_SETTING(BOOL, struct daemon_settings, help_auth, .from = REED_FROM_FLAG,
	             .help = "Show what --auth knows, and end."),
	REED_SETTING(BOOL, struct daemon_settings, replace, .from = REED_FROM_FLAG,
	             .help = "Take over from the process that has the state directory now, without "
	                     "refusing anybody meanwhile."),
	REED_SETTING_LIST(ENDPOINT, struct daemon_settings, metrics, .check = reed_setting_listens,
	                  .help = "Where /metrics, /healthz and /readyz are told over HTTP: "
	                          "tcp:9100:interface=localhost."),
	REED_SETTING(DURATION, struct daemon_settings, grace, .preset = "10s", .most = "1h",
	             .reload = REED_SETTING_LIVE,
	             .help = "How long goodbyes may take when the process is to stop."),
	REED_SETTING(ENUM, struct daemon_settings, restart, .preset = "on-failure",
	             .words = restarts, .rare = true,
	             .help = "What becomes of a service that was ready and fails."),
	REED_SETTING(DURATION, struct daemon_settings, slow_turn, .preset = "100ms", .most = "1h",
	             .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "What holds the loop for longer is told in the log; 0: nothing is."),
	REED_SETTING(STRING, struct daemon_settings, user, .placeholder = "USER",
	             .probe = reed_setting_user,
	             .help = "Who to be when root has started it: a name or a number."),
	REED_SETTING(STRING, struct daemon_settings, group, .placeholder = "GROUP",
	             .probe = reed_setting_group,
	             .help = "The same of the group; the user's own when not given."),
	REED_SETTING(ENUM, struct daemon_settings, sandbox, .preset = "auto", .words = sandboxes,
	             .help = "Allow the process nothing but what its settings need: as far as the "
	                     "system can, not at all, or else do not start."),
	REED_SETTING(BOOL, struct daemon_settings, print_sandbox, .from = REED_FROM_FLAG,
	             .help = "Say what the sandbox allows with these settings, and end."),
	REED_SETTING(ENUM, struct daemon_settings, driver, .preset = "auto", .words = drivers,
	             .rare = true, .help = "What waits for the system."),
	REED_SETTING(
		INT, struct daemon_settings, loops, .preset = "1", .least = "0", .most = "64",
		.help = "On how many loops to serve, a thread each; 0: one for each processor."),
	REED_SETTING_GROUP("acme", .help = "Certificates of an authority, for TLS endpoints that "
	                                   "name none."),
	REED_SETTING_LIST(STRING, struct daemon_settings, acme.names, .flag = "acme",
	                  .placeholder = "HOST", .check = reed_automatic_check_name,
	                  .help = "Names to get a certificate for, and to renew it: "
	                          "chat.example.org, or *.example.org by dns."),
	REED_SETTING(STRING, struct daemon_settings, acme.contact, .placeholder = "MAIL",
	             .help = "Whom the authority may write to."),
	REED_SETTING(STRING, struct daemon_settings, acme.directory, .placeholder = "URL",
	             .preset = "https://acme-v02.api.letsencrypt.org/directory",
	             .check = reed_automatic_check_url,
	             .help = "Which authority: the URL of its directory (RFC 8555)."),
	REED_SETTING(PATH, struct daemon_settings, acme.ca, .rare = true,
	             .help = "Roots to trust when it is asked, besides those of the system."),
	REED_SETTING(ENUM, struct daemon_settings, acme.proof, .preset = "any",
	             .words = automatic_proofs,
	             .help = "How a name is proven: over http, at port 80; over tls, at port 443; "
	                     "by dns; or one after the other."),
	REED_SETTING(ENDPOINT, struct daemon_settings, acme.http, .preset = "tcp:80",
	             .check = reed_setting_listens, .rare = true,
	             .help = "Where to listen while it looks over http, if nobody here does."),
	REED_SETTING(ENDPOINT, struct daemon_settings, acme.tls, .preset = "tcp:443",
	             .check = reed_setting_listens, .rare = true, .help = "The same over tls."),
	REED_SETTING(STRING, struct daemon_settings, acme.program, .placeholder = "PROGRAM",
	             .help = "Puts records into DNS: PROGRAM show NAME TEXT, PROGRAM hide NAME "
	                     "TEXT."),
	REED_SETTING(STRING, struct daemon_settings, acme.account.id, .rare = true,
	             .help = "Of an account that is there already (external account binding)."),
	REED_SETTING(SECRET, struct daemon_settings, acme.account.key, .rare = true,
	             .help = "Its key, in base64url."),
	REED_SETTING_GROUP("publish",
	                   .help = "Records about this daemon in DNS: SRV and TLSA of its "
	                           "TLS endpoints, SSHFP."),
	REED_SETTING(ENDPOINT, struct daemon_settings, publish.server, .rare = true,
	             .check = reed_setting_dials,
	             .help = "The name server that takes them, as dynamic updates: "
	                     "tcp:192.0.2.53:53."),
	REED_SETTING(STRING, struct daemon_settings, publish.zone, .placeholder = "DOMAIN",
	             .rare = true, .help = "The zone they are in."),
	REED_SETTING(STRING, struct daemon_settings, publish.host, .rare = true,
	             .help = "The name of this host in it; without it that of the server."),
	REED_SETTING(STRING, struct daemon_settings, publish.key.id, .rare = true,
	             .help = "The key that updates are signed with (TSIG)."),
	REED_SETTING(SECRET, struct daemon_settings, publish.key.secret, .rare = true,
	             .help = "In base64, or {file: PATH}."),
	REED_SETTING(ENUM, struct daemon_settings, publish.key.algorithm, .rare = true,
	             .words = hmacs, .preset = "hmac-sha256", .help = "How it signs."),
	REED_SETTING_LIST(PATH, struct daemon_settings, publish.next, .key = "publish.next-keys",
	                  .rare = true,
	                  .help = "Keys or certificates that are to follow those in use, which "
	                          "TLSA tells ahead (RFC 7671 8.1); of automatic certificates it "
	                          "is known."),
	REED_SETTING_LIST(PATH, struct daemon_settings, publish.ssh, .key = "publish.ssh-keys",
	                  .rare = true,
	                  .help = "Public keys of SSH: /etc/ssh/ssh_host_ed25519_key.pub."),
	REED_SETTING(DURATION, struct daemon_settings, publish.ttl, .preset = "5m", .least = "1s",
	             .most = "7d", .rare = true, .help = "TTL of the records."),
	REED_SETTING(DURATION, struct daemon_settings, publish.every, .preset = "1m", .least = "1s",
	             .most = "1d", .rare = true, .help = "How often the keys are looked at."),
	REED_SETTING_GROUP("log", .help = "The log."),
	REED_SETTING(ENUM, struct daemon_settings, log.level, .preset = "info",
	             .words = reed_log_levels, .flag = "log", .placeholder = "LEVEL",
	             .reload = REED_SETTING_LIVE, .help = "The least that is written."),
	REED_SETTING_LIST(STRING, struct daemon_settings, log.modules, .flag = "log-module",
	                  .placeholder = "MODULE=LEVEL", .check = check_module,
	                  .reload = REED_SETTING_LIVE, .rare = true,
	                  .help = "The same of parts of the program, named by folders and files of "
	                          "their sources: http=debug, dns/zone=error."),
	REED_SETTING(SIZE, struct daemon_settings, log.history, .preset = "256K", .most = "1G",
	             .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "How much of what was logged last stays in memory, for ctl log; 0: "
	                     "nothing."),
	REED_SETTING(ENUM, struct daemon_settings, log.format, .preset = "auto", .words = formats,
	             .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "Lines for people or for programs; by default text on a terminal, "
	                     "JSON elsewhere."),
	REED_SETTING(PATH, struct daemon_settings, log.file, .reload = REED_SETTING_LIVE,
	             .rare = true, .probe = reed_file_probe_end,
	             .help = "Where the log goes instead of standard error."),
	REED_SETTING(SIZE, struct daemon_settings, log.rotate, .reload = REED_SETTING_LIVE,
	             .least = "64K", .rare = true,
	             .help = "The file is moved away when it is as long as that, to FILE.1."),
	REED_SETTING(BOOL, struct daemon_settings, log.daily, .reload = REED_SETTING_LIVE,
	             .rare = true,
	             .help = "The file is moved away when a day is over, whatever its length."),
	REED_SETTING(INT, struct daemon_settings, log.keep, .preset = "5", .least = "1",
	             .most = "1000", .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "How many of those that were moved away are kept."),
	REED_SETTING(BOOL, struct daemon_settings, log.compress, .reload = REED_SETTING_LIVE,
	             .rare = true, .help = "Pack them as gzip does, to FILE.1.gz and so on."),
	REED_SETTING(ENUM, struct daemon_settings, log.time, .preset = "local", .words = times,
	             .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "Which time the lines for people have; JSON has UTC."),
	REED_SETTING_GROUP("log.ship", .help = "Where else the log goes."),
	REED_SETTING_LIST(ENDPOINT, struct daemon_settings, log.ship.syslog,
	                  .reload = REED_SETTING_LIVE, .rare = true, .check = check_ship,
	                  .help = "To whom as syslog: tls:HOST:6514, tcp:HOST:514, udp:HOST:514, "
	                          "unix:/dev/log."),
	REED_SETTING_LIST(ENDPOINT, struct daemon_settings, log.ship.json,
	                  .reload = REED_SETTING_LIVE, .rare = true, .check = check_ship,
	                  .help = "To whom as JSON, an object a line."),
	REED_SETTING(ENUM, struct daemon_settings, log.ship.level, .preset = "info",
	             .words = reed_log_levels, .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "The least that is shipped, whatever the log itself has."),
	REED_SETTING(ENUM, struct daemon_settings, log.ship.facility, .preset = "daemon",
	             .words = reed_ship_facilities, .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "What syslog takes the program for."),
	REED_SETTING(SIZE, struct daemon_settings, log.ship.room, .preset = "1M", .least = "64K",
	             .most = "1G", .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "How much may wait for each of them; beyond it records are counted."),
	REED_SETTING(STRING, struct daemon_settings, log.ship.id, .preset = "reed@32473",
	             .reload = REED_SETTING_LIVE, .rare = true, .check = check_id,
	             .help = "What the fields of a record are called in syslog: a name and the "
	                     "number of an organisation."),
};

const struct reed_schema reed_daemon_schema =
	REED_SCHEMA(struct daemon_settings, table, .about = "What every server can be told.");

const char *reed_daemon_driver(const struct daemon_settings *settings)
{
	return settings->driver ? drivers[settings->driver] : NULL;
}

/* ---- generations ---- */

struct generation *reed_generation_new(struct reed_settings *settings)
{
	struct generation *self = reed_alloc(sizeof(*self));

	self->settings = settings;
	self->holders = 1;
	return self;
}

struct generation *reed_generation_share(struct generation *self)
{
	self->holders++;
	return self;
}

void reed_generation_release(struct generation *self)
{
	if (!self || atomic_fetch_sub(&self->holders, 1) > 1)
		return;
	reed_settings_free(self->settings);
	reed_free(self);
}
