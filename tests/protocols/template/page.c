/* What templates are written as, and what the parser has to say. */

#include "lab.h"

static const struct reed_template_pair some[] = {
	{ "name", TEXT("Ada & Co") }, { "url", TEXT("/a b?c=d&e=\"f\"") },
	{ "id", TEXT("7/../8 é") },   { "yes", FLAG(true) },
	{ "no", FLAG(false) },        { "none", { .kind = REED_TEMPLATE_NONE } },
};

static void text_and_attributes_are_filled_in(void)
{
	writes("<p title='{{name}}!'>Hello, {{ name }}.</p>", some,
	       "<p title=\"Ada &amp; Co!\">Hello, Ada &amp; Co.</p>");
	writes("<a href='{{url}}'>x</a>", some, "<a href=\"/a%20b?c=d&amp;e=%22f%22\">x</a>");
	writes("<a href='/x/{{id}}?y={{name}}'>x</a>", some,
	       "<a href=\"/x/7%2F..%2F8%20%C3%A9?y=Ada%20%26%20Co\">x</a>");
	writes("<a href='https://{{id}}/'/>", some,
	       "<a href=\"https://7%2F..%2F8%20%C3%A9/\"></a>");
	writes("<p>{{}}name}}</p>", some, "<p>{{name}}</p>");
	writes("<p>{name} }} &lt;b&gt; &#233;</p>", some, "<p>{name} }} &lt;b&gt; \xc3\xa9</p>");
}

static void html_is_written_as_browsers_read_it(void)
{
	writes("<!DOCTYPE html><div><br/><img src='{{url}}' alt=''/><i/></div>", some,
	       "<!DOCTYPE html>\n<div><br><img src=\"/a%20b?c=d&amp;e=%22f%22\" alt=\"\"><i></i></div>");
	writes("<p><!-- a {{name}} --><script>if (1 &lt; 2 &amp;&amp; x) { y(); }</script></p>",
	       some, "<p><script>if (1 < 2 && x) { y(); }</script></p>");
	check_str(lab_written("<a><br/><x:y xmlns:x='z'>{{name}}</x:y></a>", REED_TEMPLATE_XML,
	                      some, 6),
	          "<a><br></br><x:y xmlns:x=\"z\">Ada &amp; Co</x:y></a>");
	check_str(lab_written("<p>one<p>two {{name}}<br>&eacute;<input disabled>",
	                      REED_TEMPLATE_LOOSE, some, 6),
	          "<p>one</p><p>two Ada &amp; Co<br>\xc3\xa9<input disabled=\"\"></p>");
	check_str(lab_written("<p>{{name}}<r:slot name='none'/>.</p>", REED_TEMPLATE_LOOSE, some,
	                      6),
	          "<p>Ada &amp; Co.</p>");
}

static void conditions_slots_and_optional_attributes(void)
{
	writes("<p><b r:if='yes'>1</b><b r:if='no'>2</b><b r:unless='no'>3</b><b r:if='what'>4</b>"
	       "<b r:if='name'>5</b></p>",
	       some, "<p><b>1</b><b>3</b><b>5</b></p>");
	writes("<p><r:slot name='name'/><r:slot name='what'>nobody</r:slot><r:block r:if='yes'>!"
	       "</r:block></p>",
	       some, "<p>Ada &amp; Conobody!</p>");
	writes("<input r:attr-checked='yes' r:attr-disabled='no' r:attr-title='name' "
	       "r:attr-value='what'/>",
	       some, "<input checked=\"\" title=\"Ada &amp; Co\">");
	writes("<p>a<r:include name='footer'/>b</p>", some, "<p>a<hr>b</p>");
}

static void lists_are_repeated_and_their_names_go_first(void)
{
	static const struct reed_template_pair one[] = { { "name", TEXT("<1>") } };
	static const struct reed_template_pair two[] = { { "other", TEXT("2") } };
	struct reed_template_pairs items[2] = { { .count = 0 } };
	struct lab_list list = { .count = 0 }, empty = { .count = 0 };
	struct reed_template_pair pairs[] = {
		{ "items", { .kind = REED_TEMPLATE_ITEMS, .items = lab_list(&list, items, 2) } },
		{ "empty", { .kind = REED_TEMPLATE_ITEMS, .items = lab_list(&empty, items, 0) } },
		{ "name", TEXT("out") },
	};

	reed_template_pairs(&items[0], one, 1);
	reed_template_pairs(&items[1], two, 1);
	writes("<ul><li r:repeat='items' class='{{name}}'>{{name}}<r:slot name='other'/></li></ul>",
	       pairs, "<ul><li class=\"&lt;1&gt;\">&lt;1&gt;</li><li class=\"out\">out2</li></ul>");
	check_int(list.ended, 1);
	writes("<ul><li r:repeat='empty'>x</li><li r:repeat='none'>y</li></ul>", pairs,
	       "! a.html:1:32: nobody knows what none is");
	check_int(empty.ended, 1);
	writes("<ul><r:block r:repeat='items'><i r:repeat='empty'>x</i>{{name}}</r:block></ul>",
	       pairs, "<ul>&lt;1&gt;out</ul>");
	writes("<p r:repeat='name'>x</p>", pairs, "! a.html:1:1: name is no list to repeat");
	writes("<p>{{items}}</p>", pairs, "! a.html:1:4: items is a list: r:repeat it");
}

static void a_part_brings_data_of_its_own(void)
{
	static const struct reed_template_pair mine[] = { { "name", TEXT("inner") } };
	struct reed_template_pairs data;
	struct reed_template *t;
	struct reed_template_pair pairs[] = { { "part", { .kind = REED_TEMPLATE_PART } },
		                              { "name", TEXT("outer") } };

	check_int(reed_template_parse("b.html", REED_STR("<b>{{name}}</b>"), NULL, &t, NULL),
	          REED_OK);
	pairs[0].value.part = t;
	writes("<p>{{part}}{{name}}</p>", pairs, "<p><b>outer</b>outer</p>");
	pairs[0].value.data = reed_template_pairs(&data, mine, 1);
	writes("<p><r:slot name='part'>x</r:slot>{{name}}</p>", pairs, "<p><b>inner</b>outer</p>");
	writes("<p title='{{part}}'/>", pairs,
	       "! a.html:1:1: part is a part, and this is an attribute");
	reed_template_free(t);
}

static void a_part_in_itself_ends_somewhere(void)
{
	struct reed_template_pair pairs[] = { { "part", { .kind = REED_TEMPLATE_PART } } };
	struct reed_template *t;

	check_int(reed_template_parse("b.html", REED_STR("<b>{{part}}</b>"), NULL, &t, NULL),
	          REED_OK);
	pairs[0].value.part = t;
	writes("<p>{{part}}</p>", pairs, "! b.html:1:4: parts and lists are more than 64 deep");
	reed_template_free(t);
}

static void mistakes_are_told_with_their_places(void)
{
	static const struct {
		const char *text, *why;
		enum reed_err err;
	} mistakes[] = {
		{ "<p>\n <b>x</p>", "a.html:2:", REED_ESYNTAX },
		{ "", "a.html:1:1: ", REED_ESYNTAX },
		{ "<p>&nbsp;</p>", "a.html:1:", REED_ESYNTAX },
		{ "<p>\n\n  é{{a b}}</p>", "a.html:3:4: \"a b\" is no name", REED_ESYNTAX },
		{ "<p>\n {{a</p>", "a.html:2:2: {{ without }}", REED_ESYNTAX },
		{ "<p>\n  <r:slot/></p>", "a.html:2:3: r:slot needs a name", REED_ESYNTAX },
		{ "<p>é <r:foo/></p>", "a.html:1:6: there is no r:foo", REED_ESYNTAX },
		{ "<p><b r:fi='x'/></p>", "a.html:1:4: r:fi=\"x\" means nothing", REED_ESYNTAX },
		{ "<p r:if='x y'/>", "a.html:1:1: r:if=\"x y\" is no name", REED_ESYNTAX },
		{ "<p r:if='x' r:unless='y'/>", "a.html:1:1: r:if or r:unless", REED_ESYNTAX },
		{ "<p><r:include name='x'/></p>", "a.html:1:4: there is no \"x\"", REED_ENOENT },
		{ "<p><r:slot name='x' class='y'/></p>", "a.html:1:4: r:slot has no",
		  REED_ESYNTAX },
		{ "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "a.html:1:", REED_ESYNTAX },
		{ "\xff", "a.html:1:1: it is not UTF-8", REED_ESYNTAX },
	};

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		enum reed_err err;
		const char *why = lab_refused(mistakes[i].text, REED_TEMPLATE_HTML, &err);

		if (strncmp(why, mistakes[i].why, strlen(mistakes[i].why)) != 0)
			check_str(why, mistakes[i].why);
		check_int(err, mistakes[i].err);
	}
}

static void what_is_too_long_or_too_deep_is_refused(void)
{
	struct reed_template_options options = REED_TEMPLATE_OPTIONS;
	struct reed_template *t;
	struct reed_buf deep = { .limit = 0 };
	enum reed_err err;

	options.limit = 5;
	check_int(reed_template_parse("a", REED_STR("<a></a>"), &options, &t, NULL), REED_ETOOBIG);
	for (int i = 0; i < 250; i++)
		reed_buf_add_str(&deep, "<div>");
	for (int i = 0; i < 10; i++)
		reed_buf_add_str(&deep, "<div>");
	reed_buf_add_char(&deep, '\0');
	lab_refused(deep.p, REED_TEMPLATE_HTML, &err);
	check(err == REED_ETOOBIG || err == REED_ESYNTAX);
	lab_refused(deep.p, REED_TEMPLATE_LOOSE, &err);
	check(err == REED_ETOOBIG || err == REED_ESYNTAX);
	reed_buf_finish(&deep);
}

static void a_full_buffer_is_told(void)
{
	struct reed_template_pairs table = { .count = 0 };
	struct reed_template *t;
	struct reed_loop *loop;
	struct reed_buf out = { .limit = 10 };

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	check_int(reed_template_parse("b", REED_STR("<b>0123456789</b>"), NULL, &t, NULL), REED_OK);
	check_int(reed_loop_run_until(
			  loop,
			  reed_template_print(t, loop, reed_template_pairs(&table, NULL, 0), &out),
			  NULL),
	          REED_ETOOBIG);
	reed_buf_finish(&out);
	reed_template_free(t);
	reed_loop_free(loop);
}

int main(void)
{
	RUN(text_and_attributes_are_filled_in);
	RUN(html_is_written_as_browsers_read_it);
	RUN(conditions_slots_and_optional_attributes);
	RUN(lists_are_repeated_and_their_names_go_first);
	RUN(a_part_brings_data_of_its_own);
	RUN(a_part_in_itself_ends_somewhere);
	RUN(mistakes_are_told_with_their_places);
	RUN(what_is_too_long_or_too_deep_is_refused);
	RUN(a_full_buffer_is_told);
	return 0;
}
