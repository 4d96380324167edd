/* The sandbox in words. */

#include "confine.h"
#include "daemon_private.h"

#include <stdio.h>

/* ---- lists ---- */

struct list {
	struct reed_buf *out;
	const char *title;
	size_t n;
};

static void item(struct list *list, const char *text, const char *more)
{
	reed_buf_printf(list->out, "  %-22s%s%s\n", list->n++ ? "" : list->title, text, more);
}

static void nothing_else(struct list *list, const char *text)
{
	if (list->n == 0)
		item(list, text, "");
}

/* ---- files ---- */

static void print_kind(const struct file_rules *rules, enum need_kind kind, bool own,
                       const char *title, struct reed_buf *out)
{
	static const char alone[] =
		" (but not a new file in its place: it has no folder of its own)";
	struct list list = { out, title, 0 };

	for (size_t i = 0; i < rules->count; i++) {
		const struct file_rule *rule = &rules->items[i];

		if (rule->kind == kind && rule->own == own)
			item(&list, rule->path, rule->alone && !own ? alone : "");
	}
}

static void print_files(const struct reed_needs *needs, struct reed_buf *out)
{
	struct file_rules rules;

	reed_file_rules_of(needs, &rules);
	reed_buf_add_str(out, "Files, and all that is in these folders:\n");
	print_kind(&rules, NEED_WRITE, false, "read and written", out);
	print_kind(&rules, NEED_APPEND, false, "written and removed", out);
	print_kind(&rules, NEED_SOCKET, false, "sockets are made in", out);
	print_kind(&rules, NEED_DEVICE, false, "spoken to", out);
	print_kind(&rules, NEED_READ, false, "read", out);
	print_kind(&rules, NEED_READ, true, "read, of the system", out);
	print_kind(&rules, NEED_DEVICE, true, "read and written", out);
	print_kind(&rules, NEED_PROGRAM, false, "run", out);
	reed_file_rules_finish(&rules);
}

/* ---- the network ---- */

static void print_ports(const struct reed_needs *needs, enum need_kind kind, const char *title,
                        bool all, struct reed_buf *out)
{
	struct list list = { out, title, 0 };
	char text[32];

	for (size_t i = 0; i < needs->count && !all; i++) {
		const struct need *n = &needs->items[i];

		if (n->kind != kind)
			continue;
		snprintf(text, sizeof(text), "%u", (unsigned)n->port);
		item(&list, n->port ? text : "a port that the system chooses",
		     n->own ? " (name servers)" : "");
	}
	nothing_else(&list, all ? "any port" : "no port");
}

static void print_network(const struct reed_needs *needs, struct reed_buf *out)
{
	reed_buf_add_str(out, "TCP:\n");
	print_ports(needs, NEED_LISTEN, "listened on", needs->listens_anywhere, out);
	print_ports(needs, NEED_DIAL, "dialled", needs->dials_anywhere, out);
}

/* ---- the rest ---- */

static void print_calls(const struct reed_needs *needs, struct reed_buf *out)
{
	bool programs = reed_needs_programs(needs);

	reed_buf_add_str(out, "Calls of the system:\n");
	if (programs)
		reed_buf_printf(out,
		                "  %zu are refused; the programs that are run are confined by the "
		                "same rules\n",
		                reed_seccomp_count(needs));
	else
		reed_buf_printf(out,
		                "  %zu are there, and no programs, no processes of our own, no "
		                "sockets but UNIX, TCP and UDP\n",
		                reed_seccomp_count(needs));
	if (needs->rings)
		reed_buf_add_str(out,
		                 "  and io_uring, for the driver: no rule holds for what is sent "
		                 "and received there\n");
}

static void print_system(struct reed_buf *out)
{
	int abi = reed_landlock_abi();

	reed_buf_add_str(out, "This system:\n");
	if (abi)
		reed_buf_printf(out, "  Landlock version %d%s\n", abi,
		                abi < 4 ? ", which knows nothing of TCP" : "");
	else
		reed_buf_add_str(out, "  has no Landlock: no rule about files and TCP holds\n");
	reed_buf_add_str(out, reed_seccomp_is_there()
	                              ? "  seccomp\n"
	                              : "  has no seccomp: all calls of the system are there\n");
}

void reed_needs_print(const struct reed_needs *needs, struct reed_buf *out)
{
	if (needs->everything) {
		reed_buf_add_str(out, "Everything: there is no sandbox around the programs that it "
		                      "runs, which need what they need.\n");
		return;
	}
	print_files(needs, out);
	print_network(needs, out);
	print_calls(needs, out);
	print_system(out);
}
