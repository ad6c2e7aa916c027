// A small, strict reader of JSON: an object whose values are numbers. Whatever else stands there is refused.
#include "settings.h"

#include <stdlib.h>
#include <string.h>

// A part of the text, not terminated.
typedef struct {
    const char *start;
    size_t length;
} part_t;

static part_t of(const char *text) {
    return (part_t){text, strlen(text)};
}

static void add(policy_string_t *words, part_t part) {
    uint8_t *longer = realloc(words->ptr, words->len + part.length + 1);
    if (longer == NULL) {
        abort();
    }
    memcpy(longer + words->len, part.start, part.length);
    *words = (policy_string_t){longer, words->len + part.length};
}

static bool refuse(policy_string_t *refusal, const char *before, part_t quoted, const char *after) {
    *refusal = (policy_string_t){NULL, 0};
    add(refusal, of(before));
    add(refusal, quoted);
    add(refusal, of(after));
    return false;
}

static bool refuse_json(policy_string_t *refusal, const char *at) {
    return refuse(refusal, "the settings are not JSON at `", of(at), "`");
}

static const char *after_spaces(const char *at) {
    return at + strspn(at, " \t\r\n");
}

static bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

// The end of the number that begins here, by the grammar of JSON, which is stricter than that of strtod; NULL for none.
static const char *after_number(const char *at) {
    if (*at == '-') {
        at++;
    }
    if (!is_digit(*at) || (*at == '0' && is_digit(at[1]))) {
        return NULL;
    }
    at += strspn(at, "0123456789");
    if (*at == '.') {
        if (!is_digit(*++at)) {
            return NULL;
        }
        at += strspn(at, "0123456789");
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        if (*at == '+' || *at == '-') {
            at++;
        }
        if (!is_digit(*at)) {
            return NULL;
        }
        at += strspn(at, "0123456789");
    }
    return at;
}

// The quote at the end of the string whose first quote was just read; NULL for none.
static const char *before_end_of_string(const char *at) {
    for (; *at != '"'; at++) {
        if (*at == '\\') {
            at++;
        }
        if (*at == 0) {
            return NULL;
        }
    }
    return at;
}

// The setting of this name, as it is written: letters that are written as \u0061 are not known again. NULL for none.
static const setting_t *named(part_t name, const setting_t *settings, size_t count) {
    for (size_t index = 0; index < count; index++) {
        const char *known = settings[index].name;
        if (strlen(known) == name.length && memcmp(known, name.start, name.length) == 0) {
            return &settings[index];
        }
    }
    return NULL;
}

static bool refuse_name(policy_string_t *refusal, part_t name, const setting_t *settings, size_t count) {
    refuse(refusal, "unknown field `", name, "`, expected ");
    for (size_t index = 0; index < count; index++) {
        add(refusal, of(index == 0 ? "`" : " or `"));
        add(refusal, of(settings[index].name));
        add(refusal, of("`"));
    }
    return false;
}

static bool refuse_value(policy_string_t *refusal, const char *name, part_t value, const char *rule) {
    refuse(refusal, "`", of(name), "` is ");
    add(refusal, value);
    add(refusal, of(": "));
    add(refusal, of(rule));
    return false;
}

// A name, a colon and a number; of a name that is there twice, the last one counts. Where they end; NULL when they are refused.
static const char *read_member(const char *at, const setting_t *settings, size_t count, policy_string_t *refusal) {
    const char *end = *at == '"' ? before_end_of_string(at + 1) : NULL;
    if (end == NULL) {
        refuse_json(refusal, at);
        return NULL;
    }
    part_t name = {at + 1, (size_t)(end - at - 1)};
    const setting_t *setting = named(name, settings, count);
    if (setting == NULL) {
        refuse_name(refusal, name, settings, count);
        return NULL;
    }
    at = after_spaces(end + 1);
    if (*at != ':') {
        refuse_json(refusal, at);
        return NULL;
    }
    at = after_spaces(at + 1);
    end = after_number(at);
    if (end == NULL) {
        refuse(refusal, "`", of(setting->name), "` has to be a number");
        return NULL;
    }
    double number = strtod(at, NULL);
    if (!setting->is_allowed(number)) {
        refuse_value(refusal, setting->name, (part_t){at, (size_t)(end - at)}, setting->rule);
        return NULL;
    }
    *setting->value = number;
    return after_spaces(end);
}

// What is behind the brace that opens an object. Where it ends; NULL when it is refused.
static const char *read_members(const char *at, const setting_t *settings, size_t count, policy_string_t *refusal) {
    at = after_spaces(at);
    if (*at == '}') {
        return at + 1;
    }
    for (;;) {
        at = read_member(at, settings, count, refusal);
        if (at == NULL || *at == '}') {
            return at == NULL ? NULL : at + 1;
        }
        if (*at != ',') {
            refuse_json(refusal, at);
            return NULL;
        }
        at = after_spaces(at + 1);
    }
}

static bool read_text(const char *text, const setting_t *settings, size_t count, policy_string_t *refusal) {
    const char *at = after_spaces(text);
    if (*at == '{') {
        at = read_members(at + 1, settings, count, refusal);
        if (at == NULL) {
            return false;
        }
    } else if (strncmp(at, "null", 4) == 0) {
        at += 4;
    } else if (*at != 0) {
        return refuse(refusal, "the settings have to be an object, such as {\"", of(settings[0].name), "\": 1}");
    }
    at = after_spaces(at);
    return *at == 0 || refuse_json(refusal, at);
}

bool read_settings(const policy_string_t *text, const setting_t *settings, size_t count, policy_string_t *refusal) {
    // Terminated, so that looking ahead never leaves the text.
    char *copy = malloc(text->len + 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, text->ptr, text->len);
    copy[text->len] = 0;
    // JSON has no such character, and nothing would be read behind it.
    if (strlen(copy) != text->len) {
        free(copy);
        return refuse_json(refusal, "\\0");
    }
    bool is_read = read_text(copy, settings, count, refusal);
    free(copy);
    return is_read;
}
