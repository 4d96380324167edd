/* Catalogs of what is linked in, and the indexes of the others. */

#include "core/app/catalog_private.h"

#include "check.h"
#include "reed/checker.h"
#include "reed/endpoint.h"

static struct reed_future *listen_never(struct reed_loop *loop, const struct reed_endpoint *e,
                                        struct reed_listener **out)
{
	(void)e;
	(void)out;
	return reed_failed(loop, REED_ENOTSUP, "nobody listens in this test");
}

static const struct reed_scheme good_scheme = { .size = sizeof(good_scheme),
	                                        .name = "good",
	                                        .listen_usage = "good:",
	                                        .listen = listen_never,
	                                        .help = "A good one." };

static int run(int argc, char **argv)
{
	(void)argv;
	return argc;
}

REED_MODULE(
	good, .summary = "A good one.",
	.commands =
		(const struct reed_command[]){
			{ .name = "good", .summary = "Be good.", .main = run },
			{ .name = "best", .summary = "Be the best.", .group = "Best", .main = run },
			{ .name = NULL },
		},
	.schemes = (const struct reed_scheme *const[]){ &good_scheme, NULL });

static struct reed_catalog *catalog_of_good(void)
{
	return reed_catalog_new(
		(const struct reed_module *const[]){ &REED_MODULE_SYMBOL(good), NULL });
}

static bool is_known(const char *endpoint)
{
	struct reed_fault *fault;
	enum reed_err err =
		reed_endpoint_check(reed_slice_of(endpoint), REED_ENDPOINT_LISTEN, &fault);

	reed_fault_free(fault);
	return !err;
}

static void a_module_that_is_linked_in_brings_its_schemes(void)
{
	check(!is_known("good:"));
	reed_catalog_free(catalog_of_good());
	check(is_known("good:"));
}

static void commands_stand_in_the_order_of_group_and_name(void)
{
	struct reed_catalog *catalog = catalog_of_good();
	struct reed_catalog_command c;

	check(reed_catalog_command_at(catalog, 0, &c));
	check_str(c.name, "best");
	check_str(c.group, "Best");
	check(reed_catalog_command_at(catalog, 1, &c));
	check_str(c.name, "good");
	check_str(c.group, "Tools");
	check(!c.is_service);
	check(!reed_catalog_command_at(catalog, 2, &c));
	reed_catalog_free(catalog);
}

static void a_command_is_found_or_not(void)
{
	struct reed_catalog *catalog = catalog_of_good();
	const struct reed_command *command;
	struct reed_fault *fault;

	check_int(reed_catalog_command(catalog, "good", &command, &fault), REED_OK);
	check(!fault);
	check(command == REED_MODULE_SYMBOL(good).commands);
	check_int(reed_catalog_command(catalog, "evil", &command, &fault), REED_ENOENT);
	check(!fault);
	reed_catalog_free(catalog);
}

static void a_folder_that_is_not_there_is_empty(void)
{
	struct reed_catalog *catalog = catalog_of_good();
	struct reed_catalog_command c;
	struct reed_fault *fault;

	reed_catalog_look(catalog, "/nowhere");
	check(!reed_catalog_command_at(catalog, 2, &c));
	check_int(reed_catalog_load(catalog, "evil", &fault), REED_ENOENT);
	check_str(fault->sentence,
	          "there is no module \"evil\" in /nowhere; `reed modules` lists those there are, "
	          "and -m ./evil.so takes a file");
	reed_fault_free(fault);
	reed_catalog_free(catalog);
}

/* ---- who is asked ---- */

static const char *asked;

static const struct reed_scheme late_scheme = { .size = sizeof(late_scheme),
	                                        .name = "late",
	                                        .listen_usage = "late:",
	                                        .listen = listen_never,
	                                        .help = "A late one." };

static enum reed_err find_late(void *arg, enum reed_module_part part, const char *name,
                               struct reed_fault **fault)
{
	static char last[40];

	(void)arg;
	snprintf(last, sizeof(last), "%d %s", (int)part, name ? name : "all");
	asked = last;
	if (name && strcmp(name, "late") == 0)
		return reed_scheme_register(&late_scheme);
	if (name && strcmp(name, "broken") == 0) {
		*fault = reed_fault(REED_EINVAL, NULL, "it is broken");
		return REED_EINVAL;
	}
	return REED_ENOENT;
}

static const char *why_not(const char *endpoint)
{
	static char text[200];
	struct reed_fault *fault;

	check(reed_endpoint_check(reed_slice_of(endpoint), REED_ENDPOINT_ANY, &fault));
	snprintf(text, sizeof(text), "%s", fault->sentence);
	reed_fault_free(fault);
	return text;
}

static void whoever_finds_modules_is_asked_for_a_scheme_that_is_missing(void)
{
	reed_module_find_with(find_late, NULL);
	check(is_known("tcp:1"));
	check(!asked);
	check(is_known("late:"));
	check_str(asked, "1 late");
	check_str(why_not("broken:"), "it is broken");
	check_str(why_not("another:"), "\"another:\": there is no scheme \"another\"; `reed "
	                               "endpoints` lists them");
	reed_module_find_with(NULL, NULL);
}

static void and_for_a_kind_of_accounts(void)
{
	struct reed_fault *fault;

	reed_module_find_with(find_late, NULL);
	check_int(reed_checker_check("broken:x", &fault), REED_EINVAL);
	check_str(asked, "2 broken");
	check_str(fault->sentence, "it is broken");
	reed_fault_free(fault);
	check_int(reed_checker_check("memory:x", &fault), REED_OK);
	reed_module_find_with(NULL, NULL);
}

static void nobody_is_asked_once_it_is_sealed(void)
{
	reed_module_find_with(find_late, NULL);
	reed_module_seal();
	asked = NULL;
	check_str(why_not("later:"), "\"later:\": there is no scheme \"later\" in this process, "
	                             "which loads no more modules; did you mean late?");
	check_str(why_not("another:"),
	          "\"another:\": there is no scheme \"another\" in this process, which loads no "
	          "more modules; if one has it, restart it");
	check(!asked);
	reed_module_find_with(NULL, NULL);
}

/* ---- indexes ---- */

static void an_index_says_what_a_module_brings(void)
{
	struct module_index index, again;
	struct reed_buf text = { .limit = 0 }, second = { .limit = 0 };

	reed_index_of(&REED_MODULE_SYMBOL(good), &index);
	reed_index_print(&index, &text);
	check(reed_slice_is(reed_buf_slice(&text), "abi\t1\n"
	                                           "module\tA good one.\n"
	                                           "command\tgood\tTools\ttool\tBe good.\n"
	                                           "command\tbest\tBest\ttool\tBe the best.\n"
	                                           "scheme\tgood\n"));
	check_int(reed_index_parse(reed_buf_slice(&text), &again), REED_OK);
	check(reed_index_find(&again, REED_MODULE_SCHEME, "good"));
	check(!reed_index_find(&again, REED_MODULE_SCHEME, "best"));
	check_str(reed_index_find(&again, REED_MODULE_COMMAND, "best")->group, "Best");
	reed_index_print(&again, &second);
	check(reed_slice_eq(reed_buf_slice(&text), reed_buf_slice(&second)));
	reed_index_finish(&index);
	reed_index_finish(&again);
	reed_buf_finish(&text);
	reed_buf_finish(&second);
}

static void words_of_later_versions_are_passed_over(void)
{
	struct module_index index;

	check_int(reed_index_parse(REED_STR("abi\t1\nmodule\tx\nflavour\tlemon\nscheme\ta\tb\n\n"),
	                           &index),
	          REED_OK);
	check_int(index.count, 1);
	check_str(index.items[0].name, "a");
	reed_index_finish(&index);
}

static void what_is_no_index_is_refused(void)
{
	static const char *const cases[] = {
		"",
		"module\tx\n",
		"abi\t1\n",
		"abi\t0\nmodule\tx\n",
		"abi\t99999999999\nmodule\tx\n",
		"abi\t1\nmodule\tx\nscheme\n",
		"abi\t1\nmodule\tx\ncommand\ta\n",
		"abi\t1\nmodule\tx\ncommand\ta\tb\tc\td\n",
		"abi\t1\nmodule\tx\033[31m\n",
		"abi\t1\nmodule\t\xff\n",
		"#!/bin/sh\n",
	};

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		struct module_index index;

		check_int(reed_index_parse(reed_slice_of(cases[i]), &index), REED_ESYNTAX);
		check(!index.items);
		check(!index.summary);
	}
}

int main(void)
{
	RUN(a_module_that_is_linked_in_brings_its_schemes);
	RUN(commands_stand_in_the_order_of_group_and_name);
	RUN(a_command_is_found_or_not);
	RUN(a_folder_that_is_not_there_is_empty);
	RUN(whoever_finds_modules_is_asked_for_a_scheme_that_is_missing);
	RUN(and_for_a_kind_of_accounts);
	RUN(nobody_is_asked_once_it_is_sealed);
	RUN(an_index_says_what_a_module_brings);
	RUN(words_of_later_versions_are_passed_over);
	RUN(what_is_no_index_is_refused);
	return 0;
}
