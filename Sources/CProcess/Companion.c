#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "CProcess.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

// Nothing that another thread starts meanwhile inherits the ends.
static bool open_pipe(int ends[2]) {
#if defined(__linux__)
  return pipe2(ends, O_CLOEXEC) == 0;
#else
  if (pipe(ends) != 0) return false;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  return true;
#endif
}

static pid_t spawn(char *const arguments[], char *const environment[], const char *folder,
                   const int streams[3]) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (posix_spawn_file_actions_init(&actions) != 0) return -1;
  if (posix_spawnattr_init(&attributes) != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return -1;
  }
  // What this process ignores, the other one would ignore too.
  const int numbers[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM};
  sigset_t signals;
  sigemptyset(&signals);
  for (int i = 0; i < 6; i++) sigaddset(&signals, numbers[i]);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  for (int i = 0; i < 3; i++) posix_spawn_file_actions_adddup2(&actions, streams[i], i);
  if (folder[0]) posix_spawn_file_actions_addchdir_np(&actions, folder);
#if defined(__GLIBC__)
  // Files that a library has opened, such as a locked result, would stay open in the other process.
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
#endif
  pid_t child = -1;
  if (posix_spawnp(&child, arguments[0], &actions, &attributes, arguments, environment) != 0)
    child = -1;
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

int cprocess_start_companion(char *const arguments[], char *const environment[],
                             const char *folder, int streams[3]) {
  int pipes[3][2];
  int opened = 0;
  while (opened < 3 && open_pipe(pipes[opened])) opened++;
  pid_t child = -1;
  if (opened == 3) {
    const int theirs[] = {pipes[0][0], pipes[1][1], pipes[2][1]};
    child = spawn(arguments, environment, folder, theirs);
  }
  for (int i = 0; i < opened; i++) {
    const int own = i == 0 ? 1 : 0;
    close(pipes[i][1 - own]);
    if (child > 0)
      streams[i] = pipes[i][own];
    else
      close(pipes[i][own]);
  }
  return child;
}
