/* The addresses and nets that a policy knows: a bounded hash table. */

#include <string.h>

#include "policy_private.h"
#include "private.h"
#include "reed/random.h"

enum { SLOTS_FIRST = 64, TIDIED = 2 };

static struct reed_policy_node **place(const struct reed_policy_table *t,
                                       const struct reed_policy_node *key)
{
	uint64_t h = reed_slice_hash(reed_slice(key->ip, sizeof(key->ip)), t->seed + key->level);
	struct reed_policy_node **at = &t->slots[h & (t->size - 1)];

	while (*at &&
	       ((*at)->level != key->level || (*at)->bits != key->bits ||
	        (*at)->family != key->family || memcmp((*at)->ip, key->ip, sizeof(key->ip)) != 0))
		at = &(*at)->next;
	return at;
}

static void grow(struct reed_policy_table *t)
{
	struct reed_policy_table bigger = *t;

	bigger.size = t->size ? t->size * 2 : SLOTS_FIRST;
	bigger.slots = reed_alloc(bigger.size * sizeof(struct reed_policy_node *));
	for (size_t i = 0; i < t->size; i++) {
		struct reed_policy_node *node, *next;

		for (node = t->slots[i]; node; node = next) {
			next = node->next;
			node->next = NULL;
			*place(&bigger, node) = node;
		}
	}
	reed_free(t->slots);
	t->slots = bigger.slots;
	t->size = bigger.size;
}

static void busy(struct reed_policy_table *t, struct reed_policy_node *node)
{
	if (!reed_linked(&node->idle))
		return;
	reed_list_remove(&node->idle);
	t->idle_count--;
}

static void forget(struct reed_policy_table *t, struct reed_policy_node *node)
{
	*place(t, node) = node->next;
	busy(t, node);
	t->count--;
	reed_free(node);
}

static void forget_oldest(struct reed_policy_table *t)
{
	forget(t, reed_container_of(t->idle.next, struct reed_policy_node, idle));
}

/* It is as if it had never been here. */
static bool has_no_debts(const struct reed_policy *p, const struct reed_policy_node *node)
{
	return node->pace.full_at < p->loop->now && node->bytes[0].full_at < p->loop->now &&
	       node->bytes[1].full_at < p->loop->now;
}

/* The debts of those who have gone long ago are paid: a few at a time are enough. */
static void tidy(struct reed_policy *p)
{
	for (int i = 0; i < TIDIED && !reed_list_empty(&p->table.idle); i++) {
		struct reed_policy_node *oldest =
			reed_container_of(p->table.idle.next, struct reed_policy_node, idle);

		if (!has_no_debts(p, oldest))
			return;
		forget(&p->table, oldest);
	}
}

static struct reed_policy_node *add(struct reed_policy *p, const struct reed_policy_node *key)
{
	struct reed_policy_table *t = &p->table;
	struct reed_policy_node *node = reed_alloc(sizeof(*node));

	if (t->count >= t->size)
		grow(t);
	*node = *key;
	*place(t, node) = node;
	t->count++;
	return node;
}

struct reed_policy_node *reed_policy_hold(struct reed_policy *p, enum reed_policy_level level,
                                          const struct reed_prefix *prefix)
{
	struct reed_policy_node key = { .bits = (uint8_t)prefix->bits,
		                        .family = (uint8_t)prefix->address.family,
		                        .level = (uint8_t)level };
	struct reed_policy_node *node;

	memcpy(key.ip, prefix->address.ip, sizeof(key.ip));
	tidy(p);
	node = p->table.size ? *place(&p->table, &key) : NULL;
	if (!node)
		node = add(p, &key);
	busy(&p->table, node);
	node->count++;
	return node;
}

void reed_policy_let_go(struct reed_policy *p, struct reed_policy_node *node)
{
	struct reed_policy_table *t = &p->table;

	if (--node->count > 0 || node == &p->whole)
		return;
	if (has_no_debts(p, node)) {
		forget(t, node);
		return;
	}
	reed_list_append(&t->idle, &node->idle);
	if (++t->idle_count > p->options.peers)
		forget_oldest(t);
}

void reed_policy_table_finish(struct reed_policy_table *t)
{
	while (!reed_list_empty(&t->idle))
		forget_oldest(t);
	reed_free(t->slots);
}
