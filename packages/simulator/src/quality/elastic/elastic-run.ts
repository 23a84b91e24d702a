/**
 * One run of the elastic protocol: the events of a window in their order. At any one time machines leave first, then
 * empty hosts are closed, then machines arrive, in the order of the trace; what is still running at the end of the
 * window is counted up to there.
 */
import { ElasticFleet, type ElasticPolicy } from './elastic-fleet.ts';
import { HostHours, type HostShape } from './host-hours.ts';
import { STAYS, type VmTrace } from './vm-trace.ts';

/** The first day fills the cluster and is not counted. */
const WARM_UP_S = 86_400;

/** Hosts and bound at a time. */
export interface FleetSample {
  readonly timeS: number;
  readonly hosts: number;
  readonly bound: number;
}

export interface ElasticOutcome {
  readonly policy: string;
  readonly hostHours: number;
  readonly boundHours: number;
  readonly percentOverBound: number;
  readonly peakHosts: number;
  readonly opened: number;
  readonly closed: number;
  readonly migrations: number;
  readonly refused: number;
  /** After the arrivals of every bin. */
  readonly samples: readonly FleetSample[];
}

export interface ElasticOptions {
  /** Default: one day. */
  readonly warmUpS?: number;
}

/** Yields the share that is done, after every bin. */
export function* elasticRun(
  trace: VmTrace,
  shape: HostShape,
  policy: ElasticPolicy,
  { warmUpS = WARM_UP_S }: ElasticOptions = {},
): Generator<number, ElasticOutcome> {
  const hours = new HostHours(shape, warmUpS, trace.endS);
  const fleet = new ElasticFleet(trace, shape, policy, hours);
  const samples: FleetSample[] = [];
  for (const { timeS, leaving, arriving } of eventsOf(trace)) {
    hours.advanceTo(timeS);
    fleet.leave(leaving, timeS);
    if (arriving.length > 0) fleet.beginBin(timeS);
    fleet.shrink(timeS);
    if (arriving.length === 0) continue;
    fleet.arrive(arriving, timeS);
    samples.push({ timeS, hosts: hours.hosts, bound: hours.bound });
    yield timeS / trace.endS;
  }
  hours.advanceTo(trace.endS);
  const { hostHours, boundHours, percentOverBound, peakHosts } = hours;
  const { opened, closed, migrations, refused } = fleet;
  return {
    policy: policy.name,
    hostHours,
    boundHours,
    percentOverBound,
    peakHosts,
    opened,
    closed,
    migrations,
    refused,
    samples,
  };
}

interface Event {
  readonly timeS: number;
  readonly leaving: readonly number[];
  readonly arriving: readonly number[];
}

/** Times at which something happens before the end of the window, with the machines that leave and arrive then. */
function* eventsOf({ arrivalS, lifetimeS, endS }: VmTrace): Generator<Event> {
  const endOf = (vm: number): number => arrivalS[vm] + lifetimeS[vm];
  const departures = Array.from(arrivalS, (_, vm) => vm)
    .filter((vm) => lifetimeS[vm] !== STAYS)
    .sort((a, b) => endOf(a) - endOf(b) || a - b);
  let nextOut = 0;
  let nextIn = 0;
  for (;;) {
    const timeS = Math.min(
      nextOut < departures.length ? endOf(departures[nextOut]) : Infinity,
      nextIn < arrivalS.length ? arrivalS[nextIn] : Infinity,
    );
    if (timeS >= endS) return;
    const firstOut = nextOut;
    const firstIn = nextIn;
    while (nextOut < departures.length && endOf(departures[nextOut]) === timeS) nextOut++;
    while (nextIn < arrivalS.length && arrivalS[nextIn] === timeS) nextIn++;
    const arriving = Array.from({ length: nextIn - firstIn }, (_, i) => firstIn + i);
    yield { timeS, leaving: departures.slice(firstOut, nextOut), arriving };
  }
}
