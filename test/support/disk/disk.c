// A disk for one database, which a test controls and whose power it can cut: LD_PRELOAD it into the process that has the
// database open. DISK_DATABASE names the database, DISK_CONTROL a folder. In that folder a file <verb>.<part> is an order or
// a report; the part is "db" for the database itself, else the end of the file's name, such as "wal". disk.ts explains them.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH 4096
#define BLOCK 65536

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

// Names the part of the database that a descriptor belongs to. Returns 0 for every other file.
static int find_part(int fd, char part[16]) {
  const char *database = getenv("DISK_DATABASE");
  char link[64], path[PATH];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (!database || length < 0) return 0;
  path[length] = 0;
  size_t stem = strlen(database);
  if (strncmp(path, database, stem)) return 0;
  if (path[stem] && path[stem] != '-') return 0;
  snprintf(part, 16, "%s", path[stem] ? path + stem + 1 : "db");
  return 1;
}

static const char *name_file(char path[PATH], const char *verb, const char *part) {
  snprintf(path, PATH, "%s/%s.%s", getenv("DISK_CONTROL"), verb, part);
  return path;
}

static int is_ordered(const char *verb, const char *part) {
  char path[PATH];
  return access(name_file(path, verb, part), F_OK) == 0;
}

static void append(const char *verb, const char *part, const char *text) {
  char path[PATH];
  int fd = open(name_file(path, verb, part), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) abort();
  close(fd);
}

static void take_back(const char *verb, const char *part) {
  char path[PATH];
  unlink(name_file(path, verb, part));
}

static void wait_for(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static void wait_as_ordered(const char *part) {
  char path[PATH];
  FILE *file = fopen(name_file(path, "delay", part), "re");
  long milliseconds = 0;
  if (file) {
    if (fscanf(file, "%ld", &milliseconds) == 1) wait_for(milliseconds);
    fclose(file);
  }
  if (!is_ordered("hold", part)) return;
  append("held", part, "");
  while (is_ordered("hold", part)) wait_for(2);
  take_back("held", part);
}

static void copy(int from, int to, off_t offset, off_t length) {
  char block[BLOCK];
  while (length > 0) {
    ssize_t size = pread(from, block, length < BLOCK ? length : BLOCK, offset);
    if (size <= 0) return;
    if (lseek(to, offset, SEEK_SET) < 0 || write(to, block, size) != size) abort();
    offset += size;
    length -= size;
  }
}

// Brings what was written since the last fsync into the copy that survives a power cut. The descriptor of the caller is
// read: to open and close the file here would free the locks that SQLite has on it.
static void keep(int fd, const char *part) {
  char durable[PATH], made[PATH], path[PATH];
  name_file(durable, "durable", part);
  name_file(made, "new", part);
  struct stat now;
  int to = open(made, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (to < 0 || fstat(fd, &now) < 0) abort();
  int before = open(durable, O_RDONLY | O_CLOEXEC);
  if (before >= 0) {
    copy(before, to, 0, now.st_size);
    close(before);
  }
  FILE *ranges = fopen(name_file(path, "unsynced", part), "re");
  long offset, length;
  while (ranges && fscanf(ranges, "%ld %ld", &offset, &length) == 2) copy(fd, to, offset, length);
  if (ranges) fclose(ranges);
  if (ftruncate(to, now.st_size) < 0 || rename(made, durable) < 0) abort();
  close(to);
}

static int sync_file(int fd, const char *name) {
  int (*real)(int) = dlsym(RTLD_NEXT, name);
  char part[16], path[PATH];
  if (!find_part(fd, part)) return real(fd);
  wait_as_ordered(part);
  int fails = unlink(name_file(path, "fail-once", part)) == 0;
  int result = fails ? -1 : real(fd);
  int error = fails ? EIO : errno;
  pthread_mutex_lock(&mutex);
  append("synced", part, ".");
  if (result == 0) keep(fd, part);
  // After a failure, too: Linux takes the pages for written then, and a later fsync succeeds without them.
  take_back("unsynced", part);
  pthread_mutex_unlock(&mutex);
  errno = error;
  return result;
}

int fsync(int fd) { return sync_file(fd, "fsync"); }

int fdatasync(int fd) { return sync_file(fd, "fdatasync"); }

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  char part[16], range[64];
  if (find_part(fd, part)) {
    snprintf(range, sizeof range, "%ld %zu\n", (long)offset, count);
    pthread_mutex_lock(&mutex);
    append("unsynced", part, range);
    pthread_mutex_unlock(&mutex);
  }
  return real(fd, bytes, count, offset);
}
