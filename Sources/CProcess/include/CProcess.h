// What a process does before Swift runs and inside signal handlers, where Swift may not.
#pragma once
#include <stdbool.h>

/// From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT ask the program to stop, and a second one, or four
/// seconds without an end, ends it with `status`. A SIGHUP that was ignored stays so (nohup).
///
/// The messages are printed at the first signal and at an end by force; they must stay valid.
void cprocess_stop_on_signals(int status, const char *stopping, const char *stopped);

/// Whether a signal has asked the program to stop.
bool cprocess_stop_requested(void);

/// Where the program has been asked to stop, it is ended by force so many seconds later than otherwise.
void cprocess_allow_seconds(unsigned seconds);

/// The file at `path`, open as `descriptor`, is removed when a signal ends the program by force.
void cprocess_remove_when_stopped(const char *path, int descriptor);

/// Takes back `cprocess_remove_when_stopped`.
void cprocess_keep_when_stopped(int descriptor);

/// A fault, such as the trap of an allocation that fails, prints `message` and ends with `status`. For
/// processes whose memory is limited, where any allocation may fail within any library.
void cprocess_end_on_fault(int status, const char *message);

/// The same until `cprocess_end_guard`; `message` must last as long. Not for two threads at a time.
void cprocess_begin_guard(int status, const char *message);
void cprocess_end_guard(void);

/// Writes to a vanished reader fail instead of ending the program; SIGQUIT ends it as everywhere.
void cprocess_use_plain_signals(void);

/// Starts the program at `arguments[0]`, or of that name in PATH, in `folder` (empty for the current one)
/// and in a process group of its own. Both lists end with NULL.
///
/// `streams` receives this process's ends of its standard input, output and error.
///
/// Returns its process number, or -1 where the system refuses.
int cprocess_start_companion(char *const arguments[], char *const environment[],
                             const char *folder, int streams[3]);
