#include "tests/conformance/dgram.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

const struct kind *kind;
struct reed_dgram *them, *us;
struct reed_sim *sim;
struct reed_dgram_options options;
struct reed_datagram got;

static char folder[] = "/tmp/reed-test-XXXXXX";
static int paths;

/* ---- the kinds ---- */

const struct kind kinds[] = {
	{ "udp over IPv4", REED_FAMILY_IPV4, false, false, "127.0.0.1" },
	{ "udp over IPv6", REED_FAMILY_IPV6, false, false, "::1" },
	{ "udp everywhere, asked by IPv4", REED_FAMILY_IPV4, false, false, "::" },
	{ "udp asked by a connected one", REED_FAMILY_IPV4, true, false, "0.0.0.0" },
	{ "udp connected", REED_FAMILY_IPV4, true, true, "127.0.0.1" },
	{ "udp connected over IPv6", REED_FAMILY_IPV6, true, true, "::1" },
	{ "unix", REED_FAMILY_UNIX, false, false, "path" },
	{ "unix abstract", REED_FAMILY_UNIX, false, false, "@" },
};

const struct kind simulated_kinds[] = {
	{ "simulated over IPv4", REED_FAMILY_IPV4, false, false, "127.0.0.1" },
	{ "simulated over IPv6", REED_FAMILY_IPV6, false, false, "::" },
	{ "simulated everywhere, asked by IPv4", REED_FAMILY_IPV4, true, false, "::" },
	{ "simulated connected", REED_FAMILY_IPV4, true, true, "127.0.0.1" },
};

const size_t kind_count = REED_COUNT(kinds), simulated_kind_count = REED_COUNT(simulated_kinds);

struct reed_address fresh_address(void)
{
	struct reed_address at = { .family = REED_FAMILY_UNIX };

	if (kind->family != REED_FAMILY_UNIX) {
		check_int(reed_address_parse(reed_slice_of(kind->at), 0, &at), REED_OK);
		return at;
	}
	if (kind->at[0] == '@')
		snprintf(at.path, sizeof(at.path), "@reed-test-%d-%d", (int)getpid(), paths++);
	else
		snprintf(at.path, sizeof(at.path), "%s/%d", folder, paths++);
	return at;
}

/* Where the other side finds what is bound to every address. */
const struct reed_address *address_of(const struct reed_dgram *d)
{
	static struct reed_address at;

	at = d->local;
	if (kind->family == REED_FAMILY_UNIX ||
	    (strcmp(kind->at, "::") && strcmp(kind->at, "0.0.0.0")))
		return &at;
	if (sim && d == us) /* the first host */
		check_int(reed_address_parse(reed_slice_of(kind->family == REED_FAMILY_IPV6
		                                                   ? "fd00::1"
		                                                   : "10.0.0.1"),
		                             d->local.port, &at),
		          REED_OK);
	else if (at.ip[0] == 0 && at.ip[15] == 0)
		check_int(reed_address_parse(reed_slice_of(kind->family == REED_FAMILY_IPV6
		                                                   ? "::1"
		                                                   : "127.0.0.1"),
		                             d->local.port, &at),
		          REED_OK);
	return &at;
}

static struct reed_dgram *bound(void)
{
	struct reed_address at = fresh_address();
	struct reed_fault *fault = NULL;
	struct reed_dgram *d = NULL;

	if (reed_dgram_bind(loop, &at, &options, &d, &fault))
		fprintf(stderr, "%s\n", reed_fault_why(fault, REED_OK));
	check(d != NULL);
	return d;
}

/* Where one was, another is connected from. */
static struct reed_dgram *connected(struct reed_dgram *old, const struct reed_address *to)
{
	struct reed_address at = *address_of(old);
	struct reed_fault *fault = NULL;
	struct reed_dgram *d = NULL;

	reed_dgram_close(old);
	if (reed_dgram_connect(loop, to, &at, &options, &d, &fault))
		fprintf(stderr, "%s\n", reed_fault_why(fault, REED_OK));
	check(d != NULL);
	return d;
}

void make_pair(void)
{
	struct reed_address to;

	us = bound();
	them = bound();
	if (kind->they_connect) {
		to = *address_of(us);
		them = connected(them, &to);
	}
	if (kind->we_connect) {
		to = them->local;
		us = connected(us, &to);
	}
}

void close_pair(void)
{
	reed_dgram_close(us);
	reed_dgram_close(them);
	us = them = NULL;
}

/* ---- one test over one kind ---- */

const struct suite suites[] = {
	{ "dgram_pull", dgram_pull },
	{ "dgram_push", dgram_push },
	{ NULL, NULL },
};

static bool is_simulated(void)
{
	return strcmp(loops_of, "sim") == 0;
}

static void begin(void)
{
	if (is_simulated()) {
		sim = reed_sim_new(NULL);
		loop = reed_sim_host(sim, "host");
	} else {
		loop = open_loop();
	}
}

static bool system_has_it(void)
{
	int fd = socket(kind->family == REED_FAMILY_IPV6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);

	if (fd >= 0)
		close(fd);
	else
		printf("no such sockets on this system: %s\n", strerror(errno));
	return fd >= 0;
}

static void clean_up(void)
{
	close_pair();
	until_nothing_is_left();
}

static void run_one(void (*test)(void))
{
	if (sim || system_has_it()) {
		options = (struct reed_dgram_options)REED_DGRAM_OPTIONS;
		snprintf(folder, sizeof(folder), "/tmp/reed-test-XXXXXX");
		check(mkdtemp(folder) != NULL);
		make_pair();
		test();
		clean_up();
		check(rmdir(folder) == 0);
	}
	if (sim)
		reed_sim_free(sim);
	else
		close_loop(loop);
	sim = NULL;
	check_int(memory.live, 0);
}

void over_each_kind(void (*test)(void), const char *name)
{
	bool simulated = is_simulated();
	const struct kind *first = simulated ? simulated_kinds : kinds;
	size_t count = simulated ? simulated_kind_count : of_few_kinds() ? 1 : kind_count;

	for (kind = first; kind < first + count; kind++)
		if (is_mine(kind->name, name)) {
			begin();
			run_one(test);
		}
}

/* ---- short words ---- */

enum reed_err ends_as(struct reed_future *f)
{
	struct owner o;

	own(&o, f);
	until(o.told);
	return o.err;
}

enum reed_err send_slice(struct reed_dgram *from, struct reed_slice data)
{
	struct reed_dgram *to = from == us ? them : us;

	return reed_dgram_send(from, reed_dgram_connected(from) ? NULL : address_of(to), data);
}

void say(struct reed_dgram *from, const char *text)
{
	check_int(send_slice(from, reed_slice_of(text)), REED_OK);
}

void hears(struct reed_dgram *d, const char *text)
{
	check_int(ends_as(reed_dgram_receive(d, &got)), REED_OK);
	check_slice(got.data, text);
}

void hears_nothing(struct reed_dgram *d)
{
	check_int(ends_as(reed_within(50, reed_dgram_receive(d, &got))), REED_ETIMEDOUT);
}

struct reed_slice pattern(size_t n)
{
	static char bytes[1 << 17];

	check(n <= sizeof(bytes));
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 31 + (i >> 8) * 7);
	return reed_slice(bytes, n);
}
