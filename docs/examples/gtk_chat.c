/*
 * A chat window of GTK's: gtk_chat ENDPOINT NICK CHANNELS
 *
 * GTK runs, as in any such program; Reed's IRC client is a guest of its loop.
 * The coroutine at the end is all that listens; what the person does comes from
 * GTK's signals.  /join, /part, /nick, /me and /quit do what they say.
 */

#include <gtk/gtk.h>
#include <reed/co.h>
#include <reed/glib.h>
#include <reed/irc/ask.h>
#include <stdlib.h>
#include <time.h>

static const char style[] =
	"window { background: #f6f5f4; }"
	".rooms, .rooms list { background: #2b303b; color: #c0c5ce; }"
	".rooms row { padding: 7px 14px; }"
	".rooms row:selected { background: #4a6fa5; color: white; }"
	".topic { padding: 10px 14px; color: #5e5c64; border-bottom: 1px solid #deddda;"
	"  background: white; }"
	".people { background: #f6f5f4; border-left: 1px solid #deddda; }"
	".people row { padding: 3px 12px; }"
	"textview, textview text { background: white; color: #241f31; }"
	"entry { margin: 8px; padding: 6px 10px; border-radius: 14px; }";

static const char *const colours[] = { "#1a5fb4", "#a51d2d", "#26703f", "#813d9c",
	                               "#b5590a", "#0b7285", "#63452c", "#4c3fbf" };

struct room {
	char *name;
	GtkTextBuffer *text;
	GtkWidget *row, *label;
};

static struct reed_loop *loop;
static struct reed_irc_client *irc;
static int status;
static GtkWidget *window, *rooms, *topic, *view, *entry, *people;
static GHashTable *by_name; /* rooms */
static struct room *shown;

/* ---- rooms ---- */

static void room_free(void *p)
{
	struct room *room = p;

	g_object_unref(room->text);
	g_free(room->name);
	g_free(room);
}

static void add_tags(GtkTextBuffer *text)
{
	gtk_text_buffer_create_tag(text, "plain", NULL);
	gtk_text_buffer_create_tag(text, "time", "foreground", "#9a9996", "scale", 0.85, NULL);
	gtk_text_buffer_create_tag(text, "quiet", "foreground", "#77767b", "style",
	                           PANGO_STYLE_ITALIC, NULL);
	gtk_text_buffer_create_tag(text, "wrong", "foreground", "#c01c28", NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(colours); i++) {
		char name[4];

		g_snprintf(name, sizeof(name), "%zu", i);
		gtk_text_buffer_create_tag(text, name, "foreground", colours[i], "weight",
		                           PANGO_WEIGHT_BOLD, NULL);
	}
}

static struct room *room_of(struct reed_slice slice)
{
	char *name = g_strndup(slice.p, slice.n), *key = g_ascii_strdown(name, -1);
	struct room *room = g_hash_table_lookup(by_name, key);

	if (room) {
		g_free(name);
		g_free(key);
		return room;
	}
	room = g_new0(struct room, 1);
	room->name = name;
	room->text = gtk_text_buffer_new(NULL);
	add_tags(room->text);
	room->label = gtk_label_new(name);
	gtk_label_set_xalign(GTK_LABEL(room->label), 0);
	room->row = gtk_list_box_row_new();
	gtk_container_add(GTK_CONTAINER(room->row), room->label);
	g_object_set_data(G_OBJECT(room->row), "room", room);
	g_hash_table_insert(by_name, key, room);
	gtk_container_add(GTK_CONTAINER(rooms), room->row);
	gtk_widget_show_all(room->row);
	return room;
}

static void label_room(struct room *room, bool has_news)
{
	char *text =
		g_markup_printf_escaped(has_news ? "<b>%s  \342\200\242</b>" : "%s", room->name);

	gtk_label_set_markup(GTK_LABEL(room->label), text);
	g_free(text);
}

/* A line of a room: the time, who in a colour of their own, and what. */
static void put(struct room *room, int64_t ms, struct reed_slice who, const char *tag,
                const char *what)
{
	char *nick = g_strndup(who.p, who.n), colour[4], clock[16];
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	GtkTextIter end;

	strftime(clock, sizeof(clock), "%H:%M  ", localtime_r(&seconds, &tm));
	g_snprintf(colour, sizeof(colour), "%zu", (size_t)g_str_hash(nick) % G_N_ELEMENTS(colours));
	gtk_text_buffer_get_end_iter(room->text, &end);
	gtk_text_buffer_insert_with_tags_by_name(room->text, &end, clock, -1, "time", NULL);
	gtk_text_buffer_insert_with_tags_by_name(room->text, &end, nick, -1, colour, NULL);
	gtk_text_buffer_insert_with_tags_by_name(room->text, &end, "  ", -1, tag, NULL);
	gtk_text_buffer_insert_with_tags_by_name(room->text, &end, what, -1, tag, NULL);
	gtk_text_buffer_insert(room->text, &end, "\n", 1);
	g_free(nick);
	if (room == shown)
		gtk_text_view_scroll_to_mark(GTK_TEXT_VIEW(view),
		                             gtk_text_buffer_get_insert(room->text), 0, TRUE, 0, 1);
	else
		label_room(room, true);
}

static void show_people(void)
{
	const struct reed_irc_channel *channel;
	const struct reed_irc_member *m = NULL;

	gtk_container_foreach(GTK_CONTAINER(people),
	                      (GtkCallback)(void (*)(void))gtk_widget_destroy, NULL);
	channel = shown ? reed_irc_channel_find(irc, reed_slice_of(shown->name)) : NULL;
	gtk_label_set_text(GTK_LABEL(topic), channel && *channel->topic ? channel->topic
	                                     : shown                    ? shown->name
	                                                                : "");
	while (channel && (m = reed_irc_member_next(channel, m))) {
		char *text = g_strconcat(strchr(m->modes, 'o') ? "@" : "", m->user->nick, NULL);
		GtkWidget *label = gtk_label_new(text);

		gtk_label_set_xalign(GTK_LABEL(label), 0);
		gtk_container_add(GTK_CONTAINER(people), label);
		g_free(text);
	}
	gtk_widget_show_all(people);
}

static void show_room(GtkListBox *box, GtkListBoxRow *row)
{
	(void)box;
	shown = row ? g_object_get_data(G_OBJECT(row), "room") : NULL;
	if (!shown)
		return;
	label_room(shown, false);
	gtk_text_view_set_buffer(GTK_TEXT_VIEW(view), shown->text);
	show_people();
}

/* What has gone wrong, where the person looks. */
static void complain(struct reed_slice about, struct reed_slice why)
{
	struct room *room = shown ? shown : room_of(REED_STR("server"));
	char *text = g_strdup_printf(REED_FMT ":  " REED_FMT, REED_ARG(about), REED_ARG(why));

	put(room, g_get_real_time() / 1000, REED_STR("!"), "wrong", text);
	gtk_list_box_select_row(GTK_LIST_BOX(rooms), GTK_LIST_BOX_ROW(room->row));
	g_free(text);
}

/* ---- what the person does ---- */

static void quit(void)
{
	reed_background(reed_irc_quit(irc, REED_STR("the window was closed")), NULL, NULL);
}

/* A command, until the server has answered. */
struct command {
	struct reed_co co;
	char *line, *word, *rest;
	struct reed_irc_refusal refusal;
};

static struct reed_future *obey(struct command *self)
{
	struct reed_slice here = reed_slice_of(shown ? shown->name : "");
	struct reed_slice what = self->rest ? reed_slice_of(self->rest) : here;

	if (strcmp(self->word, "/quit") == 0)
		return reed_irc_quit(irc, REED_STR("the window was closed"));
	if (strcmp(self->word, "/me") == 0)
		return reed_irc_act(irc, here, what);
	if (strcmp(self->word, "/join") == 0)
		return reed_irc_join(irc, what, REED_STR(""), &self->refusal);
	if (strcmp(self->word, "/part") == 0)
		return reed_irc_part(irc, what, REED_STR(""), &self->refusal);
	if (strcmp(self->word, "/nick") == 0)
		return reed_irc_set_nick(irc, what, &self->refusal);
	if (*self->word != '/')
		return reed_irc_say(irc, here, reed_slice_of(self->line));
	return reed_failed(loop, REED_EINVAL, "is none of /join, /part, /nick, /me and /quit");
}

static void command_run(struct reed_co *co)
{
	struct command *self = reed_frame(co, struct command);

	reed_coroutine (co) {
		reed_await(co, obey(self));
		if (co->err)
			complain(reed_slice_of(self->line), reed_slice_of(reed_co_why(co)));
		else if (reed_irc_is_refused(&self->refusal))
			complain(reed_slice_of(self->line), reed_slice_of(self->refusal.text));
	}
}

static void command_end(struct reed_co *co)
{
	struct command *self = reed_frame(co, struct command);

	g_free(self->line);
	g_free(self->word);
}

static const struct reed_co_kind command_kind = {
	.name = "command",
	.size = sizeof(struct command),
	.run = command_run,
	.end = command_end,
};

static void command(const char *line)
{
	struct command *self = reed_co_new(loop, &command_kind);

	self->line = g_strdup(line);
	self->word = g_strdup(line);
	self->rest = strchr(self->word, ' ');
	if (self->rest)
		*self->rest++ = '\0';
	reed_background(reed_start(&self->co), NULL, NULL);
}

static void entered(GtkEntry *line)
{
	char *text = g_strdup(gtk_entry_get_text(line));

	if (*text == '/' || (*text && shown))
		command(text);
	if (*text && *text != '/' && shown && !reed_irc_client_has(irc, "echo-message"))
		put(shown, g_get_real_time() / 1000, reed_irc_client_nick(irc), "plain", text);
	gtk_entry_set_text(line, "");
	g_free(text);
}

static gboolean closing(void)
{
	quit();
	return TRUE; /* the window goes when the server has heard of it */
}

/* ---- what happens ---- */

static void tell(const struct reed_irc_event *e, struct reed_slice where, const char *how)
{
	char *text = g_strdup_printf("%s%.*s%.*s", how, REED_ARG(e->subject), REED_ARG(e->text));

	put(room_of(where), e->time, e->who.nick, "quiet", text);
	g_free(text);
}

static void said(const struct reed_irc_event *e)
{
	struct reed_slice where = e->is_private && !e->is_mine ? e->reply_to : e->target;
	char *text = g_strndup(e->text.p, e->text.n);

	put(room_of(where), e->time, e->who.nick,
	    e->kind == REED_IRC_EVENT_ACTION ? "quiet" : "plain", text);
	g_free(text);
}

static void joined(const struct reed_irc_event *e)
{
	struct room *room = room_of(e->target);

	if (e->is_mine)
		gtk_list_box_select_row(GTK_LIST_BOX(rooms), GTK_LIST_BOX_ROW(room->row));
	put(room, e->time, e->who.nick, "quiet", "has joined");
}

static void title(struct reed_slice network)
{
	char *text = g_strdup_printf("Reed \342\200\224 %.*s", REED_ARG(network));

	gtk_window_set_title(GTK_WINDOW(window), text);
	g_free(text);
}

/* What answers none of our commands: a word that may not be said here, a server that is gone. */
static void went_wrong(const struct reed_irc_event *e)
{
	const struct reed_irc_message *m = e->message;

	if (e->kind == REED_IRC_EVENT_DISCONNECTED && e->err)
		complain(REED_STR("disconnected"), e->text);
	else if (e->kind == REED_IRC_EVENT_STANDARD)
		complain(e->target, e->text);
	else if (e->kind == REED_IRC_EVENT_NUMERIC && e->numeric >= 400 && m->count >= 2 &&
	         e->numeric != 422) /* no message of the day */
		complain(m->params[m->count - 2], m->params[m->count - 1]);
}

static void happened(const struct reed_irc_event *e)
{
	if (e->kind == REED_IRC_EVENT_MESSAGE || e->kind == REED_IRC_EVENT_ACTION)
		said(e);
	else if (e->kind == REED_IRC_EVENT_JOIN)
		joined(e);
	else if (e->kind == REED_IRC_EVENT_PART)
		tell(e, e->target, "has left  ");
	else if (e->kind == REED_IRC_EVENT_TOPIC)
		tell(e, e->target, "changed the topic:  ");
	else if (e->kind == REED_IRC_EVENT_NICK && shown)
		tell(e, reed_slice_of(shown->name), "is now known as ");
	else if (e->kind == REED_IRC_EVENT_READY)
		title(e->text);
	else
		went_wrong(e);
	show_people();
}

struct listener {
	struct reed_co co;
	struct reed_irc_events events;
};

static void listen_run(struct reed_co *co)
{
	struct listener *self = reed_frame(co, struct listener);

	reed_coroutine (co) {
		reed_irc_events_begin(&self->events, irc, 1000);
		for (;;) {
			reed_await(co, reed_irc_events_next(&self->events));
			if (co->err == REED_EEOF)
				break;
			if (!co->err)
				happened(self->events.event);
		}
	}
}

static void listen_end(struct reed_co *co)
{
	reed_irc_events_end(&reed_frame(co, struct listener)->events);
}

static const struct reed_co_kind listen_kind = {
	.name = "listen",
	.size = sizeof(struct listener),
	.run = listen_run,
	.end = listen_end,
};

/* ---- the window ---- */

static GtkWidget *scrolled(GtkWidget *child, const char *class, int width)
{
	GtkWidget *around = gtk_scrolled_window_new(NULL, NULL);

	gtk_style_context_add_class(gtk_widget_get_style_context(around), class);
	gtk_widget_set_size_request(around, width, -1);
	gtk_container_add(GTK_CONTAINER(around), child);
	return around;
}

static GtkWidget *middle(void)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);

	topic = gtk_label_new("");
	gtk_label_set_xalign(GTK_LABEL(topic), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(topic), "topic");
	view = gtk_text_view_new();
	gtk_text_view_set_editable(GTK_TEXT_VIEW(view), FALSE);
	gtk_text_view_set_cursor_visible(GTK_TEXT_VIEW(view), FALSE);
	gtk_text_view_set_wrap_mode(GTK_TEXT_VIEW(view), GTK_WRAP_WORD_CHAR);
	gtk_text_view_set_left_margin(GTK_TEXT_VIEW(view), 14);
	gtk_text_view_set_top_margin(GTK_TEXT_VIEW(view), 10);
	gtk_text_view_set_pixels_below_lines(GTK_TEXT_VIEW(view), 4);
	entry = gtk_entry_new();
	gtk_entry_set_placeholder_text(GTK_ENTRY(entry), "Say something");
	g_signal_connect(entry, "activate", G_CALLBACK(entered), NULL);
	gtk_box_pack_start(GTK_BOX(box), topic, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), scrolled(view, "said", -1), TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), entry, FALSE, FALSE, 0);
	return box;
}

static void paint(void)
{
	GtkCssProvider *css = gtk_css_provider_new();

	gtk_css_provider_load_from_data(css, style, -1, NULL);
	gtk_style_context_add_provider_for_screen(gdk_screen_get_default(), GTK_STYLE_PROVIDER(css),
	                                          GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
	g_object_unref(css);
}

static void open_window(void)
{
	GtkWidget *columns = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);

	paint();
	by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, room_free);
	window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	gtk_window_set_title(GTK_WINDOW(window), "Reed");
	gtk_window_set_default_size(GTK_WINDOW(window), 900, 560);
	rooms = gtk_list_box_new();
	people = gtk_list_box_new();
	g_signal_connect(rooms, "row-selected", G_CALLBACK(show_room), NULL);
	g_signal_connect(window, "delete-event", G_CALLBACK(closing), NULL);
	gtk_box_pack_start(GTK_BOX(columns), scrolled(rooms, "rooms", 170), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(columns), middle(), TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(columns), scrolled(people, "people", 150), FALSE, FALSE, 0);
	gtk_container_add(GTK_CONTAINER(window), columns);
	gtk_widget_show_all(window);
	gtk_widget_grab_focus(entry);
}

static void ended(void *arg, enum reed_err err, const char *why)
{
	(void)arg;
	if (err)
		fprintf(stderr, "gtk_chat: %s\n", why);
	status = err ? 1 : 0;
	gtk_main_quit();
}

int main(int argc, char **argv)
{
	struct reed_irc_client_options options = REED_IRC_CLIENT_OPTIONS;
	struct reed_glib_guest *guest = NULL;

	if (!gtk_init_check(&argc, &argv) || argc != 4) {
		fputs("gtk_chat ENDPOINT NICK CHANNELS, where there is a display\n", stderr);
		return 2;
	}
	if (reed_loop_new(NULL, &loop) || reed_glib_guest_new(loop, NULL, &guest))
		return 1;
	options.endpoint = argv[1];
	options.nick = argv[2];
	options.channels = argv[3];
	irc = reed_irc_client_new(loop, &options);
	open_window();
	reed_background(reed_start(reed_co_new(loop, &listen_kind)), NULL, NULL);
	reed_background(reed_irc_client_run(irc), ended, NULL);
	gtk_main();
	reed_irc_client_free(irc);
	reed_glib_guest_free(guest);
	reed_loop_free(loop);
	gtk_widget_destroy(window);
	g_hash_table_destroy(by_name);
	return status;
}
