/* Names in endpoint strings, over the loopback interface; answers and time are the laboratory's. */

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reed/endpoint.h"
#include "tests/core/resolve_kit.h"

static struct kit kit;
static struct reed_listener *listener;
static struct reed_stream *stream;

static enum reed_err listening(const char *endpoint)
{
	return outcome(reed_listen(loop, endpoint, &listener));
}

static void close_listener(void)
{
	reed_listener_close(listener);
	listener = NULL;
}

static const char *with_port(const char *format, uint16_t port)
{
	static char text[128];
	char *at = strstr(format, "PORT");

	snprintf(text, sizeof(text), "%.*s%u%s", (int)(at - format), format, port, at + 4);
	return text;
}

/* Whether somebody who dials this is accepted; the peer is where it says. */
static bool is_served(const char *endpoint)
{
	struct reed_stream *there = NULL;
	struct owner accepting;
	bool served;

	own(&accepting, reed_accept(listener, &there));
	served = outcome(reed_dial(loop, endpoint, &stream)) == REED_OK;
	while (served && !accepting.told)
		reed_loop_turn(loop, REED_NEVER);
	check_int(accepting.told, served);
	disown(&accepting);
	if (served) {
		reed_abort(stream);
		reed_abort(there);
	}
	return served;
}

/* What nobody listens on: it is taken by a socket that does not either. */
static uint16_t dead_port(void)
{
	static struct sockaddr_in at = { .sin_family = AF_INET };
	static int fd = -1;
	socklen_t n = sizeof(at);

	if (fd < 0) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		check_int(bind(fd, (struct sockaddr *)&at, n), 0);
		check_int(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	}
	return ntohs(at.sin_port);
}

static bool has_ipv6(void)
{
	bool has = listening("tcp:0:interface=[::1]") == REED_OK;

	if (has)
		close_listener();
	return has;
}

static const struct kit_answer table[] = {
	{ "two.example", REED_RECORD_A, 5, REED_OK, 300, "127.0.0.1, 127.0.0.2" },
	{ "elsewhere.example", REED_RECORD_A, 0, REED_OK, 300, "127.0.0.1, 192.0.2.1" },
	{ "slow.example", REED_RECORD_A, 1000, REED_OK, 300, "127.0.0.1" },
	{ NULL, REED_RECORD_A, 0, REED_OK, 0, NULL },
};

/* ---- listening ---- */

static void localhost_is_both_loopback_addresses(void)
{
	bool ipv6 = has_ipv6();
	uint16_t port;

	kit_set(&kit, table);
	check_int(listening("tcp:0:interface=localhost"), REED_OK);
	port = listener->address.port;
	check(is_served(with_port("tcp:127.0.0.1:PORT", port)));
	check_int(is_served(with_port("tcp:[::1]:PORT", port)), ipv6);
	close_listener();
}

static void a_name_is_all_its_addresses(void)
{
	uint16_t port;

	kit_set(&kit, table);
	check_int(listening("tcp:0:interface=two.example"), REED_OK);
	port = listener->address.port;
	check(is_served(with_port("tcp:127.0.0.1:PORT", port)));
	check(is_served(with_port("tcp:127.0.0.2:PORT", port)));
	check(is_served(with_port("tcp:two.example:PORT", port)));
	check(!is_served(with_port("tcp:127.0.0.3:PORT", port)));
	close_listener();
}

static void a_name_that_cannot_be_listened_on_is_told_of(void)
{
	kit_set(&kit, table);
	check_int(listening("tcp:0:interface=no.example"), REED_ENAME);
	check(why_is("\"tcp:0:interface=no.example\", column 17: there is no host called "
	             "no.example"));
	check_int(listening("tcp:0:interface=elsewhere.example"), REED_EADDRNOTAVAIL);
	check(!listener);
	check_int(listening("tcp:0:interface=two words"), REED_ESYNTAX);
}

/* Free on both; what is left of a connection may take it on one of them only. */
static uint16_t port_for_two(void)
{
	uint16_t port;

	kit_set(&kit, table);
	check_int(listening("tcp:0:interface=two.example"), REED_OK);
	port = listener->address.port;
	close_listener();
	return port;
}

static void a_port_taken_on_one_address_is_told_of(void)
{
	uint16_t port = port_for_two();
	struct reed_listener *first;

	check_int(listening(with_port("tcp:PORT:interface=127.0.0.2", port)), REED_OK);
	first = listener;
	listener = NULL;
	check_int(listening(with_port("tcp:PORT:interface=two.example", port)), REED_EADDRINUSE);
	check(!listener);
	reed_listener_close(first);
	check_int(listening(with_port("tcp:PORT:interface=two.example", port)), REED_OK);
	close_listener();
}

static void a_listen_on_a_name_can_be_dropped_at_every_step(void)
{
	struct owner o;
	bool ended = false;
	int n;

	for (n = 0; !ended; n++) {
		kit_set(&kit, table);
		own(&o, reed_listen(loop, "tcp:0:interface=two.example", &listener));
		for (int i = 0; i < n && !o.told; i++)
			step();
		ended = o.told;
		if (!ended)
			disown(&o);
		check_int(kit.under_way, 0);
	}
	check(n > 5);
	close_listener();
}

/* ---- dialling ---- */

static void who_refuses_makes_way_for_who_listens(void)
{
	kit_set(&kit, table);
	check_int(listening("tcp:0:interface=127.0.0.2"), REED_OK);
	check(is_served(with_port("tcp:two.example:PORT", listener->address.port)));
	close_listener();
	check_int(outcome(reed_dial(loop, with_port("tcp:two.example:PORT", dead_port()), &stream)),
	          REED_EREFUSED);
}

/* Of a listener whose queue is full nothing is heard. */
static void dig_black_hole(uint16_t port, int fds[2])
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int one = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fds[0], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	check_int(bind(fds[0], (struct sockaddr *)&at, sizeof(at)), 0);
	check_int(listen(fds[0], 0), 0);
	check_int(connect(fds[1], (struct sockaddr *)&at, sizeof(at)), 0);
}

static void who_says_nothing_is_overtaken(void)
{
	uint16_t port = port_for_two();
	int64_t since = reed_now(loop);
	int fds[2];

	dig_black_hole(port, fds);
	reed_resolver_flush(loop);
	check_int(listening(with_port("tcp:PORT:interface=127.0.0.2", port)), REED_OK);
	check(is_served(with_port("tcp:two.example:PORT", port)));
	check_int((reed_now(loop) - since) / REED_MS(1), 255);
	close_listener();
	close(fds[1]);
	close(fds[0]);
}

static void a_name_that_is_slow_is_within_the_time_limit_too(void)
{
	kit_set(&kit, table);
	check_int(outcome(reed_dial(loop, "tcp:slow.example:1:timeout=1", &stream)),
	          REED_ETIMEDOUT);
	check_int(kit.under_way, 0);
}

/* ---- services ---- */

static char offers[3][96];
static const struct kit_answer services[] = {
	{ "_first._tcp.example", REED_RECORD_SRV, 0, REED_OK, 0, offers[0] },
	{ "_second._tcp.example", REED_RECORD_SRV, 0, REED_OK, 0, offers[1] },
	{ "_nobody._tcp.example", REED_RECORD_SRV, 0, REED_OK, 0, offers[2] },
	{ "_not._tcp.example", REED_RECORD_SRV, 0, REED_OK, 0, "0 0 0 " },
	{ "_broken._tcp.example", REED_RECORD_SRV, 0, REED_ETIMEDOUT, 0, NULL },
	{ "a.example", REED_RECORD_A, 5, REED_OK, 0, "127.0.0.1" },
	{ "b.example", REED_RECORD_A, 5, REED_OK, 0, "127.0.0.2" },
	{ "example", REED_RECORD_A, 0, REED_OK, 0, "127.0.0.1" },
	{ NULL, REED_RECORD_A, 0, REED_OK, 0, NULL },
};

/* One who listens, at 127.0.0.1, and a port where nobody does. */
static uint16_t offer_services(void)
{
	uint16_t dead = dead_port(), port;

	kit_set(&kit, services);
	check_int(listening("tcp:0:interface=127.0.0.1"), REED_OK);
	port = listener->address.port;
	snprintf(offers[0], sizeof(offers[0]), "1 0 %u a.example", port);
	snprintf(offers[1], sizeof(offers[1]),
	         "1 0 %u b.example, 2 0 %u no.example, 3 0 %u a.example", port, port, port);
	snprintf(offers[2], sizeof(offers[2]), "1 0 %u b.example, 2 0 %u a.example", dead, dead);
	return dead;
}

static void a_service_is_dialled(void)
{
	offer_services();
	check(is_served("srv:_first._tcp.example"));
	check(is_served("srv:_first._TCP.Example.:timeout=10"));
	close_listener();
}

static void the_next_one_is_tried_when_one_is_not_there(void)
{
	offer_services();
	check(is_served("srv:_second._tcp.example"));
	close_listener();
}

static void when_nobody_is_there_everybody_is_named(void)
{
	char wanted[512];
	unsigned dead = offer_services();

	check_int(outcome(reed_dial(loop, "srv:_nobody._tcp.example", &stream)), REED_EREFUSED);
	snprintf(wanted, sizeof(wanted),
	         "nobody is there of _nobody._tcp.example: "
	         "cannot connect to b.example:%u: 127.0.0.2:%u: Connection refused; "
	         "cannot connect to a.example:%u: 127.0.0.1:%u: Connection refused",
	         dead, dead, dead, dead);
	check(why_is(wanted));
	close_listener();
}

static void a_service_that_is_not_offered_is_not_dialled(void)
{
	offer_services();
	check_int(outcome(reed_dial(loop, "srv:_not._tcp.example", &stream)), REED_ENAME);
	check(why_is("_not._tcp.example: the domain does not offer this service"));
	check_int(outcome(reed_dial(loop, "srv:_not._tcp.example:port=6667", &stream)), REED_ENAME);
	check_int(outcome(reed_dial(loop, "srv:_broken._tcp.example:port=6667", &stream)),
	          REED_ETIMEDOUT);
	close_listener();
}

static void the_domain_itself_may_be_dialled(void)
{
	offer_services();
	check_int(outcome(reed_dial(loop, "srv:_none._tcp.example", &stream)), REED_ENAME);
	check(why_is("_none._tcp.example has no SRV records"));
	check(is_served(with_port("srv:_none._tcp.example:port=PORT", listener->address.port)));
	close_listener();
}

static void a_wrong_name_of_a_service_is_told_of(void)
{
	static const char *const wrong[] = { "srv:example",         "srv:xmpp-client._tcp.example",
		                             "srv:_x._udp.example", "srv:_x._tcp",
		                             "srv:_x._tcp.",        "srv:_._tcp.example" };
	struct reed_fault *fault;

	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		check_int(reed_loop_run_until(loop, reed_dial(loop, wrong[i], &stream), &fault),
		          REED_ESYNTAX);
		check(strstr(fault->sentence, "column 5: a name such as _xmpp-client._tcp"));
		reed_fault_free(fault);
	}
	check_int(outcome(reed_listen(loop, "srv:_x._tcp.example", &listener)), REED_ESYNTAX);
	check_int(outcome(reed_dial(loop, "srv:_x._tcp.example:port=many", &stream)), REED_ESYNTAX);
}

static void dialling_a_service_can_be_dropped_at_every_step(void)
{
	struct owner o;
	bool ended = false;
	int n;

	offer_services();
	for (n = 0; !ended; n++) {
		own(&o, reed_dial(loop, "srv:_second._tcp.example", &stream));
		for (int i = 0; i < n && !o.told; i++)
			step();
		ended = o.told;
		if (!ended)
			disown(&o);
		check_int(kit.under_way, 0);
		check(ended || idle());
	}
	check(n > 10);
	check_int(o.err, REED_OK);
	reed_abort(stream);
	close_listener();
}

int main(void)
{
	lab_open();
	RUN(localhost_is_both_loopback_addresses);
	RUN(a_name_is_all_its_addresses);
	RUN(a_name_that_cannot_be_listened_on_is_told_of);
	RUN(a_port_taken_on_one_address_is_told_of);
	RUN(a_listen_on_a_name_can_be_dropped_at_every_step);
	RUN(who_refuses_makes_way_for_who_listens);
	RUN(who_says_nothing_is_overtaken);
	RUN(a_name_that_is_slow_is_within_the_time_limit_too);
	RUN(a_service_is_dialled);
	RUN(the_next_one_is_tried_when_one_is_not_there);
	RUN(when_nobody_is_there_everybody_is_named);
	RUN(a_service_that_is_not_offered_is_not_dialled);
	RUN(the_domain_itself_may_be_dialled);
	RUN(a_wrong_name_of_a_service_is_told_of);
	RUN(dialling_a_service_can_be_dropped_at_every_step);
	lab_close();
	return 0;
}
