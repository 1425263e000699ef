// What must happen before the constructors of the libraries.
#if defined(__linux__)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/// A standard stream that was closed would be taken by the next file that is opened, and messages
/// would go into it. `/dev/null`, opened the wrong way round, takes its place: using it fails, as
/// using the closed stream would.
static void occupy_closed_streams(void) {
  for (int number = 0; number <= 2; number++) {
    if (fcntl(number, F_GETFD) != -1 || errno != EBADF) continue;
    int opened = open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY);
    if (opened != -1 && opened != number) close(opened);
  }
}

/// OpenBLAS starts a thread for each core when it is loaded, which this program never uses; where
/// the system refuses a thread, they spin or end the process. The count is read from the environment
/// before `main`, and can only be set there for a program that starts anew.
static void start_again_with_one_thread(char **arguments, char **environment) {
  static const char name[] = "OPENBLAS_NUM_THREADS=";
  static char one[] = "OPENBLAS_NUM_THREADS=1";
  int count = 0;
  for (; environment[count]; count++)
    if (strncmp(environment[count], name, sizeof name - 1) == 0) return;
  // Started by the loader by hand, the program has another path than the system knows.
  if (count > 4096 || getauxval(AT_BASE) == 0) return;
  char *with_one[4098];
  memcpy(with_one, environment, count * sizeof *environment);
  with_one[count] = one;
  with_one[count + 1] = NULL;
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = 0;
  execve(path, arguments, with_one);
}

static void prepare(int count, char **arguments, char **environment) {
  occupy_closed_streams();
  if (count > 0) start_again_with_one_thread(arguments, environment);
}

__attribute__((section(".preinit_array"), used)) static void (*const prepare_first)(
    int, char **, char **) = prepare;
#endif
