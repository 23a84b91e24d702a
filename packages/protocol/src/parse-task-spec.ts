/** Checks a task spec from outside: types, ranges, and what must go together. */
import { AGENT_FEATURES, type AgentFeature } from './agent-features.ts';
import { AgentError } from './errors.ts';
import { CAPABILITY_NAMES, SIGNAL_NAMES } from './linux-names.ts';
import {
  flag,
  integer,
  list,
  object,
  oneOf,
  optional,
  type Parser,
  type Problem,
  record,
  text,
} from './parsers.ts';
import type {
  PreStopHook,
  ResourceLimit,
  TaskImage,
  TaskLogs,
  TaskMetadata,
  TaskNetwork,
  TaskResources,
  TaskSecurity,
  TaskSpec,
} from './task-spec.ts';

/** The longest single argument or variable that Linux passes to a program is 131,072 bytes with its end. */
const MAX_ARGUMENT = 32_000;
const MAX_ARGUMENTS = 1_000;
/** Of at most four bytes each: `execve` takes 2 MiB for arguments and environment where the stack may have 8 MiB. */
const MAX_EXEC_CHARACTERS = 500_000;
/** No limit: what `setrlimit` calls infinity is beyond JavaScript's whole numbers. */
const MAX_LIMIT = Number.MAX_SAFE_INTEGER;

const domain = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?';
const repository = '[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*';
const referencePattern = new RegExp(
  `^${domain}/${repository}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);
const absolutePath = text(4_096, /^\/(?!.*(?:^|\/)\.\.(?:\/|$))/s, 'an absolute path without ".."');
const argument = text(MAX_ARGUMENT);
const oneName = (names: readonly string[], hint: string): Parser<string> =>
  text(40, new RegExp(`^(?:${names.join('|')})$`), hint);
const capability = oneName(CAPABILITY_NAMES, 'a capability such as CAP_NET_RAW');
const capabilityOrAll = oneName(['ALL', ...CAPABILITY_NAMES], 'a capability such as CAP_NET_RAW, or ALL');

const registryImage = object<Extract<TaskImage, { kind: 'registry' }>>({
  kind: oneOf('registry'),
  reference: text(512, referencePattern, 'an image such as host/repository:tag or host/repository@sha256:…'),
});
const folderImage = object<Extract<TaskImage, { kind: 'folder' }>>({
  kind: oneOf('folder'),
  path: absolutePath,
});
const image: Parser<TaskImage> = (value, path, problems) =>
  isOfKind(value, 'folder') ? folderImage(value, path, problems) : registryImage(value, path, problems);

const spec = object<TaskSpec>({
  taskId: text(63, /^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'an id of letters, digits, "-", "_" and "."'),
  jobId: optional(text(200, /^[\x21-\x7e]+$/, 'an id without spaces')),
  image,
  entrypoint: optional(list(argument, MAX_ARGUMENTS)),
  command: optional(list(argument, MAX_ARGUMENTS)),
  workingDirectory: optional(absolutePath),
  user: optional(
    text(100, /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/, 'user, uid or uid:gid'),
  ),
  environment: optional(record(/^[A-Za-z_][A-Za-z0-9_]*$/, 'of letters, digits and "_"', 2_000, argument)),
  labels: optional(
    record(/^[A-Za-z0-9][\x21-\x7e]{0,199}$/, 'a label of at most 200 characters', 200, text(4_096)),
  ),
  resources: object<TaskResources>({
    cpuMilli: integer(1, 1_024_000),
    memoryMiB: integer(6, 64 * 1_024 * 1_024),
    diskMiB: optional(integer(1, 64 * 1_024 * 1_024)),
    networkMbps: optional(integer(1, 1_000_000)),
    pids: optional(integer(1, 4_194_304)),
  }),
  cpuMode: optional(oneOf('burst', 'static')),
  network: optional(
    object<TaskNetwork>({
      mode: oneOf('vpc', 'none', 'host'),
      securityGroups: optional(list(text(255, /^[A-Za-z0-9][A-Za-z0-9_.:-]*$/, 'a security group'), 16)),
      burstMbps: optional(integer(1, 1_000_000)),
    }),
  ),
  security: optional(
    object<TaskSecurity>({
      userNamespace: optional(flag),
      seccomp: optional(oneOf('default', 'strict', 'unconfined')),
      addCapabilities: optional(list(capability, 64)),
      dropCapabilities: optional(list(capabilityOrAll, 64)),
      readOnlyRoot: optional(flag),
      noNewPrivileges: optional(flag),
    }),
  ),
  limits: optional(
    list(
      object<ResourceLimit>({
        name: oneOf('core', 'cpu', 'data', 'fsize', 'memlock', 'nofile', 'nproc', 'stack'),
        soft: integer(0, MAX_LIMIT),
        hard: integer(0, MAX_LIMIT),
      }),
      8,
    ),
  ),
  metadata: optional(
    object<TaskMetadata>({
      iamRole: optional(text(2_048, /^arn:[a-z-]+:iam::\d{12}:role\/[\x21-\x7e]+$/, 'the ARN of a role')),
      requireToken: optional(flag),
    }),
  ),
  logs: optional(
    object<TaskLogs>({
      maxFileBytes: optional(integer(4_096, 64 * 2 ** 30)),
      maxFiles: optional(integer(1, 1_000)),
    }),
  ),
  stopSignal: optional(oneName(SIGNAL_NAMES, 'a signal such as SIGTERM')),
  graceMs: optional(integer(0, 3_600_000)),
  preStop: optional(
    object<PreStopHook>({
      command: list(argument, MAX_ARGUMENTS, 1),
      timeoutMs: optional(integer(1, 600_000)),
    }),
  ),
  requires: optional(list(oneOf(...(Object.keys(AGENT_FEATURES) as AgentFeature[])), 64)),
});

/**
 * @returns a copy of plain data; nothing of `value` is kept
 * @throws AgentError `INVALID_TASK_SPEC` that names every field that is wrong
 * @public
 */
export function parseTaskSpec(value: unknown): TaskSpec {
  const problems: Problem[] = [];
  let parsed: TaskSpec;
  try {
    parsed = spec(value, '', problems);
    if (problems.length === 0) problems.push(...contradictions(parsed));
  } catch (error) {
    throw new AgentError('INVALID_TASK_SPEC', 'the task spec cannot be read; give plain data.', error);
  }
  if (problems.length === 0) return parsed;
  const shown = problems
    .slice(0, 20)
    .map(({ path, text }) => `${path === '' ? 'the task spec' : path} ${text}`);
  const more = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : '';
  throw new AgentError('INVALID_TASK_SPEC', `${shown.join('; ')}${more}.`);
}

/** What is wrong with fields that are each right. */
function contradictions({
  network,
  resources,
  metadata,
  limits,
  environment,
  command = [],
  entrypoint = [],
  graceMs,
  preStop,
}: TaskSpec): Problem[] {
  const found: Problem[] = [];
  const mode = network?.mode ?? 'none';
  const groups = network?.securityGroups ?? [];
  if (mode === 'vpc' && groups.length === 0) {
    found.push({ path: 'network.securityGroups', text: 'must name at least one group when the mode is vpc' });
  }
  if (mode !== 'vpc') {
    const only = [
      ['network.securityGroups', network?.securityGroups],
      ['network.burstMbps', network?.burstMbps],
      ['resources.networkMbps', resources.networkMbps],
      ['metadata', metadata],
    ] as const;
    for (const [path, given] of only) {
      if (given !== undefined) found.push({ path, text: 'needs the network mode vpc' });
    }
  }
  if (new Set(groups).size < groups.length) {
    found.push({ path: 'network.securityGroups', text: 'names a group twice' });
  }
  if (network?.burstMbps !== undefined && network.burstMbps < (resources.networkMbps ?? Infinity)) {
    found.push({
      path: 'network.burstMbps',
      text: 'must be at least resources.networkMbps, which must be given',
    });
  }
  limits?.forEach(({ name, soft, hard }, index) => {
    if (soft > hard) found.push({ path: `limits[${index}].soft`, text: 'must be at most the hard limit' });
    if (limits.findIndex((other) => other.name === name) < index) {
      found.push({ path: `limits[${index}].name`, text: `limits ${name} a second time` });
    }
  });
  if (preStop !== undefined && graceMs === 0) {
    found.push({ path: 'preStop', text: 'never runs when graceMs is 0; give a grace or leave out the hook' });
  }
  const variables = Object.entries(environment ?? {}).flat();
  const isTooLong = (args: readonly string[]): boolean =>
    [...args, ...variables].reduce((sum, part) => sum + part.length + 1, 0) > MAX_EXEC_CHARACTERS;
  if (isTooLong([...entrypoint, ...command])) {
    found.push({
      path: 'environment',
      text: `and command together exceed ${MAX_EXEC_CHARACTERS} characters`,
    });
  }
  if (preStop !== undefined && isTooLong(preStop.command)) {
    found.push({
      path: 'preStop.command',
      text: `and environment together exceed ${MAX_EXEC_CHARACTERS} characters`,
    });
  }
  return found;
}

function isOfKind(value: unknown, kind: string): boolean {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === kind;
}
