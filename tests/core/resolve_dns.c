/* The resolver against name servers, good and bad. */

#include "dns_kit.h"

/* ---- good servers ---- */

static void addresses_come_from_the_server(void)
{
	begin(zone, NULL);
	check_int(asking("both.example"), REED_OK);
	check_str(text(), "2001:db8::1 192.0.2.1");
	check_int(server.by_udp, 2);
	check_int(server.by_tcp, 0);
	check_int(asking("v4.example"), REED_OK);
	check_str(text(), "192.0.2.4");
	check_int(asking("v6.example"), REED_OK);
	check_str(text(), "2001:db8::6");
	check_int(asking("both.example"), REED_OK); /* kept */
	check_str(text(), "2001:db8::1 192.0.2.1");
	check_int(server.by_udp, 6);
	end();
}

static void aliases_are_followed(void)
{
	begin(zone, NULL);
	check_int(asking("www.example"), REED_OK);
	check_str(text(), "2001:db8::1 192.0.2.1");
	end();
}

static void what_is_not_there_is_none(void)
{
	begin(zone, NULL);
	server.negative = "300";
	check_int(asking("no.example."), REED_ENAME);
	check_str(why, "there is no host called no.example");
	check_int(asking("nothing.example."), REED_ENAME);
	check_int(server.by_udp, 4);
	check_int(asking("no.example."), REED_ENAME);
	check_int(asking("nothing.example."), REED_ENAME);
	check_int(server.by_udp, 4);
	end();
}

static void other_records_come_from_the_server(void)
{
	struct reed_targets targets;
	struct reed_slices texts;
	struct reed_address a;

	begin(zone, NULL);
	check_int(outcome(reed_resolve_srv(loop, REED_STR("_x._tcp.example"), &targets)), REED_OK);
	check_int(targets.count, 1);
	check_str(targets.list[0].host, "both.example");
	check_int(targets.list[0].port, 80);
	reed_targets_finish(&targets);
	check_int(outcome(reed_resolve_txt(loop, REED_STR("nothing.example"), &texts)), REED_OK);
	check_slice(texts.list[0], "nothing else");
	reed_slices_finish(&texts);
	check_int(reed_address_parse(REED_STR("192.0.2.1"), 0, &a), REED_OK);
	check_int(outcome(reed_resolve_ptr(loop, &a, &texts)), REED_OK);
	check_slice(texts.list[0], "both.example");
	reed_slices_finish(&texts);
	end();
}

static void short_names_are_searched_for(void)
{
	begin(zone, NULL);
	check_int(asking("short"), REED_OK);
	check_str(text(), "192.0.2.7");
	check_str(server.log, " short.search.example/28 short.search.example/1");
	server.log[0] = '\0';
	check_int(asking("short."), REED_ENAME);
	check_str(server.log, " short/28 short/1");
	server.log[0] = '\0';
	check_int(asking("no.example"), REED_ENAME);
	check_str(server.log, " no.example/28 no.example/1 no.example.search.example/28"
	                      " no.example.search.example/1");
	end();
}

static void some_names_are_never_asked_for(void)
{
	static const char *const names[] = { "abc.onion.", "abc.invalid.", "localhost",
		                             "a.localhost", "192.0.2.3" };

	begin(zone, NULL);
	for (size_t i = 0; i < REED_COUNT(names); i++) {
		check_int(asking(names[i]), i < 2 ? REED_ENAME : REED_OK);
		reed_addresses_finish(&got);
	}
	check_int(server.by_udp, 0);
	end();
}

static void many_names_are_asked_for_at_once(void)
{
	enum { MANY = 600 };
	static struct dns_record many[MANY + 1];
	static char names[MANY][24], data[MANY][40];
	static struct reed_addresses all[MANY];
	static struct reed_future *fs[MANY + 1];

	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d.example", i);
		snprintf(data[i], sizeof(data[i]), "10.0.%d.%d", i / 256, i % 256);
		many[i] = (struct dns_record){ names[i], REED_RECORD_A, 300, data[i] };
	}
	begin(many, NULL);
	for (int i = 0; i < MANY; i++)
		fs[i] = reed_resolve(loop, reed_slice_of(names[i]), 80, &all[i]);
	fs[MANY] = NULL;
	check_int(outcome(reed_all_of(fs)), REED_OK);
	for (int i = 0; i < MANY; i++) {
		got = all[i];
		check_str(text(), data[i]);
	}
	check_int(server.by_udp, 2 * MANY);
	end();
}

/* ---- servers that are not so good ---- */

static void what_is_truncated_is_asked_for_by_tcp(void)
{
	static struct dns_record large[101];
	static char data[100][40];
	const struct dns_rule rules[] = { { NULL, 0, DNS_TRUNCATES, 0 } };

	for (int i = 0; i < 100; i++) {
		snprintf(data[i], sizeof(data[i]), "192.0.2.%d", i);
		large[i] = (struct dns_record){ "large.example", REED_RECORD_A, 300, data[i] };
	}
	begin(large, rules);
	check_int(asking("large.example"), REED_OK);
	check_int(got.count, REED_ADDRESSES_MAX);
	reed_addresses_finish(&got);
	check_int(server.by_tcp, 2);
	end();
}

static void who_hangs_up_does_not_kill_us(void)
{
	const struct dns_rule rules[] = { { NULL, 0, DNS_HANGS_UP, 0 } };

	begin(zone, rules);
	check_int(asking("both.example."), REED_EIO);
	check(server.by_tcp > 0);
	end();
}

static void silence_times_out(void)
{
	const struct dns_rule rules[] = { { NULL, 0, DNS_SILENT, 0 } };

	begin(zone, rules);
	be_impatient(server.address);
	check_int(asking("both.example"), REED_ETIMEDOUT);
	check_str(why, "no name server has answered about both.example");
	check_int(server.by_udp, 4); /* each family twice; and no search after that */
	end();
}

static void the_second_question_may_be_answered(void)
{
	const struct dns_rule silent[] = { { NULL, 0, DNS_SILENT, 0 } };
	struct dns_server other;
	char both[80];

	begin(zone, silent);
	dns_server_open(&other, loop);
	other.zone = zone;
	snprintf(both, sizeof(both), "%s,%s", server.address, other.address);
	be_impatient(both);
	check_int(asking("both.example"), REED_OK);
	check_str(text(), "2001:db8::1 192.0.2.1");
	check(server.by_udp >= 2 && other.by_udp >= 2);
	other.by_udp = 0;
	reed_resolver_flush(loop);
	server.rules = (const struct dns_rule[]){ { NULL, 0, DNS_REFUSES, 0 } };
	check_int(asking("both.example"), REED_OK);
	check_str(text(), "2001:db8::1 192.0.2.1");
	check(other.by_udp >= 2);
	dns_server_close(&other);
	end();
}

static void one_slow_family_does_not_lose_the_other(void)
{
	const struct dns_rule rules[] = { { "both.example", REED_RECORD_AAAA, DNS_SILENT, 0 },
		                          { NULL, 0, DNS_GOOD, 0 } };

	begin(zone, rules);
	be_impatient(server.address);
	check_int(asking("both.example"), REED_OK);
	check_str(text(), "192.0.2.1");
	end();
}

static void a_server_without_edns_is_asked_without(void)
{
	const struct dns_rule rules[] = { { NULL, 0, DNS_KNOWS_NO_EDNS, 0 } };

	begin(zone, rules);
	check_int(asking("both.example"), REED_OK); /* both of two at the same time */
	check_str(text(), "2001:db8::1 192.0.2.1");
	check_int(server.by_udp, 4);
	check_int(asking("v4.example"), REED_OK);
	check_str(text(), "192.0.2.4");
	check_int(server.by_udp, 6);
	end();
}

static void a_server_that_fails_is_told_of(void)
{
	static const enum dns_mood moods[] = { DNS_FAILS, DNS_REFUSES };

	for (size_t i = 0; i < REED_COUNT(moods); i++) {
		const struct dns_rule rules[] = { { NULL, 0, moods[i], 0 } };

		begin(zone, rules);
		check_int(asking("both.example."), REED_EIO);
		check(strstr(why, "the name servers do not tell about both.example"));
		end();
	}
}

static void a_failure_does_not_end_the_search(void)
{
	const struct dns_rule rules[] = { { "short.search.example", 0, DNS_FAILS, 0 },
		                          { NULL, 0, DNS_GOOD, 0 } };

	begin(zone, rules);
	write_file(resolv_conf, "search search.example other.example\n");
	check_int(asking("short"), REED_OK);
	check_str(text(), "192.0.2.8");
	end();
}

static void garbage_is_refused(void)
{
	const struct dns_rule rules[] = { { NULL, 0, DNS_RAVES, 0 } };

	begin(zone, rules);
	check_int(asking("both.example"), REED_EPROTO);
	check_str(why, "the name server's answer about both.example is malformed");
	end();
}

static void less_than_a_message_is_no_answer(void)
{
	const struct dns_rule rules[] = { { NULL, 0, DNS_MUMBLES, 0 } };

	begin(zone, rules);
	be_impatient(server.address);
	check_int(asking("both.example"), REED_ETIMEDOUT);
	end();
}

static void forged_answers_are_not_believed(void)
{
	const struct dns_rule rules[] = { { NULL, 0, DNS_IS_FORGED, 0 } };

	begin(zone, rules);
	check_int(asking("both.example"), REED_OK);
	check_str(text(), "2001:db8::1 192.0.2.1");
	end();
}

static void nobody_listening_is_found_out_at_once(void)
{
	struct reed_resolver_options options;
	struct dns_server gone;

	begin(zone, NULL);
	dns_server_open(&gone, loop);
	dns_server_close(&gone);
	options = options_of(gone.address);
	options.timeout_ms = 100000;
	reed_resolver_configure(loop, &options);
	check_int(asking("both.example"), REED_EIO);
	end();
}

static void a_wrong_list_of_servers_is_told_of(void)
{
	struct reed_resolver_options options = options_of("ns.example");

	begin(zone, NULL);
	reed_resolver_configure(loop, &options);
	check_int(asking("both.example"), REED_EIO);
	check(strstr(why, "no DNS: ns.example: "));
	check_int(asking("localhost"), REED_OK);
	reed_addresses_finish(&got);
	end();
}

int main(void)
{
	files_open();
	RUN(addresses_come_from_the_server);
	RUN(aliases_are_followed);
	RUN(what_is_not_there_is_none);
	RUN(other_records_come_from_the_server);
	RUN(short_names_are_searched_for);
	RUN(some_names_are_never_asked_for);
	RUN(many_names_are_asked_for_at_once);
	RUN(what_is_truncated_is_asked_for_by_tcp);
	RUN(who_hangs_up_does_not_kill_us);
	RUN(silence_times_out);
	RUN(the_second_question_may_be_answered);
	RUN(one_slow_family_does_not_lose_the_other);
	RUN(a_server_without_edns_is_asked_without);
	RUN(a_server_that_fails_is_told_of);
	RUN(a_failure_does_not_end_the_search);
	RUN(garbage_is_refused);
	RUN(less_than_a_message_is_no_answer);
	RUN(forged_answers_are_not_believed);
	RUN(nobody_listening_is_found_out_at_once);
	RUN(a_wrong_list_of_servers_is_told_of);
	files_close();
	return 0;
}
