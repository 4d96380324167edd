/* Nodes: the trees that files are read into, and how one line of text becomes one. */

#include "settings_private.h"

struct node *reed_node_new(struct reed_pool *pool, enum node_kind kind, struct reed_slice text)
{
	struct node *node = reed_settings_keep(pool, sizeof(*node));

	node->kind = kind;
	node->text = text;
	return node;
}

void reed_node_add(struct node *parent, struct node *key, struct node *child)
{
	child->key = key;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

/* Everybody on the machine can see the arguments of a program. */
static struct node *secret_of_flag(struct reed_settings *self, const struct source *source,
                                   struct reed_pool *pool, struct reed_slice text)
{
	struct reed_slice name = text, kind = reed_slice_cut(&name, ':');
	struct node *map = reed_node_new(pool, NODE_MAP, kind);

	if (!reed_slice_is(kind, "file") && !reed_slice_is(kind, "env") &&
	    !reed_slice_is(kind, "credential")) {
		reed_settings_problem_at(self, source->name, "",
		                         "a secret in a flag can be seen by everybody here; "
		                         "write file:PATH, env:NAME or credential:NAME");
		return NULL;
	}
	reed_node_add(map, reed_node_new(pool, NODE_SCALAR, kind),
	              reed_node_new(pool, NODE_SCALAR, name));
	return map;
}

static struct node *one_of_text(struct reed_settings *self, const struct source *source,
                                struct reed_pool *pool, const struct reed_setting *s,
                                struct reed_slice text)
{
	if (s->type == REED_SETTING_RECORD)
		return reed_yaml_read(self, source, pool, text);
	if (s->type == REED_SETTING_SECRET && source->layer == LAYER_FLAG)
		return secret_of_flag(self, source, pool, text);
	return reed_node_new(pool, NODE_SCALAR, text);
}

static void complain_name(struct reed_settings *self, const struct source *source,
                          const struct reed_setting *s, struct reed_slice text)
{
	struct reed_buf why = { 0 };

	reed_settings_quote(&why, text);
	reed_buf_add_str(&why, " has no name; write NAME=");
	reed_setting_write_placeholder(s, &why);
	reed_settings_problem_at(self, source->name, "", REED_FMT, REED_ARG(reed_buf_slice(&why)));
	reed_buf_finish(&why);
}

/* The later of two with one name counts, as with flags that are no list. */
static void add_named(struct reed_pool *pool, struct node *map, struct reed_slice name,
                      struct node *child)
{
	struct node *key = reed_node_new(pool, NODE_SCALAR, name);

	for (struct node *other = map->first; other; other = other->next)
		if (reed_slice_eq(other->key->text, name)) {
			child->next = other->next;
			child->key = key;
			*other = *child;
			return;
		}
	reed_node_add(map, key, child);
}

bool reed_node_add_text(struct reed_settings *self, const struct source *source,
                        struct reed_pool *pool, const struct reed_setting *s,
                        struct node *container, struct reed_slice text)
{
	struct reed_slice value = text, name;
	struct node *child;

	if (container->kind == NODE_LIST) {
		child = one_of_text(self, source, pool, s, text);
		if (child)
			reed_node_add(container, NULL, child);
		return child != NULL;
	}
	name = reed_slice_trim(reed_slice_cut(&value, '='));
	if (name.n == 0 || reed_slice_find(text, '=') == text.n) {
		complain_name(self, source, s, text);
		return false;
	}
	child = one_of_text(self, source, pool, s, value);
	if (child)
		add_named(pool, container, name, child);
	return child != NULL;
}

struct node *reed_node_container(struct reed_pool *pool, const struct reed_setting *s)
{
	return reed_node_new(pool, s->shape == REED_SETTING_MAP ? NODE_MAP : NODE_LIST,
	                     REED_STR(""));
}

/* YAML in brackets is taken as it is; one record may do without those of the list. */
static struct node *bracketed(struct reed_settings *self, const struct source *source,
                              struct reed_pool *pool, const struct reed_setting *s,
                              struct reed_slice text)
{
	struct node *list, *node = reed_yaml_read(self, source, pool, text);

	if (!node || s->type != REED_SETTING_RECORD || node->kind != NODE_MAP)
		return node;
	list = reed_node_container(pool, s);
	reed_node_add(list, NULL, node);
	return list;
}

struct node *reed_node_of_text(struct reed_settings *self, const struct source *source,
                               struct reed_pool *pool, const struct reed_setting *s,
                               struct reed_slice text)
{
	struct node *container;

	if (s->shape == REED_SETTING_ONE)
		return one_of_text(self, source, pool, s, text);
	text = reed_slice_trim(text);
	if (text.n > 0 && (text.p[0] == '[' || text.p[0] == '{'))
		return bracketed(self, source, pool, s, text);
	container = reed_node_container(pool, s);
	while (text.n > 0) {
		struct reed_slice item = reed_slice_trim(reed_slice_cut(&text, ','));

		if (!reed_node_add_text(self, source, pool, s, container, item))
			return NULL;
	}
	return container;
}
