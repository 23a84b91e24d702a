/** Requests between honest and hostile, and what must become of them, as a table. */
import fc from 'fast-check';
import type { ContainerIdentity } from '../../src/metadata/metadata-documents.ts';
import { knownPaths } from './containers.ts';

export interface Attempt {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as session token: of which container it is, or something that is no token. */
  readonly token: 'none' | 'own' | 'of the other' | 'spent' | 'garbage';
}

export const METHODS = [
  'GET',
  'HEAD',
  'PUT',
  'POST',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'PROPFIND',
] as const;

const knownTarget = fc.constantFrom(
  ...knownPaths('a'),
  ...knownPaths('b'),
  '/latest/api/token',
  '/latest/user-data',
  '/latest/meta-data/ami-id',
  '/latest/meta-data/instance-type',
  '/2021-07-15/meta-data/instance-id',
);

/** Ways to write a path that a careless server would take for another. */
const DISGUISES: readonly ((target: string) => string)[] = [
  (target) => target,
  (target) => target.replaceAll('/', '//'),
  (target) => `/x/..${target}`,
  (target) => `${target}/../../..`,
  (target) => target.replace('a', '%61'),
  (target) => target.replace('/', '/%2e%2e/'),
  (target) => target.replace('/', '%2f'),
  (target) => `${target}?x=1`,
  (target) => `${target}#x`,
  (target) => `${target};x`,
  (target) => `${target}%00`,
  (target) => target.toUpperCase(),
  (target) => `http://169.254.169.254${target}`,
  (target) => `http://127.0.0.3${target}`,
];

export const target: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: knownTarget },
  {
    weight: 2,
    arbitrary: fc.tuple(knownTarget, fc.constantFrom(...DISGUISES)).map(([path, disguise]) => disguise(path)),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^\/[\x21-\x7e]{0,40}$/) },
);

export const attempt: fc.Arbitrary<Attempt> = fc.record({
  method: fc.oneof({ weight: 3, arbitrary: fc.constant('GET') }, fc.constantFrom(...METHODS)),
  target,
  headers: fc
    .tuple(
      fc.constantFrom(
        undefined,
        '169.254.169.254',
        '169.254.169.254:80',
        'instance-data',
        'evil.example',
        '127.0.0.3',
      ),
      fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.constantFrom('127.0.0.3', '')),
      fc.constantFrom(undefined, '0', '60', '21600', '21601', '-1', '1e3', '', 'x', '00060'),
      fc.constantFrom<Record<string, string>>(
        {},
        { 'x-real-ip': '127.0.0.3' },
        { forwarded: 'for=127.0.0.3' },
        { 'x-titus-role': 'role-b' },
        { 'x-http-method-override': 'PUT' },
      ),
    )
    .map(([host, forwardedFor, ttl, other]) => ({
      ...(host !== undefined && { host }),
      ...(forwardedFor !== undefined && { 'x-forwarded-for': forwardedFor }),
      ...(ttl !== undefined && { 'x-aws-ec2-metadata-token-ttl-seconds': ttl }),
      ...other,
    })),
  token: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('none' as const, 'own' as const) },
    fc.constantFrom('of the other' as const, 'spent' as const, 'garbage' as const),
  ),
});

/** Row by row, first match counts. */
export function expectedStatus(who: ContainerIdentity, name: string, tried: Attempt): number {
  const { headers, method, target: path, token } = tried;
  const host = headers['host'];
  const ttl = headers['x-aws-ec2-metadata-token-ttl-seconds'];
  const isLatest = path === '/latest' || path.startsWith('/latest/');
  const hasToken = isLatest && token !== 'none';
  if ('x-forwarded-for' in headers) return 403;
  if (host === 'evil.example' || host === '127.0.0.3') return 403;
  if (path === '/latest/api/token' && method !== 'PUT') return 405;
  if (path === '/latest/api/token') return ['0', '60', '21600', '00060'].includes(ttl) ? 200 : 400;
  if (method !== 'GET' && method !== 'HEAD') return 405;
  if (hasToken && token !== 'own') return 401;
  if (!hasToken && who.requireToken) return 401;
  return knownPaths(name).includes(path) ? 200 : 404;
}

/** What of `who` may stand in no answer to somebody else. */
export function marksOf(who: ContainerIdentity, name: string): readonly string[] {
  return [who.taskId, who.address, `role-${name}`, `KEY-${name}`, `SECRET-${name}`, `TOKEN-${name}`];
}
