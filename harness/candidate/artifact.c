#include "harness/candidate/artifact.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/platform.h"

struct file {
    const char *path;
    int descriptor;
    uint64_t size;
    Elf *elf;
    GElf_Ehdr header;
};

/* ---- what kind of file it is ---- */

static int bits(const GElf_Ehdr *header) { return header->e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32; }

/* The file is no ELF file. Its first bytes show what it is instead, and so what the user can do about it. */
static bool not_elf(const char *path, const char *head, size_t length, struct error *error)
{
    if (length == 0)
        return error_set(error, "%s: is empty, expected a shared library", path);
    if (length >= 8 && (memcmp(head, "!<arch>\n", 8) == 0 || memcmp(head, "!<thin>\n", 8) == 0))
        return error_set(error,
                         "%s: is a static archive, expected a shared library: make one with "
                         "`cc -shared -o candidate.so -Wl,--whole-archive %s -Wl,--no-whole-archive` "
                         "(its objects compiled with -fPIC)",
                         path, path);
    if (memmem(head, length, "GNU ld script", 13) != NULL || memmem(head, length, "GROUP (", 7) != NULL ||
        memmem(head, length, "INPUT(", 6) != NULL)
        return error_set(error, "%s: is a text for the linker, expected a shared library: name the file it points to",
                         path);
    return error_set(error, "%s: is no ELF file, expected a shared library (.so)", path);
}

static bool open_file(const char *path, struct file *file, struct error *error)
{
    struct stat status;
    *file = (struct file){.path = path, .descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file->descriptor < 0)
        return error_set(error, "%s: cannot be read: %s", path, strerror(errno));
    if (fstat(file->descriptor, &status) != 0)
        return error_set(error, "%s: cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return error_set(error, "%s: is a directory, expected a shared library in it", path);
    if (!S_ISREG(status.st_mode))
        return error_set(error, "%s: is no regular file, expected a shared library", path);
    file->size = (uint64_t)status.st_size;
    return true;
}

static bool open_elf(struct file *file, struct error *error)
{
    char head[512];
    ssize_t length = pread(file->descriptor, head, sizeof head, 0);
    if (length < 0)
        return error_set(error, "%s: cannot be read: %s", file->path, strerror(errno));
    if (length < SELFMAG || memcmp(head, ELFMAG, SELFMAG) != 0)
        return not_elf(file->path, head, (size_t)length, error);
    elf_version(EV_CURRENT);
    file->elf = elf_begin(file->descriptor, ELF_C_READ, NULL);
    if (file->elf == NULL || elf_kind(file->elf) != ELF_K_ELF || gelf_getehdr(file->elf, &file->header) == NULL)
        return error_set(error, "%s: is cut short or damaged: its ELF header cannot be read", file->path);
    return true;
}

static void close_file(struct file *file)
{
    if (file->elf != NULL)
        elf_end(file->elf);
    if (file->descriptor >= 0)
        close(file->descriptor);
}

/* ---- whole? ---- */

static bool ends_within(const struct file *file, uint64_t offset, uint64_t length)
{
    return length <= file->size && offset <= file->size - length;
}

static bool cut_short(const struct file *file, const char *what, struct error *error)
{
    return error_set(error, "%s: is cut short: %s lies past its end (%llu bytes): copy or build it again", file->path,
                     what, (unsigned long long)file->size);
}

static bool check_whole(const struct file *file, struct error *error)
{
    const GElf_Ehdr *header = &file->header;
    GElf_Phdr segment;
    if (!ends_within(file, header->e_phoff, (uint64_t)header->e_phnum * header->e_phentsize))
        return cut_short(file, "the program header table", error);
    if (!ends_within(file, header->e_shoff, (uint64_t)header->e_shnum * header->e_shentsize))
        return cut_short(file, "the section header table", error);
    for (int i = 0; i < header->e_phnum; i++) {
        if (gelf_getphdr(file->elf, i, &segment) == NULL)
            return cut_short(file, "a program header", error);
        if (segment.p_type == PT_LOAD && !ends_within(file, segment.p_offset, segment.p_filesz))
            return cut_short(file, "a loadable segment", error);
    }
    return true;
}

/* ---- of this platform? ---- */

/* The platform of this program, from its own file. Where that cannot be read, the dynamic linker has to judge. */
static bool own_header(GElf_Ehdr *header)
{
    struct file self;
    struct error ignored = {0};
    bool known = open_file("/proc/self/exe", &self, &ignored) && open_elf(&self, &ignored);
    *header = self.header;
    close_file(&self);
    return known;
}

static bool check_platform(const struct file *file, struct error *error)
{
    GElf_Ehdr own;
    const GElf_Ehdr *header = &file->header;
    if (!own_header(&own) ||
        (header->e_machine == own.e_machine && memcmp(header->e_ident + EI_CLASS, own.e_ident + EI_CLASS, 2) == 0))
        return true;
    const char *endian = header->e_ident[EI_DATA] == ELFDATA2MSB ? "big" : "little";
    const char *own_endian = own.e_ident[EI_DATA] == ELFDATA2MSB ? "big" : "little";
    return error_set(error,
                     "%s: is for %s (%d-bit, %s-endian), expected %s (%d-bit, %s-endian): "
                     "use the assay that was built for its platform",
                     file->path, platform_of_file(header->e_machine, bits(header)), bits(header), endian,
                     platform_of_file(own.e_machine, bits(&own)), bits(&own), own_endian);
}

/* ---- a shared library? ---- */

/* DT_FLAGS_1 of the dynamic segment; false when there is no dynamic segment at all. */
static bool read_flags(const struct file *file, uint64_t *flags)
{
    GElf_Phdr segment;
    GElf_Dyn entry;
    *flags = 0;
    for (int i = 0; i < file->header.e_phnum; i++) {
        if (gelf_getphdr(file->elf, i, &segment) == NULL || segment.p_type != PT_DYNAMIC)
            continue;
        Elf_Data *data = elf_getdata_rawchunk(file->elf, (int64_t)segment.p_offset, segment.p_filesz, ELF_T_DYN);
        for (int j = 0; data != NULL && gelf_getdyn(data, j, &entry) != NULL && entry.d_tag != DT_NULL; j++)
            if (entry.d_tag == DT_FLAGS_1)
                *flags = entry.d_un.d_val;
        return true;
    }
    return false;
}

static bool check_kind(const struct file *file, struct error *error)
{
    uint64_t flags;
    bool dynamic = read_flags(file, &flags);
    if (file->header.e_type == ET_REL)
        return error_set(error,
                         "%s: is an object file, expected a shared library: make one with "
                         "`cc -shared -o candidate.so %s` (compiled with -fPIC)",
                         file->path, file->path);
    if (file->header.e_type == ET_EXEC || (file->header.e_type == ET_DYN && (flags & DF_1_PIE)))
        return error_set(error,
                         "%s: is an executable, which cannot be loaded: link its allocator's objects with -shared",
                         file->path);
    if (file->header.e_type != ET_DYN || !dynamic)
        return error_set(error, "%s: is no shared library (%s), expected one", file->path,
                         file->header.e_type == ET_CORE ? "a core dump" : "it has no dynamic section");
    return true;
}

bool artifact_check(const char *path, struct error *error)
{
    struct file file;
    bool good = open_file(path, &file, error) && open_elf(&file, error) && check_platform(&file, error) &&
                check_whole(&file, error) && check_kind(&file, error);
    close_file(&file);
    return good;
}

uint64_t artifact_tls_size(const char *path)
{
    struct file file;
    struct error ignored = {0};
    GElf_Phdr segment;
    uint64_t size = 0;
    if (open_file(path, &file, &ignored) && open_elf(&file, &ignored))
        for (int i = 0; i < file.header.e_phnum && gelf_getphdr(file.elf, i, &segment) != NULL; i++)
            if (segment.p_type == PT_TLS)
                size = segment.p_memsz + segment.p_align;
    close_file(&file);
    return size;
}

/* ---- symbols ---- */

struct table {
    Elf *elf;
    Elf_Data *symbols, *versions; /* `versions` is NULL where there are none */
    size_t strings;               /* section index of the names */
    size_t count;
};

static bool find_table(Elf *elf, struct table *table)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    *table = (struct table){.elf = elf};
    while ((section = elf_nextscn(elf, section)) != NULL) {
        if (gelf_getshdr(section, &header) == NULL)
            return false;
        if (header.sh_type == SHT_GNU_versym)
            table->versions = elf_getdata(section, NULL);
        if (header.sh_type != SHT_DYNSYM || header.sh_entsize == 0)
            continue;
        table->symbols = elf_getdata(section, NULL);
        table->strings = header.sh_link;
        table->count = header.sh_size / header.sh_entsize;
    }
    return table->symbols != NULL;
}

/* An old version that new links no longer see (the top bit of its version index). */
static bool is_hidden_version(const struct table *table, int index)
{
    GElf_Versym version;
    return table->versions != NULL && gelf_getversym(table->versions, index, &version) != NULL &&
           (version & 0x8000) != 0;
}

/* Assemblers leave the type out, so it is the section that decides. */
static bool is_code(Elf *elf, const GElf_Sym *symbol)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    GElf_Shdr header;
    Elf_Scn *section = elf_getscn(elf, symbol->st_shndx);
    if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
        return false;
    return section != NULL && gelf_getshdr(section, &header) != NULL && (header.sh_flags & SHF_EXECINSTR) != 0;
}

static enum artifact_symbol look_up(const struct table *table, const char *name)
{
    enum artifact_symbol answer = SYMBOL_ABSENT;
    GElf_Sym symbol;
    for (size_t i = 1; i < table->count; i++) {
        if (gelf_getsym(table->symbols, (int)i, &symbol) == NULL)
            return SYMBOL_UNKNOWN;
        unsigned binding = GELF_ST_BIND(symbol.st_info), visibility = GELF_ST_VISIBILITY(symbol.st_other);
        if (symbol.st_shndx == SHN_UNDEF || binding == STB_LOCAL || visibility == STV_HIDDEN ||
            visibility == STV_INTERNAL)
            continue;
        const char *found = elf_strptr(table->elf, table->strings, symbol.st_name);
        if (found == NULL || strcmp(found, name) != 0 || is_hidden_version(table, (int)i))
            continue;
        if (answer != SYMBOL_ABSENT)
            return SYMBOL_DUPLICATE;
        answer = is_code(table->elf, &symbol) ? SYMBOL_FUNCTION : SYMBOL_OBJECT;
    }
    return answer;
}

enum artifact_symbol artifact_find_symbol(const char *path, const char *symbol)
{
    struct file file;
    struct table table;
    struct error ignored = {0};
    enum artifact_symbol answer = SYMBOL_UNKNOWN;
    if (open_file(path, &file, &ignored) && open_elf(&file, &ignored) && find_table(file.elf, &table))
        answer = look_up(&table, symbol);
    close_file(&file);
    return answer;
}

const char *artifact_symbol_text(enum artifact_symbol symbol)
{
    static const char *const texts[] = {
        [SYMBOL_UNKNOWN] = "cannot be looked up",
        [SYMBOL_ABSENT] = "is missing",
        [SYMBOL_FUNCTION] = "is a function",
        [SYMBOL_OBJECT] = "is data, not a function",
        [SYMBOL_DUPLICATE] = "is defined more than once",
    };
    return texts[symbol];
}
