// From JSON to settings. The only values are numbers, so nothing else is read: whatever stands in their place is
// refused.
#include "settings.h"

#include <math.h>
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

static bool refuse(policy_string_t *refusal, const char *before, part_t quoted, const char *after) {
    size_t before_length = strlen(before), after_length = strlen(after);
    size_t length = before_length + quoted.length + after_length;
    char *words = malloc(length);
    if (words == NULL) {
        abort();
    }
    memcpy(words, before, before_length);
    memcpy(words + before_length, quoted.start, quoted.length);
    memcpy(words + before_length + quoted.length, after, after_length);
    *refusal = (policy_string_t){(uint8_t *)words, length};
    return false;
}

static bool not_json(policy_string_t *refusal, const char *at) {
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

// The character of `\u0061`; 0 for those beyond ASCII, of which no name is made, and for what is no such escape.
static char unescaped(const char *digits) {
    char copy[5] = {0};
    if (strspn(digits, "0123456789abcdefABCDEF") < 4) {
        return 0;
    }
    memcpy(copy, digits, 4);
    long code = strtol(copy, NULL, 16);
    return code < 128 ? (char)code : 0;
}

// Whether a JSON string, without its quotes, is this name. Of the escapes, only \uXXXX can stand for a letter.
static bool is_name(part_t written, const char *name) {
    const char *at = written.start, *end = written.start + written.length;
    for (; *name != 0; name++) {
        if (at == end) {
            return false;
        }
        char character = *at++;
        if (character == '\\' && end - at >= 5 && *at == 'u') {
            character = unescaped(at + 1);
            at += 5;
        }
        if (character != *name) {
            return false;
        }
    }
    return at == end;
}

// The end of the string whose quote was just read; NULL for none.
static const char *after_string(const char *at) {
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

static bool read_members(const char *at, settings_t *settings, policy_string_t *refusal) {
    bool seen[2] = {false, false};
    at = after_spaces(at);
    if (*at == '}') {
        at++;
    } else {
        for (;;) {
            const char *end = *at == '"' ? after_string(at + 1) : NULL;
            if (end == NULL) {
                return not_json(refusal, at);
            }
            part_t name = {at + 1, (size_t)(end - at - 1)};
            bool is_margin = is_name(name, "margin");
            if (!is_margin && !is_name(name, "sensitivity")) {
                return refuse(refusal, "unknown field `", name, "`, expected `margin` or `sensitivity`");
            }
            // As it is called, and no longer as it was written.
            name = of(is_margin ? "margin" : "sensitivity");
            if (seen[is_margin]) {
                return refuse(refusal, "`", name, "` is given twice");
            }
            seen[is_margin] = true;
            at = after_spaces(end + 1);
            if (*at != ':') {
                return not_json(refusal, at);
            }
            at = after_spaces(at + 1);
            end = after_number(at);
            if (end == NULL) {
                return refuse(refusal, "`", name, "` has to be a number");
            }
            double value = strtod(at, NULL);
            part_t number = {at, (size_t)(end - at)};
            if (is_margin) {
                if (!(isfinite(value) && value >= 0)) {
                    return refuse(refusal, "`margin` is ", number, ": it has to be finite and at least 0");
                }
                settings->margin = value;
            } else {
                if (!isfinite(value) || value == 0) {
                    return refuse(refusal, "`sensitivity` is ", number,
                                  ": it has to be finite and not 0; a negative one takes the deviation as it is");
                }
                settings->sensitivity = value;
            }
            at = after_spaces(end);
            if (*at == '}') {
                at++;
                break;
            }
            if (*at != ',') {
                return not_json(refusal, at);
            }
            at = after_spaces(at + 1);
        }
    }
    at = after_spaces(at);
    return *at == 0 || not_json(refusal, at);
}

static bool read_text(const char *text, settings_t *settings, policy_string_t *refusal) {
    const char *at = after_spaces(text);
    if (*at == '{') {
        return read_members(at + 1, settings, refusal);
    }
    if (strncmp(at, "null", 4) == 0) {
        at = after_spaces(at + 4);
    }
    return *at == 0 || refuse(refusal, "the settings have to be an object, such as {\"margin\": 1.5}", of(""), "");
}

bool read_settings(const policy_string_t *text, settings_t *settings, policy_string_t *refusal) {
    *settings = (settings_t){.margin = 1, .sensitivity = 1};
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
        return not_json(refusal, "\\0");
    }
    bool is_read = read_text(copy, settings, refusal);
    free(copy);
    return is_read;
}
