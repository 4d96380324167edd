/* Circular, intrusive lists.  A link that is in no list has next == NULL. */

#ifndef REED_LIST_H
#define REED_LIST_H

#include "reed/api.h"

REED_BEGIN_DECLS

struct reed_list {
	struct reed_list *prev, *next;
};

static inline void reed_list_init(struct reed_list *list)
{
	list->prev = list->next = list;
}

static inline bool reed_list_empty(const struct reed_list *list)
{
	return list->next == list;
}

static inline bool reed_linked(const struct reed_list *link)
{
	return link->next != NULL;
}

/* Before the head is at the end. */
static inline void reed_list_insert_before(struct reed_list *at, struct reed_list *link)
{
	link->next = at;
	link->prev = at->prev;
	at->prev->next = link;
	at->prev = link;
}

static inline void reed_list_append(struct reed_list *list, struct reed_list *link)
{
	reed_list_insert_before(list, link);
}

static inline void reed_list_prepend(struct reed_list *list, struct reed_list *link)
{
	reed_list_insert_before(list->next, link);
}

static inline void reed_list_remove(struct reed_list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = NULL;
}

/* The same for a link that may be in no list. */
static inline void reed_list_unlink(struct reed_list *link)
{
	if (reed_linked(link))
		reed_list_remove(link);
}

/* Takes the first out; NULL when the list is empty. */
static inline struct reed_list *reed_list_take(struct reed_list *list)
{
	struct reed_list *link = list->next;

	if (link == list)
		return NULL;
	reed_list_remove(link);
	return link;
}

/* Moves all of from to the end of list. */
static inline void reed_list_splice(struct reed_list *list, struct reed_list *from)
{
	if (reed_list_empty(from))
		return;
	from->next->prev = list->prev;
	from->prev->next = list;
	list->prev->next = from->next;
	list->prev = from->prev;
	reed_list_init(from);
}

/* The list must not change in the body, ... */
#define reed_list_each(link, list) \
	for (struct reed_list *link = (list)->next; link != (list); link = link->next)

/* ... but for the link the body was given. */
#define reed_list_each_safe(link, list)                                                        \
	for (struct reed_list *link = (list)->next, *link##_next = link->next; link != (list); \
	     link = link##_next, link##_next = link->next)

REED_END_DECLS

#endif
