/**
 * For every quirk a run in which Fenzo shows it, and one in which Fenzo answers as if, but the condition of the quirk
 * does not hold.
 */
import type { QuirkName } from '../conformance-fenzo/quirks.ts';
import {
  assigned,
  call,
  failed,
  host,
  mix,
  offer,
  refusal,
  scenario,
  shortage,
  task,
} from './fenzo-scenarios.ts';

type Json = Record<string, unknown>;

interface QuirkCase {
  /** With the quirk, as often as given, and nothing else. */
  readonly shown: Json;
  readonly times: number;
  /** Without its condition: at least one difference. */
  readonly spoiled: Json;
}

const PLUGINS = 'com.netflix.fenzo.plugins';
const EXCLUSIVE = { type: 'exclusiveHost' };
const OFFERS_A = { offers: [offer('a')] };
const PLAIN = { a: mix() };

/** An exclusive task, then another one that lands on its host all the same: in the same call, or in the next. */
function exclusive(isSameCall: boolean): Json {
  const first = [task('t0', { hard: [EXCLUSIVE] })];
  const tasks = [task('t1'), task('t2', { cpu: 9 })];
  const placed = assigned('t0', PLAIN);
  const outcomes = [assigned('t1', PLAIN), failed('t2', refusal('a', [shortage('CPU', 9, 2, 4)]))];
  const offers = [offer('a', { id: 'offer-1', cpu: 3 })];
  return scenario(
    [host('a')],
    isSameCall
      ? [call([...first, ...tasks], [placed, ...outcomes], OFFERS_A)]
      : [call(first, [placed], OFFERS_A), call(tasks, outcomes, { offers })],
  );
}

/** A slot whose task asked for a name or for nothing, then its host again. */
function slotLeak(name: string | undefined): Json {
  const named = (value: string, subResources: number): Json => ({
    namedResources: { ENIs: { value, numSets: 1, subResources } },
  });
  const slot = (resName: string): Json => ({ resourceSets: [{ attrName: 'ENIs', index: 0, resName }] });
  return scenario(
    [host('a', { attributes: { res: 'ResourceSet-ENIs-1-1' } })],
    [
      call(
        [task('t0', name === undefined ? {} : named(name, 0))],
        [assigned('t0', { a: mix({ sets: 0.25 }) }, slot(name ?? 'CustomResAbsent'))],
        OFFERS_A,
      ),
      call(
        [task('t1', named('sg2', 1)), task('t2')],
        [
          failed('t1', refusal('a', [shortage('ResourceSet')])),
          assigned('t2', { a: mix({ sets: 0.5 }) }, slot('CustomResAbsent')),
        ],
        {
          before: [{ op: 'unassign', taskId: 't0', host: 'a' }],
          offers: [offer('a', { id: 'offer-1' })],
        },
      ),
    ],
  );
}

function zeroFitness(cpu: number): Json {
  const one = call([task('t0', { cpu })], [failed('t0', refusal('a', [shortage('Fitness')]))], {
    ...OFFERS_A,
    idleVMs: 1,
  });
  return scenario([host('a')], [one], { fitness: 'cpuBinPacker' });
}

function nanFitness(networkMbps: number): Json {
  const offers = [offer('a', { networkMbps })];
  const one = call([task('t0')], [assigned('t0', { a: null })], { offers });
  return scenario([host('a', { networkMbps })], [one], { fitness: 'networkBinPacker' });
}

/** A co-task on a host of which the attribute is left out. */
function coTask(attributes: Json): Json {
  const pinned = { hard: [{ type: 'hostAttrValue', attribute: 'HOSTNAME', value: 'b' }], job: 'j' };
  const unique = { type: 'uniqueHostAttr', attribute: 'zone', coTasks: 'job' };
  const balanced = { type: 'balancedHostAttr', attribute: 'zone', expectedValues: 2, coTasks: 'job' };
  const refused = `${PLUGINS}.UniqueHostAttrConstraint-zone`;
  const rated = mix({ soft: 0 });
  return scenario(
    [host('a'), host('b', { attributes })],
    [
      call(
        [
          task('t0', pinned),
          task('t1', { job: 'j', hard: [unique] }),
          task('t2', { job: 'j', soft: [balanced] }),
        ],
        [
          assigned('t0', { b: mix() }),
          failed('t1', refusal('a', [], refused), refusal('b', [], refused)),
          assigned('t2', { a: rated, b: rated }),
        ],
        { offers: [offer('a'), offer('b')], evaluations: 6, totalVMs: 2 },
      ),
    ],
  );
}

function portMaximum(ports: number): Json {
  const refused = failed('t0', refusal('', [shortage('Ports', ports, 0, 3)]));
  const one = call([task('t0', { ports })], [refused], { ...OFFERS_A, evaluations: 0, idleVMs: 1 });
  return scenario([host('a')], [one], { autoScaleByAttributeName: 'asg' });
}

function portRanges(ranges: readonly (readonly number[])[], got: readonly number[]): Json {
  const outcome = assigned('t0', PLAIN, { ports: got });
  const one = call([task('t0', { ports: got.length })], [outcome], {
    offers: [offer('a', { ports: ranges })],
  });
  return scenario([host('a', { ports: ranges })], [one]);
}

/** Ports that are released, then asked for again. */
function singleOfferPorts(ports: number): Json {
  const used = ports + 1;
  return scenario(
    [host('a')],
    [
      call([task('t0', { ports })], [assigned('t0', PLAIN, { ports: [1, 2, 3].slice(0, ports) })], OFFERS_A),
      call(
        [task('t1', { ports: 1 }), task('t2', { ports: 2 }), task('t3', { cpu: 9, ports: 2 })],
        [
          assigned('t1', PLAIN, { ports: [4] }),
          failed('t2', refusal('a', [shortage('Ports', 2, used, 4)])),
          failed('t3', refusal('a', [shortage('CPU', 9, 0, 3), shortage('Ports', 2, used, 4)])),
        ],
        { before: [{ op: 'unassign', taskId: 't0', host: 'a' }] },
      ),
    ],
    { singleOfferPerVM: true },
  );
}

const LIMIT = { cores: 1, memoryMB: null, networkMbps: null, diskMB: null };
const NOTHING = { cores: 0, memoryMB: 0, networkMbps: 0, diskMB: 0 };
const AT_LIMIT = refusal('', [shortage('ResAllocs', 1, 0, 0)]);

function firstTaskOfGroup(cpus: readonly number[]): Json {
  const tasks = cpus.map((cpu, i) => task(`t${i}`, { cpu }));
  const outcomes = tasks.map((_, i) => assigned(`t${i}`, PLAIN));
  return scenario([host('a')], [call(tasks, outcomes, OFFERS_A)], { resAllocs: { g: LIMIT } });
}

/** The first task brings its group above the limit or up to it, the second asks for none of that. */
function limitWithoutAsking(limit: Json): Json {
  const tasks = [task('t0', { cpu: 2 }), task('t1', { cpu: 0 })];
  const one = call(tasks, [assigned('t0', PLAIN), failed('t1', AT_LIMIT)], { ...OFFERS_A, evaluations: 1 });
  return scenario([host('a')], [one], { resAllocs: { g: limit } });
}

function silentGroup(limit: Json): Json {
  const one = call([task('t0'), task('t1')], [failed('t0', AT_LIMIT), 't1'], {
    ...OFFERS_A,
    evaluations: 0,
    idleVMs: 1,
  });
  return scenario([host('a')], [one], { resAllocs: { g: limit, other: LIMIT } });
}

function noHosts(offers: readonly Json[]): Json {
  const counts = { evaluations: 0, idleVMs: offers.length, totalVMs: offers.length };
  return scenario([host('a')], [call([task('t0')], ['t0'], { offers, ...counts })]);
}

const NO_TASKS = { evaluations: 0, idleVMs: 1 };

/** A disable, before or after the first offer of the host. */
function disableBeforeKnown(isKnown: boolean): Json {
  const disable = { op: 'disableVM', host: 'a', durationMillis: 1000 };
  const earlier = call([], [], { ...OFFERS_A, ...NO_TASKS });
  const offers = isKnown ? [] : [offer('a')];
  const later = call([task('t0')], [assigned('t0', PLAIN)], { before: [disable], offers });
  return scenario([host('a')], isKnown ? [earlier, later] : [later]);
}

/** A disable and an enable at once, in this order or the other. */
function lateDisable(order: readonly string[]): Json {
  const operations: Readonly<Record<string, Json>> = {
    disable: { op: 'disableVM', host: 'a', durationMillis: 1000 },
    enable: { op: 'enableVM', host: 'a' },
  };
  return scenario(
    [host('a')],
    [
      call([], [], { ...OFFERS_A, ...NO_TASKS }),
      call([], [], {
        before: order.map((name) => operations[name]),
        ...NO_TASKS,
        idleVMs: 0,
        rejectedLeases: ['offer-a'],
      }),
    ],
  );
}

/** An offer that was rescinded before it came; once it is used, later it is gone. */
function rescindBeforeArrival(before: readonly Json[]): Json {
  return scenario(
    [host('a')],
    [call([], [], { before, ...OFFERS_A, ...NO_TASKS }), call([task('t0')], ['t0'], { evaluations: 0 })],
  );
}

/** A rescinded offer of a host in a group that is not active, or is. */
function declinesRescinded(group: string): Json {
  const active = { op: 'setActiveVmGroups', groups: [group] };
  const idleVMs = group === 'asg-a' ? 1 : 0;
  return scenario(
    [host('a')],
    [
      call([], [], { before: [active], ...OFFERS_A, ...NO_TASKS, idleVMs }),
      call([], [], {
        before: [{ op: 'expireLease', leaseId: 'offer-a' }],
        ...NO_TASKS,
        idleVMs: 0,
        rejectedLeases: ['offer-a'],
      }),
    ],
    { activeVmGroupAttributeName: 'asg' },
  );
}

/** A second offer of fewer cores, in place of the first or beside it. */
function firstOfferForever(singleOfferPerVM: boolean): Json {
  return scenario(
    [host('a')],
    [
      call([], [], { ...OFFERS_A, ...NO_TASKS }),
      call([task('t0', { cpu: 3 })], [assigned('t0', PLAIN)], {
        before: [{ op: 'expireLease', leaseId: 'offer-a' }],
        offers: [offer('a', { id: 'offer-1', cpu: 2 })],
      }),
    ],
    { singleOfferPerVM },
  );
}

export const QUIRK_CASES: Readonly<Record<QuirkName, QuirkCase>> = {
  exclusiveSameCall: { shown: exclusive(true), times: 2, spoiled: exclusive(false) },
  absentSlotLeak: { shown: slotLeak(undefined), times: 2, spoiled: slotLeak('sg1') },
  zeroFitness: { shown: zeroFitness(0), times: 1, spoiled: zeroFitness(1) },
  nanFitness: { shown: nanFitness(0), times: 1, spoiled: nanFitness(1000) },
  coTaskWithoutAttribute: { shown: coTask({}), times: 2, spoiled: coTask({ zone: 'zone-b' }) },
  portMaximum: { shown: portMaximum(4), times: 1, spoiled: portMaximum(3) },
  portRanges: {
    shown: portRanges(
      [
        [3, 4],
        [1, 2],
      ],
      [3, 4, 1],
    ),
    times: 1,
    spoiled: portRanges([[1, 4]], [3, 4, 1]),
  },
  singleOfferPorts: { shown: singleOfferPorts(3), times: 3, spoiled: singleOfferPorts(0) },
  firstTaskOfGroup: { shown: firstTaskOfGroup([2]), times: 1, spoiled: firstTaskOfGroup([1, 1]) },
  limitWithoutAsking: {
    shown: limitWithoutAsking(LIMIT),
    times: 1,
    spoiled: limitWithoutAsking({ ...LIMIT, cores: 2 }),
  },
  silentGroup: { shown: silentGroup(NOTHING), times: 1, spoiled: silentGroup({ ...NOTHING, cores: 0.5 }) },
  noHosts: { shown: noHosts([]), times: 1, spoiled: noHosts([offer('a')]) },
  disableBeforeKnown: { shown: disableBeforeKnown(false), times: 1, spoiled: disableBeforeKnown(true) },
  lateDisable: {
    shown: lateDisable(['disable', 'enable']),
    times: 1,
    spoiled: lateDisable(['enable']),
  },
  rescindBeforeArrival: {
    shown: rescindBeforeArrival([{ op: 'expireLease', leaseId: 'offer-a' }]),
    times: 1,
    spoiled: rescindBeforeArrival([]),
  },
  declinesRescinded: { shown: declinesRescinded('other'), times: 1, spoiled: declinesRescinded('asg-a') },
  firstOfferForever: { shown: firstOfferForever(true), times: 1, spoiled: firstOfferForever(false) },
};
