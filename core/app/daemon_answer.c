/* What a server is asked for instead of serving: help, a check, its sandbox; and what is wrong. */

#include "daemon_private.h"

#include "crew.h"
#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/init.h"

static void print(FILE *out, struct reed_buf *text)
{
	fwrite(reed_buf_slice(text).p, 1, reed_buf_held(text), out);
	fflush(out);
	reed_buf_finish(text);
}

static const char *command_of(const struct plan *plan)
{
	return plan->program.command ? plan->program.command : plan->program.program;
}

static void complain(const struct plan *plan, const char *why)
{
	fprintf(stderr, "%s%s%s: %s\n", plan->program.program, plan->program.command ? " " : "",
	        plan->program.command ? plan->program.command : "", why);
}

int reed_plan_complain(const struct plan *plan, struct reed_fault *fault)
{
	complain(plan, fault->sentence);
	reed_fault_free(fault);
	return 1;
}

/* Prints it, if so. */
static bool asks_for_text(const struct reed_settings *settings)
{
	const struct daemon_settings *daemon = reed_settings_part(settings, 1);
	struct reed_buf text = { 0 };

	if (reed_settings_answer(settings, &text))
		print(stdout, &text);
	else if (daemon->help_auth)
		reed_auth_help(stdout);
	else
		return false;
	return true;
}

/* Old names of settings, to a person who asks for a check. */
static void print_warnings(const struct reed_settings *settings)
{
	const char *warning;

	for (size_t i = 0; (warning = reed_settings_warning(settings, i)); i++)
		fprintf(stderr, "%s\n", warning);
}

char *reed_plan_state(const struct plan *plan, const struct reed_settings *settings,
                      struct reed_fault **fault)
{
	const struct daemon_settings *daemon = reed_settings_part(settings, 1);

	return daemon->state ? reed_strdup(daemon->state)
	                     : reed_state_default(command_of(plan), fault);
}

static int print_sandbox(const struct plan *plan, const struct reed_settings *settings)
{
	struct reed_fault *fault = NULL;
	char *state = reed_plan_state(plan, settings, &fault);
	struct reed_buf text = { 0 };
	struct reed_needs needs;

	if (!state)
		return reed_plan_complain(plan, fault);
	reed_needs_of(plan, settings, state, &needs);
	reed_needs_print(&needs, &text);
	print(stdout, &text);
	reed_needs_finish(&needs);
	reed_free(state);
	return 0;
}

/* What the services themselves think of what the settings name. */
static bool check_services(const struct plan *plan, const struct reed_settings *settings)
{
	struct reed_buf text = { 0 };
	bool good = true;

	for (size_t i = 0; i < plan->count; i++) {
		const struct reed_service_kind *kind = plan->services[i].kind;

		if (kind->check)
			good &= kind->check(reed_settings_part(settings, PARTS_BEFORE + i), &text);
	}
	print(stderr, &text);
	return good;
}

/* One that nobody has set has no setting to be looked at with. */
static bool check_state(const struct plan *plan, const struct reed_settings *settings)
{
	struct reed_fault *fault = NULL;
	char *state = reed_plan_state(plan, settings, &fault);
	bool good = state && !reed_state_probe(state, &fault);

	if (!good)
		reed_plan_complain(plan, fault);
	reed_free(state);
	return good;
}

/* The environment may name one that nobody has. */
static bool check_driver(const struct plan *plan, const struct reed_settings *settings)
{
	struct reed_fault *fault = NULL;
	struct reed_loop *loop = NULL;
	bool good;

	reed_process_init(NULL);
	good = !reed_daemon_new_loop(reed_settings_part(settings, 1), &loop, &fault);
	if (!good)
		reed_plan_complain(plan, fault);
	reed_loop_free(loop);
	reed_process_finish();
	return good;
}

bool reed_plan_is_answered(const struct plan *plan, struct reed_settings *settings, int *code)
{
	const struct reed_general *general = reed_settings_part(settings, 0);
	const struct daemon_settings *daemon = reed_settings_part(settings, 1);
	struct reed_fault *fault = NULL;
	struct reed_buf text = { 0 };

	*code = 0;
	if (asks_for_text(settings))
		return true;
	if (general->check || !daemon->print_sandbox)
		reed_settings_probe(settings, false);
	if (reed_settings_problem(settings, 0)) {
		*code = EXIT_WRONG;
		reed_settings_problems(settings, &text);
		print(stderr, &text);
		return true;
	}
	if (plan->count == 0) {
		*code = EXIT_WRONG;
		complain(plan, "the settings name no service");
		return true;
	}
	if (reed_loops_check(plan, settings, &fault)) {
		*code = EXIT_WRONG;
		reed_plan_complain(plan, fault);
		return true;
	}
	if (general->check) {
		print_warnings(settings);
		if (!check_services(plan, settings) || !check_state(plan, settings) ||
		    !check_driver(plan, settings))
			*code = EXIT_WRONG;
	}
	if (daemon->print_sandbox && *code == 0)
		*code = print_sandbox(plan, settings);
	return general->check || daemon->print_sandbox;
}

int reed_plan_answer(const struct plan *plan)
{
	struct reed_settings *settings = reed_settings_new(&plan->program);
	int code = 0;

	reed_settings_flags(settings, plan->argc, plan->argv);
	if (!asks_for_text(settings)) {
		code = EXIT_WRONG;
		complain(plan, "say which file has the settings; see --help");
	}
	reed_settings_free(settings);
	return code;
}
