/**
 * Which features a task needs, derived from every field of its spec by one table: a field that is added to the spec and
 * not to the table does not compile. What a task asks for must be `enforced`, and so must the isolation that it has by
 * default: it can be turned off in the spec, it is never dropped in silence. Only conveniences that were not asked for
 * may be `emulated`.
 */
import type {
  AgentFeature,
  PreStopHook,
  TaskLogs,
  TaskMetadata,
  TaskNetwork,
  TaskResources,
  TaskSecurity,
  TaskSpec,
} from '@stowage/protocol';

/** One feature that a task needs. @public */
export interface FeatureNeed {
  /** A feature's name; from `requires` also one that no agent of this version knows. */
  readonly feature: string;
  readonly weakest: 'enforced' | 'emulated';
  /** The field that asks, for people. */
  readonly askedBy: string;
}

/** What a field asks for, given its value; the value is undefined where the spec leaves the field out. */
type Rule<T> = (value: T | undefined, spec: TaskSpec) => readonly (AgentFeature | FeatureNeed)[];
type Rules<T> = { readonly [K in keyof Required<T>]: Rule<Required<T>[K]> };

const nothing: Rule<unknown> = () => [];
const always =
  (...features: readonly AgentFeature[]): Rule<unknown> =>
  () =>
    features;
const ifGiven =
  (...features: readonly AgentFeature[]): Rule<unknown> =>
  (value) =>
    value === undefined ? [] : features;
const unlessFalse =
  (feature: AgentFeature): Rule<boolean> =>
  (value) =>
    value === false ? [] : [feature];

/** Without any network there is no traffic that could be above the rate. */
const rate: Rule<number> = (value, { network }) =>
  value === undefined || (network?.mode ?? 'none') === 'none' ? [] : ['bandwidth'];

const RESOURCES: Rules<TaskResources> = {
  cpuMilli: always('cpu-shares'),
  memoryMiB: always('memory-limit'),
  diskMiB: ifGiven('disk-limit'),
  networkMbps: rate,
  pids: always('pids-limit'),
};

const NETWORK: Rules<TaskNetwork> = {
  mode: (value) =>
    value === 'vpc' ? ['address-per-container', 'launch-gate'] : value === 'host' ? ['host-network'] : [],
  securityGroups: (value) => ((value ?? []).length === 0 ? [] : ['security-groups']),
  burstMbps: rate,
};

const SECURITY: Rules<TaskSecurity> = {
  userNamespace: unlessFalse('user-namespace'),
  seccomp: (value) => (value === 'unconfined' ? [] : ['seccomp']),
  addCapabilities: always('capabilities'),
  dropCapabilities: always('capabilities'),
  readOnlyRoot: (value) => (value === true ? ['read-only-root'] : []),
  noNewPrivileges: unlessFalse('no-new-privileges'),
};

/** Without a gate the user's code could run before its metadata is served. */
const WITH_METADATA: readonly FeatureNeed[] = (['metadata-service', 'launch-gate'] as const).map(
  (feature) => ({
    feature,
    weakest: 'enforced',
    askedBy: 'metadata',
  }),
);

const METADATA: Rules<TaskMetadata> = {
  iamRole: ifGiven('iam-credentials'),
  requireToken: nothing,
};

const rotation: Rule<number> = (value) => [
  {
    feature: 'log-rotation',
    weakest: value === undefined ? 'emulated' : 'enforced',
    askedBy: '',
  },
];
const LOGS: Rules<TaskLogs> = { maxFileBytes: rotation, maxFiles: rotation };

const PRE_STOP: Rules<PreStopHook> = { command: ifGiven('pre-stop'), timeoutMs: nothing };

const SPEC: Rules<Omit<TaskSpec, 'resources' | 'network' | 'security' | 'metadata' | 'logs' | 'preStop'>> = {
  taskId: nothing,
  jobId: nothing,
  image: (value) => (value?.kind === 'folder' ? ['rootfs-folder'] : []),
  entrypoint: nothing,
  command: nothing,
  workingDirectory: nothing,
  user: nothing,
  environment: nothing,
  labels: nothing,
  cpuMode: (value) => (value === 'static' ? ['cpu-quota'] : []),
  limits: (value) => ((value ?? []).length === 0 ? [] : ['resource-limits']),
  stopSignal: nothing,
  graceMs: nothing,
  requires: (value) =>
    (value ?? []).map((feature): FeatureNeed => ({ feature, weakest: 'enforced', askedBy: '' })),
};

/** Fields that the table considers, as `network.mode`. */
export const CONSIDERED_FIELDS: readonly string[] = [
  ...Object.keys(SPEC),
  ...Object.entries({
    resources: RESOURCES,
    network: NETWORK,
    security: SECURITY,
    metadata: METADATA,
    logs: LOGS,
    preStop: PRE_STOP,
  }).flatMap(([part, rules]) => Object.keys(rules).map((field) => `${part}.${field}`)),
];

/**
 * All that a task needs, one entry per feature: the strictest, and of equally strict ones the first in the order of the
 * spec's fields.
 * @public
 */
export function featureNeeds(spec: TaskSpec): readonly FeatureNeed[] {
  const needs = [
    ...apply(SPEC, spec, spec, ''),
    ...apply(RESOURCES, spec.resources, spec, 'resources.'),
    ...apply(NETWORK, spec.network, spec, 'network.'),
    ...apply(SECURITY, spec.security, spec, 'security.'),
    ...(spec.metadata === undefined
      ? []
      : [...WITH_METADATA, ...apply(METADATA, spec.metadata, spec, 'metadata.')]),
    ...apply(LOGS, spec.logs, spec, 'logs.'),
    ...apply(PRE_STOP, spec.preStop, spec, 'preStop.'),
  ];
  const byFeature = new Map<string, FeatureNeed>();
  for (const need of needs) {
    const other = byFeature.get(need.feature);
    if (other === undefined || (other.weakest === 'emulated' && need.weakest === 'enforced'))
      byFeature.set(need.feature, need);
  }
  return [...byFeature.values()];
}

/** The names of the features that a task needs, unknown names in `requires` included. @public */
export function requiredFeatures(spec: TaskSpec): readonly string[] {
  return featureNeeds(spec).map(({ feature }) => feature);
}

function apply<T extends object>(
  rules: Rules<T>,
  part: T | undefined,
  spec: TaskSpec,
  prefix: string,
): readonly FeatureNeed[] {
  return (Object.keys(rules) as (keyof Required<T> & string)[]).flatMap((field) => {
    const value = part?.[field];
    const askedBy = `${prefix}${field}${value === undefined ? ' (by default)' : ''}`;
    return rules[field](value, spec).map((need) =>
      typeof need === 'string'
        ? ({ feature: need, weakest: 'enforced', askedBy } as const)
        : { ...need, askedBy },
    );
  });
}
