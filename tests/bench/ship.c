/*
 * What it costs to ship the log to a peer that is dead.
 *
 *	ship [RECORDS [ROUNDS]]
 *
 * Logs so many records (a million) with the loop turning, without and with a
 * shipper whose peer refuses connections, in turns, and tells the processor
 * time of the loop's thread for each, their ratio, and the memory of the queue.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

#include "reed/ship.h"

enum { ROUNDS = 15, PER_TURN = 1000 };

struct result {
	double ns;
	struct reed_ship_stats stats;
	struct reed_log_stats log;
};

static double thread_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nobody listens on it any more. */
static unsigned dead_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t n = sizeof(at);

	if (bind(fd, (struct sockaddr *)&at, n) || getsockname(fd, (struct sockaddr *)&at, &n))
		exit(1);
	close(fd);
	return ntohs(at.sin_port);
}

static struct result run(long records, const char *endpoint)
{
	struct reed_log_options options = REED_LOG_OPTIONS;
	struct reed_ship_options to = REED_SHIP_OPTIONS;
	struct result r = { .stats.size = sizeof(r.stats), .log.size = sizeof(r.log) };
	struct reed_ship *ship = NULL;
	struct reed_fault *fault = NULL;
	struct reed_loop *loop;
	double before;

	if (reed_loop_new(NULL, &loop))
		exit(1);
	options.to = REED_LOG_TO_FILE;
	options.path = "/dev/null";
	options.format = REED_LOG_JSON;
	if (reed_log_open(reed_log_of(loop), &options, &fault))
		exit(1);
	to.endpoint = endpoint;
	if (endpoint)
		ship = reed_ship_new(loop, &to);
	before = thread_time();
	for (long i = 0; i < records; i++) {
		reed_log(loop, REED_LOG_INFO, "client has left nick=%s after=%ld peer=%s", "alice",
		         i, "192.0.2.17:40312");
		if (i % PER_TURN == 0)
			reed_loop_turn(loop, 0);
	}
	r.ns = (thread_time() - before) / (double)records;
	reed_log_stats(reed_log_of(loop), &r.log);
	if (ship)
		reed_ship_stats(ship, &r.stats);
	reed_ship_free(ship);
	reed_loop_free(loop);
	return r;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	long records = argc > 1 ? atol(argv[1]) : 1000000;
	int rounds = argc > 2 ? atoi(argv[2]) : ROUNDS;
	double *ratios = calloc((size_t)rounds, sizeof(*ratios));
	struct result without, with = { .ns = 0 };
	char endpoint[64];

	snprintf(endpoint, sizeof(endpoint), "tcp:127.0.0.1:%u", dead_port());
	for (int i = 0; i < rounds; i++) {
		without = run(records, NULL);
		with = run(records, endpoint);
		ratios[i] = with.ns / without.ns;
		printf("without %6.1f ns a record, with %6.1f ns, ratio %.3f\n", without.ns,
		       with.ns, ratios[i]);
	}
	qsort(ratios, (size_t)rounds, sizeof(*ratios), by_size);
	printf("median ratio %.3f; memory %ju of %d bytes, %ju records counted as lost\n",
	       ratios[rounds / 2], (uintmax_t)with.stats.memory, REED_SHIP_ROOM,
	       (uintmax_t)with.stats.dropped);
	free(ratios);
	return 0;
}
