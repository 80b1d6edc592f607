#include "harness/linkage/archive.h"

#include <ar.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THIN_MAGIC "!<thin>\n"
enum {
    LONGEST_NAME = 1024,
    MOST_MEMBERS = 1 << 20,
    MOST_DEFINERS = 256, /* who defines functions of the family is compared with everybody else who does */
};
/* A thin archive can name one large file any number of times. */
static const uint64_t MOST_SCANNED = UINT64_C(4) << 30;

struct walk {
    const struct image *image;
    const struct family *family;
    struct object *object;
    struct error *error;
    bool is_thin;
    uint64_t names, name_size; /* the table of long names; 0: none yet */
    size_t definers;
};

struct entry {
    char name[LONGEST_NAME];
    uint64_t header, content, size; /* offsets of header and content */
    bool is_index, is_names;
};

static bool bad(const struct walk *walk, uint64_t offset, const char *what)
{
    return error_set(walk->error, "%s: is a damaged archive: the member header at %" PRIu64 " %s",
                     walk->image->name, offset, what);
}

/* A decimal number padded with blanks. */
static bool number(const char *field, size_t width, uint64_t *value)
{
    size_t i = 0;
    for (*value = 0; i < width && field[i] >= '0' && field[i] <= '9'; i++)
        *value = *value * 10 + (uint64_t)(field[i] - '0');
    size_t digits = i;
    while (i < width && field[i] == ' ')
        i++;
    return digits > 0 && i == width;
}

/* "/123": at 123 of the table of long names, up to "/\n". */
static bool long_name(const struct walk *walk, struct entry *entry, const char *field)
{
    uint64_t at;
    const char *end =
        memchr(field, ':', 15); /* "/123:456" in a thin archive made of an archive: the member of that one */
    size_t width = end == NULL ? 15 : (size_t)(end - field);
    if (!number(field, width, &at) || at >= walk->name_size)
        return bad(walk, entry->header, "points past the table of long names");
    uint64_t rest = walk->name_size - at;
    size_t length = rest < sizeof entry->name - 1 ? (size_t)rest : sizeof entry->name - 1;
    if (!image_read(walk->image, walk->names + at, entry->name, length, "its table of long names",
                    walk->error))
        return false;
    entry->name[length] = '\0';
    char *stop = strchr(entry->name, '\n');
    if (stop == NULL)
        return bad(walk, entry->header, "has a long name that does not end");
    stop[stop > entry->name && stop[-1] == '/' ? -1 : 0] = '\0';
    return true;
}

/* "#1/20": the BSD way, the name stands in front of the content. */
static bool bsd_name(const struct walk *walk, struct entry *entry, const char *field)
{
    uint64_t length;
    if (!number(field, 13, &length) || length >= sizeof entry->name || length > entry->size)
        return bad(walk, entry->header, "has a name that is longer than its content");
    if (!image_read(walk->image, entry->content, entry->name, (size_t)length, "the name of a member",
                    walk->error))
        return false;
    entry->name[length] = '\0';
    entry->content += length;
    entry->size -= length;
    entry->is_index = strncmp(entry->name, "__.SYMDEF", 9) == 0;
    return true;
}

static bool short_name(struct entry *entry, const char *field)
{
    size_t length = 16;
    while (length > 0 && field[length - 1] == ' ')
        length--;
    if (length > 0 && field[length - 1] == '/')
        length--;
    memcpy(entry->name, field, length);
    entry->name[length] = '\0';
    entry->is_index = strncmp(entry->name, "__.SYMDEF", 9) == 0;
    return true;
}

static bool read_entry(const struct walk *walk, uint64_t offset, struct entry *entry)
{
    struct ar_hdr header;
    *entry = (struct entry){.header = offset, .content = offset + sizeof header};
    if (!image_read(walk->image, offset, &header, sizeof header, "the header of a member", walk->error))
        return false;
    if (memcmp(header.ar_fmag, ARFMAG, sizeof header.ar_fmag) != 0)
        return bad(walk, offset, "does not end as one does");
    if (!number(header.ar_size, sizeof header.ar_size, &entry->size))
        return bad(walk, offset, "has a size that is no number");
    if (memcmp(header.ar_name, "/ ", 2) == 0 || memcmp(header.ar_name, "/SYM64/ ", 8) == 0)
        return entry->is_index = true;
    if (memcmp(header.ar_name, "// ", 3) == 0)
        return entry->is_names = true;
    if (header.ar_name[0] == '/')
        return long_name(walk, entry, header.ar_name + 1);
    if (memcmp(header.ar_name, "#1/", 3) == 0)
        return bsd_name(walk, entry, header.ar_name + 3);
    return short_name(entry, header.ar_name);
}

/* ---- members ---- */

static bool is_archive(const struct image *image)
{
    char magic[SARMAG];
    struct error ignored = {0};
    return image->size >= SARMAG && image_read(image, 0, magic, SARMAG, "its first bytes", &ignored) &&
           (memcmp(magic, ARMAG, SARMAG) == 0 || memcmp(magic, THIN_MAGIC, SARMAG) == 0);
}

static bool add_member(struct walk *walk, const char *name, const struct object *read)
{
    struct object *object = walk->object;
    static const struct symbol_sets nothing;
    if (object->machine == EM_NONE) {
        object->class = read->class;
        object->encoding = read->encoding;
        object->machine = read->machine;
    } else if (!object_fits(object, read)) {
        return error_set(walk->error, "%s: is for another platform than the members before it", read->path);
    }
    object->is_stripped = object->is_stripped || read->is_stripped;
    object->scanned += read->scanned;
    walk->definers += read->sets.exported != 0;
    if (object->scanned > MOST_SCANNED || walk->definers > MOST_DEFINERS)
        return error_set(walk->error, "%s: is no archive of this world: its members %s", walk->image->name,
                         walk->definers > MOST_DEFINERS ? "define functions of the family over 256 times"
                                                        : "have over 4 GiB of symbols and their names");
    if (memcmp(&read->sets, &nothing, sizeof nothing) == 0)
        return true; /* it has nothing to do with the family */
    if (object->member_count == MOST_MEMBERS)
        return error_set(walk->error, "%s: is damaged: it has over %d members", walk->image->name,
                         MOST_MEMBERS);
    if ((object->member_count & (object->member_count - 1)) == 0) {
        struct member *grown = realloc(
            object->members, (object->member_count == 0 ? 1 : 2 * object->member_count) * sizeof *grown);
        if (grown == NULL)
            return error_set(walk->error, "%s: out of memory", walk->image->name);
        object->members = grown;
    }
    object->members[object->member_count++] = (struct member){strdup(name), read->sets};
    return true;
}

/* `image` is the member's own: a part of the archive, or the file that a thin one names. */
static bool read_member(struct walk *walk, const char *name, struct image *image)
{
    char full[2 * LONGEST_NAME];
    struct object read = {.path = full};
    snprintf(full, sizeof full, "%s(%s)", walk->image->name, name);
    image->name = full;
    if (is_archive(image))
        return error_set(walk->error, "%s: is an archive within an archive, which no link editor reads",
                         full);
    enum image_status status = object_read_elf(image, walk->family, &read, walk->error);
    bool good = status == IMAGE_NOT_ELF || (status == IMAGE_GOOD && add_member(walk, name, &read));
    if (status == IMAGE_NOT_ELF)
        *walk->error = (struct error){.text = ""}; /* passed over, whatever it is */
    for (size_t i = 0; i < read.needed_count; i++)
        free(read.needed[i]);
    free(read.needed);
    free(read.soname);
    free(read.rpath);
    free(read.runpath);
    free(read.interpreter);
    return good;
}

/* A thin archive's names are relative to the directory that it is in. */
static bool read_thin_member(struct walk *walk, const char *name)
{
    char path[4096], full[2 * LONGEST_NAME];
    struct image image;
    const char *own = walk->image->name;
    int directory = name[0] == '/' ? 0 : (int)(path_base(own) - own);
    if ((size_t)snprintf(path, sizeof path, "%.*s%s", directory, own, name) >= sizeof path)
        return error_set(walk->error, "%s: names a member whose path is too long", own);
    snprintf(full, sizeof full, "%s(%s)", own, name);
    if (!image_open(&image, path, full, walk->error))
        return false;
    bool good = read_member(walk, name, &image);
    image_close(&image);
    return good;
}

static bool visit(struct walk *walk, const struct entry *entry, uint64_t *next)
{
    bool outside = walk->is_thin && !entry->is_index && !entry->is_names;
    uint64_t end = entry->content + (outside ? 0 : entry->size);
    *next = end + (end & 1);
    if (!outside &&
        !image_within(walk->image, entry->content, entry->size, "the content of a member", walk->error))
        return false;
    walk->object->is_indexed = walk->object->is_indexed || entry->is_index;
    walk->object->is_rlib = walk->object->is_rlib || strcmp(entry->name, "rust.metadata.bin") == 0 ||
                            strcmp(entry->name, "lib.rmeta") == 0;
    if (entry->is_names) {
        walk->names = entry->content;
        walk->name_size = entry->size;
    }
    if (entry->is_index || entry->is_names)
        return true;
    struct image part = *walk->image;
    part.start += entry->content;
    part.size = entry->size;
    return outside ? read_thin_member(walk, entry->name) : read_member(walk, entry->name, &part);
}

static void sum_up(struct object *object)
{
    for (size_t i = 0; i < object->member_count; i++) {
        const struct symbol_sets *sets = &object->members[i].sets;
        object->sets.exported |= sets->exported;
        object->sets.data |= sets->data;
        object->sets.needed |= sets->needed;
        object->sets.wanted |= sets->wanted;
    }
    object->sets.needed &= ~object->sets.exported; /* one member gives what the other needs */
    object->sets.wanted &= ~object->sets.exported;
}

enum image_status archive_read(const struct image *image, const struct family *family, struct object *object,
                               struct error *error)
{
    char magic[SARMAG];
    struct entry entry;
    struct walk walk = {.image = image, .family = family, .object = object, .error = error};
    if (!is_archive(image))
        return IMAGE_NOT_ELF;
    if (!image_read(image, 0, magic, sizeof magic, "its first bytes", error))
        return IMAGE_BAD;
    walk.is_thin = memcmp(magic, THIN_MAGIC, SARMAG) == 0;
    object->shape = walk.is_thin ? SHAPE_THIN_ARCHIVE : SHAPE_ARCHIVE;
    const char *dot = strrchr(image->name, '.');
    object->is_rlib = dot != NULL && strcmp(dot, ".rlib") == 0;
    for (uint64_t offset = SARMAG; offset < image->size;)
        if (!read_entry(&walk, offset, &entry) || !visit(&walk, &entry, &offset))
            return IMAGE_BAD;
    object->shape = walk.is_thin ? SHAPE_THIN_ARCHIVE : SHAPE_ARCHIVE;
    sum_up(object);
    return IMAGE_GOOD;
}
