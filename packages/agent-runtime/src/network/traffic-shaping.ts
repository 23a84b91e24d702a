/**
 * Bandwidth per task in both directions, as input of `tc -batch`. All traffic to tasks passes one intermediate device
 * and all traffic from tasks another; each has a tree of token buckets (HTB) with the host's total as root and a class
 * per task: `rate` is guaranteed, and what others leave may be borrowed up to `ceil`.
 *
 * A class is found by the low 16 bits of the task's address, by one filter for all. Only packets with the task's own
 * source address enter the tree, so nobody can use up another task's rate. After the VPC tool of Titus, which classifies
 * the same way; it shapes on the elastic interface.
 */
import { addressNumber } from './cidr.ts';

export type Direction = 'in' | 'out';

/** By the task's point of view: `in` is traffic to it. */
export const SHAPING_LINKS: Readonly<Record<Direction, string>> = { in: 'stwin', out: 'stwout' };

export interface Bandwidth {
  /** Guaranteed, in 10^6 bits a second. */
  readonly rateMbps: number;
  /** Highest, in 10^6 bits a second; at least `rateMbps`. */
  readonly ceilMbps: number;
}

export type QueueKind = 'fq_codel' | 'bfifo';

/** Minor numbers up to this are those of the root and of what belongs to no task. */
export const ROOT_CLASSES = 2;

/** Bucket: what may go out at once; long enough that timers keep up, short enough that it does not count. */
const BURST_SECONDS = 0.002;
const QUEUE_SECONDS = 0.05;
const MIN_QUEUE_BYTES = 256 * 1024;

/** Offset of the destination and of the source address in the IP header, relative to the network layer. */
const ADDRESS_OFFSET: Readonly<Record<Direction, number>> = { in: 0xfff00000 + 16, out: 0xfff00000 + 12 };

/** Minor number of the class of an address; those of root and default are never addresses of a subnet. */
export function classMinor(address: string): number {
  return addressNumber(address) % 65_536;
}

/** The root of a device that has none; the filter comes last, so that its presence means that all is there. */
export function shapingRoot(direction: Direction, totalMbps: number, mtu: number): readonly string[] {
  const link = SHAPING_LINKS[direction];
  const classId = `4,32 0 0 ${ADDRESS_OFFSET[direction]},84 0 0 65535,68 0 0 65536,22 0 0 0,`;
  return [
    `qdisc add dev ${link} root handle 1: htb default 2`,
    rootClass(direction, totalMbps, mtu),
    `class replace dev ${link} parent 1:1 classid 1:2 ${htb({ rateMbps: 1, ceilMbps: 1 }, mtu)}`,
    `filter add dev ${link} parent 1: protocol ip prio 1 bpf bytecode "${classId}"`,
  ];
}

export function rootClass(direction: Direction, totalMbps: number, mtu: number): string {
  const total = htb({ rateMbps: totalMbps, ceilMbps: totalMbps }, mtu);
  return `class replace dev ${SHAPING_LINKS[direction]} parent 1: classid 1:1 ${total}`;
}

/** The classes of a task. */
export function taskClasses(
  address: string,
  bandwidth: Bandwidth,
  mtu: number,
  queue: QueueKind,
): readonly string[] {
  const minor = classMinor(address).toString(16);
  return Object.values(SHAPING_LINKS).flatMap((link) => [
    `class replace dev ${link} parent 1:1 classid 1:${minor} ${htb(bandwidth, mtu)}`,
    `qdisc replace dev ${link} parent 1:${minor} ${leaf(bandwidth, queue)}`,
  ]);
}

/** Leads the traffic of a link through the trees. */
export function linkFilters(link: string, address: string): readonly string[] {
  const redirect = (direction: Direction): string =>
    `action mirred egress redirect dev ${SHAPING_LINKS[direction]}`;
  return [
    `qdisc replace dev ${link} clsact`,
    `filter add dev ${link} ingress protocol ip prio 1 u32 match ip src ${address}/32 ${redirect('out')}`,
    `filter add dev ${link} egress protocol ip prio 1 u32 match ip dst ${address}/32 ${redirect('in')}`,
  ];
}

/** Also right when the classes are not there. */
export function classRemoval(minors: readonly number[]): readonly string[] {
  return minors.flatMap((minor) =>
    Object.values(SHAPING_LINKS).flatMap((link) => [
      `class replace dev ${link} parent 1:1 classid 1:${minor.toString(16)} htb rate 1mbit`,
      `class del dev ${link} classid 1:${minor.toString(16)}`,
    ]),
  );
}

function htb({ rateMbps, ceilMbps }: Bandwidth, mtu: number): string {
  const burst = (mbps: number): number => Math.ceil(Math.max(2 * mtu, (mbps * 1e6 * BURST_SECONDS) / 8));
  return (
    `htb rate ${Math.round(rateMbps * 1e6)}bit ceil ${Math.round(ceilMbps * 1e6)}bit ` +
    `burst ${burst(rateMbps)}b cburst ${burst(ceilMbps)}b quantum ${mtu + 20}`
  );
}

function leaf({ ceilMbps }: Bandwidth, queue: QueueKind): string {
  if (queue === 'fq_codel') return 'fq_codel';
  const bytes = Math.max(MIN_QUEUE_BYTES, Math.ceil((ceilMbps * 1e6 * QUEUE_SECONDS) / 8));
  return `bfifo limit ${bytes}b`;
}
