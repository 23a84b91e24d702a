/**
 * Counts host time against the least that could do: Σ time · max(⌈cpu in use / C⌉, ⌈memory in use / M⌉), the number of
 * hosts that would hold what runs if machines could be divided. The time before `warmUpS` is left out, because a window
 * begins with no machines.
 */
import type { Flavour } from './vm-trace.ts';

export interface HostShape {
  readonly cpu: number;
  readonly memoryMiB: number;
}

export class HostHours {
  readonly #shape: HostShape;
  readonly #warmUpS: number;
  readonly #endS: number;
  #nowS = 0;
  #cpu = 0;
  #memoryMiB = 0;
  #hosts = 0;
  #peak = 0;
  #hostS = 0;
  #boundS = 0;

  constructor(shape: HostShape, warmUpS: number, endS: number) {
    this.#shape = shape;
    this.#warmUpS = warmUpS;
    this.#endS = endS;
  }

  /** Hosts that are open. */
  get hosts(): number {
    return this.#hosts;
  }

  /** Most hosts that were open at any one time. */
  get peakHosts(): number {
    return this.#peak;
  }

  /** Hosts that could hold what runs now, if machines could be divided. */
  get bound(): number {
    const { cpu, memoryMiB } = this.#shape;
    return Math.max(Math.ceil(this.#cpu / cpu), Math.ceil(this.#memoryMiB / memoryMiB));
  }

  get hostHours(): number {
    return this.#hostS / 3600;
  }

  get boundHours(): number {
    return this.#boundS / 3600;
  }

  /** By how many percent the hosts exceeded the bound. */
  get percentOverBound(): number {
    return 100 * (this.#hostS / this.#boundS - 1);
  }

  /** Lets time pass, with what has been open and running so far. */
  advanceTo(timeS: number): void {
    const endS = Math.min(timeS, this.#endS);
    const countedS = endS - Math.max(this.#nowS, this.#warmUpS);
    if (countedS > 0) {
      this.#hostS += countedS * this.#hosts;
      this.#boundS += countedS * this.bound;
    }
    this.#nowS = Math.max(this.#nowS, endS);
  }

  /** @param change - hosts opened, or closed if negative */
  hostsChanged(change: number): void {
    this.#hosts += change;
    this.#peak = Math.max(this.#peak, this.#hosts);
  }

  /** @param sign - 1 for a machine that arrives, −1 for one that leaves */
  machine({ cpu, memoryMiB }: Flavour, sign: 1 | -1): void {
    this.#cpu += sign * cpu;
    this.#memoryMiB += sign * memoryMiB;
  }
}
