/** An HTTP client that writes whatever it is told, from whatever loopback address. */
import { connect, type Socket } from 'node:net';
import type { Attempt } from './request-arbitrary.ts';

export interface RawAnswer {
  /** Undefined when the connection was closed without an answer. */
  readonly status: number | undefined;
  readonly head: string;
  readonly body: string;
  readonly all: string;
}

export function open(port: number, from: string): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => undefined);
  return socket;
}

/** Writes, and reads until the server closes. */
export async function exchange(port: number, from: string, bytes: string | Uint8Array): Promise<RawAnswer> {
  const socket = open(port, from);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(bytes);
  await closed;
  const all = Buffer.concat(chunks).toString('latin1');
  const [head = '', body = ''] = all.split('\r\n\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
  return { status: status === undefined ? undefined : Number(status), head, body, all };
}

export function write(tried: Pick<Attempt, 'method' | 'target' | 'headers'>): string {
  const lines = Object.entries(tried.headers).map(([name, value]) => `${name}: ${value}`);
  return `${[`${tried.method} ${tried.target} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}

export function get(port: number, from: string, target: string): Promise<RawAnswer> {
  return exchange(port, from, write({ method: 'GET', target, headers: { host: '169.254.169.254' } }));
}
