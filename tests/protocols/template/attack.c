/* Data that would like to be a program, by the place it is put into. */

#include "lab.h"

static const char *put(const char *text, struct reed_slice data)
{
	struct reed_template_pair pairs[] = { { "x", { .kind = REED_TEMPLATE_TEXT } } };

	pairs[0].value.text = data;
	return lab_written(text, REED_TEMPLATE_HTML, pairs, 1);
}

static void in_text_it_is_text(void)
{
	static const struct {
		const char *data, *written;
	} attacks[] = {
		{ "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
		{ "</p><img src=x onerror=alert(1)>",
		  "&lt;/p&gt;&lt;img src=x onerror=alert(1)&gt;" },
		{ "&lt;b&gt;", "&amp;lt;b&amp;gt;" },
		{ "-->]]>", "--&gt;]]&gt;" },
		{ "{{x}}", "{{x}}" },
		{ "+ADw-script+AD4-", "+ADw-script+AD4-" },
		{ "\xc0\xbcscript>", "\xef\xbf\xbd\xef\xbf\xbdscript&gt;" },
		{ "\xe2\x80\xa8<\xf0\x9f\x90\x8d", "\xe2\x80\xa8&lt;\xf0\x9f\x90\x8d" },
		{ "\x0b\x7f", "\xef\xbf\xbd\xef\xbf\xbd" },
	};
	char wanted[256];

	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		snprintf(wanted, sizeof(wanted), "<p>%s</p>", attacks[i].written);
		check_str(put("<p>{{x}}</p>", reed_slice_of(attacks[i].data)), wanted);
		check_str(put("<p><r:slot name='x'/></p>", reed_slice_of(attacks[i].data)), wanted);
		snprintf(wanted, sizeof(wanted), "<title>%s</title>", attacks[i].written);
		check_str(put("<title>{{x}}</title>", reed_slice_of(attacks[i].data)), wanted);
	}
	check_str(put("<p>{{x}}</p>", reed_slice("a\0b", 3)), "<p>a\xef\xbf\xbd"
	                                                      "b</p>");
}

static void in_an_attribute_it_stays_in_its_quotes(void)
{
	static const struct {
		const char *data, *written;
	} attacks[] = {
		{ "\" onmouseover=\"alert(1)", "&#34; onmouseover=&#34;alert(1)" },
		{ "' autofocus onfocus='x", "&#39; autofocus onfocus=&#39;x" },
		{ "`x` >", "&#96;x&#96; &gt;" },
		{ "\"><script>alert(1)</script>",
		  "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" },
		{ "&quot; onx=1", "&amp;quot; onx=1" },
		{ "\xff\" x", "\xef\xbf\xbd&#34; x" },
	};
	char wanted[256];

	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		snprintf(wanted, sizeof(wanted), "<b title=\"%s\"></b>", attacks[i].written);
		check_str(put("<b title='{{x}}'/>", reed_slice_of(attacks[i].data)), wanted);
		check_str(put("<b r:attr-title='x'/>", reed_slice_of(attacks[i].data)), wanted);
	}
}

static void a_url_has_a_scheme_of_the_list(void)
{
	static const struct {
		const char *data, *written;
	} urls[] = {
		{ "javascript:alert(1)", "about:invalid" },
		{ "JaVaScRiPt:alert(1)", "about:invalid" },
		{ " javascript:alert(1)", "about:invalid" },
		{ "\tjavascript:alert(1)", "about:invalid" },
		{ "java\nscript:alert(1)", "about:invalid" },
		{ "\x01javascript:alert(1)", "about:invalid" },
		{ "javascript\t:alert(1)", "about:invalid" },
		{ "data:text/html,<script>", "about:invalid" },
		{ "vbscript:x", "about:invalid" },
		{ "blob:x", "about:invalid" },
		{ "file:///etc/passwd", "about:invalid" },
		{ "view-source:x", "about:invalid" },
		{ ":x", "about:invalid" },
		{ "javascript&colon;alert(1)", "javascript&amp;colon;alert(1)" },
		{ "javascript%3Aalert(1)", "javascript%3Aalert(1)" },
		{ "https://a.example/?q=<b>\"'", "https://a.example/?q=%3Cb%3E%22%27" },
		{ "HTTP://a/", "HTTP://a/" },
		{ "mailto:a@b.example", "mailto:a@b.example" },
		{ "/a:b", "/a:b" },
		{ "?a:b", "?a:b" },
		{ "#a:b", "#a:b" },
		{ "a.html", "a.html" },
		{ "", "" },
	};
	static const char *const places[][2] = { { "<a href='{{x}}'/>", "<a href=\"%s\"></a>" },
		                                 { "<a HREF='{{x}}'/>", "<a HREF=\"%s\"></a>" },
		                                 { "<a r:attr-href='x'/>", "<a href=\"%s\"></a>" },
		                                 { "<form action='{{x}}'/>",
		                                   "<form action=\"%s\"></form>" },
		                                 { "<img src='{{x}}'/>", "<img src=\"%s\">" },
		                                 { "<q cite='{{x}}'/>", "<q cite=\"%s\"></q>" } };

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
			struct reed_slice form = reed_slice_of(places[k][1]);
			struct reed_slice before = reed_slice_cut(&form, '%');
			char wanted[256];

			snprintf(wanted, sizeof(wanted), REED_FMT "%s%s", REED_ARG(before),
			         urls[i].written, form.p + 1);
			check_str(put(places[k][0], reed_slice_of(urls[i].data)), wanted);
		}
}

static void a_part_of_a_url_stays_that_part(void)
{
	check_str(put("<a href='/u/{{x}}'/>", REED_STR("../../x?y#z&\"")),
	          "<a href=\"/u/..%2F..%2Fx%3Fy%23z%26%22\"></a>");
	check_str(put("<a href='/{{x}}'/>", REED_STR("/evil.example")),
	          "<a href=\"/%2Fevil.example\"></a>");
	check_str(put("<a href='{{x}}{{x}}'/>", REED_STR("javascript:")),
	          "<a href=\"about:invalidjavascript%3A\"></a>");
	check_str(put("<a href='java{{x}}'/>", REED_STR("script:alert(1)")),
	          "<a href=\"javascript%3Aalert%281%29\"></a>");
}

/* Nothing that could be put there would be harmless, so that it is the template's mistake. */
static void data_where_programs_stand_is_refused_when_parsed(void)
{
	static const char *const texts[] = {
		"<script>var a = '{{x}}';</script>",
		"<script><r:slot name='x'/></script>",
		"<SCRIPT>{{x}}</SCRIPT>",
		"<p><script r:if='a'><b>{{x}}</b></script></p>",
		"<script><b title='{{x}}'/></script>",
		"<script><b r:if='x'/></script>",
		"<script><b r:attr-title='x'/></script>",
		"<script><r:include name='footer'/></script>",
		"<script><![CDATA[{{x}}]]></script>",
		"<script>{&#123;x}}</script>",
		"<style>a { color: {{x}} }</style>",
		"<svg:script xmlns:svg='s'>{{x}}</svg:script>",
		"<noscript>{{x}}</noscript>",
		"<iframe>{{x}}</iframe>",
		"<template>{{x}}</template>",
		"<xmp>{{x}}</xmp>",
		"<p onclick='f({{x}})'/>",
		"<p ONCLICK='{{x}}'/>",
		"<p r:attr-onclick='x'/>",
		"<p style='color: {{x}}'/>",
		"<p r:attr-style='x'/>",
		"<script src='{{x}}'/>",
		"<script src='/a/{{x}}.js'/>",
		"<script r:attr-src='x'/>",
		"<link rel='stylesheet' href='{{x}}'/>",
		"<base href='{{x}}'/>",
		"<object data='{{x}}'/>",
		"<embed src='{{x}}'/>",
		"<iframe srcdoc='{{x}}'/>",
		"<img srcset='{{x}}'/>",
		"<meta http-equiv='refresh' content='0;url={{x}}'/>",
		"<meta content='{{x}}' http-equiv='refresh'/>",
		"<meta http-equiv='refresh' r:attr-content='x'/>",
		"<meta http-equiv='{{x}}' content='0'/>",
		"<svg><set attributeName='href' to='{{x}}'/></svg>",
		"<svg><animate attributeName='href' values='{{x}}'/></svg>",
		"<svg><use href='{{x}}'/></svg>",
		"<p xmlns='{{x}}'/>",
		"<a href='javascript:f({{x}})'/>",
		"<a href='data:{{x}}'/>",
		"<a href='{{x}}:alert(1)'/>",
		"<a href='java{{x}}:alert(1)'/>",
		"<a href='{{x}}{{y}}script:alert(1)'/>",
		"<script>x = '&lt;/script>'; </script>",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		enum reed_err err;
		const char *why = lab_refused(texts[i], REED_TEMPLATE_HTML, &err);

		if (err != REED_EACCES)
			check_str(texts[i], why);
		check(strncmp(why, "a.html:1:", 9) == 0);
	}
}

static void the_looser_parser_is_no_less_strict(void)
{
	static const char *const texts[] = {
		"<script>var a = '{{x}}';</script>",
		"<p onclick=f({{x}})>",
		"<style>{{x}}</style>",
		"<ScRiPt SRC={{x}}></script>",
		"<a href=javascript:{{x}}>",
		"<p STYLE='{{x}}'>",
		"<iframe srcdoc={{x}}>",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		enum reed_err err;
		const char *why = lab_refused(texts[i], REED_TEMPLATE_LOOSE, &err);

		if (err != REED_EACCES)
			check_str(texts[i], why);
	}
}

int main(void)
{
	RUN(in_text_it_is_text);
	RUN(in_an_attribute_it_stays_in_its_quotes);
	RUN(a_url_has_a_scheme_of_the_list);
	RUN(a_part_of_a_url_stays_that_part);
	RUN(data_where_programs_stand_is_refused_when_parsed);
	RUN(the_looser_parser_is_no_less_strict);
	return 0;
}
