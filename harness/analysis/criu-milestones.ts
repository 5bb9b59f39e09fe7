/** The lines of CRIU's logs that begin something, in the order in which its sources write them. */

export type Milestone = [name: string, line: RegExp];

/** Lines of CRIU's own process, in the order of cr_dump_tasks (criu/cr-dump.c) and seize.c. */
export const DUMP: readonly Milestone[] = [
  ['look at processes', /^Dumping processes \(pid: /],
  ['freeze', /^freezing (cgroup|processes)/],
  ['seize tasks', /^(freezer\.state=FROZEN|freezing processes: \d+ attempts done|SEIZE \d+|Seized task)/],
  ['lock network', /^net: Lock network/],
  ['collect sockets and files', /^net: Collecting netns/],
  ['dump tasks', /^Dumping task \(pid: /],
  ['dump namespaces', /^Dumping .*'s namespaces$/],
  ['post-dump scripts', /^Running post-dump scripts/],
  ['unfreeze tasks', /^Unfreezing tasks into/],
  ['write stats', /^Writing stats/],
];

/** The same of cr_restore_tasks and restore_root_task (criu/cr-restore.c). */
export const RESTORE: readonly Milestone[] = [
  ['read images', /^Reading image tree/],
  ['pre-restore scripts', /^Running pre-restore scripts/],
  ['fork the first task', /^Forking task with/],
  ['set up namespaces', /^Running setup-namespaces scripts/],
  ['restore tasks', /^Running post-setup-namespaces scripts/],
  ['catch tasks', /^\d+ was trapped/],
  ['pre-resume scripts', /^Running pre-resume scripts/],
  ['tasks run', /^Restore finished successfully/],
  ['post-resume scripts', /^Running post-resume scripts/],
];

/** Of cr_pre_dump_tasks and cr_pre_dump_finish (criu/cr-dump.c). */
export const PRE_DUMP: readonly Milestone[] = [
  ['freeze', /^freezing (cgroup|processes)/],
  ['seize tasks', /^(freezer\.state=FROZEN|freezing processes: \d+ attempts done|SEIZE \d+|Seized task)/],
  ['pre-dump tasks', /^Pre-dumping task \(pid: /],
  ['unfreeze tasks', /^Unfreezing tasks into/],
  ['write memory', /^Pre-dumping tasks' memory/],
  ['write inventory', /^Writing image inventory/],
  ['write stats', /^Writing stats/],
];

/** Said before the daemon is forked (criu/uffd.c: prepare_lazy_socket). */
export const LISTENS = /^uffd: Waiting for incoming connections/;

/** Of cr_lazy_pages (criu/uffd.c). */
export const LAZY_PAGES: readonly Milestone[] = [
  ['read images', /^Reading image tree/],
  ['wait for the restore', LISTENS],
  ['take over tasks', /^uffd: Received PID: /],
  ['connect to the page server', /^Connecting to server /],
  ['bring pages', /^(uffd: \d+-\d+: #PF at |pr\d+-\d+ Read )/],
  ['disconnect', /^page-xfer: Disconnect from the page server/],
];

/** Said of a page server's only client. */
export const CONNECTED = /^Accepted connection from /;

/** Of cr_page_server and page_server_serve (criu/page-xfer.c). */
export const PAGE_SERVER: readonly Milestone[] = [
  ['wait for the dump', /^Starting page server on port/],
  ['serve the dump', CONNECTED],
  ['take pages', /^page-xfer: (Opening|Adding) /],
  ['end', /^page-xfer: Session over/],
];
