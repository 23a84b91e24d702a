/**
 * The placement as a mixed-integer program. Cores that cannot be told apart (same package, cache, size and previous
 * owners) form one class, so that the program grows with the number of workloads and not with that of CPUs, and the
 * solver does not walk through equal solutions. Per workload and class: whole cores, and CPUs in mixed cores, which are
 * those with two owners or a part of the pool. The objective is `costOf`, up to a constant.
 */
import { ascending } from './cpu-list.ts';
import {
  admit,
  type Admission,
  costOf,
  type OwnCpus,
  PLACEMENT_WEIGHTS,
  type PlacementRequest,
} from './placement.ts';
import { coresOf, type CpuTopology, type PlacedCore } from './topology.ts';

interface CoreClass {
  readonly package: number;
  readonly cache: number;
  /** CPUs of each core. */
  readonly size: number;
  /** How many CPUs of each core an owner had, by the owner's position. */
  readonly previous: ReadonlyMap<number, number>;
  readonly cores: readonly PlacedCore[];
}

export interface PlacementModel {
  /** In the CPLEX LP format. */
  readonly program: string;
  /** @param value - of a variable in the solution */
  placement(value: (variable: string) => number): OwnCpus;
}

/** At least one workload must own CPUs. */
export function placementModel(request: PlacementRequest): PlacementModel {
  const { owners } = admit(request);
  const classes = coreClasses(request, new Map(owners.map(({ id }, w) => [id, w])));
  return {
    program: program(request.topology, owners, classes),
    placement: (value) =>
      new Map(
        realised(owners, classes, request.previous, value).map((cpus, w) => [owners[w].id, ascending(cpus)]),
      ),
  };
}

/** A bound that no placement can cost less than: a placement that reaches it is as good as any. */
export function leastCost(request: PlacementRequest): number {
  const { owners } = admit(request);
  const cores = coresOf(request.topology);
  const beyond = (groupOf: (core: PlacedCore) => number): number => {
    const capacities = new Map<number, number>();
    for (const core of cores)
      capacities.set(groupOf(core), (capacities.get(groupOf(core)) ?? 0) + core.cpus.length);
    const largest = Math.max(...capacities.values());
    return owners.reduce((sum, { cpus }) => sum + Math.ceil(cpus / largest) - 1, 0);
  };
  return costOf({
    crossPackage: 0,
    extraPackages: beyond((core) => core.package),
    sharedCores: leastSharedCores(owners, cores),
    movedCpus: 0,
    extraCaches: beyond((core) => core.cache),
  });
}

/** What is left of every owner over whole cores fills at best shared cores to the last CPU. */
function leastSharedCores(owners: Admission['owners'], cores: readonly PlacedCore[]): number {
  const sizes = new Set(cores.map(({ cpus }) => cpus.length));
  if (sizes.size !== 1) return 0;
  const [size] = sizes;
  return Math.ceil(owners.reduce((sum, { cpus }) => sum + (cpus % size), 0) / size);
}

function coreClasses({ topology, previous }: PlacementRequest, position: Map<string, number>): CoreClass[] {
  const ownerOf = new Map<number, number>();
  for (const [id, cpus] of previous) {
    const w = position.get(id);
    if (w !== undefined) for (const cpu of cpus) ownerOf.set(cpu, w);
  }
  const classes = new Map<string, CoreClass & { cores: PlacedCore[] }>();
  for (const core of coresOf(topology)) {
    const before = new Map<number, number>();
    for (const w of ascending(core.cpus.flatMap((cpu) => ownerOf.get(cpu) ?? [])))
      before.set(w, (before.get(w) ?? 0) + 1);
    const key = JSON.stringify([core.package, core.cache, core.cpus.length, [...before]]);
    const known = classes.get(key);
    if (known !== undefined) known.cores.push(core);
    else
      classes.set(key, {
        package: core.package,
        cache: core.cache,
        size: core.cpus.length,
        previous: before,
        cores: [core],
      });
  }
  return [...classes.values()];
}

const whole = (w: number, g: number): string => `w${w}_${g}`;
const part = (w: number, g: number): string => `p${w}_${g}`;
const mixed = (g: number): string => `z${g}`;
const kept = (w: number, g: number): string => `k${w}_${g}`;

function program(topology: CpuTopology, owners: Admission['owners'], classes: readonly CoreClass[]): string {
  const costs: string[] = [];
  const rows: string[] = [];
  const general: string[] = [];
  const binary: string[] = [];
  const amount = (w: number, among: (group: CoreClass) => boolean): string =>
    classes
      .flatMap((group, g) => {
        if (!among(group)) return [];
        return group.size === 1
          ? [`+ ${whole(w, g)}`]
          : [`+ ${group.size} ${whole(w, g)}`, `+ ${part(w, g)}`];
      })
      .join(' ');
  const capacity = (among: (group: CoreClass) => boolean): number =>
    classes.filter(among).reduce((sum, { size, cores }) => sum + size * cores.length, 0);
  /** A switch that is on when the owner has something among these classes. */
  const use = (name: string, w: number, weight: number, among: (group: CoreClass) => boolean): void => {
    costs.push(`+ ${weight} ${name}`);
    rows.push(`${amount(w, among)} - ${Math.min(owners[w].cpus, capacity(among))} ${name} <= 0`);
    binary.push(name);
  };

  classes.forEach(({ size, cores }, g) => {
    rows.push(
      `${owners.map((_, w) => `+ ${whole(w, g)}`).join(' ')}${size > 1 ? ` + ${mixed(g)}` : ''} <= ${cores.length}`,
    );
    if (size === 1) return;
    rows.push(`${owners.map((_, w) => `+ ${part(w, g)}`).join(' ')} - ${size} ${mixed(g)} <= 0`);
    costs.push(`+ ${PLACEMENT_WEIGHTS.sharedCore} ${mixed(g)}`);
    general.push(mixed(g));
  });
  // It follows from the rest, but not from the relaxation that the solver starts from.
  const leastMixed = leastSharedCores(owners, coresOf(topology));
  if (leastMixed > 0) rows.push(`${classes.map((_, g) => `+ ${mixed(g)}`).join(' ')} >= ${leastMixed}`);
  owners.forEach(({ cpus }, w) => {
    rows.push(`${amount(w, () => true)} = ${cpus}`);
    topology.packages.forEach((_, p) => {
      const here = ({ package: at }: CoreClass): boolean => at === p;
      use(`u${w}_${p}`, w, PLACEMENT_WEIGHTS.extraPackage, here);
      const caches = [...new Set(classes.filter(here).map(({ cache }) => cache))];
      if (caches.length > 1)
        caches.forEach((cache, c) =>
          use(
            `c${w}_${p}_${c}`,
            w,
            PLACEMENT_WEIGHTS.extraCache,
            (group) => here(group) && group.cache === cache,
          ),
        );
    });
    classes.forEach(({ size, previous }, g) => {
      general.push(whole(w, g));
      if (size > 1) general.push(part(w, g));
      const had = previous.get(w);
      if (had === undefined) return;
      costs.push(`- ${PLACEMENT_WEIGHTS.movedCpu} ${kept(w, g)}`);
      rows.push(`${kept(w, g)} - ${had} ${whole(w, g)}${size > 1 ? ` - ${part(w, g)}` : ''} <= 0`);
      if (size > 1) rows.push(`${kept(w, g)} - ${had} ${whole(w, g)} - ${had} ${mixed(g)} <= 0`);
    });
  });
  return [
    'Minimize',
    ` cost: ${costs.join(' ')}`,
    'Subject To',
    ...rows.map((row, i) => ` r${i}: ${row}`),
    'Generals',
    ` ${general.join(' ')}`,
    'Binaries',
    ` ${binary.join(' ')}`,
    'End',
  ].join('\n');
}

/** CPUs by the owner's position. Whole cores first; in mixed cores everyone keeps what it had there, then fills up. */
function realised(
  owners: Admission['owners'],
  classes: readonly CoreClass[],
  previous: OwnCpus,
  value: (variable: string) => number,
): number[][] {
  const cpusOfOwner: number[][] = owners.map(() => []);
  const had = owners.map(({ id }) => new Set(previous.get(id)));
  classes.forEach(({ size, cores }, g) => {
    const rest = [...cores];
    owners.forEach((_, w) => {
      const count = Math.round(value(whole(w, g)));
      cpusOfOwner[w].push(...rest.splice(0, count).flatMap(({ cpus }) => cpus));
    });
    if (size === 1) return;
    const free = new Set(rest.slice(0, Math.round(value(mixed(g)))).flatMap(({ cpus }) => cpus));
    const missing = owners.map((_, w) => Math.round(value(part(w, g))));
    const give = (w: number, eligible: (cpu: number) => boolean): void => {
      for (const cpu of [...free].filter(eligible).slice(0, missing[w])) {
        free.delete(cpu);
        cpusOfOwner[w].push(cpu);
        missing[w]--;
      }
    };
    owners.forEach((_, w) => give(w, (cpu) => had[w].has(cpu)));
    owners.forEach((_, w) => give(w, () => true));
  });
  return cpusOfOwner;
}
