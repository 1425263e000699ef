#include "CProcess.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { patience = 4, most_files = 8 };

static atomic_int stop_requests;
static int stop_status;
static const char *stopping_message;
static const char *stopped_message;
static int fault_status;
static const char *fault_message;

static struct {
  char *_Atomic path;
  int descriptor;
} files[most_files];

// Never waits: a terminal or a pipe that takes nothing may be what the program is stuck in.
static void say(const char *message) {
  struct pollfd place = {.fd = STDERR_FILENO, .events = POLLOUT};
  if (poll(&place, 1, 0) == 1 && (place.revents & POLLOUT)) {
    ssize_t ignored = write(STDERR_FILENO, message, strlen(message));
    (void)ignored;
  }
}

static _Noreturn void end_by_force(void) {
  for (int i = 0; i < most_files; i++) {
    const char *path = atomic_load(&files[i].path);
    struct stat opened, named;
    if (path && fstat(files[i].descriptor, &opened) == 0 && lstat(path, &named) == 0 &&
        opened.st_ino == named.st_ino && opened.st_dev == named.st_dev)
      unlink(path);
  }
  say(stopped_message);
  _exit(stop_status);
}

static void on_stop(int number) {
  (void)number;
  if (atomic_fetch_add(&stop_requests, 1) > 0) end_by_force();
  alarm(patience);
  say(stopping_message);
}

static void on_alarm(int number) {
  (void)number;
  end_by_force();
}

static void on_fault(int number) {
  (void)number;
  say(fault_message);
  _exit(fault_status);
}

static void handle(int number, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

// A signal that the parent process has blocked would never arrive.
static void unblock(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void cprocess_stop_on_signals(int status, const char *stopping, const char *stopped) {
  stop_status = status;
  stopping_message = stopping;
  stopped_message = stopped;
  handle(SIGALRM, on_alarm, SA_RESTART);
  unblock(SIGALRM);
  const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  for (int i = 0; i < 4; i++) {
    struct sigaction old;
    sigaction(numbers[i], NULL, &old);
    if (numbers[i] == SIGHUP && old.sa_handler == SIG_IGN) continue;
    handle(numbers[i], on_stop, SA_RESTART);
    unblock(numbers[i]);
  }
}

bool cprocess_stop_requested(void) {
  return atomic_load_explicit(&stop_requests, memory_order_relaxed) > 0;
}

void cprocess_allow_seconds(unsigned seconds) {
  if (cprocess_stop_requested()) alarm(patience + seconds);
}

void cprocess_remove_when_stopped(const char *path, int descriptor) {
  for (int i = 0; i < most_files; i++) {
    if (atomic_load(&files[i].path)) continue;
    files[i].descriptor = descriptor;
    atomic_store(&files[i].path, strdup(path));
    return;
  }
}

void cprocess_keep_when_stopped(int descriptor) {
  for (int i = 0; i < most_files; i++) {
    char *path = atomic_load(&files[i].path);
    if (!path || files[i].descriptor != descriptor) continue;
    atomic_store(&files[i].path, NULL);
    free(path);
    return;
  }
}

void cprocess_end_on_fault(int status, const char *message) {
  fault_status = status;
  fault_message = message;
  const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE};
  for (int i = 0; i < 6; i++) handle(numbers[i], on_fault, SA_NODEFER);
}

static struct sigaction guarded[6];
static int guarded_status;
static const char *guarded_message;

void cprocess_begin_guard(int status, const char *message) {
  const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE};
  guarded_status = fault_status;
  guarded_message = fault_message;
  for (int i = 0; i < 6; i++) sigaction(numbers[i], NULL, &guarded[i]);
  cprocess_end_on_fault(status, message);
}

void cprocess_end_guard(void) {
  const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE};
  for (int i = 0; i < 6; i++) sigaction(numbers[i], &guarded[i], NULL);
  fault_status = guarded_status;
  fault_message = guarded_message;
}

void cprocess_use_plain_signals(void) {
  handle(SIGPIPE, SIG_IGN, 0);
  handle(SIGQUIT, SIG_DFL, 0);
}
