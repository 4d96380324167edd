/*
 * Takes a call of reed_log() apart: a sentence, then keys with values.
 *
 * Conversions are done here one by one, because a va_list that vsnprintf() has
 * seen cannot be gone on with.
 */

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "log_private.h"

struct args {
	va_list list;
};

/* One conversion, as it was written. */
struct spec {
	int precision; /* -1: none */
	char length;   /* 'H' is hh, 'L' is ll */
	char what;     /* 0: a broken one */
};

struct value {
	bool number, absent;
};

static bool is_key_char(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || c == '_' || (!first && c >= '0' && c <= '9');
}

/* The length of the key in front of "=%", 0 when there is none here. */
static size_t key_at(const char *p)
{
	size_t n = 0;

	while (is_key_char(p[n], n == 0))
		n++;
	return n > 0 && p[n] == '=' && p[n + 1] == '%' && p[n + 2] != '%' ? n : 0;
}

/* Where what stands here ends: before " key=%", or with the text. */
static const char *end_of(const char *p)
{
	for (; *p; p++)
		if (*p == ' ' && key_at(p + 1))
			break;
	return p;
}

static void append(struct reed_log_text *t, const char *p, size_t n)
{
	size_t room = sizeof(t->bytes) - t->used;

	n = n < room ? n : room;
	memcpy(t->bytes + t->used, p, n);
	t->used += n;
}

static int number_at(const char **p, struct args *args)
{
	int n = 0;

	if (**p == '*') {
		++*p;
		return va_arg(args->list, int);
	}
	for (; **p >= '0' && **p <= '9'; ++*p)
		n = n < 10000 ? n * 10 + (**p - '0') : n;
	return n;
}

/* p is behind the '%'. */
static struct spec spec_at(const char **p, struct args *args)
{
	struct spec spec = { .precision = -1 };

	*p += strspn(*p, "-+ #0");
	number_at(p, args);
	if (**p == '.') {
		++*p;
		spec.precision = number_at(p, args);
	}
	while (**p && strchr("hljztL", **p)) {
		spec.length = spec.length == **p ? (char)(**p == 'h' ? 'H' : 'L') : **p;
		++*p;
	}
	spec.what = **p;
	if (spec.what)
		++*p;
	return spec;
}

static intmax_t signed_arg(char length, struct args *args)
{
	switch (length) {
	case 'H':
		return (signed char)va_arg(args->list, int);
	case 'h':
		return (short)va_arg(args->list, int);
	case 'l':
		return va_arg(args->list, long);
	case 'L':
		return va_arg(args->list, long long);
	case 'j':
		return va_arg(args->list, intmax_t);
	case 'z':
	case 't':
		return va_arg(args->list, ptrdiff_t);
	default:
		return va_arg(args->list, int);
	}
}

static uintmax_t unsigned_arg(char length, struct args *args)
{
	switch (length) {
	case 'H':
		return (unsigned char)va_arg(args->list, unsigned);
	case 'h':
		return (unsigned short)va_arg(args->list, unsigned);
	case 'l':
		return va_arg(args->list, unsigned long);
	case 'L':
		return va_arg(args->list, unsigned long long);
	case 'j':
		return va_arg(args->list, uintmax_t);
	case 'z':
	case 't':
		return va_arg(args->list, size_t);
	default:
		return va_arg(args->list, unsigned);
	}
}

static void add_text(struct reed_log_text *t, struct spec spec, struct args *args,
                     struct value *value)
{
	const char *s = va_arg(args->list, const char *);

	value->number = false;
	if (!s)
		value->absent = true;
	else
		append(t, s, spec.precision >= 0 ? strnlen(s, (size_t)spec.precision) : strlen(s));
}

static void add_real(struct reed_log_text *t, struct spec spec, struct args *args,
                     struct value *value)
{
	double x = va_arg(args->list, double);
	int precision = spec.precision >= 0 ? spec.precision : 6;
	char digits[400];
	int n;

	if (spec.what == 'f')
		n = snprintf(digits, sizeof(digits), "%.*f", precision, x);
	else
		n = snprintf(digits, sizeof(digits), "%.*g", precision, x);
	append(t, digits, n < (int)sizeof(digits) ? (size_t)n : sizeof(digits) - 1);
	value->number = value->number && isfinite(x);
}

static void add_integer(struct reed_log_text *t, struct spec spec, struct args *args,
                        struct value *value)
{
	char digits[32];
	int n;

	if (spec.what == 'd' || spec.what == 'i')
		n = snprintf(digits, sizeof(digits), "%jd", signed_arg(spec.length, args));
	else if (spec.what == 'u')
		n = snprintf(digits, sizeof(digits), "%ju", unsigned_arg(spec.length, args));
	else if (spec.what == 'o')
		n = snprintf(digits, sizeof(digits), "0%jo", unsigned_arg(spec.length, args));
	else
		n = snprintf(digits, sizeof(digits), "0x%jx", unsigned_arg(spec.length, args));
	append(t, digits, (size_t)n);
	value->number = value->number && strchr("diu", spec.what);
}

static void add_other(struct reed_log_text *t, struct spec spec, struct args *args,
                      struct value *value)
{
	char text[32] = "";

	value->number = false;
	if (spec.what == '%') {
		append(t, "%", 1);
	} else if (spec.what == 'c') {
		text[0] = (char)va_arg(args->list, int);
		append(t, text, 1);
	} else if (spec.what == 'p') {
		append(t, text,
		       (size_t)snprintf(text, sizeof(text), "%p", va_arg(args->list, void *)));
	}
}

/* A value is a number when one conversion of a number is all of it. */
static struct value convert(struct reed_log_text *t, const char *p, const char *end,
                            struct args *args)
{
	struct value value = { .number = *p == '%' };

	while (p < end) {
		const char *literal = p;
		struct spec spec;

		while (p < end && *p != '%')
			p++;
		append(t, literal, (size_t)(p - literal));
		if (p == end)
			break;
		p++;
		spec = spec_at(&p, args);
		if (spec.what == 's')
			add_text(t, spec, args, &value);
		else if (spec.what && strchr("diuxXo", spec.what))
			add_integer(t, spec, args, &value);
		else if (spec.what && strchr("feEgG", spec.what))
			add_real(t, spec, args, &value);
		else
			add_other(t, spec, args, &value);
		value.number = value.number && p == end;
	}
	return value;
}

static struct reed_slice since(const struct reed_log_text *t, size_t begin)
{
	return reed_slice(t->bytes + begin, t->used - begin);
}

/* Keys end with a NUL of ours, so one that does not fit in whole is not there. */
static void add_field(struct reed_log_text *t, const char *key, size_t key_n, const char *end,
                      struct args *args)
{
	size_t begin = t->used;
	struct value value;

	append(t, key, key_n);
	append(t, "", 1);
	value = convert(t, key + key_n + 1, end, args);
	if (value.absent || t->count == REED_LOG_FIELDS || begin + key_n + 1 > sizeof(t->bytes)) {
		t->used = begin;
		return;
	}
	t->fields[t->count++] = (struct reed_log_field){
		.key = t->bytes + begin,
		.value = since(t, begin + key_n + 1),
		.number = value.number && t->used < sizeof(t->bytes),
	};
}

void reed_log_take_apart(struct reed_log_text *t, const char *format, va_list list)
{
	const char *p = format;
	struct args args;

	va_copy(args.list, list);
	t->count = t->used = 0;
	if (!key_at(p)) {
		p = end_of(p);
		convert(t, format, p, &args);
	}
	t->message = since(t, 0);
	while (*p) {
		const char *key = *p == ' ' ? p + 1 : p;

		p = end_of(key);
		add_field(t, key, key_at(key), p, &args);
	}
	va_end(args.list);
}
