/**
 * Filters of system calls. `default` allows what programs of containers use and leaves out what reaches the kernel
 * beyond the container: mounts, modules, keys, clocks, other namespaces, tracing of the kernel. `strict` also leaves
 * out what few services need and many kernel bugs began with. What is not allowed fails with EPERM; `clone3` fails with
 * ENOSYS, since a filter cannot look into its arguments and libraries then fall back to `clone`.
 * Source: man 2 syscalls, and the reasons that Docker documents for its own profile.
 */

interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: string;
  }[];
}

/** As the OCI runtime specification has it. */
export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

const FILES = `access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat
  faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64
  fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync
  ftruncate ftruncate64 futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1
  inotify_rm_watch ioctl lchown lchown32 lgetxattr link linkat listxattr llistxattr _llseek lremovexattr lseek
  lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat _newselect open openat openat2
  pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr
  rename renameat renameat2 rmdir sendfile sendfile64 setxattr splice stat stat64 statfs statfs64 statx symlink
  symlinkat sync sync_file_range sync_file_range2 syncfs tee truncate truncate64 ugetrlimit umask unlink unlinkat
  utime utimensat utimensat_time64 utimes vmsplice write writev chroot fanotify_mark`;
const MEMORY = `brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap
  mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages
  process_madvise process_mrelease shmat shmctl shmdt shmget ipc semctl semget semop semtimedop semtimedop_time64
  msgctl msgget msgrcv msgsnd mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend
  mq_timedsend_time64 mq_unlink cachestat`;
const PROCESSES = `alarm arch_prctl capget capset execve execveat exit exit_group fork futex futex_requeue
  futex_time64 futex_wait futex_waitv futex_wake getcpu getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups
  getgroups32 getpgid getpgrp getpid getppid getpriority getresgid getresgid32 getresuid getresuid32 getrlimit
  get_robust_list getrusage getsid get_thread_area gettid getuid getuid32 ioprio_get ioprio_set kill modify_ldt nice
  pause pidfd_open pidfd_send_signal pidfd_getfd prctl prlimit64 ptrace process_vm_readv process_vm_writev kcmp
  restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
  rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam
  sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval
  sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp
  setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer getitimer setpgid
  setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit
  set_robust_list setsid set_thread_area set_tid_address setuid setuid32 sigaction sigaltstack signal signalfd
  signalfd4 sigpending sigprocmask sigreturn sigsuspend tgkill tkill vfork wait4 waitid waitpid landlock_add_rule
  landlock_create_ruleset landlock_restrict_self rt_sigqueueinfo`;
const SOCKETS = `accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg
  recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair`;
const WAITING = `epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait
  epoll_wait_old eventfd eventfd2 io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup
  io_submit poll ppoll ppoll_time64 pselect6 pselect6_time64 select timerfd_create timerfd_gettime
  timerfd_gettime64 timerfd_settime timerfd_settime64`;
const REST = `clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
  clock_nanosleep_time64 getrandom gettimeofday nanosleep sysinfo syslog time timer_create timer_delete
  timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 times uname personality`;

/** Not in `strict`: looking into other processes, devices, another root, real-time scheduling, old interfaces. */
const NOT_STRICT = new Set(
  words(`ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd mknod mknodat chroot name_to_handle_at
    fanotify_mark modify_ldt personality process_madvise process_mrelease sched_setattr sched_setparam
    sched_setscheduler syslog ioprio_set vmsplice remap_file_pages memfd_secret io_cancel io_destroy io_getevents
    io_pgetevents io_pgetevents_time64 io_setup io_submit ipc shmat shmctl shmdt shmget semctl semget semop
    semtimedop semtimedop_time64 msgctl msgget msgrcv msgsnd socketcall`),
);

const ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, readonly string[]>>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  riscv64: ['SCMP_ARCH_RISCV64'],
  s390x: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
};

/** CLONE_NEW… of cgroup, uts, ipc, user, pid, net and mount namespaces. */
const NEW_NAMESPACES = 0x7e020000;
const AF_VSOCK = 40;
const EPERM = 1;
const ENOSYS = 38;

/** @param architecture - default: this machine's */
export function seccompProfile(
  kind: 'default' | 'strict',
  architecture: NodeJS.Architecture = process.arch,
): SeccompProfile {
  const all = [FILES, MEMORY, PROCESSES, SOCKETS, WAITING, REST].flatMap(words);
  const names = [...new Set(all)].filter((name) => kind === 'default' || !NOT_STRICT.has(name)).sort();
  const flagsArgument = architecture === 's390x' ? 1 : 0;
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    architectures: ARCHITECTURES[architecture] ?? [],
    syscalls: [
      { names, action: 'SCMP_ACT_ALLOW' },
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: flagsArgument, value: NEW_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
      // Sockets between virtual machines and their host know no network namespace.
      {
        names: ['socket'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: AF_VSOCK, op: 'SCMP_CMP_NE' }],
      },
    ],
  };
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
