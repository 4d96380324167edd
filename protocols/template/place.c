/*
 * Where data may stand, by the names of elements and attributes.
 *
 * Names are compared without their case, as browsers do with HTML.  Whatever
 * runs a program, or loads one, takes no data; what is in none of the tables is
 * an attribute that only says something.
 */

#include "private.h"

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (reed_slice_is_nocase(reed_slice_of(name), list[i]))
			return true;
	return false;
}

#define ONE_OF(name, list) is_one_of((name), (list), sizeof(list) / sizeof((list)[0]))

/* A prefix, as in xlink:href or svg:script, hides nothing. */
static const char *local(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static const char *const raw[] = { "script",   "style",    "xmp",       "iframe",  "noembed",
	                           "noframes", "noscript", "plaintext", "listing", "template" };

const char *template_raw_element(const char *element)
{
	if (!ONE_OF(local(element), raw))
		return NULL;
	return "what stands in it is not escaped for a browser; put it into an attribute data-..., "
	       "and let the script read it there";
}

bool template_is_verbatim(const char *element)
{
	static const char *const names[] = { "script",  "style",    "xmp",      "iframe",
		                             "noembed", "noframes", "plaintext" };

	return ONE_OF(element, names);
}

bool template_is_void(const char *element)
{
	static const char *const names[] = { "area",  "base",   "br",    "col",  "embed",
		                             "hr",    "img",    "input", "link", "meta",
		                             "param", "source", "track", "wbr" };

	return ONE_OF(element, names);
}

/* Elements that load what becomes part of the page, or move where its links go. */
static bool loads(const char *element, const char *attribute)
{
	static const char *const elements[] = { "script", "link",   "base",       "object",
		                                "embed",  "applet", "import",     "use",
		                                "frame",  "portal", "fencedframe" };
	static const char *const attributes[] = { "src",      "href",    "data",   "code",
		                                  "codebase", "archive", "classid" };

	return ONE_OF(local(element), elements) && ONE_OF(local(attribute), attributes);
}

static bool is_program(const char *attribute)
{
	static const char *const names[] = { "style",      "srcdoc",    "srcset",  "imagesrcset",
		                             "http-equiv", "xmlns",     "is",      "slot",
		                             "nonce",      "integrity", "sandbox", "attributename",
		                             "archive" };
	const char *name = local(attribute);

	return reed_slice_eq_nocase(reed_slice_first(reed_slice_of(name), 2), REED_STR("on")) ||
	       ONE_OF(name, names) || strncmp(attribute, "xmlns", 5) == 0;
}

/* <set attributeName="href" to="javascript:..."> */
static bool is_animated(const char *element, const char *attribute)
{
	static const char *const elements[] = { "set",           "animate",
		                                "animatemotion", "animatetransform",
		                                "animatecolor",  "discard" };
	static const char *const names[] = { "to", "from", "by", "values", "href", "begin", "end" };

	return ONE_OF(local(element), elements) && ONE_OF(local(attribute), names);
}

enum template_place template_place_of(const char *element, const char *attribute, const char **why)
{
	static const char *const urls[] = { "href",   "src",      "action",   "formaction",
		                            "poster", "cite",     "data",     "background",
		                            "ping",   "manifest", "longdesc", "usemap",
		                            "icon",   "lowsrc",   "dynsrc",   "profile",
		                            "base" };

	*why = NULL;
	if (is_program(attribute))
		*why = "a browser takes it for a program, or for more than text";
	else if (loads(element, attribute))
		*why = "what is loaded from there becomes part of the page";
	else if (is_animated(element, attribute))
		*why = "it sets another attribute, which may be one that takes no data";
	else if (reed_slice_is_nocase(reed_slice_of(element), "meta") &&
	         reed_slice_is_nocase(reed_slice_of(attribute), "content"))
		return PLACE_ATTRIBUTE; /* http-equiv is asked for by whoever sees them all */
	if (*why)
		return PLACE_REFUSED;
	return ONE_OF(local(attribute), urls) ? PLACE_URL : PLACE_ATTRIBUTE;
}

/* ---- URLs ---- */

static bool in_list(struct reed_slice scheme, const char *schemes)
{
	struct reed_slice rest = reed_slice_of(schemes);

	while (rest.n > 0)
		if (reed_slice_eq_nocase(reed_slice_cut(&rest, ' '), scheme))
			return scheme.n > 0;
	return false;
}

/*
 * What stands before the first of ":/?#" and is followed by a colon.  A scheme
 * that has anything odd in it, which a browser would pass over, is in no list.
 */
bool template_url_passes(struct reed_slice url, const char *schemes)
{
	for (size_t i = 0; i < url.n; i++) {
		if (url.p[i] == ':')
			return in_list(reed_slice_first(url, i), schemes);
		if (url.p[i] == '/' || url.p[i] == '?' || url.p[i] == '#')
			return true;
	}
	return true;
}
