/* Rdata as text. */

#include "name_text.h"
#include "reed/base64.h"
#include "text.h"

#include <stdio.h>

static void print_number(struct reed_buf *out, uint64_t value)
{
	char text[20], *p = text + sizeof(text);

	do
		*--p = (char)('0' + value % 10);
	while (value /= 10);
	reed_buf_add(out, reed_slice(p, (size_t)(text + sizeof(text) - p)));
}

static uint64_t number_of(const struct field *f)
{
	uint64_t value = 0;

	for (size_t i = 0; i < f->n; i++)
		value = value << 8 | f->p[i];
	return value;
}

void dns_print_quoted(struct reed_buf *out, const uint8_t *p, size_t n)
{
	char text[4];

	reed_buf_add_char(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (p[i] == ' ')
			reed_buf_add_char(out, ' ');
		else
			reed_buf_add(out, reed_slice(text, dns_escape(p[i], "\"\\", text)));
	}
	reed_buf_add_char(out, '"');
}

static size_t print_name(struct reed_buf *out, const uint8_t *p, size_t n)
{
	char text[REED_DNS_NAME_TEXT_SIZE];
	struct reed_dns_name name;

	if (reed_dns_name_take(reed_slice(p, n), &name))
		return n;
	reed_buf_add(out, reed_dns_name_format(&name, text));
	return name.n;
}

static void print_names(struct reed_buf *out, const struct field *f)
{
	for (size_t at = 0; at < f->n;) {
		reed_buf_add_char(out, ' ');
		at += print_name(out, f->p + at, f->n - at);
	}
}

static void print_strings(struct reed_buf *out, const struct field *f)
{
	for (size_t at = 0; at < f->n; at += f->p[at] + 1U) {
		if (at)
			reed_buf_add_char(out, ' ');
		dns_print_quoted(out, f->p + at + 1, f->p[at]);
	}
}

/* A tag is a word when it can be one. */
static void print_tag(struct reed_buf *out, const uint8_t *p, size_t n)
{
	char text[4];

	for (size_t i = 0; i < n; i++)
		reed_buf_add(out, reed_slice(text, dns_escape(p[i], "\"\\;()", text)));
}

static void print_groups(struct reed_buf *out, const struct field *f, size_t group, char between)
{
	for (size_t i = 0; i < f->n; i++) {
		if (i && i % group == 0)
			reed_buf_add_char(out, between);
		reed_buf_printf(out, "%02x", f->p[i]);
	}
}

static void print_counted(struct reed_buf *out, const struct field *f)
{
	if (f->kind == FIELD_HASH)
		dns_print_base32(out, f->p + 1, f->p[0]);
	else if (f->p[0])
		dns_print_hex(out, f->p + 1, f->p[0]);
	else
		reed_buf_add_char(out, '-');
}

static void print_data16(struct reed_buf *out, const struct field *f)
{
	print_number(out, f->n - 2);
	if (f->n > 2) {
		reed_buf_add_char(out, ' ');
		reed_buf_add_base64(out, reed_slice(f->p + 2, f->n - 2));
	}
}

static void print_hip(struct reed_buf *out, const struct field *f)
{
	reed_buf_printf(out, "%u ", f->p[1]);
	dns_print_hex(out, f->p + 4, f->p[0]);
	reed_buf_add_char(out, ' ');
	reed_buf_add_base64(out, reed_slice(f->p + 4 + f->p[0], f->n - 4 - f->p[0]));
}

/* A name is told from an address by what is in front of it. */
static void print_gateway(struct reed_buf *out, const struct field *f)
{
	char text[ADDRESS_SIZE];

	if (f->p[-2] == 0)
		reed_buf_add_char(out, '.');
	else if (f->p[-2] == 1)
		reed_buf_add(out, dns_print_address4(f->p, text));
	else if (f->p[-2] == 2)
		reed_buf_add(out, dns_print_address6(f->p, text));
	else
		print_name(out, f->p, f->n);
}

static void print_word(struct reed_buf *out, const struct field *f)
{
	char text[STAMP_SIZE + REED_DNS_WORD_SIZE + ADDRESS_SIZE];
	const char *name;

	if (f->kind == FIELD_STAMP)
		reed_buf_add(out, dns_print_stamp(dns_get32(f->p), text));
	else if (f->kind == FIELD_TYPE)
		reed_buf_add(out, reed_dns_type_format((uint16_t)dns_get16(f->p), text));
	else if (f->kind == FIELD_A)
		reed_buf_add(out, dns_print_address4(f->p, text));
	else if (f->kind == FIELD_AAAA)
		reed_buf_add(out, dns_print_address6(f->p, text));
	else if ((name = dns_cert_type_name(dns_get16(f->p))))
		reed_buf_add_str(out, name);
	else
		print_number(out, dns_get16(f->p));
}

static void print_special(struct reed_buf *out, const struct field *f)
{
	switch ((unsigned)f->kind) {
	case FIELD_EUI48:
	case FIELD_EUI64:
		print_groups(out, f, 1, '-');
		break;
	case FIELD_ID64:
		print_groups(out, f, 2, ':');
		break;
	case FIELD_LOC:
		dns_print_loc(out, f->p);
		break;
	case FIELD_DATA16:
		print_data16(out, f);
		break;
	case FIELD_GATEWAY:
		print_gateway(out, f);
		break;
	case FIELD_HIP:
		print_hip(out, f);
		break;
	case FIELD_STRINGS:
		print_strings(out, f);
		break;
	case FIELD_TEXT:
		dns_print_quoted(out, f->p, f->n);
		break;
	case FIELD_HEX:
		dns_print_hex(out, f->p, f->n);
		break;
	default:
		reed_buf_add_base64(out, reed_slice(f->p, f->n));
	}
}

static void print_field(struct reed_buf *out, const struct field *f)
{
	switch ((unsigned)f->kind) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U48:
	case FIELD_PERIOD:
	case FIELD_ALGORITHM:
		print_number(out, number_of(f));
		break;
	case FIELD_STAMP:
	case FIELD_TYPE:
	case FIELD_A:
	case FIELD_AAAA:
	case FIELD_CERT_TYPE:
		print_word(out, f);
		break;
	case FIELD_NAME:
	case FIELD_NAME_EXPAND:
	case FIELD_NAME_FOLD:
	case FIELD_NAME_AS_IS:
		print_name(out, f->p, f->n);
		break;
	case FIELD_STRING:
		dns_print_quoted(out, f->p + 1, f->p[0]);
		break;
	case FIELD_TAG:
		print_tag(out, f->p + 1, f->p[0]);
		break;
	case FIELD_SALT:
	case FIELD_HASH:
		print_counted(out, f);
		break;
	default:
		print_special(out, f);
	}
}

/* The lists that may be empty have their space in front of each item. */
static bool print_list(struct reed_buf *out, const struct field *f)
{
	switch ((unsigned)f->kind) {
	case FIELD_NAMES:
		print_names(out, f);
		return true;
	case FIELD_TYPES:
		dns_print_types(out, f->p, f->n);
		return true;
	case FIELD_PREFIXES:
		dns_print_prefixes(out, f->p, f->n);
		return true;
	case FIELD_PARAMS:
		dns_print_params(out, f->p, f->n);
		return true;
	case FIELD_HEX:
	case FIELD_BASE64:
		return f->n == 0;
	default:
		return false;
	}
}

static void print_generic(struct reed_buf *out, struct reed_slice rdata)
{
	reed_buf_printf(out, " \\# %zu", rdata.n);
	if (rdata.n)
		reed_buf_add_char(out, ' ');
	dns_print_hex(out, (const uint8_t *)rdata.p, rdata.n);
}

/* With a space in front, if there is anything. */
static void print_rdata(uint16_t type, struct reed_slice rdata, struct reed_buf *out)
{
	struct walk w;
	struct field f;

	if (!dns_fields(type) || reed_dns_rdata_check(type, rdata)) {
		print_generic(out, rdata);
		return;
	}
	dns_walk(&w, type, rdata, NULL);
	while (!dns_walk_next(&w, &f) && f.kind != FIELD_END) {
		if (print_list(out, &f))
			continue;
		reed_buf_add_char(out, ' ');
		print_field(out, &f);
	}
}

void reed_dns_rdata_print(uint16_t type, struct reed_slice rdata, struct reed_buf *out)
{
	size_t held = reed_buf_held(out);

	print_rdata(type, rdata, out);
	/* Without the space, which is there to stand behind something else. */
	if (!out->err && reed_buf_held(out) > held) {
		char *p = out->p + out->begin + held;

		memmove(p, p + 1, reed_buf_held(out) - held - 1);
		out->end--;
	}
}

void reed_dns_print_record(const struct reed_dns_name *owner, uint32_t ttl, uint16_t klass,
                           uint16_t type, struct reed_slice rdata, struct reed_buf *out)
{
	char text[REED_DNS_NAME_TEXT_SIZE];

	reed_buf_add(out, reed_dns_name_format(owner, text));
	reed_buf_add_char(out, ' ');
	print_number(out, ttl);
	reed_buf_add_char(out, ' ');
	reed_buf_add(out, reed_dns_class_format(klass, text));
	reed_buf_add_char(out, ' ');
	reed_buf_add(out, reed_dns_type_format(type, text));
	print_rdata(type, rdata, out);
}
