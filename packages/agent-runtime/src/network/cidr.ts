/** Arithmetic on IPv4 addresses and ranges. */
import { isIPv4 } from 'node:net';

export interface Cidr {
  /** First address of the range, as an unsigned 32-bit number. */
  readonly base: number;
  /** Bits that all its addresses share, 0 to 32. */
  readonly prefix: number;
}

export function isAddress(value: unknown): value is string {
  return typeof value === 'string' && isIPv4(value);
}

/** @returns an unsigned 32-bit number; the text must be an address */
export function addressNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

export function addressText(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

/** @returns undefined unless the text is a range such as `10.1.0.0/20`, with no bits beyond its prefix */
export function parseCidr(text: unknown): Cidr | undefined {
  if (typeof text !== 'string') return undefined;
  const [address, length, ...rest] = text.split('/');
  if (!isAddress(address) || !/^(\d|[12]\d|3[0-2])$/.test(length ?? '') || rest.length > 0) return undefined;
  const base = addressNumber(address);
  const prefix = Number(length);
  return base % 2 ** (32 - prefix) === 0 ? { base, prefix } : undefined;
}
