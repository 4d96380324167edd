/* reed endpoints: what can be listened on and dialled, as the modules explain it. */

#include "reed.h"

#include <stdio.h>
#include <string.h>

#include "reed/endpoint.h"

enum { COLUMNS = 80, FAR = 3 };

/* Words from the column on, in as many lines as they need. */
static void wrap(const char *text, int column)
{
	struct reed_slice rest = reed_slice_of(text);
	int at = column;

	while (rest.n > 0) {
		struct reed_slice word = reed_slice_cut(&rest, ' ');

		if (at > column && at + 1 + (int)word.n > COLUMNS) {
			printf("\n%*s", column, "");
			at = column;
		}
		at += printf("%s" REED_FMT, at > column ? " " : "", REED_ARG(word));
	}
	putchar('\n');
}

static void explain_keys(const struct reed_scheme_key *k)
{
	for (; k && k->name; k++) {
		printf("      %-12s ", k->name);
		wrap(k->help, 19);
	}
}

static void explain(const struct reed_scheme *s)
{
	printf("%s\n    ", s->name);
	wrap(s->help, 4);
	if (s->listen_usage) {
		printf("    listen  ");
		wrap(s->listen_usage, 12);
	}
	if (s->dial_usage) {
		printf("    dial    ");
		wrap(s->dial_usage, 12);
	}
	explain_keys(s->keys);
}

static const struct reed_scheme *find(const char *name)
{
	const struct reed_scheme *s;

	for (unsigned n = 0; (s = reed_scheme_at(n)); n++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

static const char *nearest(const char *name)
{
	const struct reed_scheme *s;
	const char *best = NULL;
	size_t distance = FAR;

	for (unsigned n = 0; (s = reed_scheme_at(n)); n++) {
		size_t d = reed_slice_distance(reed_slice_of(name), reed_slice_of(s->name), FAR);

		if (d < distance) {
			distance = d;
			best = s->name;
		}
	}
	return best;
}

static int explain_named(struct reed_texts names)
{
	for (size_t i = 0; i < names.n; i++) {
		const struct reed_scheme *s = find(names.items[i]);

		if (!s) {
			const char *meant = nearest(names.items[i]);

			fprintf(stderr, PROGRAM " endpoints: there is no scheme \"%s\"; %s%s\n",
			        names.items[i],
			        meant ? "did you mean " : PROGRAM " endpoints lists all",
			        meant ? meant : "");
			return 2;
		}
		explain(s);
	}
	return 0;
}

static int explain_all(void)
{
	const struct reed_scheme *s;

	puts("An endpoint is SCHEME:ARGUMENT:...:KEY=VALUE:...  A backslash quotes the\n"
	     "character behind it; brackets hold an IPv6 address or another endpoint.\n");
	for (unsigned n = 0; (s = reed_scheme_at(n)); n++)
		explain(s);
	puts("any of them, listening (dialling: idle, handshake and total)");
	explain_keys(reed_endpoint_listen_keys);
	return 0;
}

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema } };

const struct reed_settings_program reed_endpoints_tool = REED_SETTINGS_PROGRAM(
		.program = PROGRAM, .command = "endpoints", .arguments = "[SCHEME]...",
		.about =
			"Explains what can be listened on and dialled: all of it, or these schemes.",
		.parts = parts, .part_count = REED_COUNT(parts));

int reed_own_endpoints(struct reed_catalog *catalog, int argc, char **argv)
{
	struct reed_settings *settings;
	struct reed_texts names;
	int code;

	settings = reed_tool_settings(&reed_endpoints_tool, argc, argv, &code);
	if (!settings)
		return code;
	names = reed_settings_arguments(settings);
	reed_catalog_load_all(catalog, REED_MODULE_SCHEME);
	code = names.n > 0 ? explain_named(names) : explain_all();
	reed_settings_free(settings);
	return code;
}
