/*
 * A chat window of Qt's: qt_chat ENDPOINT NICK CHANNELS
 *
 * Qt runs, as in any such program; Reed's IRC client is a guest of its loop.
 * Coroutines are C's, so this one waits for events with a reed_waiter.  /join,
 * /part, /nick, /me and /quit do what they say.
 */

#include <QApplication>
#include <QCloseEvent>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMap>
#include <QTextBrowser>
#include <cstdio>
#include <list>
#include <reed/irc/ask.h>
#include <reed/qt.h>

static const char sheet[] = "QWidget { font-size: 10pt; }"
			    "#rooms { background: #20343d; color: #b9cdd4; border: none; }"
			    "#rooms::item { padding: 7px 12px; border: none; }"
			    "#rooms::item:selected { background: #2f8f83; color: white; }"
			    "#topic { background: white; color: #5c6b70; padding: 10px 14px;"
			    "  border-bottom: 1px solid #dde5e6; }"
			    "#said { background: white; border: none; padding: 6px; }"
			    "#entry { border: 1px solid #c7d3d5; border-radius: 14px;"
			    "  padding: 6px 12px; margin: 8px; background: white; color: #20343d; }"
			    "#people { background: #f3f6f6; color: #33484f; border: none;"
			    "  border-left: 1px solid #dde5e6; padding: 6px; }";

static const char QUIET[] = "color:#7b888c; font-style:italic";

static QString text_of(struct reed_slice s)
{
	return QString::fromUtf8(s.p, static_cast<qsizetype>(s.n));
}

class Window : public QWidget
{
    public:
	Window(reed_loop *loop, const reed_irc_client_options *options)
		: irc(reed_irc_client_new(loop, options)), reed(loop)
	{
		lay_out();
		waiter.window = this;
		waiter.wake = woken;
		reed_irc_events_begin(&events, irc, 1000);
		wait();
		reed_background(reed_irc_client_run(irc), ended, this);
	}

	~Window() override
	{
		reed_unwait(reed, &waiter);
		reed_irc_events_end(&events);
		reed_irc_client_free(irc);
	}

    protected:
	/* The window goes when the server has heard of it. */
	void closeEvent(QCloseEvent *event) override
	{
		event->ignore();
		leave();
	}

    private:
	struct Room {
		QListWidgetItem *item;
		QString html;
	};

	struct Waiter : reed_waiter {
		Window *window;
	};

	/* What the person wants, until the server has answered. */
	struct Asked {
		Window *window;
		QByteArray line;
		reed_irc_refusal refusal;
	};

	reed_irc_client *irc;
	reed_loop *reed;
	reed_irc_events events = {};
	Waiter waiter = {};
	QListWidget *rooms, *people;
	QLabel *topic;
	QTextBrowser *said;
	QLineEdit *entry;
	QMap<QString, Room> by_name;
	std::list<Asked> asked; /* which stay where they are */

	/* ---- what it looks like ---- */

	void lay_out()
	{
		QHBoxLayout *columns = new QHBoxLayout(this);
		QVBoxLayout *middle = new QVBoxLayout;

		columns->setContentsMargins(0, 0, 0, 0);
		columns->setSpacing(0);
		middle->setSpacing(0);
		columns->addWidget(rooms = new QListWidget);
		columns->addLayout(middle, 1);
		columns->addWidget(people = new QListWidget);
		middle->addWidget(topic = new QLabel);
		middle->addWidget(said = new QTextBrowser, 1);
		middle->addWidget(entry = new QLineEdit);
		rooms->setFixedWidth(170);
		people->setFixedWidth(150);
		entry->setPlaceholderText("Say something");
		topic->setTextFormat(Qt::PlainText);
		rooms->setObjectName("rooms");
		people->setObjectName("people");
		topic->setObjectName("topic");
		said->setObjectName("said");
		entry->setObjectName("entry");
		setStyleSheet(sheet);
		setWindowTitle("Reed");
		resize(900, 560);
		entry->setFocus();
		rooms->setFocusPolicy(Qt::NoFocus);
		people->setFocusPolicy(Qt::NoFocus);
		connect(rooms, &QListWidget::currentItemChanged, this, [this] { show_room(); });
		connect(entry, &QLineEdit::returnPressed, this, [this] { entered(); });
	}

	QString here() const
	{
		QListWidgetItem *item = rooms->currentItem();

		return item ? item->data(Qt::UserRole).toString() : QString();
	}

	Room &room_of(const QString &name)
	{
		Room &room = by_name[name.toLower()];

		if (!room.item) {
			room.item = new QListWidgetItem(name, rooms);
			room.item->setData(Qt::UserRole, name);
		}
		return room;
	}

	void show_room()
	{
		Room &room = room_of(here());

		room.item->setText(here());
		said->setHtml(room.html);
		said->moveCursor(QTextCursor::End);
		show_people();
	}

	void show_people()
	{
		QByteArray name = here().toUtf8();
		const reed_irc_channel *channel =
			reed_irc_channel_find(irc, reed_slice_of(name.constData()));
		const reed_irc_member *m = nullptr;

		people->clear();
		topic->setText(channel && *channel->topic ? channel->topic : here());
		while (channel && (m = reed_irc_member_next(channel, m)))
			people->addItem((strchr(m->modes, 'o') ? "@" : "") + QString(m->user->nick));
	}

	/* A line of a room: the time, who in a colour of their own, and what. */
	void put(const QString &where, int64_t ms, const QString &who, const QString &what,
	         const char *style = "")
	{
		static const char *const colours[] = { "#1a5fb4", "#a51d2d", "#26703f", "#813d9c",
			                               "#b5590a", "#0b7285", "#63452c", "#4c3fbf" };
		Room &room = room_of(where);
		QString words = what.toHtmlEscaped();
		QString line = QString("<p style='margin:4px'><span style='color:#9aa5a8'>%1</span> "
		                       "&nbsp;<b style='color:%2'>%3</b> &nbsp;%4</p>")
			               .arg(QDateTime::fromMSecsSinceEpoch(ms).toString("HH:mm"),
		                            colours[qHash(who) % REED_COUNT(colours)],
		                            who.toHtmlEscaped(),
		                            QString("<span style='%1'>%2</span>").arg(style, words));

		room.html += line;
		if (where.compare(here(), Qt::CaseInsensitive) != 0) {
			room.item->setText(where + "  \u2022");
			return;
		}
		said->append(line);
		said->moveCursor(QTextCursor::End);
	}

	/* What has gone wrong, where the person looks. */
	void complain(const QString &about, const QString &why)
	{
		QString where = here().isEmpty() ? "server" : here();

		put(where, QDateTime::currentMSecsSinceEpoch(), "!", about + ":  " + why,
		    "color:#c01c28");
		rooms->setCurrentItem(room_of(where).item);
	}

	/* ---- what the person does ---- */

	void leave()
	{
		reed_background(reed_irc_quit(irc, REED_STR("the window was closed")), nullptr, nullptr);
	}

	reed_future *obey(Asked *what)
	{
		QByteArray room = here().toUtf8(), word = what->line.split(' ')[0];
		QByteArray rest = what->line.mid(word.size() + 1);
		struct reed_slice there = reed_slice_of(room.constData());
		struct reed_slice about = rest.isEmpty() ? there : reed_slice_of(rest.constData());

		if (word == "/quit")
			return reed_irc_quit(irc, REED_STR("the window was closed"));
		if (word == "/me")
			return reed_irc_act(irc, there, about);
		if (word == "/join")
			return reed_irc_join(irc, about, REED_STR(""), &what->refusal);
		if (word == "/part")
			return reed_irc_part(irc, about, REED_STR(""), &what->refusal);
		if (word == "/nick")
			return reed_irc_set_nick(irc, about, &what->refusal);
		if (!word.startsWith('/'))
			return reed_irc_say(irc, there, reed_slice_of(what->line.constData()));
		return reed_failed(reed, REED_EINVAL, "is none of /join, /part, /nick, /me and /quit");
	}

	static void answered(void *arg, reed_err err, const char *why)
	{
		Asked *what = static_cast<Asked *>(arg);
		Window *self = what->window;

		if (err != REED_OK)
			self->complain(what->line, why);
		else if (reed_irc_is_refused(&what->refusal))
			self->complain(what->line, what->refusal.text);
		self->asked.remove_if([what](const Asked &each) { return &each == what; });
	}

	void entered()
	{
		QString line = entry->text();
		bool is_command = line.startsWith('/');

		entry->clear();
		if (line.isEmpty() || (here().isEmpty() && !is_command))
			return;
		asked.push_back({ this, line.toUtf8(), {} });
		reed_background(obey(&asked.back()), answered, &asked.back());
		if (!is_command && !reed_irc_client_has(irc, "echo-message"))
			put(here(), QDateTime::currentMSecsSinceEpoch(),
			    text_of(reed_irc_client_nick(irc)), line);
	}

	/* ---- what happens ---- */

	/* What answers none of our lines: a word that may not be said here, a server that is gone. */
	void went_wrong(const reed_irc_event *e, const QString &text)
	{
		const reed_irc_message *m = e->message;

		if (e->kind == REED_IRC_EVENT_DISCONNECTED && e->err != REED_OK)
			complain("disconnected", text);
		else if (e->kind == REED_IRC_EVENT_STANDARD)
			complain(text_of(e->target), text);
		else if (e->kind == REED_IRC_EVENT_NUMERIC && e->numeric >= 400 && m->count >= 2 &&
		         e->numeric != 422) /* no message of the day */
			complain(text_of(m->params[m->count - 2]), text_of(m->params[m->count - 1]));
	}

	void happened(const reed_irc_event *e)
	{
		QString who = text_of(e->who.nick), where = text_of(e->target), text = text_of(e->text);

		if (e->kind == REED_IRC_EVENT_MESSAGE || e->kind == REED_IRC_EVENT_ACTION)
			put(e->is_private && !e->is_mine ? text_of(e->reply_to) : where, e->time, who,
			    text, e->kind == REED_IRC_EVENT_ACTION ? QUIET : "");
		else if (e->kind == REED_IRC_EVENT_JOIN)
			joined(e, who, where);
		else if (e->kind == REED_IRC_EVENT_PART)
			put(where, e->time, who, "has left  " + text, QUIET);
		else if (e->kind == REED_IRC_EVENT_TOPIC)
			put(where, e->time, who, "changed the topic:  " + text, QUIET);
		else if (e->kind == REED_IRC_EVENT_NICK && !here().isEmpty())
			put(here(), e->time, who, "is now known as " + text_of(e->subject), QUIET);
		else if (e->kind == REED_IRC_EVENT_READY)
			setWindowTitle("Reed \u2014 " + text);
		else
			went_wrong(e, text);
		if (!here().isEmpty())
			show_people();
	}

	void joined(const reed_irc_event *e, const QString &who, const QString &where)
	{
		if (e->is_mine)
			rooms->setCurrentItem(room_of(where).item);
		put(where, e->time, who, "has joined", QUIET);
	}

	void wait()
	{
		reed_wait(reed_irc_events_next(&events), &waiter);
	}

	static void woken(reed_waiter *w, reed_err err, reed_fault *fault)
	{
		Window *self = static_cast<Waiter *>(w)->window;

		reed_fault_free(fault);
		if (err == REED_OK)
			self->happened(self->events.event);
		if (err != REED_EEOF)
			self->wait();
	}

	static void ended(void *arg, reed_err err, const char *why)
	{
		(void)arg;
		if (err != REED_OK)
			fprintf(stderr, "qt_chat: %s\n", why);
		QCoreApplication::exit(err == REED_OK ? 0 : 1);
	}
};

static int run(reed_loop *loop, char **argv)
{
	reed_irc_client_options options = REED_IRC_CLIENT_OPTIONS;

	options.endpoint = argv[1];
	options.nick = argv[2];
	options.channels = argv[3];
	Window window(loop, &options);
	window.show();
	return QApplication::exec();
}

int main(int argc, char **argv)
{
	QApplication app(argc, argv);
	reed_loop *loop = nullptr;
	reed_qt_guest *guest = nullptr;

	if (argc != 4) {
		fputs("qt_chat ENDPOINT NICK CHANNELS\n", stderr);
		return 2;
	}
	if (reed_loop_new(nullptr, &loop) != REED_OK ||
	    reed_qt_guest::join(loop, &guest) != REED_OK)
		return 1;
	int status = run(loop, argv);
	reed_qt_guest::leave(guest);
	reed_loop_free(loop);
	return status;
}
