/* Keys, remotes and access lists, as an operator writes them. */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/endpoint.h"

/* ---- what one value may be ---- */

bool dns_check_domain(const char *text, struct reed_buf *why)
{
	struct reed_dns_name name;

	if (!reed_dns_name_parse(reed_slice_of(text), NULL, &name))
		return true;
	if (why)
		reed_buf_add_str(why, "is no name of a zone; write one as in example.org");
	return false;
}

bool dns_is_domain(const char *a, const char *b)
{
	struct reed_dns_name x, y;

	return !reed_dns_name_parse(reed_slice_of(a), NULL, &x) &&
	       !reed_dns_name_parse(reed_slice_of(b), NULL, &y) && reed_dns_name_eq(&x, &y);
}

bool dns_check_prefix(const char *text, struct reed_buf *why)
{
	struct reed_dns_prefix prefix;

	if (!reed_dns_prefix_parse(reed_slice_of(text), &prefix))
		return true;
	reed_buf_add_str(why, "is no address or network; write one as in 192.0.2.1 or "
	                      "2001:db8::/32");
	return false;
}

static bool check_type(const char *text, struct reed_buf *why)
{
	uint16_t type;

	if (!reed_dns_type_parse(reed_slice_of(text), &type) && !reed_dns_type_is_meta(type))
		return true;
	reed_buf_add_str(why, "is no type of records; write one as in TXT");
	return false;
}

static bool check_remote(const char *text, struct reed_buf *why)
{
	bool datagrams = reed_slice_starts(reed_slice_of(text), REED_STR("udp:"));
	struct reed_fault *fault = NULL;
	enum reed_err err =
		reed_endpoint_check(reed_slice_of(text),
	                            datagrams ? REED_ENDPOINT_DGRAM_DIAL : REED_ENDPOINT_DIAL,
	                            &fault);

	if (err)
		reed_buf_printf(why, ": %s", fault->sentence);
	reed_fault_free(fault);
	return !err;
}

/* ---- tables ---- */

static const char *const algorithms[] = { "hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha1",
	                                  NULL };
static const char *const actions[] = { "transfer", "notify", "update", NULL };
static const char *const matches[] = { "any", "equal", "sub", "sub-or-equal", NULL };

static const struct reed_setting key_table[] = {
	REED_SETTING(STRING, struct dns_key_settings, id, .required = true,
	             .check = dns_check_domain, .help = "Its name, which both sides write alike."),
	REED_SETTING(ENUM, struct dns_key_settings, algorithm, .words = algorithms,
	             .preset = "hmac-sha256", .help = "How it signs."),
	REED_SETTING(SECRET, struct dns_key_settings, secret, .required = true,
	             .help = "In base64, or {file: PATH}."),
	REED_SETTING(BOOL, struct dns_key_settings, sha1, .rare = true,
	             .help = "Take hmac-sha1, which is weak."),
};

const struct reed_schema dns_key_schema =
	REED_SCHEMA(struct dns_key_settings, key_table, .about = "A key for TSIG.");

static const struct reed_setting remote_table[] = {
	REED_SETTING(STRING, struct dns_remote_settings, id, .required = true,
	             .help = "What zones name it by."),
	REED_SETTING(ENDPOINT, struct dns_remote_settings, address, .required = true,
	             .check = check_remote,
	             .help = "tcp:192.0.2.1:53, tls:ns1.example.net:853:alpn=dot; udp:192.0.2.1:53 "
	                     "for one that is only told of changes."),
	REED_SETTING(STRING, struct dns_remote_settings, key,
	             .help = "The key that both sign with."),
};

const struct reed_schema dns_remote_schema =
	REED_SCHEMA(struct dns_remote_settings, remote_table, .about = "Another name server.");

static const struct reed_setting acl_table[] = {
	REED_SETTING(STRING, struct dns_acl_settings, id, .required = true,
	             .help = "What zones name it by."),
	REED_SETTING_LIST(STRING, struct dns_acl_settings, address, .check = dns_check_prefix,
	                  .placeholder = "NETWORK", .help = "Who asks; without it anybody."),
	REED_SETTING_LIST(STRING, struct dns_acl_settings, key,
	                  .help = "One of these has signed; without it, signed or not."),
	REED_SETTING_LIST(ENUM, struct dns_acl_settings, action, .words = actions,
	                  .help = "What it is about."),
	REED_SETTING(BOOL, struct dns_acl_settings, deny, .help = "It may not be done."),
	REED_SETTING(ENUM, struct dns_acl_settings, match, .key = "update-owner-match",
	             .words = matches, .preset = "any",
	             .help = "Which names may be updated, as against update-owner."),
	REED_SETTING(BOOL, struct dns_acl_settings, owner_is_key, .key = "update-owner-key",
	             .help = "The name of the key stands for update-owner."),
	REED_SETTING_LIST(STRING, struct dns_acl_settings, owner, .key = "update-owner",
	                  .check = dns_check_domain, .help = "Complete names."),
	REED_SETTING_LIST(STRING, struct dns_acl_settings, type, .key = "update-type",
	                  .check = check_type, .help = "Types that may be updated; else all."),
};

const struct reed_schema dns_acl_schema =
	REED_SCHEMA(struct dns_acl_settings, acl_table, .about = "Who may do what.");

/* ---- by their ids ---- */

const struct dns_key_settings *dns_key_of(const struct dns_settings *s, const char *id)
{
	for (size_t i = 0; i < s->key.n; i++)
		if (strcmp(s->key.items[i].id, id) == 0)
			return &s->key.items[i];
	return NULL;
}

const struct dns_remote_settings *dns_remote_of(const struct dns_settings *s, const char *id)
{
	for (size_t i = 0; i < s->remote.n; i++)
		if (strcmp(s->remote.items[i].id, id) == 0)
			return &s->remote.items[i];
	return NULL;
}

const struct dns_acl_settings *dns_acl_of(const struct dns_settings *s, const char *id)
{
	for (size_t i = 0; i < s->acl.n; i++)
		if (strcmp(s->acl.items[i].id, id) == 0)
			return &s->acl.items[i];
	return NULL;
}

bool dns_acl_has(const struct dns_acl_settings *acl, enum reed_dns_action action)
{
	for (size_t i = 0; i < acl->action.n; i++)
		if (1 << acl->action.items[i] == (int)action)
			return true;
	return false;
}

/* ---- do they fit together? ---- */

static void check_keys(const struct dns_settings *s, struct reed_setting_judge *judge)
{
	for (size_t i = 0; i < s->key.n; i++) {
		const struct dns_key_settings *key = &s->key.items[i];
		enum reed_dns_hmac hmac = (enum reed_dns_hmac)key->algorithm;
		struct reed_fault *fault = NULL;
		struct reed_dns_key parsed;

		if (reed_dns_key_parse(key->id, hmac, reed_slice_of(key->secret), &parsed, &fault))
			judge->reject(judge, &key->secret, "%s", fault->sentence);
		else if (hmac == REED_DNS_HMAC_SHA1 && !key->sha1)
			judge->reject(judge, &key->algorithm,
			              "hmac-sha1 is weak; take hmac-sha256, or say sha1: true");
		if (dns_key_of(s, key->id) != key)
			judge->reject(judge, &key->id, "there are two keys %s", key->id);
		reed_wipe(&parsed, sizeof(parsed));
		reed_fault_free(fault);
	}
}

static void check_remotes(const struct dns_settings *s, struct reed_setting_judge *judge)
{
	for (size_t i = 0; i < s->remote.n; i++) {
		const struct dns_remote_settings *remote = &s->remote.items[i];

		if (remote->key && !dns_key_of(s, remote->key))
			judge->reject(judge, &remote->key, "there is no key %s", remote->key);
		if (dns_remote_of(s, remote->id) != remote)
			judge->reject(judge, &remote->id, "there are two remotes %s", remote->id);
	}
}

static void check_acl(const struct dns_settings *s, const struct dns_acl_settings *acl,
                      struct reed_setting_judge *judge)
{
	for (size_t i = 0; i < acl->key.n; i++)
		if (!dns_key_of(s, acl->key.items[i]))
			judge->reject(judge, &acl->key.items, "there is no key %s",
			              acl->key.items[i]);
	if (!acl->address.n && !acl->key.n)
		judge->reject(judge, &acl->id,
		              "%s has neither address nor key; if everybody is meant, write "
		              "address: [0.0.0.0/0, \"::/0\"]",
		              acl->id);
	if (!acl->action.n)
		judge->reject(judge, &acl->id,
		              "%s says nothing of what may be done; write action: [transfer]",
		              acl->id);
	if (acl->match != REED_DNS_OWNER_ANY && !acl->owner.n && !acl->owner_is_key)
		judge->reject(judge, &acl->match, "%s has no update-owner", acl->id);
	if (acl->match == REED_DNS_OWNER_ANY && (acl->owner.n || acl->owner_is_key))
		judge->reject(judge, &acl->match,
		              "%s has an update-owner; say how by update-owner-match: "
		              "sub-or-equal",
		              acl->id);
	if (dns_acl_of(s, acl->id) != acl)
		judge->reject(judge, &acl->id, "there are two access lists %s", acl->id);
}

static void check_ids(const struct dns_settings *s, const struct dns_zone_settings *zone,
                      struct reed_setting_judge *judge)
{
	for (size_t i = 0; i < zone->acl.n; i++)
		if (!dns_acl_of(s, zone->acl.items[i]))
			judge->reject(judge, &zone->acl.items, "there is no access list %s",
			              zone->acl.items[i]);
	for (size_t i = 0; i < zone->primary.n; i++) {
		const struct dns_remote_settings *remote = dns_remote_of(s, zone->primary.items[i]);

		if (!remote)
			judge->reject(judge, &zone->primary.items, "there is no remote %s",
			              zone->primary.items[i]);
		else if (reed_slice_starts(reed_slice_of(remote->address), REED_STR("udp:")))
			judge->reject(judge, &zone->primary.items,
			              "zones are transferred over tcp: or tls:, and %s is %s",
			              remote->id, remote->address);
	}
	for (size_t i = 0; i < zone->secondary.n; i++)
		if (!dns_remote_of(s, zone->secondary.items[i]))
			judge->reject(judge, &zone->secondary.items, "there is no remote %s",
			              zone->secondary.items[i]);
}

/* RFC 9432: what a list may be, and in which a zone may be. */
static void check_catalog(const struct dns_settings *s, const struct dns_zone_settings *zone,
                          struct reed_setting_judge *judge)
{
	const char *listed = zone->catalog_zone;
	bool found = !listed;

	for (size_t i = 0; i < s->zones.n && !found; i++)
		found = s->zones.items[i].catalog == DNS_CATALOG_GENERATE &&
		        dns_is_domain(s->zones.items[i].domain, listed);
	if (!found)
		judge->reject(judge, &zone->catalog_zone,
		              "there is no zone %s with catalog-role: generate", listed);
	if (zone->catalog == DNS_CATALOG_GENERATE &&
	    (zone->file || zone->primary.n || zone->sign.on || listed))
		judge->reject(judge, &zone->catalog,
		              "%s is made of what others say; it has no file, no primary, no "
		              "signatures and no catalog-zone of its own",
		              zone->domain);
	if (zone->catalog == DNS_CATALOG_INTERPRET && !zone->primary.n)
		judge->reject(judge, &zone->catalog,
		              "%s has no primary to have the zones from that it lists",
		              zone->domain);
}

static void check_zone(const struct dns_settings *s, const struct dns_zone_settings *zone,
                       struct reed_setting_judge *judge)
{
	check_ids(s, zone, judge);
	check_catalog(s, zone, judge);
	if (!zone->file && !zone->primary.n && zone->catalog != DNS_CATALOG_GENERATE)
		judge->reject(judge, &zone->domain,
		              "%s has neither a file nor a primary to have it from", zone->domain);
	for (size_t i = 0; i < zone->acl.n && zone->primary.n; i++) {
		const struct dns_acl_settings *acl = dns_acl_of(s, zone->acl.items[i]);

		if (acl && !acl->deny && dns_acl_has(acl, REED_DNS_MAY_UPDATE))
			judge->reject(
				judge, &zone->acl.items,
				"%s is a secondary, which takes no updates, and %s allows some",
				zone->domain, acl->id);
	}
	if (zone->sign.on && zone->primary.n)
		judge->reject(judge, &zone->sign.on,
		              "%s is a secondary, which is signed by its primary", zone->domain);
	if (zone->sign.on && zone->sign.refresh + zone->sign.jitter >= zone->sign.lifetime)
		judge->reject(judge, &zone->sign.refresh,
		              "with sign-jitter it is not less than sign-lifetime");
	if (zone->refresh_least > zone->refresh_most)
		judge->reject(judge, &zone->refresh_least, "is more than refresh-most");
}

void dns_check_references(const struct dns_settings *s, struct reed_setting_judge *judge)
{
	check_keys(s, judge);
	check_remotes(s, judge);
	for (size_t i = 0; i < s->acl.n; i++)
		check_acl(s, &s->acl.items[i], judge);
	for (size_t i = 0; i < s->zones.n; i++)
		check_zone(s, &s->zones.items[i], judge);
	dns_check_views(s, judge);
}
