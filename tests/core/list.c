/* What lists promise. */

#include "reed/list.h"

#include "tests/check.h"

struct item {
	int number;
	struct reed_list link;
};

static struct reed_list list;
static struct item items[5];

static struct item *item_of(struct reed_list *link)
{
	return reed_container_of(link, struct item, link);
}

static void begin(int n)
{
	reed_list_init(&list);
	memset(items, 0, sizeof(items));
	for (int i = 0; i < 5; i++)
		items[i].number = i;
	for (int i = 0; i < n; i++)
		reed_list_append(&list, &items[i].link);
}

/* Forwards and backwards, as digits. */
static void check_order(const char *wanted)
{
	char there[8] = "", back[8] = "";
	size_t n = 0;

	reed_list_each (link, &list)
		there[n++] = (char)('0' + item_of(link)->number);
	check_str(there, wanted);
	for (struct reed_list *link = list.prev; link != &list; link = link->prev)
		back[--n] = (char)('0' + item_of(link)->number);
	check_str(back, wanted);
}

static void an_empty_list_is_empty(void)
{
	begin(0);
	check(reed_list_empty(&list));
	check(reed_list_take(&list) == NULL);
	check_order("");
}

static void links_go_where_they_are_put(void)
{
	begin(2);
	reed_list_prepend(&list, &items[2].link);
	reed_list_insert_before(&items[1].link, &items[3].link);
	reed_list_insert_before(&list, &items[4].link);
	check_order("20314");
	check(!reed_list_empty(&list));
}

static void a_link_knows_whether_it_is_in_a_list(void)
{
	begin(3);
	check(reed_linked(&items[1].link) && !reed_linked(&items[3].link));
	reed_list_remove(&items[1].link);
	check(!reed_linked(&items[1].link));
	reed_list_unlink(&items[1].link);
	reed_list_unlink(&items[3].link);
	reed_list_unlink(&items[0].link);
	check_order("2");
}

static void links_are_taken_from_the_front(void)
{
	begin(3);
	for (int i = 0; i < 3; i++) {
		struct reed_list *link = reed_list_take(&list);

		check(link == &items[i].link && !reed_linked(link));
	}
	check(reed_list_empty(&list));
}

static void one_list_can_be_moved_behind_another(void)
{
	struct reed_list more;

	begin(2);
	reed_list_init(&more);
	reed_list_splice(&list, &more);
	check_order("01");
	for (int i = 2; i < 5; i++)
		reed_list_append(&more, &items[i].link);
	reed_list_splice(&list, &more);
	check_order("01234");
	check(reed_list_empty(&more));
	reed_list_splice(&more, &list);
	check(reed_list_empty(&list) && more.next == &items[0].link);
}

static void the_link_at_hand_may_leave(void)
{
	begin(5);
	reed_list_each_safe (link, &list)
		if (item_of(link)->number % 2 == 0)
			reed_list_remove(link);
	check_order("13");
	reed_list_each_safe (link, &list)
		reed_list_remove(link);
	check_order("");
}

int main(void)
{
	RUN(an_empty_list_is_empty);
	RUN(links_go_where_they_are_put);
	RUN(a_link_knows_whether_it_is_in_a_list);
	RUN(links_are_taken_from_the_front);
	RUN(one_list_can_be_moved_behind_another);
	RUN(the_link_at_hand_may_leave);
	return 0;
}
