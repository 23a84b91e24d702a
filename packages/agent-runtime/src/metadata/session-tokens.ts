/**
 * Session tokens of IMDSv2: signed claims `{ exp, aud }` as HS256 JWT, so that nothing is kept per token. The key is
 * derived from a secret of this agent process and the task id: a token of one task is worthless for another, and all
 * tokens end with the process (clients then fetch new ones, as after a 401 of EC2).
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const MOST_TOKEN_SECONDS = 21_600;

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

interface Claims {
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly aud: string;
}

export class SessionTokens {
  readonly #secret: Buffer;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = Date.now, secret: Buffer = randomBytes(32)) {
    this.#nowMs = nowMs;
    this.#secret = secret;
  }

  /** @param ttlSeconds 0 to 21,600 */
  issue(taskId: string, ttlSeconds: number): string {
    const claims: Claims = { exp: Math.floor(this.#nowMs() / 1_000) + ttlSeconds, aud: taskId };
    const signed = `${HEADER}.${encode(claims)}`;
    return `${signed}.${this.#sign(taskId, signed).toString('base64url')}`;
  }

  /** @returns the seconds that the token is still valid for this task, above 0; undefined when it is not */
  remainingSeconds(taskId: string, token: string): number | undefined {
    const end = token.lastIndexOf('.');
    const signed = token.slice(0, end);
    if (!signed.startsWith(`${HEADER}.`)) return undefined;
    const signature = Buffer.from(token.slice(end + 1), 'base64url');
    const expected = this.#sign(taskId, signed);
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return undefined;
    // Signed by this process, so it has the form that `issue` gave it.
    const payload = Buffer.from(signed.slice(HEADER.length + 1), 'base64url').toString();
    const { exp } = JSON.parse(payload) as Claims;
    const remaining = exp - Math.floor(this.#nowMs() / 1_000);
    return remaining > 0 ? remaining : undefined;
  }

  #sign(taskId: string, signed: string): Buffer {
    const key = createHmac('sha256', this.#secret).update(taskId).digest();
    return createHmac('sha256', key).update(signed).digest();
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
