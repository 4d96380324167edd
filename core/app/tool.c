/* Tools: programs that are no daemons, and what their command line asks for. */

#include "settings_private.h"

#include "reed/catalog.h"

enum { WRONG = 2, FAR = 3 };

static void print(FILE *to, struct reed_buf *text)
{
	fwrite(reed_buf_slice(text).p, 1, reed_buf_held(text), to);
	reed_buf_finish(text);
}

static const struct reed_settings_verb *find(const struct reed_settings_program *tool,
                                             const char *word)
{
	for (const struct reed_settings_verb *v = tool->verbs; v->name; v++)
		if (strcmp(v->name, word) == 0)
			return v;
	return NULL;
}

static const char *nearest(const struct reed_settings_program *tool, const char *word)
{
	const char *best = NULL;
	size_t least = FAR;

	for (const struct reed_settings_verb *v = tool->verbs; v->name; v++) {
		size_t distance =
			reed_slice_distance(reed_slice_of(word), reed_slice_of(v->name), FAR);

		if (distance < least) {
			least = distance;
			best = v->name;
		}
	}
	return best;
}

static bool is_too_much(const struct reed_settings_program *tool, struct reed_texts arguments)
{
	const struct reed_settings_verb *verb = tool->verbs ? find(tool, arguments.items[0]) : NULL;

	if (!verb || verb->arguments || arguments.n == 1)
		return false;
	fprintf(stderr, "%s%s%s: %s takes nothing but flags\n", tool->program,
	        tool->command ? " " : "", tool->command ? tool->command : "", verb->name);
	return true;
}

static void tell_unknown(const struct reed_settings_program *tool, const char *word)
{
	const char *meant = nearest(tool, word);
	struct reed_buf why = { 0 };

	reed_buf_printf(&why, "%s%s%s: there is no ", tool->program, tool->command ? " " : "",
	                tool->command ? tool->command : "");
	reed_settings_quote(&why, reed_slice_of(word));
	if (meant)
		reed_buf_printf(&why, "; did you mean %s?\n", meant);
	else
		reed_buf_add_str(&why, "; see --help\n");
	print(stderr, &why);
}

/* Nothing at all is a question too. */
static bool is_answered(const struct reed_settings *self, int *code)
{
	const struct reed_settings_program *tool = self->program;
	struct reed_texts arguments = reed_settings_arguments(self);
	struct reed_buf text = { 0 };
	bool answered = reed_settings_answer(self, &text);

	*code = 0;
	if (answered) {
		print(stdout, &text);
		return true;
	}
	*code = WRONG;
	if (reed_settings_problem(self, 0)) {
		reed_settings_problems(self, &text);
		print(stderr, &text);
	} else if (tool->verbs && arguments.n == 0) {
		reed_settings_help(self, false, &text);
		print(stderr, &text);
	} else if (tool->verbs && !find(tool, arguments.items[0])) {
		tell_unknown(tool, arguments.items[0]);
	} else {
		return is_too_much(tool, arguments);
	}
	return true;
}

struct reed_settings *reed_tool_settings(const struct reed_settings_program *tool, int argc,
                                         char *const *argv, int *code)
{
	static char *const nothing[] = { NULL };
	struct reed_settings *self;

	reed_catalog_install();
	self = reed_settings_new(tool);
	reed_settings_gather(self, argc, argv, nothing);
	if (!is_answered(self, code))
		return self;
	reed_settings_free(self);
	return NULL;
}
