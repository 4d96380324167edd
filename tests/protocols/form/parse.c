/* Bodies of forms, bytes to fields. */

#include "reed/form/parse.h"
#include "tests/check.h"

static struct reed_form_parser p;
static char said[1 << 16];

static void say(const struct reed_form_event *e)
{
	size_t n = strlen(said);

	if (e->what == REED_FORM_FIELD && e->file)
		snprintf(said + n, sizeof(said) - n, "<" REED_FMT ":" REED_FMT ":" REED_FMT ">",
		         REED_ARG(e->name), REED_ARG(e->filename), REED_ARG(e->type));
	else if (e->what == REED_FORM_FIELD)
		snprintf(said + n, sizeof(said) - n, "<" REED_FMT ">", REED_ARG(e->name));
	else if (e->what == REED_FORM_BYTES)
		snprintf(said + n, sizeof(said) - n, REED_FMT, REED_ARG(e->bytes));
	else
		snprintf(said + n, sizeof(said) - n, ";");
}

static enum reed_err parse_in_steps(struct reed_slice body, size_t step)
{
	struct reed_slice in = reed_slice_first(body, 0);
	struct reed_form_event e;
	enum reed_err err;

	for (;;) {
		bool over = in.p + in.n == body.p + body.n;

		err = reed_form_parse(&p, &in, over, &e);
		if (!err)
			say(&e);
		else if (err != REED_EAGAIN)
			return err;
		else
			in = reed_slice_first(reed_slice(in.p, (size_t)(body.p + body.n - in.p)),
			                      in.n + step);
	}
}

static enum reed_err parse_with(const char *type, struct reed_slice body,
                                const struct reed_form_limits *limits)
{
	enum reed_err err = REED_OK, first = REED_OK;

	for (size_t step = 1; step < 60; step++) {
		said[0] = '\0';
		err = reed_form_parser_init(&p, reed_slice_of(type), limits);
		if (!err)
			err = parse_in_steps(body, step);
		first = step == 1 ? err : first;
		check_int(err, first);
	}
	return err;
}

#define MULTIPART  "multipart/form-data; boundary=xYz"
#define URLENCODED "application/x-www-form-urlencoded"
#define PART(rest) "--xYz\r\nContent-Disposition: form-data; " rest

static enum reed_err parse(const char *body)
{
	return parse_with(MULTIPART, reed_slice_of(body), NULL);
}

static enum reed_err parse_url(const char *body)
{
	return parse_with(URLENCODED, reed_slice_of(body), NULL);
}

/* ---- urlencoded ---- */

static void fields_stand_between_ampersands(void)
{
	check_int(parse_url("a=1&b=two+words&c=%C3%A4%26"), REED_EEOF);
	check_str(said, "<a>1;<b>two words;<c>\303\244&;");
	check_int(parse_url(""), REED_EEOF);
	check_str(said, "");
	check_int(parse_url("&&a&&b=&=c&d==e&"), REED_EEOF);
	check_str(said, "<a>;<b>;<>c;<d>=e;");
	check_int(parse_url("%61+b=1"), REED_EEOF);
	check_str(said, "<a b>1;");
}

static void a_broken_percent_is_refused(void)
{
	check_int(parse_url("a=%4"), REED_ESYNTAX);
	check_int(parse_url("a=%"), REED_ESYNTAX);
	check_int(parse_url("a=%zz"), REED_ESYNTAX);
	check_int(parse_url("a=%00"), REED_ESYNTAX);
	check_int(parse_url("a%=1"), REED_ESYNTAX);
	check_int(parse_url("%ff=1"), REED_ESYNTAX); /* a name is UTF-8, a value any bytes */
	check_int(parse_url("a=%ff"), REED_EEOF);
}

static void what_is_too_much_is_refused(void)
{
	struct reed_form_limits limits = { .fields = 2, .name = 3, .value = 4, .values = 8 };

	check_int(parse_with(URLENCODED, REED_STR("abc=1234&b="), &limits), REED_EEOF);
	check_int(parse_with(URLENCODED, REED_STR("a&b&c"), &limits), REED_ETOOBIG);
	check_int(parse_with(URLENCODED, REED_STR("abcd=1"), &limits), REED_ETOOBIG);
	check_int(parse_with(URLENCODED, REED_STR("%61%62%63=1"), &limits), REED_EEOF);
	check_int(parse_with(URLENCODED, REED_STR("%61%62%63%64=1"), &limits), REED_ETOOBIG);
	check_int(parse_with(URLENCODED, REED_STR("abcdefghijklm"), &limits), REED_ETOOBIG);
	check_int(parse_with(URLENCODED, REED_STR("a=12345"), &limits), REED_ETOOBIG);
	check_int(parse_with(URLENCODED, REED_STR("abc=123&d=12"), &limits), REED_ETOOBIG);
	check(p.why);
}

/* ---- multipart ---- */

static void parts_stand_between_boundaries(void)
{
	check_int(parse(PART("name=\"a\"\r\n\r\none\r\n") PART("name=b\r\n\r\n\r\n") "--xYz--\r\n"),
	          REED_EEOF);
	check_str(said, "<a>one;<b>;");
	check_int(parse("for old readers\r\n" PART("name=\"a\"\r\n\r\none\r\n") "--xYz--\r\nbye"),
	          REED_EEOF);
	check_str(said, "<a>one;");
	check_int(parse("--xYz--"), REED_EEOF);
	check_str(said, "");
	check_int(parse(PART("name=a\r\n\r\n") "--xYz--"), REED_EEOF); /* no empty line: no value */
	check_str(said, "<a>;");
}

static void what_looks_like_a_boundary_is_part_of_the_value(void)
{
	check_int(parse(PART("name=a\r\n\r\n--xY\r\n--xY\r\n-\r\n\r\n--xYz\r\n") "--xYz--"),
	          REED_ESYNTAX); /* the third is one */
	check_int(parse(PART("name=a\r\n\r\n--xY\r\n--xy z\r\n-\r\n--xYz  \t\r\n"
	                     "Content-Disposition: form-data; name=b\r\n\r\n2\r\n") "--xYz--"),
	          REED_EEOF);
	check_str(said, "<a>--xY\r\n--xy z\r\n-;<b>2;");
}

static void a_file_has_a_name_and_a_type(void)
{
	check_int(
		parse(PART(
			"name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n") "--xYz--"),
		REED_EEOF);
	check_str(said, "<f:a.txt:text/plain>x;");
	check_int(parse(PART("name=f; filename=\"\"\r\n\r\n\r\n") "--xYz--"), REED_EEOF);
	check_str(said, "<f::>;");
	check_int(parse(PART("name=f; filename=\"C:\\dir\\b.txt\"\r\n\r\n\r\n") "--xYz--"),
	          REED_EEOF);
	check_str(said, "<f:b.txt:>;");
	check_int(parse(PART("name=f; filename=\"../../etc/passwd\"\r\n\r\n\r\n") "--xYz--"),
	          REED_EEOF);
	check_str(said, "<f:passwd:>;");
	check_int(parse(PART("name=\"a%22b\"; filename=\"c\\\"d\"\r\n\r\n\r\n") "--xYz--"),
	          REED_EEOF);
	check_str(said, "<a\"b:c\"d:>;");
}

static void a_head_that_is_none_is_refused(void)
{
	static const char *const heads[] = {
		"--xYz\r\n\r\nx\r\n--xYz--",
		"--xYz\r\nContent-Type: text/plain\r\n\r\nx\r\n--xYz--",
		PART("filename=a\r\n\r\nx\r\n--xYz--"),
		PART("name=a; name=b\r\n\r\nx\r\n--xYz--"),
		PART("name=a\r\nContent-Disposition: form-data; name=b\r\n\r\nx\r\n--xYz--"),
		PART("name=\"a\r\n\r\nx\r\n--xYz--"),
		PART("name=a\"b\r\n\r\nx\r\n--xYz--"),
		PART("name=\"a\"b\r\n\r\nx\r\n--xYz--"),
		PART("name=\"\xff\"\r\n\r\nx\r\n--xYz--"),
		PART("name=a\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--xYz--"),
		PART("name=a\r\n folded: x\r\n\r\nx\r\n--xYz--"),
		PART("name=a\n\r\n\r\nx\r\n--xYz--"),
		"--xYz\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--xYz--",
		"--xYzz\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--xYz--",
	};

	for (size_t i = 0; i < REED_COUNT(heads); i++)
		check_int(parse(heads[i]), REED_ESYNTAX);
}

static void a_form_that_ends_halfway_is_refused_wherever_it_is_cut(void)
{
	static const char whole[] = PART("name=a; filename=b\r\n\r\none\r\n") "--xYz--";

	for (size_t n = 0; n + 1 < sizeof(whole); n++)
		check_int(parse_with(MULTIPART, reed_slice(whole, n), NULL), REED_ESYNTAX);
	check_int(parse(whole), REED_EEOF);
}

static void parts_have_limits(void)
{
	struct reed_form_limits limits = { .files = 1, .file = 3, .head = 100, .value = 2 };
	static char long_head[400] = "--xYz\r\nX: ", padding[400] = "--xYz";

	memset(long_head + 10, 'x', 380);
	memset(padding + 5, ' ', 390);
	check_int(parse_with(MULTIPART, REED_STR(PART("name=a; filename=b\r\n\r\none\r\n--xYz--")),
	                     &limits),
	          REED_EEOF);
	check_int(parse_with(MULTIPART, REED_STR(PART("name=a; filename=b\r\n\r\nfour\r\n--xYz--")),
	                     &limits),
	          REED_ETOOBIG);
	check_int(parse_with(MULTIPART, REED_STR(PART("name=a\r\n\r\none\r\n--xYz--")), &limits),
	          REED_ETOOBIG);
	check_int(parse_with(MULTIPART,
	                     REED_STR(PART("name=a; filename=b\r\n\r\n\r\n")
	                                      PART("name=a; filename=b\r\n\r\n\r\n--xYz--")),
	                     &limits),
	          REED_ETOOBIG);
	check_int(parse_with(MULTIPART, reed_slice(long_head, 390), &limits), REED_ETOOBIG);
	check_int(parse_with(MULTIPART, reed_slice(long_head + 8, 380), &limits), REED_ETOOBIG);
	check_int(parse_with(MULTIPART, reed_slice(padding, 390), &limits), REED_ETOOBIG);
}

/* ---- the kind ---- */

static void the_kind_of_a_body_is_told_by_its_type(void)
{
	struct reed_form_parser *self = &p;

	check_int(reed_form_parser_init(self, REED_STR("text/plain"), NULL), REED_ENOTSUP);
	check_int(reed_form_parser_init(self, REED_STR(""), NULL), REED_ENOTSUP);
	check_int(reed_form_parser_init(self, REED_STR("multipart/form-data"), NULL), REED_ESYNTAX);
	check_int(reed_form_parser_init(self, REED_STR("multipart/form-data; boundary=\"\""), NULL),
	          REED_ESYNTAX);
	check_int(reed_form_parser_init(self, REED_STR("multipart/form-data; boundary=\"a \""),
	                                NULL),
	          REED_ESYNTAX);
	check_int(reed_form_parser_init(self, REED_STR("multipart/form-data; boundary=\"a\rb\""),
	                                NULL),
	          REED_ESYNTAX);
	check_int(reed_form_parser_init(self,
	                                REED_STR("Multipart/Form-Data; x=y ; Boundary=\"a b\""),
	                                NULL),
	          REED_OK);
	check_int(self->delimiter_n, 7);
	check_int(reed_form_parser_init(
			  self, REED_STR("application/x-www-form-urlencoded; charset=utf-8"), NULL),
	          REED_OK);
}

int main(void)
{
	RUN(fields_stand_between_ampersands);
	RUN(a_broken_percent_is_refused);
	RUN(what_is_too_much_is_refused);
	RUN(parts_stand_between_boundaries);
	RUN(what_looks_like_a_boundary_is_part_of_the_value);
	RUN(a_file_has_a_name_and_a_type);
	RUN(a_head_that_is_none_is_refused);
	RUN(a_form_that_ends_halfway_is_refused_wherever_it_is_cut);
	RUN(parts_have_limits);
	RUN(the_kind_of_a_body_is_told_by_its_type);
	return 0;
}
