/* What an operator may decide. */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/own_cert.h"
#include "reed/settings.h"

static void check_names(const void *values, struct reed_setting_judge *judge)
{
	const struct dns_settings *s = values;
	struct reed_buf why = { 0 };

	for (size_t i = 0; i < s->zone.n; i++)
		if (!dns_check_domain(s->zone.items[i].name, &why)) {
			judge->reject(judge, &s->zone.items,
			              "%s is no name of a zone; write --zone example.org=FILE",
			              s->zone.items[i].name);
			break;
		}
	reed_buf_finish(&why);
	if (!s->zone.n && !s->zones.n && !dns_resolves(s))
		judge->reject(judge, &s->zone.items,
		              "there is no zone to serve; name one: --zone example.org=FILE");
	if (s->tap.file && s->tap.endpoint)
		judge->reject(judge, &s->tap.file,
		              "dnstap is written to a file or to somebody, and "
		              "not to both");
	dns_check_references(s, judge);
}

static const char *const signers[] = { "ecdsap256sha256", "ed25519", NULL };
static const char *const resolver_words[] = { "auto", "on", "off", NULL };
static const char *const serials[] = { "increment", "unixtime", "dateserial", NULL };

static const char *const catalog_roles[] = { "none", "interpret", "generate", NULL };

static const struct reed_setting zone_table[] = {
	REED_SETTING(STRING, struct dns_zone_settings, domain, .required = true,
	             .check = dns_check_domain, .help = "The name of the zone."),
	REED_SETTING(
		PATH, struct dns_zone_settings, file,
		.help = "Its zone file; of a secondary it may be left to the state directory."),
	REED_SETTING_LIST(STRING, struct dns_zone_settings, transfer, .check = dns_check_prefix,
	                  .placeholder = "NETWORK",
	                  .help = "Who may transfer it; without it those of the server."),
	REED_SETTING_LIST(ENDPOINT, struct dns_zone_settings, notify,
	                  .help = "Secondaries that are told of changes, as udp:192.0.2.1:53; "
	                          "without it those of the server."),
	REED_SETTING_LIST(
		STRING, struct dns_zone_settings, acl, .placeholder = "ID",
		.help = "Access lists: the first that is about what somebody does decides."),
	REED_SETTING_LIST(STRING, struct dns_zone_settings, primary, .placeholder = "ID",
	                  .help = "Remotes it is transferred from: it is a secondary."),
	REED_SETTING_LIST(STRING, struct dns_zone_settings, secondary, .placeholder = "ID",
	                  .help = "Remotes that are told of changes."),
	REED_SETTING(BOOL, struct dns_zone_settings, journal,
	             .help = "Keep what has changed for IXFR also of a zone that is only a file."),
	REED_SETTING(SIZE, struct dns_zone_settings, journal_limit, .key = "journal-limit",
	             .preset = "4M", .least = "4K", .most = "1G", .rare = true,
	             .help = "What is kept of changes."),
	REED_SETTING(DURATION, struct dns_zone_settings, sync, .preset = "1m", .least = "1s",
	             .most = "365d", .rare = true,
	             .help = "The zone file has an update after that; the journal has it at once."),
	REED_SETTING(ENUM, struct dns_zone_settings, serial, .key = "serial-policy",
	             .preset = "increment", .words = serials, .rare = true,
	             .help = "What updates make of the serial number."),
	REED_SETTING(DURATION, struct dns_zone_settings, refresh_least, .key = "refresh-least",
	             .preset = "2s", .least = "1s", .most = "365d", .rare = true,
	             .help = "Primaries are not asked more often, whatever the SOA record says."),
	REED_SETTING(DURATION, struct dns_zone_settings, refresh_most, .key = "refresh-most",
	             .preset = "28d", .least = "1s", .most = "365d", .rare = true,
	             .help = "Nor less often."),
	REED_SETTING(BOOL, struct dns_zone_settings, sign.on, .key = "sign",
	             .help = "Sign it: keys are made and rolled here. Its file is only read."),
	REED_SETTING(
		ENUM, struct dns_zone_settings, sign.algorithm, .key = "sign-algorithm",
		.words = signers, .preset = "ecdsap256sha256", .rare = true,
		.help = "Of the keys. When it is changed the zone is rolled to keys of the other "
			"(RFC 6781 4.1.4)."),
	REED_SETTING(BOOL, struct dns_zone_settings, sign.split, .key = "sign-split", .rare = true,
	             .help = "A key for the keys and one for the rest (KSK and ZSK), not one for "
	                     "both; when the first are made."),
	REED_SETTING(BOOL, struct dns_zone_settings, sign.nsec3, .key = "sign-nsec3",
	             .help = "Deny by NSEC3, so that the names cannot be listed."),
	REED_SETTING(BOOL, struct dns_zone_settings, sign.opt_out, .key = "sign-opt-out",
	             .rare = true, .help = "The same, without unsigned delegations."),
	REED_SETTING(BOOL, struct dns_zone_settings, sign.unsign, .key = "sign-leave", .rare = true,
	             .help = "Ask the parent for no DS record any more (RFC 8078 4); when it has "
	                     "none, and no cache either, the zone need not be signed."),
	REED_SETTING(DURATION, struct dns_zone_settings, sign.zsk_lifetime,
	             .key = "sign-zsk-lifetime", .preset = "90d", .least = "1h", .most = "3650d",
	             .rare = true, .help = "A ZSK has a successor after that."),
	REED_SETTING(DURATION, struct dns_zone_settings, sign.ksk_lifetime,
	             .key = "sign-ksk-lifetime", .preset = "0s", .most = "3650d", .rare = true,
	             .help = "A KSK, or a single key, has one; 0: when `reed ctl zone roll` says "
	                     "so."),
	REED_SETTING(DURATION, struct dns_zone_settings, sign.dnskey_ttl, .key = "sign-dnskey-ttl",
	             .preset = "1h", .least = "1s", .most = "30d", .rare = true,
	             .help = "TTL of the keys."),
	REED_SETTING(DURATION, struct dns_zone_settings, sign.propagation,
	             .key = "sign-propagation", .preset = "1h", .least = "1s", .most = "30d",
	             .rare = true, .help = "Until all secondaries have a change."),
	REED_SETTING(DURATION, struct dns_zone_settings, sign.ds_ttl, .key = "sign-ds-ttl",
	             .preset = "1d", .least = "1s", .most = "30d", .rare = true,
	             .help = "TTL of the DS records at the parent."),
	REED_SETTING(DURATION, struct dns_zone_settings, sign.lifetime, .key = "sign-lifetime",
	             .preset = "14d", .least = "1h", .most = "3650d", .rare = true,
	             .help = "What a signature is good for."),
	REED_SETTING(DURATION, struct dns_zone_settings, sign.refresh, .key = "sign-refresh",
	             .preset = "7d", .least = "1m", .most = "3650d", .rare = true,
	             .help = "It is made anew that long before its end."),
	REED_SETTING(DURATION, struct dns_zone_settings, sign.jitter, .key = "sign-jitter",
	             .preset = "1d", .least = "1s", .most = "365d", .rare = true,
	             .help = "By which lifetimes differ, so that not all end at once."),
	REED_SETTING(ENUM, struct dns_zone_settings, catalog, .key = "catalog-role",
	             .words = catalog_roles, .preset = "none", .rare = true,
	             .help = "A list of zones (RFC 9432). Interpret: what it lists is served as "
	                     "it is itself, from the same primaries with the same access lists. "
	                     "Generate: it is made of the zones that name it."),
	REED_SETTING(STRING, struct dns_zone_settings, catalog_zone, .key = "catalog-zone",
	             .check = dns_check_domain, .rare = true,
	             .help = "The zone that lists it, and is made here."),
	REED_SETTING(SIZE, struct dns_zone_settings, limit, .key = "transfer-limit", .preset = "1G",
	             .least = "1K", .most = "64G", .rare = true,
	             .help = "Bytes a transfer may bring."),
};

static const struct reed_schema zone_schema =
	REED_SCHEMA(struct dns_zone_settings, zone_table, .about = "A zone.");

static bool check_tap(const char *text, struct reed_buf *why)
{
	return reed_setting_endpoint(text, REED_ENDPOINT_DIAL, why);
}

static const struct reed_setting table[] = {
	REED_SETTING_MAP(PATH, struct dns_settings, zone, .reload = REED_SETTING_LIVE,
	                 .help = "Zones and their files."),
	REED_SETTING_RECORDS(struct dns_zone_settings, &zone_schema, struct dns_settings, zones,
	                     .reload = REED_SETTING_LIVE, .help = "The same, with more to say."),
	REED_SETTING_RECORDS(struct dns_key_settings, &dns_key_schema, struct dns_settings, key,
	                     .reload = REED_SETTING_LIVE, .help = "Keys for TSIG."),
	REED_SETTING_RECORDS(struct dns_remote_settings, &dns_remote_schema, struct dns_settings,
	                     remote, .reload = REED_SETTING_LIVE, .help = "Other name servers."),
	REED_SETTING_RECORDS(struct dns_acl_settings, &dns_acl_schema, struct dns_settings, acl,
	                     .reload = REED_SETTING_LIVE, .help = "Who may do what with zones."),
	REED_SETTING_RECORDS(struct dns_view_settings, &dns_view_schema, struct dns_settings, views,
	                     .reload = REED_SETTING_LIVE,
	                     .help = "What some clients are told in the place of the rest."),
	REED_SETTING_LIST(ENDPOINT, struct dns_settings, listen, .check = reed_own_cert_awaits,
	                  .help = "Where queries are awaited: udp:53, tcp:53, "
	                          "tls:853, systemd:index=0. When nothing is said it is "
	                          "port 53, of a server without zones on the loopback interface."),
	REED_SETTING_LIST(ENDPOINT, struct dns_settings, https, .check = reed_own_cert_listens,
	                  .help = "Where queries are awaited over HTTPS, at /dns-query: tls:443; "
	                          "tcp:8080:interface=127.0.0.1 behind a proxy."),
	REED_SETTING(PATH, struct dns_settings, tls_cert, .key = "tls-cert",
	             .placeholder = "FILE_OR_DIR", .probe = reed_setting_certificate,
	             .help = "Certificate and key of https in PEM, or a folder of them; without it "
	                     "one of our own making in the state directory."),
	REED_SETTING(ENUM, struct dns_settings, resolver, .words = resolver_words, .preset = "auto",
	             .reload = REED_SETTING_LIVE,
	             .help = "Find out what there is no zone for; auto: when there is none at all, "
	                     "or somebody to forward to."),
	REED_SETTING_LIST(
		STRING, struct dns_settings, forward, .check = dns_check_forward,
		.placeholder = "ENDPOINT", .reload = REED_SETTING_LIVE,
		.help = "Who is asked, the fastest first: udp:192.0.2.53:53, "
			"tls:dns.example:853, https://dns.example/dns-query#192.0.2.53 (where "
			"the host is). Without it the world, from the root."),
	REED_SETTING(ENUM, struct dns_settings, dnssec, .words = resolver_words, .preset = "auto",
	             .reload = REED_SETTING_LIVE,
	             .help = "Validate what the world says; auto: from the root of the Internet, "
	                     "and wherever there are trust anchors of your own."),
	REED_SETTING_LIST(STRING, struct dns_settings, anchor, .key = "trust-anchor",
	                  .check = dns_check_anchor, .placeholder = "RECORD",
	                  .reload = REED_SETTING_LIVE, .rare = true,
	                  .help = "A DS or DNSKEY record that is trusted, as in \"example.org DS "
	                          "4711 13 2 0102...\"; for the root in the place of IANA's."),
	REED_SETTING(PATH, struct dns_settings, anchors, .key = "trust-anchors",
	             .probe = dns_anchors_probe, .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "A file of such records."),
	REED_SETTING(BOOL, struct dns_settings, follow, .key = "trust-anchors-roll",
	             .preset = "true", .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "Trust new keys of the root after 30 days (RFC 5011), which is kept "
	                     "in the state directory."),
	REED_SETTING_LIST(STRING, struct dns_settings, distrust, .key = "negative-trust-anchor",
	                  .check = dns_check_domain, .placeholder = "DOMAIN",
	                  .reload = REED_SETTING_LIVE, .rare = true,
	                  .help = "Nothing is validated from there on down."),
	REED_SETTING_LIST(STRING, struct dns_settings, allow, .check = dns_check_prefix,
	                  .preset = "127.0.0.0/8, ::1", .placeholder = "NETWORK",
	                  .reload = REED_SETTING_LIVE,
	                  .help = "For whom anything is found out; others hear of zones only."),
	REED_SETTING_LIST(STRING, struct dns_settings, local, .check = dns_check_record,
	                  .placeholder = "RECORD", .reload = REED_SETTING_LIVE,
	                  .help = "Records of your own, as in \"nas.home A 192.168.1.2\"."),
	REED_SETTING_LIST(PATH, struct dns_settings, block, .reload = REED_SETTING_LIVE,
	                  .help = "Lists of names that are answered with NXDOMAIN: as hosts files, "
	                          "domains, or adblock rules; @@||name^ is an exception."),
	REED_SETTING(BOOL, struct dns_settings, rebinding_protection, .key = "rebinding-protection",
	             .preset = "true", .reload = REED_SETTING_LIVE,
	             .help = "Withhold private addresses that names of the world have."),
	REED_SETTING_LIST(STRING, struct dns_settings, own, .check = dns_check_domain,
	                  .placeholder = "DOMAIN", .reload = REED_SETTING_LIVE,
	                  .help = "Names that may have private addresses all the same."),
	REED_SETTING(BOOL, struct dns_settings, ipv6, .preset = "true", .reload = REED_SETTING_LIVE,
	             .rare = true, .help = "Ask servers over IPv6 too."),
	REED_SETTING_LIST(STRING, struct dns_settings, roots, .check = dns_check_address,
	                  .placeholder = "ADDRESS", .reload = REED_SETTING_LIVE, .rare = true,
	                  .help = "The servers of the root; without it those of the Internet."),
	REED_SETTING_GROUP("cache", .help = "What is kept of answers."),
	REED_SETTING(SIZE, struct dns_settings, cache.size, .preset = "64M", .least = "64K",
	             .most = "1T", .reload = REED_SETTING_LIVE, .help = "Memory it may take."),
	REED_SETTING(DURATION, struct dns_settings, cache.ttl_most, .key = "cache.ttl-most",
	             .preset = "1d", .least = "1s", .most = "30d", .reload = REED_SETTING_LIVE,
	             .rare = true, .help = "Nothing is kept longer."),
	REED_SETTING(DURATION, struct dns_settings, cache.ttl_least, .key = "cache.ttl-least",
	             .preset = "0s", .least = "0s", .most = "1h", .reload = REED_SETTING_LIVE,
	             .rare = true, .help = "Everything is kept so long."),
	REED_SETTING(DURATION, struct dns_settings, cache.negative_most,
	             .key = "cache.negative-most", .preset = "1h", .least = "1s", .most = "1d",
	             .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "What is not is not kept longer."),
	REED_SETTING(DURATION, struct dns_settings, cache.stale, .preset = "1d", .least = "0s",
	             .most = "30d", .reload = REED_SETTING_LIVE,
	             .help = "What has expired is said for so long when nobody else can be asked."),
	REED_SETTING(BOOL, struct dns_settings, cache.prefetch, .preset = "true",
	             .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "Renew what was asked for shortly before it expires."),
	REED_SETTING_LIST(STRING, struct dns_settings, transfer, .reload = REED_SETTING_LIVE,
	                  .check = dns_check_prefix, .placeholder = "NETWORK",
	                  .help = "Who may transfer zones; without it nobody."),
	REED_SETTING_LIST(ENDPOINT, struct dns_settings, notify, .reload = REED_SETTING_LIVE,
	                  .help = "Secondaries that are told of changes, as udp:192.0.2.1:53."),
	REED_SETTING(STRING, struct dns_settings, identity, .reload = REED_SETTING_LIVE,
	             .help = "What the server calls itself to those who ask (NSID, id.server)."),
	REED_SETTING(STRING, struct dns_settings, version, .key = "version-bind",
	             .reload = REED_SETTING_LIVE,
	             .help = "What it answers to version.bind; without it nothing."),
	REED_SETTING_LIST(ENDPOINT, struct dns_settings, page, .rare = true,
	                  .check = reed_setting_listens,
	                  .help = "Where a browser sees what is asked and answered, and nothing "
	                          "else, as tcp:8053:interface=127.0.0.1."),
	REED_SETTING(INT, struct dns_settings, log_queries, .key = "log-queries", .preset = "0",
	             .least = "0", .most = "1000000000", .reload = REED_SETTING_LIVE,
	             .help = "One query of so many is logged: 1 for all, 1000 for a sample; 0: "
	                     "none."),
	REED_SETTING_GROUP("dnstap", .help = "Every query and answer, for programs that watch."),
	REED_SETTING(ENDPOINT, struct dns_settings, tap.endpoint, .key = "dnstap.to", .rare = true,
	             .check = check_tap,
	             .help = "Who reads, in Frame Streams: unix:/run/dnstap.sock. Nobody waits for "
	                     "it: what it does not take in time is dropped, and counted."),
	REED_SETTING(PATH, struct dns_settings, tap.file, .key = "dnstap.file", .rare = true,
	             .help = "A file for it, which begins anew with every start."),
	REED_SETTING(SIZE, struct dns_settings, tap.most, .key = "dnstap.buffer", .preset = "4M",
	             .least = "64K", .most = "1G", .rare = true, .help = "What may wait."),
	REED_SETTING(INT, struct dns_settings, udp_size, .key = "udp-size", .preset = "1232",
	             .least = "512", .most = "65535", .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "Bytes of an answer over UDP at most."),
	REED_SETTING(BOOL, struct dns_settings, limit_loopback, .key = "limit-loopback",
	             .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "Limit clients of this machine as those of others."),
	REED_SETTING_GROUP("rate", .help = "Against being used to flood others."),
	REED_SETTING(INT, struct dns_settings, rate.answers, .preset = "200", .least = "0",
	             .most = "1000000000", .reload = REED_SETTING_LIVE,
	             .help = "The same answer to one network over UDP, a second; 0: no limit."),
	REED_SETTING(INT, struct dns_settings, rate.slip, .preset = "2", .least = "0",
	             .most = "1000000", .reload = REED_SETTING_LIVE,
	             .help = "Each so manieth of what is over that comes truncated, the others "
	                     "not at all; 0: none comes."),
	REED_SETTING_GROUP("tcp", .help = "What connections may use."),
	REED_SETTING(INT, struct dns_settings, tcp.sessions, .preset = "10000", .least = "1",
	             .most = "1000000", .help = "Connections at a time on each endpoint."),
	REED_SETTING(INT, struct dns_settings, tcp.connections, .preset = "64", .least = "1",
	             .most = "1000000", .reload = REED_SETTING_LIVE,
	             .help = "Connections of one address."),
	REED_SETTING(DURATION, struct dns_settings, tcp.idle, .preset = "10s", .least = "1s",
	             .most = "1h", .reload = REED_SETTING_LIVE,
	             .help = "One without queries is closed after that."),
};

const struct reed_schema reed_dns_schema =
	REED_SCHEMA(struct dns_settings, table, .about = "A name server.", .check = check_names);
