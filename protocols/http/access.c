/* Lines of an access log. */

#include "private.h"

#include "access.h"

/* ---- escapes ---- */

void access_add_quoted(struct reed_buf *out, struct reed_slice s, bool json)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			reed_buf_printf(out, "\\%c", c);
		else if (c >= 0x20 && c < 0x7f)
			reed_buf_add_char(out, (char)c);
		else
			reed_buf_printf(out, json ? "\\u%04x" : "\\x%02x", c);
	}
}

static void add_json(struct reed_buf *out, const char *key, struct reed_slice value)
{
	reed_buf_printf(out, ",\"%s\":\"", key);
	if (reed_slice_is_utf8(value)) {
		for (size_t i = 0; i < value.n; i++) {
			bool plain = (unsigned char)value.p[i] >= 0x80;

			if (plain)
				reed_buf_add_char(out, value.p[i]);
			else
				access_add_quoted(out, reed_slice(value.p + i, 1), true);
		}
	} else {
		access_add_quoted(out, value, true);
	}
	reed_buf_add_char(out, '"');
}

/* ---- what they have in common ---- */

static struct reed_slice field(const struct reed_http_access *a, const char *name)
{
	if (!a->head)
		return reed_slice(NULL, 0);
	return reed_http_field(a->head->fields, a->head->count, name, 0);
}

void access_add_address(struct reed_buf *out, const struct reed_address *peer)
{
	char text[REED_ADDRESS_TEXT];

	reed_buf_add_str(out, peer->family ? reed_address_host(peer, text) : "-");
}

/* ---- combined ---- */

/* 06/Nov/1994:08:49:37 +0000 */
void access_add_time(struct reed_buf *out, int64_t wall)
{
	char d[REED_HTTP_DATE];

	reed_http_date(wall / 1000000000, d);
	reed_buf_printf(out, "%.2s/%.3s/%.4s:%.8s +0000", d + 5, d + 8, d + 12, d + 17);
}

void access_add_request(struct reed_buf *out, const struct reed_http_access *a)
{
	if (!a->head) {
		reed_buf_add_char(out, '-');
		return;
	}
	access_add_quoted(out, a->head->method_name, false);
	reed_buf_add_char(out, ' ');
	access_add_quoted(out, a->head->target, false);
	reed_buf_printf(out, " HTTP/%u.%u", a->head->major, a->head->minor);
}

static void add_dashed(struct reed_buf *out, struct reed_slice s)
{
	reed_buf_add_char(out, '"');
	access_add_quoted(out, s.p ? s : REED_STR("-"), false);
	reed_buf_add_char(out, '"');
}

static void add_combined(const struct reed_http_access *a, struct reed_buf *out)
{
	access_add_address(out, access_client(a));
	reed_buf_add_str(out, " - ");
	if (a->user.n > 0)
		access_add_quoted(out, a->user, false);
	else
		reed_buf_add_char(out, '-');
	reed_buf_add_str(out, " [");
	access_add_time(out, a->wall);
	reed_buf_add_str(out, "] \"");
	access_add_request(out, a);
	reed_buf_printf(out, "\" %u %llu ", a->status, (unsigned long long)a->bytes);
	add_dashed(out, field(a, "Referer"));
	reed_buf_add_char(out, ' ');
	add_dashed(out, field(a, "User-Agent"));
	reed_buf_add_char(out, '\n');
}

/* ---- JSON ---- */

static void add_object(const struct reed_http_access *a, struct reed_buf *out)
{
	reed_buf_printf(out, "{\"time\":%.3f,\"peer\":\"", (double)a->wall / 1e9);
	access_add_address(out, &a->peer);
	reed_buf_add_char(out, '"');
	if (a->client.family) {
		reed_buf_add_str(out, ",\"client\":\"");
		access_add_address(out, &a->client);
		reed_buf_add_char(out, '"');
	}
	if (a->head) {
		add_json(out, "method", a->head->method_name);
		add_json(out, "target", a->head->target);
		add_json(out, "host", a->head->host);
		reed_buf_printf(out, ",\"version\":\"%u.%u\"", a->head->major, a->head->minor);
	}
	reed_buf_printf(out, ",\"status\":%u,\"bytes\":%llu,\"seconds\":%.6f,\"secure\":%s",
	                a->status, (unsigned long long)a->bytes, (double)a->duration / 1e9,
	                a->secure ? "true" : "false");
	if (a->user.n > 0)
		add_json(out, "user", a->user);
	if (field(a, "Referer").p)
		add_json(out, "referer", field(a, "Referer"));
	if (field(a, "User-Agent").p)
		add_json(out, "agent", field(a, "User-Agent"));
	reed_buf_add_str(out, "}\n");
}

void reed_http_access_line(const struct reed_http_access *access,
                           enum reed_http_access_format format, struct reed_buf *out)
{
	if (format == REED_HTTP_JSON)
		add_object(access, out);
	else
		add_combined(access, out);
}
