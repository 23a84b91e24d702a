/**
 * From a file of recorded runs to scenarios. Everything is checked here, also that what belongs together fits:
 * offers and tasks name known hosts and jobs, every outcome is that of a task of its iteration, tasks are taken off
 * the host that they run on. The replay can then trust what it reads.
 */
import { parseFitnessName } from './fitness-name.ts';
import { Field, InputError } from './field-reader.ts';
import type {
  GoldenAmounts,
  GoldenAssignment,
  GoldenConfig,
  GoldenConstraint,
  GoldenFailure,
  GoldenHost,
  GoldenIteration,
  GoldenLimit,
  GoldenOffer,
  GoldenOperation,
  GoldenRefusal,
  GoldenResult,
  GoldenScenario,
  GoldenSet,
  GoldenSetRequest,
  GoldenSoftConstraint,
  GoldenSupply,
  GoldenTask,
} from './golden-types.ts';

/** The slots of one set on one host that the engine can hold. */
const MAX_SLOTS = 32;

/**
 * The scenarios of a file: one, or a list of them.
 * @throws InputError NOT_JSON, INVALID_FIELD
 */
export function readScenarios(text: string, file: string): GoldenScenario[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new InputError('NOT_JSON', file, `${(error as Error).message}; mend the file.`);
  }
  const whole = new Field(content, file);
  return whole.isList ? whole.list(readScenario) : [readScenario(whole)];
}

function readScenario(field: Field): GoldenScenario {
  const hosts = byKey(field.get('agents').list(readHost), 'host', field.get('agents'));
  const jobs = field.get('jobs').map((job) => new Set(job.list((task) => task.text())));
  const config = readConfig(field.get('config'));
  const known: Known = { config, hosts, jobs, offers: new Set(), tasks: new Set(), runningOn: new Map() };
  return {
    file: field.file,
    id: field.get('id').text(),
    config,
    hosts,
    iterations: field.get('iterations').list((iteration) => readIteration(iteration, known)),
  };
}

/** What was read so far, to check against. */
interface Known {
  readonly config: GoldenConfig;
  readonly hosts: ReadonlyMap<string, GoldenHost>;
  readonly jobs: ReadonlyMap<string, ReadonlySet<string>>;
  readonly offers: Set<string>;
  readonly tasks: Set<string>;
  /** Host by running task. */
  readonly runningOn: Map<string, string>;
}

function readConfig(field: Field): GoldenConfig {
  const fitness = parseFitnessName(field.get('fitness').text());
  return {
    fitness: fitness ?? field.get('fitness').fail('give the name of a fitness calculator of Fenzo'),
    singleOfferPerVM: field.get('singleOfferPerVM').flag(),
    autoScaleByAttributeName: field.optional('autoScaleByAttributeName')?.text(),
    taskBatchSize: field.optional('taskBatchSize')?.count() ?? Infinity,
    resAllocs: field.optional('resAllocs')?.map(readLimit) ?? new Map<string, GoldenLimit>(),
    activeVmGroupAttributeName: field.optional('activeVmGroupAttributeName')?.text(),
  };
}

function readLimit(field: Field): GoldenLimit {
  return {
    cores: field.optional('cores')?.amount(),
    memoryMB: field.optional('memoryMB')?.amount(),
    networkMbps: field.optional('networkMbps')?.amount(),
    diskMB: field.optional('diskMB')?.amount(),
  };
}

function readAmounts(field: Field): GoldenAmounts {
  return {
    cpu: field.get('cpu').amount(),
    memoryMB: field.get('memoryMB').amount(),
    networkMbps: field.get('networkMbps').amount(),
    diskMB: field.get('diskMB').amount(),
  };
}

function readSupply(field: Field): GoldenSupply {
  return {
    ...readAmounts(field),
    host: field.get('host').text(),
    ports: field.get('ports').list((range) => {
      const [begin = NaN, end = NaN, ...rest] = range.list((port) => port.count());
      if (!(begin <= end) || rest.length > 0) range.fail('give [begin, end]');
      return [begin, end] as const;
    }),
    scalars: field.get('scalars').map((amount) => amount.amount()),
  };
}

function readHost(field: Field): GoldenHost {
  const attributes = field.get('attributes').map((value) => value.anyText());
  const res = attributes.get('res');
  return {
    ...readSupply(field),
    attributes,
    set: res === undefined ? undefined : readSet(res, field.get('attributes').get('res')),
  };
}

/** Fenzo passes over a text of another form. */
function readSet(text: string, field: Field): GoldenSet | undefined {
  const [kind, name, slots, units, ...rest] = text.split('-').filter((token) => token !== '');
  const isCount = (count: string | undefined): count is string => /^\d+$/.test(count ?? '');
  if (kind !== 'ResourceSet' || rest.length > 0 || !isCount(slots) || !isCount(units)) return undefined;
  if (Number(slots) > MAX_SLOTS || Number(units) < 1)
    field.fail(`give at most ${MAX_SLOTS} slots with at least 1 unit, more cannot be replayed`);
  return { name, slots: Number(slots), units: Number(units) };
}

function readIteration(field: Field, known: Known): GoldenIteration {
  const before = field.get('before').list((operation) => readOperation(operation, known));
  const offers = field.get('offers').list((offer) => readOffer(offer, known));
  const tasks = field.get('tasks').list((task) => readTask(task, known));
  const result = readResult(field.get('result'), new Map(tasks.map((task) => [task.id, task])), known);
  return { before, offers, tasks, result };
}

const OPERATIONS = ['setActiveVmGroups', 'unassign', 'expireLease', 'disableVM', 'enableVM'] as const;

function readOperation(field: Field, known: Known): GoldenOperation {
  const op = field.get('op').oneOf(OPERATIONS);
  switch (op) {
    case 'setActiveVmGroups':
      if (known.config.activeVmGroupAttributeName === undefined)
        field.get('op').fail('name the attribute of the groups in config.activeVmGroupAttributeName');
      return { op, groups: field.get('groups').list((group) => group.text()) };
    case 'unassign': {
      const taskId = field.get('taskId').text();
      const host = hostOf(field, known);
      if (known.runningOn.get(taskId) !== host)
        field.get('taskId').fail(`give a task that runs on ${host} then`);
      known.runningOn.delete(taskId);
      return { op, taskId, host };
    }
    case 'expireLease':
      return { op, leaseId: field.get('leaseId').text() };
    case 'disableVM':
      return { op, host: hostOf(field, known), durationMillis: field.get('durationMillis').amount() };
    case 'enableVM':
      return { op, host: hostOf(field, known) };
  }
}

function readOffer(field: Field, known: Known): GoldenOffer {
  const id = field.get('id').text();
  if (known.offers.has(id)) field.get('id').fail('give every offer an id of its own');
  known.offers.add(id);
  return { ...readSupply(field), id, host: hostOf(field, known) };
}

function hostOf(field: Field, known: Known): string {
  const host = field.get('host').text();
  return known.hosts.has(host) ? host : field.get('host').fail('give a host that is listed in agents');
}

function readTask(field: Field, known: Known): GoldenTask {
  const id = field.get('id').text();
  if (known.tasks.has(id)) field.get('id').fail('give every task an id of its own');
  known.tasks.add(id);
  const job = field.get('job').text();
  if (known.jobs.get(job)?.has(id) !== true) field.get('job').fail('give a job whose list has the task');
  return {
    ...readAmounts(field),
    id,
    job,
    group: field.get('group').text(),
    ports: field.get('ports').count(),
    scalars: field.get('scalars').map((amount) => amount.amount()),
    namedResources: field.get('namedResources').map(readSetRequest),
    hard: field.get('hard').list(readConstraint),
    soft: field.get('soft').list(readSoftConstraint),
  };
}

function readSetRequest(field: Field): GoldenSetRequest {
  return { value: field.get('value').text(), units: field.get('subResources').count() };
}

const CONSTRAINTS = ['hostAttrValue', 'uniqueHostAttr', 'balancedHostAttr', 'exclusiveHost'] as const;

function readConstraint(field: Field): GoldenConstraint {
  const type = field.get('type').oneOf(CONSTRAINTS);
  if (type === 'exclusiveHost') return { type };
  const attribute = field.optional('attribute')?.text() ?? 'HOSTNAME';
  if (type === 'hostAttrValue') return { type, attribute, value: field.get('value').text() };
  field.get('coTasks').oneOf(['job']);
  if (type === 'uniqueHostAttr') return { type, attribute };
  return { type, attribute, expectedValues: field.get('expectedValues').count() };
}

function readSoftConstraint(field: Field): GoldenSoftConstraint {
  const type = field.get('type').oneOf(['balancedHostAttr', 'asSoft']);
  if (type === 'asSoft') return { type, of: readConstraint(field.get('of')) };
  return readConstraint(field) as Extract<GoldenConstraint, { readonly type: 'balancedHostAttr' }>;
}

function readResult(field: Field, tasks: ReadonlyMap<string, GoldenTask>, known: Known): GoldenResult {
  const assignments = field.get('assignments').list((assignment) => readAssignment(assignment, tasks, known));
  const failures = field.get('failures').list(readFailure);
  const silent = field.get('notReported').list((task) => task.text());
  const reported = [...[...assignments, ...failures].map(({ taskId }) => taskId), ...silent];
  const once = new Set(reported);
  if (once.size !== reported.length || once.size !== tasks.size || reported.some((task) => !tasks.has(task)))
    field.fail('give every task of the iteration one outcome: assignment, failure or not reported');
  for (const { taskId, host } of assignments) known.runningOn.set(taskId, host);
  return {
    assignments: byKey(assignments, 'taskId', field.get('assignments')),
    failures: byKey(failures, 'taskId', field.get('failures')),
    evaluations: field.get('evaluations').count(),
    idleVMs: field.get('idleVMs').count(),
    totalVMs: field.get('totalVMs').count(),
    rejectedLeases: field.get('rejectedLeases').list((lease) => lease.text()),
  };
}

function readAssignment(
  field: Field,
  tasks: ReadonlyMap<string, GoldenTask>,
  known: Known,
): GoldenAssignment {
  const taskId = field.get('taskId').text();
  const ports = field.get('ports').list((port) => port.count());
  const asked = tasks.get(taskId)?.ports ?? ports.length;
  if (ports.length !== asked) field.get('ports').fail(`give ${asked} ports`);
  const host = hostOf(field, known);
  const feasible = field.get('feasible').map((fitness) => fitness.numberOrNaN());
  if (!feasible.has(host)) field.get('feasible').fail(`give the fitness of ${host} too`);
  for (const name of feasible.keys())
    if (!known.hosts.has(name)) field.get('feasible').fail('give hosts that are listed in agents');
  return {
    taskId,
    host,
    feasible,
    ports,
    portsExact: field.get('portsExact').flag(),
    resourceSets: field.get('resourceSets').list((slot) => ({
      attrName: slot.get('attrName').text(),
      index: slot.get('index').count(),
      resName: slot.get('resName').text(),
    })),
  };
}

function readFailure(field: Field): GoldenFailure {
  const hosts = field.get('hosts').list(readRefusal);
  if (hosts.length === 0) field.get('hosts').fail('give the hosts that refuse the task');
  return { taskId: field.get('taskId').text(), hosts };
}

function readRefusal(field: Field): GoldenRefusal {
  const constraint = field.optional('constraint');
  return {
    host: field.get('host').anyText(),
    constraint: constraint && {
      name: constraint.get('name').text(),
      reason: constraint.get('reason').anyText(),
    },
    resources: field.get('resources').list((shortage) => ({
      resource: shortage.get('resource').text(),
      asking: shortage.get('asking').number(),
      used: shortage.get('used').number(),
      available: shortage.get('available').number(),
      message: shortage.get('message').anyText(),
    })),
  };
}

function byKey<K extends string, T extends Readonly<Record<K, string>>>(
  items: readonly T[],
  key: K,
  field: Field,
): Map<string, T> {
  const map = new Map(items.map((item) => [item[key], item]));
  return map.size === items.length ? map : field.fail(`give every ${key} once`);
}
