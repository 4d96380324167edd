/* SRV, TXT and PTR. */

#include "tests/core/resolve_kit.h"

static struct kit kit;
static struct reed_targets targets;
static struct reed_slices texts;

static enum reed_err srv(const char *name)
{
	return outcome(reed_resolve_srv(loop, reed_slice_of(name), &targets));
}

static enum reed_err txt(const char *name)
{
	return outcome(reed_resolve_txt(loop, reed_slice_of(name), &texts));
}

static enum reed_err ptr(const char *text)
{
	struct reed_address a;

	check_int(reed_address_parse(reed_slice_of(text), 80, &a), REED_OK);
	return outcome(reed_resolve_ptr(loop, &a, &texts));
}

static const struct kit_answer table[] = {
	{ "_x._tcp.order.example", REED_RECORD_SRV, 0, REED_OK, 300,
	  "20 0 1 d.example, 10 0 2 b.example, 5 9 3 a.example, 10 0 4 b.example" },
	{ "_x._tcp.weights.example", REED_RECORD_SRV, 0, REED_OK, 300,
	  "0 60 1 a.example, 0 20 2 b.example, 0 20 3 c.example, 0 0 4 d.example" },
	{ "_x._tcp.zero.example", REED_RECORD_SRV, 0, REED_OK, 300,
	  "0 0 1 a.example, 0 0 2 b.example" },
	{ "_x._tcp.not.example", REED_RECORD_SRV, 0, REED_OK, 300, "0 0 0 " },
	{ "_x._tcp.odd.example", REED_RECORD_SRV, 0, REED_OK, 300,
	  "0 0 1 a\\032b, 0 0 2 good.example" },
	{ "_x._tcp.slow.example", REED_RECORD_SRV, 50, REED_OK, 300, "0 0 1 a.example" },
	{ "_x._tcp.late.example", REED_RECORD_SRV, 5, REED_ETIMEDOUT, 0, NULL },
	{ "example", REED_RECORD_TXT, 0, REED_OK, 300, "v=spf1 -all, other" },
	{ "1.2.0.192.in-addr.arpa", REED_RECORD_PTR, 0, REED_OK, 300,
	  "host.example, bad\\033name, second.example" },
	{ "2.2.0.192.in-addr.arpa", REED_RECORD_PTR, 0, REED_OK, 300, "bad\\033name" },
	{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
	  REED_RECORD_PTR, 0, REED_OK, 300, "six.example" },
	{ NULL, REED_RECORD_A, 0, REED_OK, 0, NULL },
};

static void a_lower_priority_goes_first(void)
{
	check_int(srv("_x._tcp.order.example"), REED_OK);
	check_int(targets.count, 4);
	check_str(targets.list[0].host, "a.example");
	check_int(targets.list[0].port, 3);
	check_int(targets.list[0].priority, 5);
	check_int(targets.list[0].weight, 9);
	check_str(targets.list[1].host, "b.example");
	check_str(targets.list[2].host, "b.example");
	check_str(targets.list[3].host, "d.example");
	reed_targets_finish(&targets);
}

/* How often each of them is first, of so many times. */
static void firsts(const char *name, int times, int count[5])
{
	memset(count, 0, 5 * sizeof(count[0]));
	for (int i = 0; i < times; i++) {
		bool seen[5] = { false };

		check_int(srv(name), REED_OK);
		count[targets.list[0].port]++;
		for (size_t j = 0; j < targets.count; j++) {
			check(!seen[targets.list[j].port]);
			seen[targets.list[j].port] = true;
		}
		reed_targets_finish(&targets);
	}
}

static void a_greater_weight_goes_first_more_often(void)
{
	int count[5];

	firsts("_x._tcp.weights.example", 1000, count);
	check(count[1] > 540 && count[1] < 660);
	check(count[2] > 150 && count[2] < 250);
	check(count[3] > 150 && count[3] < 250);
	check(count[4] > 0 && count[4] < 30); /* RFC 2782: a very small chance */
	check_int(kit.asked, 2);              /* with the one of before */
}

static void without_weights_the_order_stays(void)
{
	int count[5];

	firsts("_x._tcp.zero.example", 20, count);
	check_int(count[1], 20);
}

static void the_root_as_a_target_means_no_such_service(void)
{
	check_int(srv("_x._tcp.not.example"), REED_OK);
	check_int(targets.count, 0);
	reed_targets_finish(&targets);
}

static void a_target_no_host_can_be_is_passed_over(void)
{
	check_int(srv("_x._tcp.odd.example"), REED_OK);
	check_int(targets.count, 1);
	check_str(targets.list[0].host, "good.example");
	reed_targets_finish(&targets);
}

static void a_domain_that_says_nothing_is_told_apart(void)
{
	check_int(srv("_x._tcp.no.example"), REED_ENAME);
	check(why_is("_x._tcp.no.example has no SRV records"));
	check_int(srv("_x._tcp.late.example"), REED_ETIMEDOUT);
	check(why_is("no answer about _x._tcp.late.example"));
	check_int(srv("_x._tcp.spa ce"), REED_ESYNTAX);
}

static void texts_are_delivered(void)
{
	check_int(txt("Example"), REED_OK);
	check_int(texts.count, 2);
	check_slice(texts.list[0], "v=spf1 -all");
	check_slice(texts.list[1], "other");
	reed_slices_finish(&texts);
	check_int(txt("no.example"), REED_ENAME);
	check(why_is("no.example has no TXT records"));
}

static void addresses_have_names_that_hosts_can_have(void)
{
	check_int(ptr("192.0.2.1"), REED_OK);
	check_int(texts.count, 2);
	check_slice(texts.list[0], "host.example");
	check_slice(texts.list[1], "second.example");
	reed_slices_finish(&texts);
	check_int(ptr("::ffff:192.0.2.1"), REED_OK);
	check_int(texts.count, 2);
	reed_slices_finish(&texts);
	check_int(ptr("2001:db8::1"), REED_OK);
	check_slice(texts.list[0], "six.example");
	reed_slices_finish(&texts);
	check_int(ptr("192.0.2.2"), REED_ENAME);
	check(why_is("2.2.0.192.in-addr.arpa has no host name"));
	check_int(ptr("192.0.2.3"), REED_ENAME);
}

static void only_ip_addresses_have_names(void)
{
	struct reed_address a = { .family = REED_FAMILY_UNIX };

	check_int(outcome(reed_resolve_ptr(loop, &a, &texts)), REED_EINVAL);
}

static void a_dropped_question_leaves_nothing(void)
{
	struct owner o;

	for (int n = 0; n < 6; n++) {
		reed_resolver_flush(loop);
		own(&o, reed_resolve_srv(loop, REED_STR("_x._tcp.slow.example"), &targets));
		for (int i = 0; i < n; i++)
			step();
		check(!o.told || n > 4);
		if (o.told)
			reed_targets_finish(&targets);
		disown(&o);
		check_int(kit.under_way, 0);
		check(!targets.list);
		run();
	}
}

static void a_driver_with_names_has_addresses_only(void)
{
	reed_resolver_set(loop, NULL);
	kit_net_set(NULL, true);
	kit_net.names = "server 10.0.0.1";
	check_int(srv("_x._tcp.server"), REED_ENAME);
	check_int(txt("server"), REED_ENAME);
	check_int(ptr("10.0.0.1"), REED_ENAME);
	check_int(kit_net.looked_up, 0);
}

int main(void)
{
	lab_open();
	kit_net_set(NULL, false);
	kit_set(&kit, table);
	RUN(a_lower_priority_goes_first);
	RUN(a_greater_weight_goes_first_more_often);
	RUN(without_weights_the_order_stays);
	RUN(the_root_as_a_target_means_no_such_service);
	RUN(a_target_no_host_can_be_is_passed_over);
	RUN(a_domain_that_says_nothing_is_told_apart);
	RUN(texts_are_delivered);
	RUN(addresses_have_names_that_hosts_can_have);
	RUN(only_ip_addresses_have_names);
	RUN(a_dropped_question_leaves_nothing);
	RUN(a_driver_with_names_has_addresses_only);
	lab_close();
	return 0;
}
