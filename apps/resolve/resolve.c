/* reed resolve: what one may say, and what it returns. */

#include "resolve.h"

#include <stdio.h>
#include <stdlib.h>

#include "reed/alloc.h"
#include "reed/file.h"
#include "reed/loop.h"
#include "reed/process.h"

enum { WRONG = 2, LARGEST = 1 << 20 };

struct resolve_flags {
	bool json;
	const char *anchors;
};

static const struct reed_setting table[] = {
	REED_SETTING(BOOL, struct resolve_flags, json, .from = REED_FROM_FLAG,
	             .help = "As JSON, one object a line."),
	REED_SETTING(PATH, struct resolve_flags, anchors, .key = "trust-anchors",
	             .from = REED_FROM_FLAG,
	             .help = "A file of DS or DNSKEY records to validate by, in the place of those "
	                     "of the root."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct resolve_flags, table, .about = "How it is told.");

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema }, { NULL, &schema } };

const struct reed_settings_program reed_resolve_tool = REED_SETTINGS_PROGRAM(
		.program = "reed", .command = "resolve",
		.about =
			"Asks what a name stands for: its addresses, or the records of a TYPE; of an address "
			"its names. The hosts file and the search list count as for every program. "
			"@SERVER asks that one: an address, with :PORT if it is another than 53, or an "
			"endpoint such as tls:dns.example:853. +short tells the data only, +dnssec validates, "
			"and tells whether it is secure, insecure or bogus, and why; +trace goes from the "
			"root down, +norecurse asks what the server knows itself, +tcp, +tls and "
			"+https say how it is asked. Ends with 0 when there was an "
			"answer, 1 when there was none, 2 when it was not understood.",
		.arguments = "NAME [TYPE] [@SERVER] [+WORD]...", .parts = parts,
		.part_count = REED_COUNT(parts));

static void read_system(struct resolve_order *order)
{
	struct reed_buf text = { .limit = LARGEST };
	struct reed_file_stamp stamp;

	order->hosts.limit = LARGEST;
	if (reed_file_read("/etc/hosts", &order->hosts, &stamp))
		reed_buf_clear(&order->hosts);
	if (reed_file_read("/etc/resolv.conf", &text, &stamp))
		reed_buf_clear(&text);
	reed_dns_system_read(reed_buf_slice(&text), &order->system);
	reed_buf_finish(&text);
}

static bool read_anchors(struct resolve_order *order, const char *path)
{
	struct reed_fault *fault = NULL;
	struct reed_file_stamp stamp;
	enum reed_err err;

	order->anchors.limit = LARGEST;
	err = reed_file_read(path, &order->anchors, &stamp);
	if (!err)
		err = reed_dns_validator_trust_text(NULL, reed_buf_slice(&order->anchors), &fault);
	if (err)
		fprintf(stderr, "reed resolve: %s: %s\n", path, reed_fault_why(fault, err));
	reed_fault_free(fault);
	return !err;
}

static bool is_in_hosts(const struct resolve_order *order)
{
	struct reed_buf out = { 0 };
	bool found = resolve_by_hosts(order, &out);

	fwrite(reed_buf_slice(&out).p, 1, reed_buf_held(&out), stdout);
	reed_buf_finish(&out);
	return found;
}

static int ask(const struct resolve_order *order)
{
	struct reed_fault *fault = NULL;
	struct reed_loop *loop;
	enum reed_err err;
	int status = 1;

	if (is_in_hosts(order))
		return 0;
	err = reed_loop_new(NULL, &loop);
	if (!err) {
		err = reed_loop_run_until(loop,
		                          order->trace ? resolve_trace(loop, order, &status)
		                                       : resolve_run(loop, order, &status),
		                          &fault);
		reed_loop_free(loop);
	}
	if (err)
		fprintf(stderr, "reed resolve: %s\n", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err ? 1 : status;
}

static int understand(struct resolve_order *order, struct reed_texts words)
{
	char *wrong = NULL;

	for (size_t i = 0; i < words.n && !wrong; i++)
		resolve_word(order, words.items[i], &wrong);
	if (!wrong && !order->text.n)
		wrong = reed_strdup("it wants a name, such as example.org");
	if (!wrong)
		return 0;
	fprintf(stderr, "reed resolve: %s\n", wrong);
	reed_free(wrong);
	return WRONG;
}

int reed_resolve_main(int argc, char **argv)
{
	struct resolve_order order = { .type = REED_DNS_TYPE_A, .scheme = "udp" };
	const struct resolve_flags *flags;
	struct reed_settings *settings;
	int status = WRONG;

	settings = reed_tool_settings(&reed_resolve_tool, argc, argv, &status);
	if (!settings)
		return status;
	flags = reed_settings_of(settings, &schema);
	order.colour = reed_is_terminal(1) && !getenv("NO_COLOR");
	status = understand(&order, reed_settings_arguments(settings));
	order.json |= flags->json;
	if (!status && flags->anchors && !read_anchors(&order, flags->anchors))
		status = WRONG;
	if (!status) {
		read_system(&order);
		status = ask(&order);
	}
	reed_buf_finish(&order.hosts);
	reed_buf_finish(&order.anchors);
	reed_settings_free(settings);
	return status;
}
