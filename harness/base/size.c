/* SPDX-License-Identifier: MIT */
#include "base/size.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MILLION 1000000u

static const char *const base_names[SIZE_BASES + 1] = {
	[SIZE_ABSOLUTE] = "absolute",   [SIZE_RAM] = "ram",
	[SIZE_SWAP] = "swap",           [SIZE_RAM_SWAP] = "ram+swap",
	[SIZE_AVAILABLE] = "available", [SIZE_COMMIT_LIMIT] = "commit-limit",
	[SIZE_NODE] = "node",           [SIZE_LLC] = "llc",
	[SIZE_MAPPING] = "mapping",
};

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit byte_units[] = {
	{ "B", 1 },
	{ "KiB", 1ull << 10 },
	{ "MiB", 1ull << 20 },
	{ "GiB", 1ull << 30 },
	{ "TiB", 1ull << 40 },
	{ "PiB", 1ull << 50 },
	{ "EiB", 1ull << 60 },
};

static const struct unit time_units[] = {
	{ "ns", 1 },         { "us", 1000 },         { "ms", MILLION },
	{ "s", 1000000000 }, { "min", 60000000000 }, { "h", 3600000000000 },
};

/*
 * Read digits with an optional fraction of up to six places, as millionths. The rest of the text
 * goes to *ret_rest. −EINVAL: no number; −ERANGE: too large.
 */
static int read_decimal(const char *text, unsigned __int128 *ret_millionths, const char **ret_rest)
{
	unsigned __int128 value = 0;
	unsigned int place = MILLION;
	const char *at = text;

	if (!isdigit((unsigned char)*at))
		return -EINVAL;
	for (; isdigit((unsigned char)*at); at++) {
		value = value * 10 + (unsigned int)(*at - '0');
		if (value > (unsigned __int128)UINT64_MAX)
			return -ERANGE;
	}
	value *= MILLION;
	if (*at == '.' && isdigit((unsigned char)at[1])) {
		for (at++; isdigit((unsigned char)*at); at++) {
			place /= 10;
			if (!place)
				return -EINVAL;
			value += (unsigned __int128)(unsigned int)(*at - '0') * place;
		}
	}
	*ret_millionths = value;
	*ret_rest = at;
	return 0;
}

static const char *skip_blanks(const char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

static size_t word_length(const char *at)
{
	return strcspn(at, " ");
}

static const struct unit *find_unit(const struct unit *units, size_t n, const char *at,
				    size_t length)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(units[i].name) == length && memcmp(units[i].name, at, length) == 0)
			return &units[i];
	return NULL;
}

/* "2M", "2mb", "2MB", "2mib": the unit that was likely meant. */
static const struct unit *guess_unit(const char *at, size_t length)
{
	if (!length || length > 3)
		return NULL;
	for (size_t i = 1; i < ARRAY_LENGTH(byte_units); i++) {
		const char *name = byte_units[i].name;
		char decimal[3] = { name[0], 'B', '\0' };

		if (strncasecmp(at, name, length) == 0 ||
		    (length == 2 && strncasecmp(at, decimal, 2) == 0))
			return &byte_units[i];
	}
	return NULL;
}

static int whole(unsigned __int128 millionths, uint64_t factor, uint64_t *ret)
{
	unsigned __int128 product = millionths * factor;

	if (factor && product / factor != millionths)
		return -ERANGE;
	if (product % MILLION)
		return -EINVAL;
	if (product / MILLION > UINT64_MAX)
		return -ERANGE;
	*ret = (uint64_t)(product / MILLION);
	return 0;
}

static int bad_unit(const char *text, const char *number, const char *unit, size_t length,
		    struct error *err)
{
	int digits = (int)(unit - number);
	const struct unit *guess;

	while (digits > 0 && number[digits - 1] == ' ')
		digits--;
	guess = guess_unit(unit, length);
	if (guess)
		return error_set(err, -EINVAL, "size \"%s\" has no unit that is known: try %.*s%s",
				 text, digits, number, guess->name);
	return error_set(err, -EINVAL, "size \"%s\" is not a size: try %.*sMiB", text, digits,
			 number);
}

/* 1: all of text is a number in hex; 0: it is none; −ERANGE: of more than 64 bits. */
static int read_hex(const char *text, uint64_t *ret)
{
	size_t digits;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
		return 0;
	text += 2;
	digits = strspn(text, "0123456789abcdefABCDEF");
	if (!digits || text[digits])
		return 0;
	text += strspn(text, "0");
	if (strlen(text) > 16)
		return -ERANGE;
	*ret = strtoull(text, NULL, 16);
	return 1;
}

/*
 * One absolute amount at *at, "2MiB" or "3 pages": into bytes and pages; *at goes past it.
 */
static int parse_amount(const char *text, const char **at, uint64_t *ret_bytes, uint64_t *ret_pages,
			struct error *err)
{
	const char *number = *at, *unit;
	unsigned __int128 millionths;
	const struct unit *known;
	size_t length;
	int r;

	r = read_decimal(number, &millionths, &unit);
	if (r == -ERANGE)
		return error_set(err, r, "size \"%s\" is more than 2^64 - 1 bytes", text);
	if (r)
		return error_set(err, r, "size \"%s\" is not a size: try 2MiB or 50%% ram", text);
	unit = skip_blanks(unit);
	length = word_length(unit);
	*at = unit + length;
	if (!length) {
		if (millionths == 0) {
			*ret_bytes = 0;
			return 0;
		}
		return error_set(err, -EINVAL, "size \"%s\" has no unit: try %.*sMiB", text,
				 (int)(unit - number), number);
	}
	if ((length == 4 && memcmp(unit, "page", 4) == 0) ||
	    (length == 5 && memcmp(unit, "pages", 5) == 0)) {
		r = whole(millionths, 1, ret_pages);
	} else {
		known = find_unit(byte_units, ARRAY_LENGTH(byte_units), unit, length);
		if (!known)
			return bad_unit(text, number, unit, length, err);
		r = whole(millionths, known->factor, ret_bytes);
	}
	if (r == -EINVAL)
		return error_set(err, r, "size \"%s\" is not a whole number of %s", text,
				 unit[0] == 'p' ? "pages" : "bytes");
	if (r)
		return error_set(err, r, "size \"%s\" is more than 2^64 - 1 bytes", text);
	return 0;
}

/* "50% ram" or "4x ram+swap" at *at. 1: parsed; 0: this is no share; −errno. */
static int parse_share(const char *text, const char **at, struct size *ret, struct error *err)
{
	unsigned __int128 millionths;
	const char *rest, *word, *nearest;
	char name[32];
	bool percent;
	size_t length;

	if (read_decimal(*at, &millionths, &rest) || (*rest != '%' && *rest != 'x'))
		return 0;
	percent = *rest == '%';
	if (!percent && rest[1] != ' ' && rest[1] != '\0')
		return 0;
	word = skip_blanks(rest + 1);
	length = word_length(word);
	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	if (percent) {
		if (millionths % 100)
			return error_set(err, -EINVAL, "size \"%s\" has more than four decimals",
					 text);
		millionths /= 100;
	}
	if (millionths > UINT64_MAX)
		return error_set(err, -ERANGE, "size \"%s\" is more than 2^64 - 1 bytes", text);
	if (!length)
		return error_set(err, -EINVAL,
				 "size \"%s\" does not say of what: try \"%.*s ram\", or in a step "
				 "\"%.*s mapping\"",
				 text, (int)(rest + 1 - *at), *at, (int)(rest + 1 - *at), *at);
	for (enum size_base base = SIZE_RAM; base < SIZE_BASES; base++) {
		if (strcmp(base_names[base], name) == 0) {
			ret->base = base;
			ret->share_millionths = (uint64_t)millionths;
			*at = word + length;
			return 1;
		}
	}
	nearest = text_nearest(name, base_names + 1);
	if (nearest)
		return error_set(err, -EINVAL,
				 "size \"%s\": unknown base \"%s\": did you mean \"%s\"?", text,
				 name, nearest);
	return error_set(err, -EINVAL,
			 "size \"%s\": unknown base \"%s\": choose ram, swap, ram+swap, available, "
			 "commit-limit, node, llc or mapping",
			 text, name);
}

int size_parse(const char *text, struct size *ret, struct error *err)
{
	struct size size = { .base = SIZE_ABSOLUTE };
	const char *at = skip_blanks(text);
	char amount[40];
	uint64_t hex;
	int r;

	if (*at == '-')
		return error_set(err, -EINVAL, "size \"%s\" is negative", text);
	if (read_hex(at, &hex) > 0)
		return error_set(
			err, -EINVAL,
			"size \"%s\" is in hex, as addresses are and sizes are not: try %s", text,
			bytes_format_exact(hex, amount, sizeof(amount)));
	r = parse_share(text, &at, &size, err);
	if (r < 0)
		return r;
	if (r == 0) {
		r = parse_amount(text, &at, &size.add_bytes, &size.add_pages, err);
		if (r)
			return r;
	}
	at = skip_blanks(at);
	if ((*at == '+' || *at == '-') && size.base != SIZE_ABSOLUTE) {
		size.subtract = *at == '-';
		at = skip_blanks(at + 1);
		r = parse_amount(text, &at, &size.add_bytes, &size.add_pages, err);
		if (r)
			return r;
		at = skip_blanks(at);
	}
	if (*at)
		return error_set(err, -EINVAL,
				 "size \"%s\": what is \"%s\"? try \"100%% ram + 1 page\"", text,
				 at);
	*ret = size;
	return 0;
}

int address_parse(const char *text, struct size *ret, struct error *err)
{
	struct size address = { .base = SIZE_ABSOLUTE };
	const char *at = skip_blanks(text);
	int r = read_hex(at, &address.add_bytes);

	if (r < 0)
		return error_set(err, r, "address \"%s\" is more than 2^64 - 1", text);
	if (r) {
		*ret = address;
		return 0;
	}
	if (size_parse(text, ret, NULL) == 0)
		return 0;
	return error_set(err, -EINVAL,
			 "\"%s\" is no address: try 0x4000000000, or a size as 256GiB", text);
}

int size_resolve(const struct size *size, const struct size_bases *bases, uint64_t *ret_bytes,
		 struct error *err)
{
	unsigned __int128 total = 0, add;
	char text[96];

	if (size->base != SIZE_ABSOLUTE) {
		uint64_t base = bases->bytes[size->base];

		if (!base && size->share_millionths)
			return error_set(err, -ENODATA, "%s: this machine has no %s",
					 size_format(size, text, sizeof(text)),
					 base_names[size->base]);
		total = (unsigned __int128)base * size->share_millionths / MILLION;
		total -= total % bases->page_bytes;
	}
	add = (unsigned __int128)size->add_pages * bases->page_bytes + size->add_bytes;
	if (size->subtract && add > total)
		return error_set(err, -ERANGE, "%s is less than 0 bytes here",
				 size_format(size, text, sizeof(text)));
	total = size->subtract ? total - add : total + add;
	if (total > UINT64_MAX)
		return error_set(err, -ERANGE, "%s is more than 2^64 - 1 bytes here",
				 size_format(size, text, sizeof(text)));
	*ret_bytes = (uint64_t)total;
	return 0;
}

bool size_fixed(const struct size *size, uint64_t page_bytes, uint64_t *ret_bytes)
{
	const struct size_bases bases = { .page_bytes = page_bytes };

	return !size->share_millionths && size_resolve(size, &bases, ret_bytes, NULL) == 0;
}

/* Millionths as a decimal without trailing zeros. */
static void format_millionths(unsigned __int128 millionths, char *ret, size_t length)
{
	uint64_t whole_part = (uint64_t)(millionths / MILLION);
	unsigned int rest = (unsigned int)(millionths % MILLION);
	int n = snprintf(ret, length, "%" PRIu64, whole_part);

	if (!rest || (size_t)n >= length)
		return;
	n += snprintf(ret + n, length - (size_t)n, ".%06u", rest);
	while (n > 0 && (size_t)n < length && ret[n - 1] == '0')
		ret[--n] = '\0';
}

static void format_amount(const struct size *size, char *ret, size_t length)
{
	if (size->add_pages)
		snprintf(ret, length, "%" PRIu64 " page%s", size->add_pages,
			 size->add_pages == 1 ? "" : "s");
	else
		bytes_format_exact(size->add_bytes, ret, length);
}

char *size_format(const struct size *size, char *ret, size_t length)
{
	char share[48], amount[40];
	bool times = size->share_millionths >= 2 * (uint64_t)MILLION;

	format_amount(size, amount, sizeof(amount));
	if (size->base == SIZE_ABSOLUTE) {
		snprintf(ret, length, "%s", amount);
		return ret;
	}
	format_millionths((unsigned __int128)size->share_millionths * (times ? 1 : 100), share,
			  sizeof(share));
	if (size->add_bytes || size->add_pages)
		snprintf(ret, length, "%s%s %s %c %s", share, times ? "x" : "%",
			 base_names[size->base], size->subtract ? '-' : '+', amount);
	else
		snprintf(ret, length, "%s%s %s", share, times ? "x" : "%", base_names[size->base]);
	return ret;
}

char *address_format(const struct size *address, char *ret, size_t length)
{
	if (address->base != SIZE_ABSOLUTE || address->add_pages ||
	    address->add_bytes % (1u << 20) == 0)
		return size_format(address, ret, length);
	snprintf(ret, length, "0x%" PRIx64, address->add_bytes);
	return ret;
}

char *bytes_format(uint64_t bytes, char *ret, size_t length)
{
	size_t i = ARRAY_LENGTH(byte_units) - 1;
	double value;

	while (i && bytes < byte_units[i].factor)
		i--;
	value = (double)bytes / (double)byte_units[i].factor;
	if (bytes % byte_units[i].factor == 0 || value >= 1000)
		snprintf(ret, length, "%.0f %s", value, byte_units[i].name);
	else
		snprintf(ret, length, "%.*f %s", value < 10 ? 2 : 1, value, byte_units[i].name);
	return ret;
}

char *bytes_format_exact(uint64_t bytes, char *ret, size_t length)
{
	size_t i = bytes ? ARRAY_LENGTH(byte_units) - 1 : 0;

	while (i && bytes % byte_units[i].factor)
		i--;
	snprintf(ret, length, "%" PRIu64 "%s", bytes / byte_units[i].factor, byte_units[i].name);
	return ret;
}

int duration_parse(const char *text, uint64_t *ret_ns, struct error *err)
{
	unsigned __int128 millionths;
	const struct unit *unit;
	const char *rest;
	int r = read_decimal(text, &millionths, &rest);

	if (r == -ERANGE)
		return error_set(err, r, "duration \"%s\" is too long", text);
	if (r)
		return error_set(err, r, "duration \"%s\" is not a duration: try 500ms or 2s",
				 text);
	rest = skip_blanks(rest);
	if (!*rest)
		return error_set(err, -EINVAL, "duration \"%s\" has no unit: try %ss", text, text);
	unit = find_unit(time_units, ARRAY_LENGTH(time_units), rest, strlen(rest));
	if (!unit)
		return error_set(
			err, -EINVAL,
			"duration \"%s\": unknown unit \"%s\": choose ns, us, ms, s, min or h",
			text, rest);
	r = whole(millionths, unit->factor, ret_ns);
	if (r == -EINVAL)
		return error_set(err, r, "duration \"%s\" is not a whole number of ns", text);
	if (r)
		return error_set(err, r, "duration \"%s\" is too long", text);
	return 0;
}

int limit_parse(const char *text, uint64_t *ret_ns, struct error *err)
{
	uint64_t ns;
	int r = duration_parse(text, &ns, err);

	if (!r && !ns)
		r = error_set(err, -EINVAL, "a limit of %s leaves no time: for none, leave it out",
			      text);
	if (!r)
		*ret_ns = ns;
	return r;
}

char *duration_format(uint64_t ns, char *ret, size_t length)
{
	size_t i = 3;
	double value;

	if (ns >= 120 * 1000000000ull) {
		uint64_t seconds = (ns + 500000000) / 1000000000;

		snprintf(ret, length, "%" PRIu64 " min %" PRIu64 " s", seconds / 60, seconds % 60);
		return ret;
	}
	while (i && ns < time_units[i].factor)
		i--;
	value = (double)ns / (double)time_units[i].factor;
	snprintf(ret, length, "%.*f %s",
		 i == 0 || value >= 100 ? 0
		 : value < 10           ? 2
					: 1,
		 value, time_units[i].name);
	return ret;
}

int percent_parse(const char *text, double *ret, struct error *err)
{
	unsigned __int128 millionths;
	const char *rest;

	if (read_decimal(text, &millionths, &rest) || strcmp(rest, "%") != 0)
		return error_set(err, -EINVAL, "\"%s\" is not a percentage: try 2%%", text);
	*ret = (double)millionths / (100.0 * MILLION);
	return 0;
}

int count_parse(const char *text, uint64_t *ret, struct error *err)
{
	unsigned __int128 value = 0;
	const char *at = text;

	if (!isdigit((unsigned char)*at) || (*at == '0' && at[1]))
		return error_set(err, -EINVAL, "\"%s\" is not a whole number", text);
	for (; isdigit((unsigned char)*at); at++) {
		value = value * 10 + (unsigned int)(*at - '0');
		if (value > UINT64_MAX)
			return error_set(err, -ERANGE, "%s is too large", text);
	}
	if (*at)
		return error_set(err, -EINVAL, "\"%s\" is not a whole number", text);
	*ret = (uint64_t)value;
	return 0;
}
