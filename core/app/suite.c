/* Several services in one process, as the keys of one file name them. */

#include "daemon_private.h"
#include "settings_private.h"

#include <string.h>
#include <yaml.h>

#include "reed/alloc.h"

/* ---- the keys of the file ---- */

static void add_key(struct reed_keys *keys, struct reed_slice key)
{
	struct reed_slice first = reed_slice_cut(&key, '.');

	for (size_t i = 0; i < keys->count; i++)
		if (reed_slice_is(first, keys->items[i]))
			return;
	keys->items = reed_realloc(keys->items, (keys->count + 1) * sizeof(*keys->items));
	keys->items[keys->count++] = reed_slice_dup(first);
}

/* depth 1 is the mapping at the top; what stands there is key and value in turn. */
struct scan {
	int depth;
	bool is_mapping, is_value;
};

static void scan_event(struct scan *scan, const yaml_event_t *e, struct reed_keys *keys)
{
	bool begins = e->type == YAML_MAPPING_START_EVENT || e->type == YAML_SEQUENCE_START_EVENT;
	bool ends = e->type == YAML_MAPPING_END_EVENT || e->type == YAML_SEQUENCE_END_EVENT;

	if (scan->depth == 0)
		scan->is_mapping = e->type == YAML_MAPPING_START_EVENT;
	if (e->type == YAML_SCALAR_EVENT && scan->depth == 1 && scan->is_mapping && !scan->is_value)
		add_key(keys, reed_slice(e->data.scalar.value, e->data.scalar.length));
	scan->depth -= ends;
	if (scan->depth == 1 && (ends || e->type == YAML_SCALAR_EVENT))
		scan->is_value = !scan->is_value;
	scan->depth += begins;
}

void reed_keys_of(struct reed_slice yaml, struct reed_keys *keys)
{
	struct scan scan = { 0 };
	yaml_parser_t parser;
	yaml_event_t event;
	bool more = true;

	if (!yaml_parser_initialize(&parser))
		return;
	yaml_parser_set_input_string(&parser, (const unsigned char *)yaml.p, yaml.n);
	while (more && yaml_parser_parse(&parser, &event)) {
		more = event.type != YAML_DOCUMENT_END_EVENT &&
		       event.type != YAML_STREAM_END_EVENT && scan.depth <= REED_SETTINGS_DEPTH;
		scan_event(&scan, &event, keys);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
}

void reed_keys_finish(struct reed_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		reed_free(keys->items[i]);
	reed_free(keys->items);
	*keys = (struct reed_keys){ 0 };
}

/* ---- the services they name ---- */

/* Is key, or what it begins with, of this schema? */
static bool schema_has(const struct reed_schema *schema, const char *key)
{
	for (size_t i = 0; i < schema->count; i++) {
		const struct reed_setting *s = &schema->settings[i];
		struct reed_slice name = reed_slice_of(s->key ? s->key : s->member);

		if (reed_slice_is(reed_slice_cut(&name, '.'), key))
			return true;
	}
	return false;
}

static const struct reed_settings_part parts[] = {
	{ NULL, &reed_general_schema },
	{ NULL, &reed_daemon_schema },
};

const struct reed_settings_program reed_suite_tool =
	REED_SETTINGS_PROGRAM(.program = "reed", .command = "run",
                              .about = "Several servers in one process, which share name, "
                                       "state and accounts.",
                              .more = "A key at the top of the file that is the name of a "
                                      "server, as in reed(1), holds the settings of that "
                                      "server, as its own manual page of section 5 explains "
                                      "them. A server with nothing below its key has its "
                                      "defaults. As flags and in the environment these "
                                      "settings have the name of the server in front: "
                                      "--chat-irc, REED_RUN_CHAT_IRC.",
                              .arguments = "FILE", .parts = parts, .part_count = REED_COUNT(parts));

static void init_plan(struct plan *plan, const char *program, struct reed_catalog *catalog,
                      int argc, char **argv)
{
	reed_plan_init(plan, reed_catalog_command_count(catalog), argc, argv);
	plan->catalog = catalog;
	plan->program.program = program;
	plan->program.command = argv[0];
	plan->program.about = reed_suite_tool.about;
	plan->program.arguments = reed_suite_tool.arguments;
	plan->program.more = reed_suite_tool.more;
}

/* Of a service that cannot be loaded the others can do without. */
static enum reed_err add(struct plan *plan, const char *name)
{
	const struct reed_command *command;
	struct reed_fault *fault;
	enum reed_err err = reed_catalog_command(plan->catalog, name, &command, &fault);

	if (err)
		fprintf(stderr, "%s %s: %s\n", plan->program.program, plan->program.command,
		        reed_fault_why(fault, err));
	else
		reed_plan_add(plan, command->service, name);
	reed_fault_free(fault);
	return err;
}

static void add_all(struct plan *plan)
{
	struct reed_catalog_command c;

	for (size_t n = 0; reed_catalog_command_at(plan->catalog, n, &c); n++)
		if (reed_plan_has_service(plan, c.name))
			add(plan, c.name);
}

/* What is no key of anybody may be meant for one that is not there: then all are known. */
static enum reed_err add_named(struct plan *plan, const struct reed_keys *keys)
{
	enum reed_err err = REED_OK;

	for (size_t i = 0; i < keys->count; i++) {
		if (!reed_plan_has_service(plan, keys->items[i]) &&
		    !schema_has(&reed_daemon_schema, keys->items[i]) &&
		    !schema_has(&reed_general_schema, keys->items[i])) {
			add_all(plan);
			return REED_OK;
		}
	}
	for (size_t i = 0; i < keys->count && !err; i++)
		if (reed_plan_has_service(plan, keys->items[i]))
			err = add(plan, keys->items[i]);
	return err;
}

/* NULL: the command line names none, or is wrong. */
static char *file_of(const struct plan *all)
{
	struct reed_settings *settings = reed_settings_new(&all->program);
	const struct reed_general *general = reed_settings_part(settings, 0);
	char *file = NULL;

	reed_settings_flags(settings, all->argc, all->argv);
	if (general->config)
		file = reed_strdup(general->config);
	else if (reed_settings_arguments(settings).n == 1)
		file = reed_strdup(reed_settings_arguments(settings).items[0]);
	reed_settings_free(settings);
	return file;
}

void reed_keys_of_file(const char *file, struct reed_keys *keys)
{
	struct reed_settings_program program = { .size = sizeof(program), .program = "" };
	struct reed_settings *settings = reed_settings_new(&program);
	struct reed_buf text = { 0 };

	if (reed_settings_read(settings, file, REED_SETTINGS_FILE, &text) == REED_OK)
		reed_keys_of(reed_buf_slice(&text), keys);
	if (text.p)
		reed_wipe(text.p, text.size);
	reed_buf_finish(&text);
	reed_settings_free(settings);
}

static int run_file(const char *program, struct reed_catalog *catalog, char *file, int argc,
                    char **argv)
{
	struct reed_keys keys = { 0 };
	struct plan plan;
	int code = 1;

	reed_keys_of_file(file, &keys);
	init_plan(&plan, program, catalog, argc, argv);
	plan.file = file;
	if (!add_named(&plan, &keys))
		code = reed_plan_run(&plan);
	reed_plan_finish(&plan);
	reed_keys_finish(&keys);
	reed_free(file);
	return code;
}

/*
 * NULL: only who knows the flags of all services can tell, or help is wanted.  Manual pages
 * are *answered: those of the services have what they add.
 */
static char *early_file(const char *program, struct reed_catalog *catalog, int argc, char **argv,
                        bool *answered)
{
	struct reed_settings *settings;
	const struct reed_general *general;
	struct reed_buf text = { 0 };
	struct plan plan;
	char *file = NULL;

	init_plan(&plan, program, catalog, argc, argv);
	settings = reed_settings_new(&plan.program);
	general = reed_settings_part(settings, 0);
	reed_settings_flags(settings, argc, argv);
	*answered = general->print_man || general->print_man_file;
	if (reed_settings_answer(settings, &text)) {
		fwrite(reed_buf_slice(&text).p, 1, *answered ? reed_buf_held(&text) : 0, stdout);
	} else {
		struct reed_texts arguments = reed_settings_arguments(settings);

		if (general->config)
			file = reed_strdup(general->config);
		else if (!reed_settings_problem(settings, 0) && arguments.n == 1)
			file = reed_strdup(arguments.items[0]);
		else if (argc > 1 && argv[1][0] != '-')
			file = reed_strdup(argv[1]);
	}
	reed_buf_finish(&text);
	reed_settings_free(settings);
	reed_plan_finish(&plan);
	return file;
}

int reed_suite_main(const char *program, struct reed_catalog *catalog, int argc, char **argv)
{
	bool answered;
	char *file = early_file(program, catalog, argc, argv, &answered);
	struct plan all;
	int code;

	if (answered)
		return 0;
	reed_catalog_complete(catalog, stderr);
	if (file)
		return run_file(program, catalog, file, argc, argv);
	init_plan(&all, program, catalog, argc, argv);
	add_all(&all);
	file = file_of(&all);
	if (file) {
		reed_plan_finish(&all);
		return run_file(program, catalog, file, argc, argv);
	}
	code = reed_plan_answer(&all);
	reed_plan_finish(&all);
	return code;
}
