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
    MOST_DEFINERS = 256, /* every member that defines functions of the family is compared with every other one */
};
/* A bound is needed because a thin archive can name one large file any number of times. */
static const uint64_t MOST_SCANNED = UINT64_C(4) << 30;

struct walk {
    const struct image *image;
    const struct family *family;
    struct object *object;
    struct error *error;
    bool is_thin;
    uint64_t names, name_size; /* where the table of long names is; 0: none yet */
    size_t definers;
    archive_visitor *each; /* gets the members in place of `object`; or NULL */
    void *context;
    bool has_members, has_objects;
};

struct entry {
    char name[LONGEST_NAME];
    uint64_t header, content, size; /* offsets of the header and the content */
    /* in a thin archive, the offset of the member's header in the archive `name`; 0: `name` is the member itself */
    uint64_t inner;
    bool is_index, is_names;
};

static bool bad(const struct walk *walk, uint64_t offset, const char *what)
{
    return error_set(walk->error, "%s: is a damaged archive: the member header at %" PRIu64 " %s", walk->image->name,
                     offset, what);
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

/* "/123" stands for the name at offset 123 of the table of long names. That name ends at "/\n". */
static bool long_name(const struct walk *walk, struct entry *entry, const char *field)
{
    uint64_t at;
    /* "/123:456": the member at offset 456 of the archive that is so called */
    const char *end = memchr(field, ':', 15);
    size_t width = end == NULL ? 15 : (size_t)(end - field);
    if (end != NULL && !number(end + 1, 14 - width, &entry->inner))
        return bad(walk, entry->header, "names a member of another archive at an offset that is no number");
    if (!number(field, width, &at) || at >= walk->name_size)
        return bad(walk, entry->header, "points past the table of long names");
    uint64_t rest = walk->name_size - at;
    size_t length = rest < sizeof entry->name - 1 ? (size_t)rest : sizeof entry->name - 1;
    if (!image_read(walk->image, walk->names + at, entry->name, length, "its table of long names", walk->error))
        return false;
    entry->name[length] = '\0';
    char *stop = strchr(entry->name, '\n');
    if (stop == NULL)
        return bad(walk, entry->header, "has a long name that does not end");
    stop[stop > entry->name && stop[-1] == '/' ? -1 : 0] = '\0';
    return true;
}

/* "#1/20" is the BSD format: the name is the first 20 bytes of the content. */
static bool bsd_name(const struct walk *walk, struct entry *entry, const char *field)
{
    uint64_t length;
    if (!number(field, 13, &length) || length >= sizeof entry->name || length > entry->size)
        return bad(walk, entry->header, "has a name that is longer than its content");
    if (!image_read(walk->image, entry->content, entry->name, (size_t)length, "the name of a member", walk->error))
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
        return bad(walk, offset, "does not end like a member header");
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

static void note_deferred(struct walk *walk, const char *name)
{
    walk->has_objects = true;
    if (!walk->object->is_deferred)
        walk->object->deferred_member = strdup(name);
    walk->object->is_deferred = true;
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
    walk->has_objects = true;
    if (read->is_deferred)
        note_deferred(walk, name);
    object->is_stripped = object->is_stripped || read->is_stripped;
    object->scanned += read->scanned;
    walk->definers += read->sets.exported != 0;
    if (object->scanned > MOST_SCANNED || walk->definers > MOST_DEFINERS)
        return error_set(walk->error, "%s: is no real archive: its members %s", walk->image->name,
                         walk->definers > MOST_DEFINERS ? "define functions of the family over 256 times"
                                                        : "have over 4 GiB of symbols and their names");
    if (memcmp(&read->sets, &nothing, sizeof nothing) == 0)
        return true; /* this member neither defines nor uses functions of the family */
    if (object->member_count == MOST_MEMBERS)
        return error_set(walk->error, "%s: is damaged: it has over %d members", walk->image->name, MOST_MEMBERS);
    if ((object->member_count & (object->member_count - 1)) == 0) {
        struct member *grown =
            realloc(object->members, (object->member_count == 0 ? 1 : 2 * object->member_count) * sizeof *grown);
        if (grown == NULL)
            return error_set(walk->error, "%s: out of memory", walk->image->name);
        object->members = grown;
    }
    object->members[object->member_count++] = (struct member){strdup(name), read->sets};
    return true;
}

/* `image` is the member: a part of the archive, or the file that a thin archive names. */
static bool read_member(struct walk *walk, const char *name, struct image *image)
{
    char full[2 * LONGEST_NAME];
    struct object read = {.path = full};
    snprintf(full, sizeof full, "%s(%s)", walk->image->name, name);
    image->name = full;
    if (is_archive(image))
        return error_set(walk->error, "%s: is an archive within an archive, which no link editor reads", full);
    if (walk->each != NULL)
        return walk->each(walk->context, name, image, walk->error);
    enum image_status status = object_read_elf(image, walk->family, &read, walk->error);
    bool good = status == IMAGE_NOT_ELF || (status == IMAGE_GOOD && add_member(walk, name, &read));
    if (status == IMAGE_NOT_ELF)
        *walk->error = (struct error){.text = ""}; /* a member that is no ELF object is passed over */
    if (status == IMAGE_NOT_ELF && object_is_bitcode(image))
        note_deferred(walk, name);
    object_clear(&read);
    return good;
}

static bool visit_part(struct walk *walk, const struct image *archive, const struct entry *entry, const char *name)
{
    struct image part = *archive;
    part.start += entry->content;
    part.size = entry->size;
    return image_within(archive, entry->content, entry->size, "the content of a member", walk->error) &&
           read_member(walk, name, &part);
}

static void take_names(struct walk *walk, const struct entry *entry)
{
    if (!entry->is_names)
        return;
    walk->names = entry->content;
    walk->name_size = entry->size;
}

/* A thin archive that was made from a plain archive gives the offset of each member in the plain one. */
static bool read_inner_member(struct walk *walk, const struct entry *proxy, const struct image *archive)
{
    enum { TABLES = 3 }; /* tables before the first member: at most two indexes and the long names */
    char magic[SARMAG], name[2 * LONGEST_NAME];
    struct walk inner = {.image = archive, .error = walk->error};
    struct entry entry = {.is_index = true};
    if (!image_read(archive, 0, magic, sizeof magic, "its first bytes", walk->error))
        return false;
    if (memcmp(magic, ARMAG, sizeof magic) != 0)
        return error_set(walk->error, "%s: is no plain archive, but a member of it is named", archive->name);
    uint64_t offset = SARMAG;
    for (int i = 0; i < TABLES && offset < archive->size && (entry.is_index || entry.is_names); i++) {
        if (!read_entry(&inner, offset, &entry))
            return false;
        take_names(&inner, &entry);
        offset = entry.content + entry.size + (entry.size & 1);
    }
    if (!read_entry(&inner, proxy->inner, &entry))
        return false;
    snprintf(name, sizeof name, "%s(%s)", proxy->name, entry.name);
    return visit_part(walk, archive, &entry, name);
}

/* The names in a thin archive are relative to the directory of that archive. */
static bool read_thin_member(struct walk *walk, const struct entry *entry)
{
    char path[4096], full[2 * LONGEST_NAME];
    struct image image;
    const char *own = walk->image->name, *name = entry->name;
    int directory = name[0] == '/' ? 0 : (int)(path_base(own) - own);
    if ((size_t)snprintf(path, sizeof path, "%.*s%s", directory, own, name) >= sizeof path)
        return error_set(walk->error, "%s: names a member whose path is too long", own);
    snprintf(full, sizeof full, "%s(%s)", own, name);
    if (!image_open(&image, path, full, walk->error))
        return false;
    bool good = entry->inner == 0 ? read_member(walk, name, &image) : read_inner_member(walk, entry, &image);
    image_close(&image);
    return good;
}

static bool visit(struct walk *walk, const struct entry *entry, uint64_t *next)
{
    bool outside = walk->is_thin && !entry->is_index && !entry->is_names;
    uint64_t end = entry->content + (outside ? 0 : entry->size);
    *next = end + (end & 1);
    if (!outside && !image_within(walk->image, entry->content, entry->size, "the content of a member", walk->error))
        return false;
    walk->object->is_indexed = walk->object->is_indexed || entry->is_index;
    walk->object->is_rlib =
        walk->object->is_rlib || strcmp(entry->name, "rust.metadata.bin") == 0 || strcmp(entry->name, "lib.rmeta") == 0;
    take_names(walk, entry);
    if (entry->is_index || entry->is_names)
        return true;
    walk->has_members = true;
    return outside ? read_thin_member(walk, entry) : visit_part(walk, walk->image, entry, entry->name);
}

static bool visit_all(struct walk *walk, bool is_thin)
{
    struct entry entry;
    walk->is_thin = is_thin;
    for (uint64_t offset = SARMAG; offset < walk->image->size;)
        if (!read_entry(walk, offset, &entry) || !visit(walk, &entry, &offset))
            return false;
    return true;
}

bool archive_each(const struct image *image, bool is_thin, archive_visitor *each, void *context, struct error *error)
{
    struct object ignored = {.path = NULL};
    struct walk walk = {.image = image, .object = &ignored, .error = error, .each = each, .context = context};
    return visit_all(&walk, is_thin);
}

enum image_status archive_read(const struct image *image, const struct family *family, struct object *object,
                               struct error *error)
{
    char magic[SARMAG];
    struct walk walk = {.image = image, .family = family, .object = object, .error = error};
    if (!is_archive(image))
        return IMAGE_NOT_ELF;
    if (!image_read(image, 0, magic, sizeof magic, "its first bytes", error))
        return IMAGE_BAD;
    bool is_thin = memcmp(magic, THIN_MAGIC, SARMAG) == 0;
    object->shape = is_thin ? SHAPE_THIN_ARCHIVE : SHAPE_ARCHIVE;
    const char *dot = strrchr(image->name, '.');
    object->is_rlib = dot != NULL && strcmp(dot, ".rlib") == 0;
    if (!visit_all(&walk, is_thin))
        return IMAGE_BAD;
    if (walk.has_members && !walk.has_objects && !object->is_rlib) {
        error_set(error, "%s: is an archive with no ELF object in it", image->name);
        return IMAGE_NOT_ELF;
    }
    object_sum_up(object);
    return IMAGE_GOOD;
}
