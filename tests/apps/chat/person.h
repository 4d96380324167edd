/*
 * Somebody on a simulated host who makes an account, talks in a room without
 * end, and writes down what is heard there.
 *
 * Everybody says their number and 1, 2, 3, ...: each once, whether or not it
 * got through.  What must hold of it is looked at in person_heard() and
 * town_check().
 */

#ifndef REED_TESTS_CHAT_PERSON_H
#define REED_TESTS_CHAT_PERSON_H

#include "reed/co.h"
#include "reed/irc/ask.h"
#include "reed/irc/client.h"
#include "reed/scope.h"
#include "reed/sim.h"

#define ROOM "#town"

enum { PEOPLE = 4, SAYINGS = 2000 };

/* What one has heard of another, by number: in which connection, or 0. */
struct hearing {
	unsigned short in[SAYINGS];
	int last; /* the number heard last */
};

struct town;

struct person {
	struct town *town;
	int number;
	char nick[16], endpoint[160];
	struct reed_irc_client *client; /* NULL: not begun */
	struct reed_irc_events events;
	struct reed_scope scope;
	bool has_account;          /* the server has said so */
	bool is_here;              /* in the room */
	unsigned short connection; /* of ours, from 1 */
	int said;
	bool accepted[SAYINGS]; /* came back to us: the room has it */
	struct hearing heard[PEOPLE];
};

struct town {
	struct reed_sim *sim;
	struct person people[PEOPLE];
	bool is_over; /* nobody says anything any more */
};

/* Comes to its host, and lives there from now on. */
void person_begin(struct person *self, struct town *town, int number, const char *endpoint);

/* Says goodbye; settles when the client has ended. */
struct reed_future *person_quit(struct person *self);
/* Nothing is left of it, also of one whose story has failed halfway. */
void person_finish(struct person *self);

/* Fails the simulation if anybody has missed something. */
void town_check(struct town *town);

#endif
