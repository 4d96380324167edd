/* What an operator may decide. */

#include "web.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/folder.h"
#include "reed/http/message.h"
#include "reed/own_cert.h"
#include "reed/settings.h"

static bool check_name(const char *text, struct reed_buf *why)
{
	const char *rest = text[0] == '*' && text[1] == '.' ? text + 2 : text;

	if (*rest && !strpbrk(rest, "*/: \t@"))
		return true;
	reed_buf_add_str(why, "is no name of a host; write one as in example.org or "
	                      "*.example.org, without scheme and port");
	return false;
}

static bool check_at(const char *text, struct reed_buf *why)
{
	size_t n = strlen(text);

	if (text[0] == '/' && n > 1 && text[n - 1] == '/' && !strchr(text, '*'))
		return true;
	reed_buf_add_str(why, "is no part of a site; write one as in /downloads/");
	return false;
}

static bool check_target(const char *text, struct reed_buf *why)
{
	bool absolute = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;

	if ((absolute || text[0] == '/') && reed_http_is_value(reed_slice_of(text)))
		return true;
	reed_buf_add_str(why, "leads nowhere; write /path or https://host/path, with a star at "
	                      "the end for what the other star stands for");
	return false;
}

static bool check_path(const char *text, struct reed_buf *why)
{
	if (text[0] == '/' && reed_http_is_value(reed_slice_of(text)))
		return true;
	reed_buf_add_str(why, "is no path; it begins with a slash");
	return false;
}

static bool check_value(const char *text, struct reed_buf *why)
{
	if (reed_http_is_value(reed_slice_of(text)))
		return true;
	reed_buf_add_str(why, "has characters that no field may have");
	return false;
}

static bool check_rule(const char *text, struct reed_buf *why)
{
	return !reed_http_forward_rule(reed_slice_of(text), why);
}

static bool check_line(const char *text, struct reed_buf *why)
{
	return !reed_http_access_check(text, why);
}

static bool check_onion(const char *text, struct reed_buf *why)
{
	size_t n = strlen(text);
	bool absolute = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;

	if (absolute && n > 13 && strcmp(text + n - 6, ".onion") == 0 &&
	    reed_http_is_value(reed_slice_of(text)))
		return true;
	reed_buf_add_str(why, "is no onion address; write it as in http://NAME.onion");
	return false;
}

/* ---- what fits together ---- */

static void judge_folder(struct reed_setting_judge *judge, const char *const *path)
{
	int fd = -1;
	enum reed_err err = *path ? reed_folder_open(*path, &fd) : REED_OK;

	reed_folder_close(fd);
	if (err)
		judge->reject(judge, path, "%s: %s", *path,
		              err == REED_ENOENT ? "there is no such folder" : reed_strerror(err));
}

static void judge_patterns(struct reed_setting_judge *judge, const struct reed_pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++) {
		const char *wrong = web_pattern_wrong(pairs->items[i].name);

		if (wrong)
			judge->reject(judge, &pairs->items, "%s %s", pairs->items[i].name, wrong);
	}
}

static void judge_headers(struct reed_setting_judge *judge, const struct reed_pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (!reed_http_is_token(reed_slice_of(pairs->items[i].name)))
			judge->reject(judge, &pairs->items, "%s is no name of a header field",
			              pairs->items[i].name);
}

/* Trust is read as the proxy will read it: a mistake in it would believe nobody, or anybody. */
void web_judge_peers(struct reed_setting_judge *judge, const char *const *list)
{
	struct reed_slice rest = reed_slice_of(*list), word;
	struct reed_prefix prefix;

	while (reed_http_list_next(&rest, &word))
		if (!reed_slice_is(word, "unix") && reed_prefix_parse(word, &prefix))
			judge->reject(judge, list,
			              REED_FMT " is no address, prefix as in 192.0.2.0/24, or unix",
			              REED_ARG(word));
}

static void judge_proxy(struct reed_setting_judge *judge, const struct web_proxy *p)
{
	web_judge_peers(judge, &p->trust);
	if (p->to.n > REED_HTTP_UPSTREAMS)
		judge->reject(judge, &p->to.items, "at most %d upstreams", REED_HTTP_UPSTREAMS);
	for (size_t i = 0; i < p->to.n && p->http == REED_HTTP_VERSION_2; i++)
		if (reed_slice_starts(reed_slice_of(p->to.items[i]), REED_STR("haproxy:")))
			judge->reject(judge, &p->http,
			              "haproxy: says whose a connection is, and one of HTTP/2 is "
			              "of many");
}

/* One of them answers. */
static void judge_programs(struct reed_setting_judge *judge, const struct web_programs *p,
                           const char *path, const struct web_proxy *proxy)
{
	const void *at = p->fastcgi ? (const void *)&p->fastcgi : &p->cgi;

	if (p->cgi_endings && !p->cgi)
		judge->reject(judge, &p->cgi_endings, "there is no cgi that they could be of");
	if (!p->fastcgi && !p->cgi)
		return;
	if (!path || path[0] != '/')
		judge->reject(judge, at,
		              "programs need a path that begins at the root, as in /srv/www");
	if (proxy->to.n > 0)
		judge->reject(judge, at, "there is a proxy already: one of them answers");
	if (p->fastcgi && p->cgi)
		judge->reject(judge, at, "there is cgi too: one of them answers");
}

/* Who asks for a program without its ending would get what it is written in. */
static void judge_endings(struct reed_setting_judge *judge, const struct web_site *s,
                          const struct web_programs *p)
{
	struct reed_slice rest = reed_slice_of(s->endings), ending;

	while (p->cgi_endings && reed_http_list_next(&rest, &ending)) {
		char *name = reed_slice_dup(ending);

		if (reed_http_list_has(reed_slice_of(p->cgi_endings), name))
			judge->reject(judge, &s->endings,
			              "%s is the ending of programs, which are asked for by their "
			              "names",
			              name);
		reed_free(name);
	}
}

void web_judge_digest(struct reed_setting_judge *judge, const bool *digest, bool asks)
{
	if (*digest && !asks)
		judge->reject(judge, digest,
		              "nobody is asked who they are, so nobody can prove it; say who may "
		              "come in, by protect (of a site), auth or role");
}

static bool asks_somebody(const struct web_site *s)
{
	bool asks = s->auth || s->role;

	for (size_t i = 0; i < s->routes.n && !asks; i++)
		asks = s->routes.items[i].auth || s->routes.items[i].role;
	return asks;
}

static void judge_site(const struct web_site *s, struct reed_setting_judge *judge)
{
	web_judge_digest(judge, &s->digest, asks_somebody(s));
	judge_folder(judge, &s->path);
	judge_proxy(judge, &s->proxy);
	judge_programs(judge, &s->programs, s->path, &s->proxy);
	judge_endings(judge, s, &s->programs);
	for (size_t i = 0; i < s->routes.n; i++) {
		const struct web_route *route = &s->routes.items[i];

		web_judge_digest(judge, &route->digest,
		                 route->auth || route->role || s->auth || s->role);
		judge_folder(judge, &route->path);
		judge_proxy(judge, &route->proxy);
		judge_programs(judge, &route->programs, route->path ? route->path : s->path,
		               &route->proxy);
		judge_endings(judge, s, &route->programs);
	}
	judge_patterns(judge, &s->redirects);
	judge_patterns(judge, &s->rewrites);
	judge_headers(judge, &s->headers);
}

static void check_all(const void *values, struct reed_setting_judge *judge)
{
	const struct web_settings *s = values;

	judge_site(&s->site, judge);
	for (size_t i = 0; i < s->hosts.n; i++)
		judge_site(&s->hosts.items[i], judge);
	web_judge_forward(&s->forward, judge);
	web_judge_peers(judge, &s->access.trust);
}

/* ---- tables ---- */

static const char *const balances[] = { "round-robin", "least", "hash", "sticky", NULL };
static const char *const versions[] = { "any", "1", "2", NULL };

#define PROXY(STRUCT, AT)                                                                           \
	REED_SETTING(ENDPOINT, STRUCT, AT programs.fastcgi, .key = "fastcgi",                       \
	             .check = reed_setting_dials, .placeholder = "ENDPOINT",                        \
	             .reload = REED_SETTING_LIVE,                                                   \
	             .help = "Programs that answer in place of files, such as those of PHP: "       \
	                     "unix:/run/php/php8.2-fpm.sock."),                                     \
		REED_SETTING(                                                                       \
			BOOL, STRUCT, AT programs.cgi, .key = "cgi", .reload = REED_SETTING_LIVE,   \
			.help = "Files in the folder are programs, each started for a request."),   \
		REED_SETTING(STRING, STRUCT, AT programs.cgi_endings, .key = "cgi-endings",         \
	                     .placeholder = "ENDINGS", .reload = REED_SETTING_LIVE, .rare = true,   \
	                     .help = "Only those are, in folders below too, whose names end so: "   \
	                             "cgi, py; other files are served."),                           \
		REED_SETTING(INT, STRUCT, AT programs.cgi_most, .key = "cgi-most", .preset = "16",  \
	                     .least = "1", .most = "10000", .reload = REED_SETTING_LIVE,            \
	                     .rare = true, .help = "How many of them at a time."),                  \
		REED_SETTING(DURATION, STRUCT, AT programs.cgi_longest, .key = "cgi-longest",       \
	                     .preset = "5m", .reload = REED_SETTING_LIVE, .rare = true,             \
	                     .help = "How long one may run."),                                      \
		REED_SETTING_LIST(                                                                  \
			ENDPOINT, STRUCT, AT proxy.to, .key = "proxy",                              \
			.check = reed_setting_dials, .placeholder = "ENDPOINT",                     \
			.reload = REED_SETTING_LIVE,                                                \
			.help = "Servers that answer in place of files: tcp:127.0.0.1:3000, "       \
				"unix:/run/app.sock, haproxy:[tcp:10.0.0.2:80]."),                  \
		REED_SETTING(                                                                       \
			ENUM, STRUCT, AT proxy.balance, .key = "proxy-balance",                     \
			.preset = "round-robin", .words = balances, .reload = REED_SETTING_LIVE,    \
			.help = "Which of them is asked: in turn, who has least to do, by the "     \
				"client's address, or the same one again by a cookie."),            \
		REED_SETTING(                                                                       \
			ENUM, STRUCT, AT proxy.http, .key = "proxy-http", .preset = "any",          \
			.words = versions, .reload = REED_SETTING_LIVE,                             \
			.help = "What is spoken to them: HTTP/2 where tls: agrees on it and "       \
				"HTTP/1.1 elsewhere (any), only HTTP/1.1 (1), or only HTTP/2, "     \
				"without TLS too (2)."),                                            \
		REED_SETTING(STRING, STRUCT, AT proxy.host, .key = "proxy-host",                    \
	                     .check = check_value, .reload = REED_SETTING_LIVE, .rare = true,       \
	                     .help = "The Host they are told; without it the client's."),           \
		REED_SETTING(BOOL, STRUCT, AT proxy.strip, .key = "proxy-strip",                    \
	                     .reload = REED_SETTING_LIVE,                                           \
	                     .help = "Tell them the path without that of the route."),              \
		REED_SETTING(STRING, STRUCT, AT proxy.trust, .key = "proxy-trust",                  \
	                     .placeholder = "PREFIXES", .reload = REED_SETTING_LIVE, .rare = true,  \
	                     .help = "Whose Forwarded and X-Forwarded-For are believed: "           \
	                             "192.0.2.0/24, unix."),                                        \
		REED_SETTING(                                                                       \
			STRING, STRUCT, AT proxy.check, .key = "proxy-check", .check = check_path,  \
			.placeholder = "PATH", .reload = REED_SETTING_LIVE,                         \
			.help = "What they are asked every five seconds to see if they are well."), \
		REED_SETTING(DURATION, STRUCT, AT proxy.connect, .key = "proxy-connect",            \
	                     .preset = "5s", .reload = REED_SETTING_LIVE, .rare = true,             \
	                     .help = "How long a connection to one may take."),                     \
		REED_SETTING(DURATION, STRUCT, AT proxy.answer, .key = "proxy-answer",              \
	                     .preset = "1m", .reload = REED_SETTING_LIVE, .rare = true,             \
	                     .help = "How long one may take to begin its answer."),                 \
		REED_SETTING(DURATION, STRUCT, AT proxy.silent, .key = "proxy-silent",              \
	                     .preset = "1m", .reload = REED_SETTING_LIVE, .rare = true,             \
	                     .help = "How long one may say nothing in the midst of its answer."),   \
		REED_SETTING(SIZE, STRUCT, AT proxy.body, .key = "proxy-body", .preset = "64M",     \
	                     .reload = REED_SETTING_LIVE,                                           \
	                     .help = "The largest body of a request that goes on to them.")

#define DIGEST_HELP                                                                            \
	"Ask them for Digest (RFC 7616) beside Basic; the accounts have to be of secrets: or " \
	"htdigest:."

static const struct reed_setting route_table[] = {
	REED_SETTING(STRING, struct web_route, at, .required = true, .check = check_at,
	             .placeholder = "/PART/", .help = "Which part of the site."),
	REED_SETTING(PATH, struct web_route, path, .placeholder = "DIR",
	             .help = "The folder of its files; without it that of the site."),
	REED_SETTING(DURATION, struct web_route, cache,
	             .help = "How long what is sent stays good without asking again."),
	REED_SETTING(BOOL, struct web_route, listing, .help = "Show folders that have no index."),
	REED_SETTING(BOOL, struct web_route, auth, .help = "Only people with an account."),
	REED_SETTING(STRING, struct web_route, role,
	             .help = "Only people whose account has that role."),
	REED_SETTING(BOOL, struct web_route, digest, .help = DIGEST_HELP),
	PROXY(struct web_route, ),
};

static const struct reed_schema route_schema =
	REED_SCHEMA(struct web_route, route_table, .about = "A part of a site.");

#define SITE(STRUCT, AT)                                                                           \
	REED_SETTING(PATH, STRUCT, AT path, .key = "path", .placeholder = "DIR",                   \
	             .reload = REED_SETTING_LIVE, .help = "The folder whose files are served."),   \
		REED_SETTING(STRING, STRUCT, AT index, .key = "index", .preset = "index.html",     \
	                     .reload = REED_SETTING_LIVE, .rare = true,                            \
	                     .help = "The file that stands for its folder."),                      \
		REED_SETTING(STRING, STRUCT, AT endings, .key = "endings",                         \
	                     .placeholder = "ENDINGS", .reload = REED_SETTING_LIVE, .rare = true,  \
	                     .help = "What files may be asked for without, \"html, htm\": "        \
	                             "/about is about.html where there is no such file."),         \
		REED_SETTING(BOOL, STRUCT, AT listing, .key = "listing",                           \
	                     .reload = REED_SETTING_LIVE,                                          \
	                     .help = "Show folders that have no index."),                          \
		REED_SETTING(                                                                      \
			DURATION, STRUCT, AT cache, .key = "cache", .reload = REED_SETTING_LIVE,   \
			.help = "How long files stay good without asking again; 0: they are "      \
				"asked for each time, which costs little when nothing changed."),  \
		REED_SETTING(                                                                      \
			BOOL, STRUCT, AT https, .key = "https", .reload = REED_SETTING_LIVE,       \
			.help = "Send whoever comes without TLS to where there is TLS, and have "  \
				"browsers remember it."),                                          \
		REED_SETTING(                                                                      \
			STRING, STRUCT, AT onion, .key = "onion", .check = check_onion,            \
			.placeholder = "URL", .reload = REED_SETTING_LIVE, .rare = true,           \
			.help = "The same site as an onion service, told in Onion-Location."),     \
		REED_SETTING_MAP(STRING, STRUCT, AT redirects, .key = "redirects",                 \
	                         .check = check_target, .reload = REED_SETTING_LIVE,               \
	                         .help = "Paths that have moved, and where to: /old/*: /new/*."),  \
		REED_SETTING_MAP(STRING, STRUCT, AT rewrites, .key = "rewrites",                   \
	                         .check = check_path, .reload = REED_SETTING_LIVE,                 \
	                         .help = "Paths that are answered as if another was asked for."),  \
		REED_SETTING_MAP(STRING, STRUCT, AT headers, .key = "headers",                     \
	                         .check = check_value, .reload = REED_SETTING_LIVE,                \
	                         .help = "Fields of every answer; an empty one takes ours away."), \
		REED_SETTING(                                                                      \
			BOOL, STRUCT, AT safe, .key = "security-headers", .preset = "yes",         \
			.reload = REED_SETTING_LIVE, .rare = true,                                 \
			.help = "Send fields that keep browsers from guessing types, framing and " \
				"telling other sites where people come from."),                    \
		REED_SETTING(BOOL, STRUCT, AT auth, .key = "protect", .reload = REED_SETTING_LIVE, \
	                     .help = "Only people with an account; see --auth."),                  \
		REED_SETTING(STRING, STRUCT, AT role, .key = "role", .reload = REED_SETTING_LIVE,  \
	                     .rare = true, .help = "Only people whose account has that role."),    \
		REED_SETTING(BOOL, STRUCT, AT digest, .key = "digest",                             \
	                     .reload = REED_SETTING_LIVE, .rare = true, .help = DIGEST_HELP),      \
		REED_SETTING(BOOL, STRUCT, AT precompressed, .key = "precompressed",               \
	                     .preset = "yes", .reload = REED_SETTING_LIVE, .rare = true,           \
	                     .help = "Send NAME.br, NAME.zst or NAME.gz to who takes them."),      \
		REED_SETTING(                                                                      \
			BOOL, STRUCT, AT compress, .key = "compress", .reload = REED_SETTING_LIVE, \
			.help = "Compress text while it is sent, where there is no NAME.br and "   \
				"the like: less to send, more to do."),                            \
		REED_SETTING(BOOL, STRUCT, AT symlinks, .key = "symlinks",                         \
	                     .reload = REED_SETTING_LIVE, .rare = true,                            \
	                     .help = "Follow links that stay in the folder."),                     \
		REED_SETTING(BOOL, STRUCT, AT hidden, .key = "hidden",                             \
	                     .reload = REED_SETTING_LIVE, .rare = true,                            \
	                     .help = "Show names that begin with a dot."),                         \
		PROXY(STRUCT, AT),                                                                 \
		REED_SETTING_RECORDS(struct web_route, &route_schema, STRUCT, AT routes,           \
	                             .key = "routes", .reload = REED_SETTING_LIVE,                 \
	                             .help = "Parts of the site with folders of their own.")

static const struct reed_setting host_table[] = {
	REED_SETTING_LIST(STRING, struct web_site, names, .required = true, .check = check_name,
	                  .placeholder = "HOST", .help = "By which names it is asked for."),
	SITE(struct web_site, ),
};

static const struct reed_schema host_schema =
	REED_SCHEMA(struct web_site, host_table, .about = "A site by its name.");

static const char *const formats[] = { "combined", "json", NULL };
static const char *const headers[] = { "x-forwarded-for", "forwarded", NULL };

static const struct reed_setting table[] = {
	REED_SETTING_LIST(ENDPOINT, struct web_settings, listen,
	                  .preset = "tcp:8080:interface=localhost, tls:8443:interface=localhost",
	                  .check = reed_own_cert_listens,
	                  .help = "Where browsers are awaited: tcp:80, tls:443, "
	                          "systemd:name=web."),
	REED_SETTING(PATH, struct web_settings, tls_cert, .key = "tls-cert",
	             .placeholder = "FILE_OR_DIR", .probe = reed_setting_certificate,
	             .help = "Certificate and key in PEM, or a folder of them; without it one of "
	                     "our own making in the state directory."),
	REED_SETTING(BOOL, struct web_settings, http2, .preset = "yes",
	             .help = "Speak HTTP/2 with browsers that ask for it (over TLS by ALPN)."),
	SITE(struct web_settings, site.),
	REED_SETTING_RECORDS(struct web_site, &host_schema, struct web_settings, hosts,
	                     .reload = REED_SETTING_LIVE,
	                     .help = "Sites by their names; all else is what stands above."),
	REED_SETTING_GROUP("access", .help = "The access log."),
	REED_SETTING(PATH, struct web_settings, access.file,
	             .help = "Where a line for each request goes; without it nowhere."),
	REED_SETTING(ENUM, struct web_settings, access.format, .preset = "combined",
	             .words = formats, .help = "As Apache's and nginx's, or an object a line."),
	REED_SETTING(STRING, struct web_settings, access.line, .placeholder = "FORMAT",
	             .check = check_line, .rare = true,
	             .help = "A format of one's own in place of these, as LogFormat of Apache: %h "
	                     "%l %u %t \"%r\" %>s %b %D."),
	REED_SETTING(STRING, struct web_settings, access.trust, .placeholder = "PREFIXES",
	             .help = "Proxies that are believed when they say for whom they ask: "
	                     "192.0.2.0/24, unix. Their clients are in the log then."),
	REED_SETTING(ENUM, struct web_settings, access.header, .preset = "x-forwarded-for",
	             .words = headers, .rare = true,
	             .help = "Where they say it: the field that they write themselves."),
	REED_SETTING_GROUP("forward", .help = "A way out for programs that take this server for "
	                                      "their proxy; there is none unless something is "
	                                      "allowed."),
	REED_SETTING_LIST(STRING, struct web_settings, forward.allow, .check = check_rule,
	                  .placeholder = "HOST[:PORTS]", .reload = REED_SETTING_LIVE,
	                  .help = "Where it leads: example.org, *.example.org, *:443, "
	                          "192.0.2.0/24:8000-8100; without ports 80 and 443. Names and "
	                          "stars lead to public addresses only."),
	REED_SETTING_LIST(STRING, struct web_settings, forward.deny, .check = check_rule,
	                  .placeholder = "HOST[:PORTS]", .reload = REED_SETTING_LIVE,
	                  .help = "Where it does not lead, whatever is allowed."),
	REED_SETTING(STRING, struct web_settings, forward.clients, .placeholder = "PREFIXES",
	             .preset = "127.0.0.0/8, ::1, unix", .reload = REED_SETTING_LIVE,
	             .help = "Who may use it: 192.0.2.0/24, unix."),
	REED_SETTING(BOOL, struct web_settings, forward.auth, .reload = REED_SETTING_LIVE,
	             .help = "Only people with an account; see --auth."),
	REED_SETTING(STRING, struct web_settings, forward.role, .reload = REED_SETTING_LIVE,
	             .rare = true, .help = "Only people whose account has that role."),
	REED_SETTING(BOOL, struct web_settings, forward.digest, .reload = REED_SETTING_LIVE,
	             .rare = true, .help = DIGEST_HELP),
	REED_SETTING(INT, struct web_settings, forward.most, .preset = "256", .least = "1",
	             .most = "100000", .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "Requests and tunnels at a time."),
	REED_SETTING(INT, struct web_settings, forward.of_client, .key = "forward.client",
	             .preset = "64", .least = "1", .most = "100000", .reload = REED_SETTING_LIVE,
	             .rare = true, .help = "Of them of one address, or of one /64 of IPv6."),
	REED_SETTING(DURATION, struct web_settings, forward.connect, .preset = "10s",
	             .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "How long it may take to find a host and connect to it."),
	REED_SETTING(DURATION, struct web_settings, forward.answer, .preset = "1m",
	             .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "How long a host may take to begin its answer."),
	REED_SETTING(DURATION, struct web_settings, forward.silent, .preset = "5m",
	             .reload = REED_SETTING_LIVE, .rare = true,
	             .help = "How long an answer or a tunnel may be silent."),
	REED_SETTING(DURATION, struct web_settings, forward.longest, .reload = REED_SETTING_LIVE,
	             .rare = true,
	             .help = "How long a request or tunnel may take in all; without it as long as "
	                     "it likes."),
	REED_SETTING_GROUP("limits", .help = "What one client may use."),
	REED_SETTING(INT, struct web_settings, limits.connections, .preset = "10000", .least = "1",
	             .most = "1000000", .help = "Connections at a time on each endpoint."),
	REED_SETTING(INT, struct web_settings, limits.head_s, .key = "limits.head", .preset = "20",
	             .least = "1", .most = "3600", .rare = true,
	             .help = "Seconds for the head of a request."),
	REED_SETTING(INT, struct web_settings, limits.body_s, .key = "limits.body", .preset = "30",
	             .least = "1", .most = "3600", .rare = true,
	             .help = "Seconds for the next bytes of the body of a request."),
	REED_SETTING(
		INT, struct web_settings, limits.total_s, .key = "limits.total", .preset = "0",
		.least = "0", .most = "1000000", .rare = true,
		.help = "Seconds for a request and its answer in all; 0: as long as they take."),
	REED_SETTING(SIZE, struct web_settings, limits.head, .key = "limits.head-size",
	             .preset = "32K", .least = "1K", .most = "1M", .rare = true,
	             .help = "The largest head of a request; its first line may be 8K of it."),
	REED_SETTING(INT, struct web_settings, limits.fields, .preset = "100", .least = "10",
	             .most = "10000", .rare = true, .help = "Fields of such a head."),
	REED_SETTING(INT, struct web_settings, limits.idle_s, .key = "limits.idle", .preset = "60",
	             .least = "1", .most = "3600", .rare = true,
	             .help = "Seconds between two requests."),
	REED_SETTING(INT, struct web_settings, limits.write_s, .key = "limits.write",
	             .preset = "60", .least = "1", .most = "3600", .rare = true,
	             .help = "Seconds in which a client takes nothing of its answer."),
	REED_SETTING(INT, struct web_settings, limits.streams, .preset = "100", .least = "1",
	             .most = "10000", .rare = true,
	             .help = "Requests at a time of one connection of HTTP/2."),
	REED_SETTING(
		INT, struct web_settings, limits.noise, .preset = "500", .least = "10",
		.most = "1000000", .rare = true,
		.help = "Frames of HTTP/2 that ask for nothing (resets, PING, SETTINGS and the "
			"like) which a connection may send, of each kind in ten seconds."),
};

const struct reed_schema reed_web_schema =
	REED_SCHEMA(struct web_settings, table, .about = "A web server.", .check = check_all);
