/**
 * The identity of a part as one text that is also its place in the order of consumption. Fields are joined so
 * that comparing two keys by code unit is comparing field by field, and no two identities share a key.
 */
import type { PartIdentity } from './offer.ts';

const KINDS: readonly PartIdentity['kind'][] = ['scalar', 'ranges', 'set'];

/**
 * Order of consumption, lowest first: reserved for a role before unreserved; with a reservation id before without;
 * then role, reservation id; the agent's own before other sources, then source; name; scalar, ranges, set.
 */
export function partKey({ name, kind, role, reservation, source }: PartIdentity): string {
  const fields = [
    role === '*' ? '1' : '0',
    reservation === undefined ? '1' : '0',
    role,
    reservation ?? '',
    source === undefined ? '0' : '1',
    source ?? '',
    name,
    String(KINDS.indexOf(kind)),
  ];
  return fields.map(terminated).join('');
}

/**
 * The engine's resource that a part feeds unless configured otherwise: `cpu`, `cpu(web)`, `cpu(web, lease-1)`,
 * `disk@mount:/data1`, `disk(web)@mount:/data1`.
 * @public
 */
export function defaultResourceName({ name, role, reservation, source }: PartIdentity): string {
  const reserved =
    reservation === undefined ? (role === '*' ? '' : `(${role})`) : `(${role}, ${reservation})`;
  return `${name}${reserved}${source === undefined ? '' : `@${source}`}`;
}

/** Ends a field with the lowest character, which is escaped inside. */
function terminated(field: string): string {
  return `${field.replaceAll('\u0001', '\u0001\u0002').replaceAll('\u0000', '\u0001\u0001')}\u0000`;
}
