/**
 * What runs as the container's first process until the agent lets the user's code go: a script for the shell of a
 * static busybox. It waits for a line from a FIFO, then `exec`s the user's command, which so becomes the first process
 * with its own signals and exit code. If it cannot be executed, the script says so through a second FIFO; its own exit
 * code is 127 or 126 then, as everywhere.
 *
 * A shell is not transparent, so the script works around it: the program is looked for in PATH by hand, because
 * Debian's busybox prefers its own applets; `SHLVL` and `PWD`, which a shell adds, are taken out again; variables that
 * a shell drops or changes (`a.b`, `PWD`, …) go through `env`. With those, `argv[0]` is the full path and a file of a
 * wrong format is told as exit code only. A file that the kernel cannot execute is tried as a shell script.
 */

/** Where the gate's folder is in the container. */
export const GATE_TARGET = '/.stowage';
/** Names of shell variables that a task cannot have in its environment. */
export const GATE_VARIABLES: readonly string[] = ['stowage_gate_path', 'stowage_gate_file'];

/** Ends with a line and not with an end of file: an agent that dies in between opens nothing. */
const WAIT = `until read -r stowage_gate_file <${GATE_TARGET}/go; do [ -p ${GATE_TARGET}/go ] || exit 125; done`;

/** As `command -v`, for files only. */
const FIND = `stowage_gate_file=$1
case $1 in
*/*) ;;
*)
  stowage_gate_path=$PATH:
  while :; do
    if [ -z "$stowage_gate_path" ]; then
      echo "$1: not found in PATH" >&2
      exit 127
    fi
    stowage_gate_file=\${stowage_gate_path%%:*}
    stowage_gate_file=\${stowage_gate_file:-.}/$1
    if [ -f "$stowage_gate_file" ] && [ -x "$stowage_gate_file" ]; then break; fi
    stowage_gate_path=\${stowage_gate_path#*:}
  done
  ;;
esac`;

/** Set or changed by the shell at its start, or never given to programs by it. */
const CHANGED_BY_SHELL = new Set(
  'PWD OLDPWD SHLVL IFS OPTIND PPID RANDOM LINENO EPOCHSECONDS EPOCHREALTIME FUNCNAME'.split(' '),
);

/** Entrypoint of a container whose command the gate is to execute. */
export function gateEntrypoint(environment: Readonly<Record<string, string>>): readonly string[] {
  return [...GATE_PREFIX, scriptFor(environment), 'gate'];
}

const GATE_PREFIX = [`${GATE_TARGET}/busybox`, 'sh', '-c'];

/** Whether a process with this command line (`/proc/<pid>/cmdline`) is a gate that has not executed anything yet. */
export function isGate(commandLine: string): boolean {
  return commandLine.startsWith([...GATE_PREFIX, WAIT].join('\0'));
}

function scriptFor(environment: Readonly<Record<string, string>>): string {
  const lost = Object.entries(environment).filter(
    ([name]) => CHANGED_BY_SHELL.has(name) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name),
  );
  const assignments = lost.map(([name, value]) => quoted(`${name}=${value}`)).join(' ');
  return [
    WAIT,
    `trap 'echo $? >${GATE_TARGET}/report' EXIT`,
    FIND,
    'unset SHLVL PWD OLDPWD',
    lost.length === 0
      ? 'stowage_gate_path=$1; shift; exec -a "$stowage_gate_path" "$stowage_gate_file" "$@"'
      : `shift; exec ${GATE_TARGET}/busybox env ${assignments} "$stowage_gate_file" "$@"`,
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
