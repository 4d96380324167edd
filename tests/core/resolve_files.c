/* The files that the resolver reads, and what is left when it is disturbed. */

#include "dns_kit.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

static void the_hosts_file_goes_before_the_server(void)
{
	struct reed_slices texts;
	struct reed_address a;

	begin(zone, NULL);
	write_file(hosts_file, "192.0.2.99 both.example mine\n::1 six\n6.6.6.6 localhost\n");
	check_int(asking("Both.Example"), REED_OK);
	check_str(text(), "192.0.2.99");
	check_int(asking("mine"), REED_OK);
	check_str(text(), "192.0.2.99");
	check_int(asking("six"), REED_OK);
	check_str(text(), "::1");
	check_int(asking("localhost"), REED_OK);
	check_str(text(), "::1 127.0.0.1");
	check_int(reed_address_parse(REED_STR("192.0.2.99"), 6667, &a), REED_OK);
	check_int(outcome(reed_resolve_ptr(loop, &a, &texts)), REED_OK);
	check_int(texts.count, 2);
	check_slice(texts.list[0], "both.example");
	check_slice(texts.list[1], "mine");
	reed_slices_finish(&texts);
	check_int(server.by_udp, 0);
	end();
}

/* Asks until the answer is another one; that is the event. */
static void until(const char *name, const char *wanted)
{
	int64_t patience = reed_now(loop) + REED_S(20);

	while (strcmp(asking(name) ? "" : text(), wanted) != 0) {
		reed_resolver_flush(loop);
		check(reed_now(loop) < patience);
	}
}

static void a_changed_hosts_file_is_read_again(void)
{
	struct reed_resolver_options options;

	begin(zone, NULL);
	options = options_of(server.address);
	options.look_ms = 1;
	reed_resolver_configure(loop, &options);
	until("both.example", "2001:db8::1 192.0.2.1");
	write_file(hosts_file, "192.0.2.98 both.example\n");
	until("both.example", "192.0.2.98");
	write_file(hosts_file, "192.0.2.97 both.example\n");
	until("both.example", "192.0.2.97");
	check_int(unlink(hosts_file), 0);
	until("both.example", "2001:db8::1 192.0.2.1");
	end();
}

static void a_changed_resolv_conf_is_read_again(void)
{
	struct reed_resolver_options options;
	struct reed_resolver_stats stats = { .size = sizeof(stats) };

	begin(zone, NULL);
	options = options_of(server.address);
	options.look_ms = 1;
	reed_resolver_configure(loop, &options);
	until("short", "192.0.2.7");
	write_file(resolv_conf, "search other.example\n");
	until("short", "192.0.2.8");
	check_int(asking("both.example"), REED_OK);
	reed_addresses_finish(&got);
	server.by_udp = 0;
	write_file(resolv_conf, "search other.example # and this\n");
	while (server.by_udp == 0) { /* what the old servers said is forgotten */
		check_int(asking("both.example"), REED_OK);
		reed_addresses_finish(&got);
	}
	reed_resolver_stats(loop, &stats);
	check(stats.looks > 1);
	end();
}

/* A folder cannot be read, even by root. */
static void replace_by_folder(const char *path)
{
	check_int(unlink(path), 0);
	check_int(mkdir(path, 0700), 0);
}

static void files_that_cannot_be_read_any_more_change_nothing(void)
{
	struct reed_resolver_options options;
	struct reed_resolver_stats stats = { .size = sizeof(stats) };
	uint64_t looks;

	begin(zone, NULL);
	write_file(hosts_file, "192.0.2.98 both.example\n");
	write_file(resolv_conf, "search other.example\n");
	options = options_of(server.address);
	options.look_ms = 1;
	reed_resolver_configure(loop, &options);
	until("both.example", "192.0.2.98");
	until("short", "192.0.2.8");
	replace_by_folder(hosts_file);
	replace_by_folder(resolv_conf);
	reed_resolver_stats(loop, &stats);
	for (looks = stats.looks; stats.looks < looks + 3; reed_resolver_stats(loop, &stats)) {
		check_int(asking("both.example"), REED_OK);
		check_str(text(), "192.0.2.98");
		reed_resolver_flush(loop);
		check_int(asking("short"), REED_OK);
		check_str(text(), "192.0.2.8");
	}
	check_int(rmdir(hosts_file), 0);
	check_int(rmdir(resolv_conf), 0);
	until("both.example", "2001:db8::1 192.0.2.1");
	end();
}

static void files_are_not_looked_at_all_the_time(void)
{
	struct reed_resolver_options options;
	struct reed_resolver_stats stats = { .size = sizeof(stats) };

	begin(zone, NULL);
	options = options_of(server.address);
	options.look_ms = 100000;
	reed_resolver_configure(loop, &options);
	for (int i = 0; i < 10; i++) {
		check_int(asking("both.example"), REED_OK);
		reed_addresses_finish(&got);
	}
	reed_resolver_stats(loop, &stats);
	check_int(stats.looks, 1);
	check_int(stats.hits, 18);
	end();
}

/* ---- drops ---- */

struct owner {
	struct reed_waiter waiter;
	bool told;
};

static void owner_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	(void)err;
	reed_container_of(w, struct owner, waiter)->told = true;
	reed_fault_free(fault);
}

static void a_dropped_question_keeps_nothing_open(void)
{
	const struct dns_rule rules[] = { { NULL, 0, DNS_SILENT, 0 } };

	for (int form = 0; form < 3; form++) {
		struct owner o = { .waiter.wake = owner_wake };

		begin(zone, rules);
		reed_wait(reed_resolve(loop, REED_STR("both.example"), 80, &got), &o.waiter);
		while (server.by_udp < 2)
			reed_loop_turn(loop, REED_NEVER);
		check(loop->watches > 0);
		if (form == 1)
			reed_interrupt(o.waiter.future);
		if (form == 2)
			reed_resolver_configure(loop, NULL);
		while (form > 0 && !o.told)
			reed_loop_turn(loop, REED_NEVER);
		reed_unwait(loop, &o.waiter);
		check_int(loop->watches, 0);
		end();
	}
}

static void a_dropped_question_leaves_the_others_alone(void)
{
	const struct dns_rule rules[] = { { "v4.example", 0, DNS_SILENT, 0 },
		                          { NULL, 0, DNS_GOOD, 20 } };
	struct owner o = { .waiter.wake = owner_wake };

	begin(zone, rules);
	reed_wait(reed_resolve(loop, REED_STR("v4.example"), 80, &got), &o.waiter);
	while (server.by_udp < 2)
		reed_loop_turn(loop, REED_NEVER);
	reed_drop(reed_resolve(loop, REED_STR("v6.example"), 80, &got));
	check_int(outcome(reed_any(NULL, reed_resolve(loop, REED_STR("both.example"), 80, &got),
	                           reed_forever(loop))),
	          REED_OK);
	check_str(text(), "2001:db8::1 192.0.2.1");
	check(!o.told);
	reed_unwait(loop, &o.waiter);
	end();
}

static void a_drop_before_the_first_look_is_over_leaves_nothing(void)
{
	struct owner o = { .waiter.wake = owner_wake };

	begin(zone, NULL);
	reed_wait(reed_resolve(loop, REED_STR("both.example"), 80, &got), &o.waiter);
	reed_loop_turn(loop, 0);
	reed_unwait(loop, &o.waiter);
	end();
	check_int(server.by_udp, 0);
}

static void a_loop_may_end_at_any_moment(void)
{
	const struct dns_rule rules[] = { { NULL, 0, DNS_SILENT, 0 } };
	struct owner o = { .waiter.wake = owner_wake };

	for (int n = 0; n < 6; n++) {
		begin(zone, rules);
		reed_wait(reed_resolve(loop, REED_STR("both.example"), 80, &got), &o.waiter);
		for (int i = 0; i < n; i++)
			reed_loop_turn(loop, REED_MS(1));
		if (n % 2)
			reed_resolver_configure(loop, NULL);
		reed_unwait(loop, &o.waiter);
		dns_server_close(&server);
		reed_loop_free(loop);
	}
}

int main(void)
{
	files_open();
	RUN(the_hosts_file_goes_before_the_server);
	RUN(a_changed_hosts_file_is_read_again);
	RUN(files_that_cannot_be_read_any_more_change_nothing);
	RUN(a_changed_resolv_conf_is_read_again);
	RUN(files_are_not_looked_at_all_the_time);
	RUN(a_dropped_question_keeps_nothing_open);
	RUN(a_dropped_question_leaves_the_others_alone);
	RUN(a_drop_before_the_first_look_is_over_leaves_nothing);
	RUN(a_loop_may_end_at_any_moment);
	files_close();
	return 0;
}
