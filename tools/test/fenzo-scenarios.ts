/**
 * Tiny recorded runs of Fenzo in the format of the files, made up by hand. Hosts have 4 cores, 4096 MB, 1000 Mbps, 1000
 * MB of disk and the ports 1 to 4; tasks ask for 1 core and 100 MB.
 */
type Json = Record<string, unknown>;

/** Fenzo's mix of set, soft constraint and calculator values. */
export function mix({ sets = 0, soft = 1, calculator = 1 }: Partial<Record<string, number>> = {}): number {
  return (15 * sets + 50 * soft + 35 * calculator) / 100;
}

const SUPPLY = { cpu: 4, memoryMB: 4096, networkMbps: 1000, diskMB: 1000, ports: [[1, 4]], scalars: {} };

export function host(name: string, more: Json = {}): Json {
  return { host: name, ...SUPPLY, attributes: { zone: `zone-${name}`, asg: `asg-${name}` }, ...more };
}

/** The offer `offer-<host>` of the whole host. */
export function offer(name: string, more: Json = {}): Json {
  return { id: `offer-${name}`, host: name, ...SUPPLY, ...more };
}

/** A task of a job of its own. */
export function task(id: string, more: Json = {}): Json {
  const amounts = { cpu: 1, memoryMB: 100, networkMbps: 0, diskMB: 0, ports: 0, scalars: {} };
  return { id, job: `job-${id}`, group: 'g', ...amounts, namedResources: {}, hard: [], soft: [], ...more };
}

/** Placed on the first of the feasible hosts. */
export function assigned(taskId: string, feasible: Json, more: Json = {}): Json {
  const [name] = Object.keys(feasible);
  return {
    taskId,
    host: name,
    fitness: feasible[name],
    tied: [name],
    feasible,
    ports: [],
    portsExact: true,
    resourceSets: [],
    ...more,
  };
}

export function shortage(resource: string, asking = 0, used = 0, available = 0, message = ''): Json {
  return { resource, asking, used, available, message };
}

/** A refusal by a host for the lack of resources, or for a constraint if one is named. */
export function refusal(name: string, resources: readonly Json[], constraint?: string): Json {
  const reason = constraint === undefined ? {} : { constraint: { name: constraint, reason: '' } };
  return { host: name, resources, ...reason };
}

export function failed(taskId: string, ...hosts: readonly Json[]): Json {
  return { taskId, hosts };
}

/** A call with its result; outcomes with `hosts` are failures, texts are tasks that were not reported. */
export function call(
  tasks: readonly Json[],
  outcomes: readonly (Json | string)[],
  { before = [], offers = [], ...result }: Json = {},
): Json {
  const reported = outcomes.filter((outcome) => typeof outcome !== 'string');
  return {
    before,
    offers,
    tasks,
    result: {
      assignments: reported.filter((outcome) => !('hosts' in outcome)),
      failures: reported.filter((outcome) => 'hosts' in outcome),
      notReported: outcomes.filter((outcome) => typeof outcome === 'string'),
      evaluations: tasks.length,
      idleVMs: 0,
      totalVMs: 1,
      rejectedLeases: [],
      ...result,
    },
  };
}

export function scenario(hosts: readonly Json[], iterations: readonly Json[], config: Json = {}): Json {
  const jobs: Record<string, string[]> = {};
  for (const { tasks } of iterations as { tasks: { id: string; job: string }[] }[])
    for (const { id, job } of tasks) (jobs[job] ??= []).push(id);
  return {
    id: 'made-up',
    seed: 0,
    features: [],
    config: { fitness: 'default', singleOfferPerVM: false, taskBatchSize: null, ...config },
    agents: hosts,
    jobs,
    iterations,
  };
}
