// Every fsync takes FSYNC_MS milliseconds longer: LD_PRELOAD it into a process.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int fsync(int fd) {
  long milliseconds = atol(getenv("FSYNC_MS"));
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}
