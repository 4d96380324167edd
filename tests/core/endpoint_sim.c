/* Endpoint strings in a simulation: those that production code has, and the simulation's own. */

#include "sim_tools.h"

#include <reed/cert.h>
#include <reed/endpoint.h>
#include <unistd.h>

static struct world w;

static void begin(const struct reed_sim_options *options)
{
	world_init(&w, options);
}

/* Listens so on b, dials so on a; the sentence of what fails first, or NULL. */
static const char *failure(const char *listening, const char *dialling)
{
	static char why[400];
	struct reed_listener *listener = NULL;
	struct reed_fault *fault = NULL;
	struct reed_stream *here = NULL, *there = NULL;
	enum reed_err err = REED_OK;

	if (listening)
		err = reed_sim_run_until(w.sim, reed_listen(w.b, listening, &listener), &fault);
	if (!err && listener)
		reed_sim_add(w.sim, reed_accept(listener, &there));
	if (!err && dialling)
		err = reed_sim_run_until(w.sim, reed_dial(w.a, dialling, &here), &fault);
	reed_sim_run_for(w.sim, REED_MS(10));
	check(err || !dialling || there);
	reed_abort(here);
	reed_abort(there);
	reed_listener_close(listener);
	check_int(reed_sim_run(w.sim), REED_OK);
	snprintf(why, sizeof(why), "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err ? why : NULL;
}

static void end(void)
{
	world_finish(&w);
}

static void check_served(const char *listening, const char *dialling)
{
	const char *why = failure(listening, dialling);

	if (why)
		fprintf(stderr, "%s and %s: %s\n", listening, dialling, why);
	check(!why);
}

static void a_simulated_host_is_dialled_and_listens_by_its_name(void)
{
	begin(NULL);
	check_served("sim:b.example:6667", "sim:b.example:6667");
	check_served("sim:B.Example:6667", "sim:b.EXAMPLE:irc");
	check_served("sim:localhost:6667", "sim:b.example:6667");
	end();
}

static void what_production_code_listens_on_and_dials_works_unchanged(void)
{
	begin(NULL);
	check_served("tcp:6667", "tcp:b.example:6667");
	check_served("tcp:6667", "tcp:B.Example:6667");
	check_served("tcp:6667", "tcp:b.example.:6667:timeout=3");
	check_served("tcp:6667", "sim:b.example:6667");
	check_served("sim:b.example:6667", "tcp:b.example:6667");
	check_served("tcp:6667:interface=B.example", "tcp:b.example:6667");
	end();
}

static void make_certificate(const char *path)
{
	const char *names[] = { "b.example", NULL };
	struct reed_cert_options options = REED_CERT_OPTIONS;
	struct reed_buf pem = { .limit = 0 };
	struct reed_fault *fault = NULL;

	options.wall = reed_wall(w.b);
	options.names = names;
	options.days = 30;
	check_int(reed_cert_make_key(REED_CERT_ECDSA, &pem), REED_OK);
	check_int(reed_cert_self_sign(reed_buf_slice(&pem), &options, &pem, &fault), REED_OK);
	check_int(reed_cert_write(path, reed_buf_slice(&pem), true, &fault), REED_OK);
	reed_buf_finish(&pem);
}

static void tls_too_and_the_name_is_verified(void)
{
	char folder[] = "/tmp/reed-sim-XXXXXX", path[64], listening[100], dialling[100];

	check(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/b.pem", folder);
	begin(NULL);
	make_certificate(path);
	snprintf(listening, sizeof(listening), "tls:6697:cert=%s", path);
	snprintf(dialling, sizeof(dialling), "tls:B.example:6697:ca=%s", path);
	check_served(listening, dialling);
	snprintf(listening, sizeof(listening), "tls:[sim:b.example:6697]:cert=%s", path);
	check_served(listening, dialling);
	snprintf(dialling, sizeof(dialling), "tls:10.0.0.2:6697:ca=%s", path);
	check_str(failure(listening, dialling),
	          "the certificate is for b.example, not for 10.0.0.2");
	end();
	check_int(unlink(path), 0);
	check_int(rmdir(folder), 0);
}

static void with_both_families_too(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;

	options.ipv6 = true;
	begin(&options);
	check_served("tcp:6667", "tcp:b.example:6667");
	check_served("sim:b.example:6667", "sim:b.example:6667");
	check_served("tcp:6667:interface=b.example", "tcp:b.example:6667");
	end();
}

static void a_listener_on_a_name_of_this_host_is_not_heard_elsewhere(void)
{
	begin(NULL);
	check_str(failure("tcp:6667:interface=a.example", NULL),
	          "\"tcp:6667:interface=a.example\", column 20: cannot listen on 10.0.0.1:6667: "
	          "address not available here");
	check_str(failure("sim:a.example:6667", NULL),
	          "\"sim:a.example:6667\", column 5: this host is called b.example");
	end();
}

static void what_cannot_be_is_refused_with_its_column(void)
{
	begin(NULL);
	check_str(failure("sim:b.example:7", NULL),
	          "\"sim:b.example:7\", column 15: address in use");
	check_str(failure("sim:b.example:what", NULL),
	          "\"sim:b.example:what\", column 15: \"what\" is no port; a number from 0 to "
	          "65535 must stand here");
	check_str(failure(NULL, "sim:b.example"),
	          "\"sim:b.example\": something is missing; write sim:HOST:PORT");
	check_str(failure(NULL, "sim:c.example:7"), "no simulated host is called c.example");
	end();
}

static void outside_a_simulation_it_is_refused_with_its_column(void)
{
	static const char wanted[] = "\"sim:b.example:7\", column 1: there are no simulated hosts "
				     "outside a simulation (reed/sim.h); tcp: reaches real ones";
	struct reed_listener *listener = NULL;
	struct reed_stream *stream = NULL;
	struct reed_fault *fault = NULL;
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	for (int dial = 0; dial <= 1; dial++) {
		struct reed_future *f = dial ? reed_dial(loop, "sim:b.example:7", &stream)
		                             : reed_listen(loop, "sim:b.example:7", &listener);

		check_int(reed_loop_run_until(loop, f, &fault), REED_ENOTSUP);
		check_str(fault->sentence, wanted);
		reed_fault_free(fault);
	}
	reed_loop_free(loop);
}

static void tls_to_who_says_nothing_is_given_up_with_a_question(void)
{
	int64_t began;

	begin(NULL);
	began = reed_now(w.a);
	check_str(failure("tcp:6697", "tls:b.example:6697:insecure=1"),
	          "tcp:b.example:6697: no answer to the TLS handshake within 10 s; does it speak "
	          "TLS there?");
	check(reed_now(w.a) - began < REED_S(20));
	end();
}

int main(void)
{
	RUN(a_simulated_host_is_dialled_and_listens_by_its_name);
	RUN(what_production_code_listens_on_and_dials_works_unchanged);
	RUN(tls_too_and_the_name_is_verified);
	RUN(with_both_families_too);
	RUN(a_listener_on_a_name_of_this_host_is_not_heard_elsewhere);
	RUN(what_cannot_be_is_refused_with_its_column);
	RUN(outside_a_simulation_it_is_refused_with_its_column);
	RUN(tls_to_who_says_nothing_is_given_up_with_a_question);
	return 0;
}
