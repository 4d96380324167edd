/* A setting whose type does not fit its member does not compile. */

#include "reed/setting.h"

struct refused {
	const char *text;
	int number;
	bool yes;
	int64_t time;
	struct reed_texts texts;
	struct {
		const struct refused *items;
		size_t n;
	} records;
	struct {
		const char *const *items;
		int n;
	} few;
};

extern const struct reed_setting table[];
extern const struct reed_schema record;

const struct reed_setting table[] = {
	REED_SETTING(STRING, struct refused, text, .help = "Good."),
	REED_SETTING(DURATION, struct refused, time, .help = "Good."),
	REED_SETTING_LIST(STRING, struct refused, texts, .help = "Good."),
	REED_SETTING_RECORDS(struct refused, &record, struct refused, records, .help = "Good."),
#ifdef A_TEXT_IS_NO_NUMBER
	REED_SETTING(INT, struct refused, text, .help = "Bad."),
#endif
#ifdef A_NUMBER_IS_NO_TEXT
	REED_SETTING(STRING, struct refused, number, .help = "Bad."),
#endif
#ifdef A_NUMBER_IS_NO_BOOL
	REED_SETTING(BOOL, struct refused, number, .help = "Bad."),
#endif
#ifdef A_TIME_NEEDS_64_BITS
	REED_SETTING(DURATION, struct refused, number, .help = "Bad."),
#endif
#ifdef TEXTS_ARE_NO_NUMBERS
	REED_SETTING_LIST(INT, struct refused, texts, .help = "Bad."),
#endif
#ifdef ONE_VALUE_IS_NO_LIST
	REED_SETTING(STRING, struct refused, texts, .help = "Bad."),
#endif
#ifdef TEXTS_ARE_NO_RECORDS
	REED_SETTING_RECORDS(struct refused, &record, struct refused, texts, .help = "Bad."),
#endif
#ifdef A_COUNT_IS_A_SIZE
	REED_SETTING_LIST(STRING, struct refused, few, .help = "Bad."),
#endif
#ifdef THERE_IS_NO_SUCH_MEMBER
	REED_SETTING(INT, struct refused, numbers, .help = "Bad."),
#endif
};
